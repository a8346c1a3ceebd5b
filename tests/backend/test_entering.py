"""Who comes in before writing, at a real backend: greeted by the shop's rule, let go after a while, offered to nobody yet."""

import json
from typing import Any

import pytest

from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.operations.automation import rule_id

from .shop import Desk, MakeShop, Shop, Visitor, problem, until
from .test_automation import rule, runs, switch_on


def ask_for_it(shop: Shop, **section: Any) -> None:
    """The shop is open all day, and greets who comes in."""
    body = json.loads(shop.sql("SELECT body FROM policy WHERE id = 'default'")[0][0])
    body["shift"] = {"daily": ["00:00-24:00"]}
    body["entering"] = {"open": True, "leave_after": "10m", **section}
    shop.sql("UPDATE policy SET body = ? WHERE id = 'default'", json.dumps(body))


def enter(visitor: Visitor) -> None:
    answer = visitor.post("/chat/v1/entered", None)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")


def clocks(shop: Shop) -> dict[str, str]:
    return dict(shop.sql("SELECT kind, outcome FROM clock ORDER BY started_at"))


def greets(lead: Desk) -> None:
    assert lead.do("automation.switch", {"rule_id": rule_id("greet"), "on": True})["status"] == "applied"


def test_a_shop_that_does_not_ask_for_it_knows_nothing_of_visitors(shop: Shop) -> None:
    enter(shop.visitor())
    assert shop.sql("SELECT count(*) FROM conversation") == shop.sql("SELECT count(*) FROM customer") == [(0,)]
    assert shop.sql("SELECT count(*) FROM audit WHERE kind = 'conversation.enter'") == [(0,)]
    assert b"greets" not in shop.http.get("/chat").content


def test_greeted_by_a_rule_in_time_and_then_asks(shop: Shop) -> None:
    ask_for_it(shop)
    assert b'<body class="greets">' in shop.http.get("/chat").content
    lead, mei = shop.hire("lead", "lead"), shop.hire("mei")
    greets(lead)
    switch_on(lead, rule("begun", "tag 新", on="opened", when='words = ["快递"]'))
    visitor = shop.visitor(name="小林")
    enter(visitor)
    enter(visitor)
    ((id, name),) = shop.sql("SELECT c.id, u.name FROM conversation c JOIN customer u ON u.id = c.customer_id")
    assert name == "小林"
    until(lambda: runs(shop, "greet") == [(id, "done")])
    assert [(line["from"], line["position"]) for line in visitor.read()] == [("bot", 1)]
    assert clocks(shop) == {"greeting": "met", "resolution": "running"}
    assert runs(shop, "begun") == [], "coming in is no question"
    (row,) = mei.rows("conversation")
    assert (row["status"], row["preview"], row["last_pos"], row["due_kind"]) == ("waiting", "", 1, "resolution")
    assert visitor.say("我的快递到哪了")["conversation_id"] == id
    until(lambda: runs(shop, "begun") == [(id, "done")])
    visitor.say("快递呢")
    switch_on(lead, rule("end", "tag 到了", on="tagged"))
    lead.do("conversation.tag", {"conversation_id": id, "name": "x"})
    until(lambda: runs(shop, "end") == [(id, "done")])  # everything before it was heard
    assert len(runs(shop, "begun")) == 1
    assert clocks(shop) == {"greeting": "met", "resolution": "running", "first_response_chat": "running"}
    assert shop.sql("SELECT kind FROM conversation") == [("logistics",)]


def test_who_says_nothing_is_let_go_and_is_nobodys_work(shop: Shop) -> None:
    ask_for_it(shop)
    mei, visitor, talker = shop.hire("mei"), shop.visitor(), shop.visitor()
    enter(visitor)
    ((id,),) = shop.sql("SELECT id FROM conversation")
    other = talker.say("在吗")["conversation_id"]
    mei.claim(other)
    mei.reply(other, "在的")
    shop.clock.ahead += 9 * MINUTE
    enter(visitor)
    shop.clock.ahead += MINUTE + SECOND
    until(lambda: shop.sql("SELECT status FROM conversation WHERE id = ?", id) == [("closed",)])
    found = dict(shop.sql("SELECT kind, outcome FROM clock WHERE conversation_id = ?", id))
    assert found == {"greeting": "breached", "resolution": "void", "archive": "running"}
    assert shop.sql("SELECT resolved_at, due_kind FROM conversation WHERE id = ?", id) == [(None, None)]
    assert shop.sql("SELECT status FROM conversation WHERE id = ?", other) == [("open",)]
    assert visitor.get("/chat/v1/messages").json() == {"messages": [], "rate": None}, "nobody asks how it was"
    ((warned,),) = shop.sql("SELECT warn_at FROM clock WHERE kind = 'archive'")
    shop.clock.ahead += warned - shop.clock() + MINUTE
    until(lambda: shop.sql("SELECT status FROM conversation WHERE id = ?", id) == [("archived",)])


def test_an_agent_who_greets_has_the_same_time_again(shop: Shop) -> None:
    ask_for_it(shop, leave_after="2m")
    mei, visitor = shop.hire("mei"), shop.visitor()
    enter(visitor)
    ((id,),) = shop.sql("SELECT id FROM conversation")
    shop.clock.ahead += MINUTE + 30 * SECOND
    mei.claim(id)
    assert mei.reply(id, "您好")[1] == "applied"
    shop.clock.ahead += MINUTE
    talker = shop.visitor()
    enter(talker)
    shop.clock.ahead += MINUTE + SECOND
    until(lambda: shop.sql("SELECT status FROM conversation WHERE id = ?", id) == [("closed",)])
    assert shop.sql("SELECT status FROM conversation WHERE id <> ?", id) == [("waiting",)]
    assert mei.do("conversation.reopen", {"conversation_id": id})["status"] == "applied"
    shop.clock.ahead += MINUTE
    until(lambda: shop.sql("SELECT count(*) FROM conversation WHERE status = 'closed'") == [(1,)])
    assert shop.sql("SELECT status FROM conversation WHERE id = ?", id) == [("open",)], "opened again a minute ago"
    assert visitor.say("您好")["conversation_id"] == id


def test_rules_hear_of_resolved_ones_and_not_of_those_who_went(shop: Shop) -> None:
    ask_for_it(shop)
    lead = shop.hire("lead", "lead")
    switch_on(lead, rule("over", "tag 完", on="resolved"))
    switch_on(lead, rule("rested", "tag 久", on="rested", more='after = "1h"'))
    enter(shop.visitor())
    shop.clock.ahead += 11 * MINUTE
    until(lambda: shop.sql("SELECT status FROM conversation") == [("closed",)])
    shop.clock.ahead += 2 * HOUR
    other = shop.visitor().say("在吗")["conversation_id"]
    lead.do("conversation.resolve", {"conversation_id": other})
    until(lambda: runs(shop, "over") == [(other, "done")])
    assert runs(shop, "rested") == []


def test_where_work_is_offered_nobody_is_offered_who_has_not_asked(shop: Shop) -> None:
    ask_for_it(shop)
    mei, lead, visitor = shop.hire("mei"), shop.hire("lead", "lead"), shop.visitor()
    ((group,),) = shop.sql("SELECT id FROM agent_group WHERE name = 'default'")
    lead.do("group.distribution", {"group_id": group, "distribution": "push"})
    enter(visitor)
    mei.do("agent.presence", {"agent_id": mei.agent_id, "presence": "online"})
    asked = shop.visitor().say("在吗")["conversation_id"]
    until(lambda: shop.sql("SELECT conversation_id FROM routing_offer") == [(asked,)])
    own = visitor.say("你好")["conversation_id"]
    until(lambda: len(shop.sql("SELECT 1 FROM routing_offer WHERE conversation_id = ?", own)) == 1)


def test_the_blocked_and_those_who_flood(make_shop: MakeShop) -> None:
    shop = make_shop(visitor_burst=3, visitor_rate=0.001)
    ask_for_it(shop)
    visitor = shop.visitor()
    visitor.say("在吗")
    shop.sql("UPDATE customer SET risk = 'blocked'")
    problem(visitor.post("/chat/v1/entered", None), 403, "forbidden")
    enter_again = visitor.post("/chat/v1/entered", None)
    assert enter_again.status_code == 403
    problem(visitor.post("/chat/v1/entered", None), 429, "too-many")


@pytest.mark.parametrize(("before", "after"), [("", "小林"), ("小陈", "小陈")])
def test_who_came_in_without_a_name_may_tell_it_with_the_first_words(shop: Shop, before: str, after: str) -> None:
    ask_for_it(shop)
    visitor = shop.visitor(name=before)
    enter(visitor)
    for number in range(2):
        said = {"client_id": str(number), "text": "在吗", "name": " 小林 "}
        assert visitor.post("/chat/v1/messages", said).status_code == 202
    assert shop.sql("SELECT name FROM customer") == shop.sql("SELECT name FROM visitor") == [(after,)]
    problem(visitor.post("/chat/v1/messages", {"client_id": "x", "text": "x", "name": "x" * 61}), 422, "invalid")

"""Rules at a real backend: what happens and what time comes sets them off, once, in order, and no storm follows."""

import json
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from kefu_tui.backend.automation import TRIES, Automation
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.channels_admin import add_channel
from kefu_tui.channels.webhook import verify
from kefu_tui.ids import Ids
from kefu_tui.now import DAY, HOUR, MINUTE, SECOND, system_now
from kefu_tui.operations import Operation
from kefu_tui.operations.automation import RunAutomation, SaveAutomation, SwitchAutomation, rule_id
from kefu_tui.operations.intake import Receive

from .receiver import Receiver
from .shop import CHEAP, Desk, MakeShop, Shop, until


def rule(name: str, *steps: str, on: str = "received", more: str = "", when: str = "") -> str:
    return f'name = "{name}"\nzh = "{name}"\nen = "{name}"\non = "{on}"\ndo = {json.dumps(steps)}\n{more}\n[when]\n{when}\n'


def switch_on(lead: Desk, body: str) -> None:
    name = body.partition('"')[2].partition('"')[0]
    assert lead.do("automation.save", {"rule_id": rule_id(name), "body": body})["status"] == "applied"
    assert lead.do("automation.switch", {"rule_id": rule_id(name), "on": True})["status"] == "applied"


def runs(shop: Shop, name: str) -> list[tuple[str, str]]:
    found = shop.sql(
        "SELECT conversation_id, state FROM automation_run WHERE rule_id = ? ORDER BY at, id", rule_id(name)
    )
    return [(id, state) for id, state in found]


def tags(shop: Shop, id: str) -> set[str]:
    return {name for (name,) in shop.sql("SELECT name FROM tag WHERE conversation_id = ?", id)}


def test_the_box_has_rules_and_all_are_off(shop: Shop) -> None:
    mei = shop.hire("mei")
    assert {row["name"] for row in mei.rows("automation")} >= {"off_hours", "urging", "morning"}
    assert {row["since"] for row in mei.rows("automation")} == {None}
    body = rule("r", "tag a")
    assert mei.do("automation.save", {"rule_id": rule_id("r"), "body": body})["code"] == "forbidden"


def test_what_a_customer_writes_sets_rules_off_in_their_order(shop: Shop) -> None:
    lead = shop.hire("lead", "lead")
    before = shop.visitor().say("催一下")["conversation_id"]
    switch_on(lead, rule("first", "tag 急", more="order = 1", when='words = ["催"]'))
    switch_on(lead, rule("second", "say 收到", more="order = 2\nstop = true", when='tags = ["急"]'))
    switch_on(lead, rule("third", "tag never", more="order = 3"))
    switch_on(lead, rule("start", "tag 新", on="opened", more="order = 9"))
    guest = shop.visitor()
    id = guest.say("帮我催一下")["conversation_id"]
    until(lambda: runs(shop, "start") == runs(shop, "second") == [(id, "done")])
    assert tags(shop, id) == {"急", "新"}, "`stop` keeps the third from this event, not the first from another"
    assert [line["text"] for line in guest.read() if line["from"] == "bot"] == ["收到"]
    guest.say("谢谢")
    until(lambda: len(runs(shop, "second")) == 2)
    assert runs(shop, "first") == [(id, "done")]
    assert runs(shop, "third") == []
    assert tags(shop, before) == set(), "what happened before it was switched on is none of its business"
    (told,) = [row for row in lead.rows("automation_run") if row["rule_id"] == rule_id("first")]
    assert (told["conversation_id"], json.loads(told["did"])[0][:2]) == (id, ["tag", "急"])


def test_what_agents_do_sets_rules_off_and_rules_do_not(shop: Shop) -> None:
    lead, mei = shop.hire("lead", "lead"), shop.hire("mei")
    switch_on(lead, rule("answered", "tag 已答", on="replied", when='words = ["退款"]'))
    switch_on(lead, rule("loop", "tag 循环", on="tagged"))
    switch_on(lead, rule("over", "say 请评价", on="resolved"))
    switch_on(lead, rule("noted", "priority 1", on="noted", when="pattern = 'VIP$'"))
    switch_on(lead, rule("handed", "note 转来的", on="transferred"))
    guest = shop.visitor()
    id = guest.say("退款")["conversation_id"]
    mei.claim(id)
    mei.reply(id, "退款 3 天到")
    until(lambda: runs(shop, "answered") == [(id, "done")])
    mei.do("conversation.note", {"conversation_id": id, "message_id": "n1", "text": "是 vip"})
    until(lambda: runs(shop, "noted") == [(id, "done")])
    assert runs(shop, "loop") == [], "the tag that a rule gave sets off nothing"
    mei.do("conversation.tag", {"conversation_id": id, "name": "手动"})
    until(lambda: runs(shop, "loop") == [(id, "done")])
    mei.do("conversation.transfer", {"conversation_id": id, "to_agent_id": lead.agent_id})
    until(lambda: runs(shop, "handed") == [(id, "done")])
    mei.do("conversation.resolve", {"conversation_id": id})
    until(lambda: runs(shop, "over") == [(id, "done")])
    assert guest.read()[-1]["text"] == "请评价"
    assert shop.sql("SELECT status, priority FROM conversation WHERE id = ?", id) == [("resolved", 1)]
    assert len(runs(shop, "loop")) == 1


def test_time_sets_rules_off_once(shop: Shop) -> None:
    lead, mei = shop.hire("lead", "lead"), shop.hire("mei")
    switch_on(lead, rule("long", "tag 久等", on="waited", more='after = "2h"'))
    switch_on(lead, rule("quiet", "resolve 客户未回", on="silent", more='after = "2h"'))
    switch_on(lead, rule("old", "priority 2", on="stood", more='after = "2h"'))
    switch_on(lead, rule("after", "tag 回访", on="rested", more='after = "2h"'))
    switch_on(lead, rule("late", "notify leads 超时了", on="breached", when='clocks = ["resolution"]'))
    waiting = shop.visitor().say("在吗")["conversation_id"]
    silent = shop.visitor().say("在吗")["conversation_id"]
    mei.claim(silent)
    mei.reply(silent, "在的")
    shop.clock.ahead += 2 * HOUR + MINUTE
    until(lambda: len(runs(shop, "old")) == 2 and len(runs(shop, "quiet")) == 1)
    assert runs(shop, "long") == [(waiting, "done")]
    assert runs(shop, "quiet") == [(silent, "done")]
    assert shop.sql("SELECT status FROM conversation WHERE id = ?", silent) == [("resolved",)]
    shop.clock.ahead += 2 * HOUR
    until(lambda: runs(shop, "after") == [(silent, "done")])
    assert runs(shop, "long") == [(waiting, "done")], "once for a wait"
    shop.clock.ahead += 24 * HOUR
    until(lambda: runs(shop, "late") == [(waiting, "done")])
    assert shop.sql("SELECT agent_id, text FROM reminder") == [(lead.agent_id, "超时了")]


def test_a_schedule_acts_once_for_each_of_its_times(shop: Shop) -> None:
    lead = shop.hire("lead", "lead")
    switch_on(lead, rule("daily", "priority 2", on="schedule", more='at = ["00:00", "12:00"]', when="priorities = [3]"))
    id = shop.visitor().say("在吗")["conversation_id"]
    shop.clock.ahead += 36 * HOUR
    until(lambda: runs(shop, "daily") == [(id, "done")])
    assert shop.sql("SELECT priority FROM conversation WHERE id = ?", id) == [(2,)]


def test_a_backend_that_was_down_misses_nothing_and_does_nothing_twice(make_shop: MakeShop) -> None:
    shop = make_shop()
    lead = shop.hire("lead", "lead")
    switch_on(lead, rule("heard", "tag 听到"))
    switch_on(lead, rule("long", "tag 久等", on="waited", more='after = "1h"'))
    first = shop.visitor().say("一")["conversation_id"]
    until(lambda: runs(shop, "heard") == [(first, "done")])
    shop.clock.ahead += 10 * SECOND
    until(lambda: bool(shop.sql("SELECT 1 FROM job_cursor WHERE name = 'automation.heard'")))
    anew = Automation(shop.service)  # as a process that begins: it reads how far the other one was
    second = shop.visitor().say("二")["conversation_id"]
    anew.look()
    until(lambda: set(runs(shop, "heard")) == {(first, "done"), (second, "done")})
    shop.clock.ahead += HOUR + MINUTE
    again = Automation(shop.service)
    again.look()
    until(lambda: set(runs(shop, "long")) == {(first, "done"), (second, "done")})
    assert len(runs(shop, "heard")) == len(runs(shop, "long")) == 2


def test_what_fails_is_tried_again_then_left_and_the_others_are_not_lost(
    furnished: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(furnished, tmp_path / "data")
    service = prepare(tmp_path / "data", system_now, Ids(), hasher=CHEAP, environ={}, say=lambda line: None)
    run, failed = service.commits.run, []

    def fails(operation: Operation, *rest: Any) -> Any:
        if isinstance(operation, RunAutomation) and operation.conversation_id == "first":
            failed.append(operation)
            raise RuntimeError("no")
        return run(operation, *rest)

    body = rule("heard", "tag 听到")
    run(SaveAutomation(rule_id=rule_id("heard"), body=body), service.ids())
    run(SwitchAutomation(rule_id=rule_id("heard"), on=True), service.ids())
    looks = Automation(service)
    looks.look()
    with service.database.read() as connection:
        ((group,),) = connection.execute("SELECT id FROM agent_group").fetchall()
    for id in ("first", "second"):
        told = {"external_id": id, "message_id": id, "customer_id": id, "conversation_id": id}
        run(Receive(channel="web", group_id=group, text="在吗", **told), service.ids())
    monkeypatch.setattr(service.commits, "run", fails)
    for _ in range(TRIES - 1):
        with pytest.raises(RuntimeError):
            looks.look()
    looks.look()
    with service.database.read() as connection:
        acted = connection.execute("SELECT conversation_id, state FROM automation_run").fetchall()
    service.close()
    assert len(failed) == TRIES
    assert acted == [("second", "done")]


def test_a_storm_is_halted(shop: Shop) -> None:
    lead = shop.hire("lead", "lead")
    switch_on(lead, rule("storm", "note x", more='storm = 3\nmost = "100 in 1h"'))
    for _ in range(5):
        shop.visitor().say("在吗")
    until(lambda: bool(shop.sql("SELECT 1 FROM automation WHERE halted_at IS NOT NULL")))
    assert len(runs(shop, "storm")) == 3
    assert shop.sql("SELECT since FROM automation WHERE name = 'storm'") == [(None,)]
    assert "3" in shop.sql("SELECT text FROM reminder WHERE agent_id = ?", lead.agent_id)[0][0]


def test_two_robots_do_not_talk_for_ever(shop: Shop) -> None:
    lead = shop.hire("lead", "lead")
    switch_on(lead, rule("robot", "say 您好，请稍等", more='most = "2 in 1h"'))
    guest = shop.visitor()
    for number in range(5):
        guest.say(f"自动回复 {number}")
    last = guest.say("自动回复 5")["conversation_id"]
    switch_on(lead, rule("end", "tag 到了", on="tagged"))
    lead.do("conversation.tag", {"conversation_id": last, "name": "x"})
    until(lambda: runs(shop, "end") == [(last, "done")])  # everything before it was heard
    assert len([line for line in guest.read() if line["from"] == "bot"]) == 2


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver(lambda number: 500 if number == 0 else 200)
    yield made
    made.close()


def test_a_rule_posts_signed_tries_again_and_says_how_it_went(make_shop: MakeShop, receiver: Receiver) -> None:
    shop = make_shop(allow_private_webhooks=True, webhook_first_wait=1000, webhook_longest_wait=1000, webhook_tries=2)
    lead = shop.hire("lead", "lead")
    secret = add_channel(shop.service, "erp", "webhook", address=receiver.url)
    switch_on(lead, rule("post", "webhook erp 请补发", when='words = ["漏发"]'))
    switch_on(lead, rule("lost", "webhook nowhere", when='words = ["丢了"]'))
    id = shop.visitor().say("漏发一件")["conversation_id"]
    first, second = receiver.wait(2)
    assert first.body == second.body
    assert (first.body["type"], first.body["rule"], first.body["text"]) == ("automation.run", "post", "请补发")
    assert first.body["conversation"]["id"] == id
    verify(secret, {key.lower(): value for key, value in second.headers.items()}, second.raw, shop.clock())
    until(lambda: shop.sql("SELECT hook_state FROM automation_run") == [("sent",)])
    shop.visitor().say("包裹丢了")
    until(lambda: shop.sql("SELECT hook_state FROM automation_run WHERE hook = 'nowhere'") == [("failed",)])
    assert len(receiver.received) == 2


def test_what_rules_did_long_ago_is_forgotten(shop: Shop) -> None:
    lead, guest = shop.hire("lead", "lead"), shop.visitor()
    switch_on(lead, rule("first", "tag 急", when='words = ["催"]'))
    id = guest.say("催一下")["conversation_id"]
    until(lambda: runs(shop, "first") == [(id, "done")])
    guest.say("再催一下")
    until(lambda: runs(shop, "first") == [(id, "done")] * 2)
    assert len(lead.rows("automation_run")) == 2
    with shop.service.database.write() as connection:
        connection.execute(
            "UPDATE automation_run SET at = at - ? WHERE at = (SELECT min(at) FROM automation_run)", (90 * DAY,)
        )
    until(lambda: runs(shop, "first") == [(id, "done")])
    assert len(lead.rows("automation_run")) == 1
    assert shop.sql("SELECT actor_id FROM audit WHERE kind = 'automation.forget-runs'") == [("system",)]

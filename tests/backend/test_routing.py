"""Routing at a real backend: offers go to who is online, on to the next after the window, and whoever must wait is told."""

import datetime as dt
import json

import pytest

from kefu_tui.now import MINUTE, SECOND
from kefu_tui.operations.routing_facts import facts

from .shop import Desk, Shop, until


@pytest.fixture
def crew(shop: Shop) -> tuple[Desk, Desk, Desk]:
    """Two agents and a lead in a group that pushes; the shop is open all day."""
    mei, lin, lead = shop.hire("mei"), shop.hire("lin"), shop.hire("lead", "lead")
    body = json.loads(shop.sql("SELECT body FROM policy WHERE id = 'default'")[0][0])
    body["shift"] = {"daily": ["00:00-24:00"]}
    shop.sql("UPDATE policy SET body = ? WHERE id = 'default'", json.dumps(body))
    ((group,),) = shop.sql("SELECT id FROM agent_group WHERE name = 'default'")
    assert mei.do("group.distribution", {"group_id": group, "distribution": "push"})["code"] == "forbidden"
    assert lead.do("group.distribution", {"group_id": group, "distribution": "push"})["status"] == "applied"
    return mei, lin, lead


def online(desk: Desk, presence: str = "online") -> None:
    assert desk.do("agent.presence", {"agent_id": desk.agent_id, "presence": presence})["status"] == "applied"


def offered(shop: Shop, conversation: str) -> str | None:
    ((agent,),) = shop.sql("SELECT offered_to_id FROM conversation WHERE id = ?", conversation)
    return agent if agent is None else str(agent)


def test_it_is_offered_goes_to_the_next_and_is_taken(shop: Shop, crew: tuple[Desk, Desk, Desk]) -> None:
    mei, lin, _ = crew
    online(mei)
    id = shop.visitor().say("在吗")["conversation_id"]
    until(lambda: offered(shop, id) == mei.agent_id)
    ((reasons,),) = shop.sql("SELECT reasons FROM routing_offer")
    told = json.loads(reasons)
    assert told[0][1] is True
    assert any("离线" in zh for _, fit, zh, _ in told if not fit), "everybody else is told of, too"
    online(lin)
    shop.clock.ahead += MINUTE + SECOND
    until(lambda: offered(shop, id) == lin.agent_id)
    answers = shop.sql("SELECT agent_id, answer FROM routing_offer ORDER BY at")
    assert answers == [(mei.agent_id, "expired"), (lin.agent_id, "")]
    lin.claim(id)
    until(lambda: shop.sql("SELECT answer FROM routing_offer WHERE agent_id = ?", lin.agent_id) == [("taken",)])
    assert {row["answer"] for row in lin.rows("routing_offer")} == {"expired", "taken"}


def test_it_is_passed_on(shop: Shop, crew: tuple[Desk, Desk, Desk]) -> None:
    mei, lin, _ = crew
    online(mei)
    online(lin)
    id = shop.visitor().say("在吗")["conversation_id"]
    until(lambda: offered(shop, id) is not None)
    first, other = (mei, lin) if offered(shop, id) == mei.agent_id else (lin, mei)
    assert other.do("routing.pass", {"conversation_id": id})["code"] == "not-offered"
    assert first.do("routing.pass", {"conversation_id": id})["status"] == "applied"
    until(lambda: offered(shop, id) == other.agent_id)


def test_work_is_given_evenly_and_nobody_beyond_the_capacity(shop: Shop, crew: tuple[Desk, Desk, Desk]) -> None:
    mei, lin, _ = crew
    online(mei)
    online(lin)
    shop.sql("UPDATE agent SET capacity = 3 WHERE id IN (?, ?)", mei.agent_id, lin.agent_id)
    ids = [shop.visitor().say("在吗")["conversation_id"] for _ in range(8)]
    until(lambda: sum(offered(shop, id) is not None for id in ids) == 6)
    held = [offered(shop, id) for id in ids]
    assert (held.count(mei.agent_id), held.count(lin.agent_id), held.count(None)) == (3, 3, 2)


def test_who_must_wait_is_told_the_place_once(shop: Shop, crew: tuple[Desk, Desk, Desk]) -> None:
    visitors = [shop.visitor(), shop.visitor(locale="en")]
    for visitor in visitors:
        visitor.say("hello")
    shop.clock.ahead += 11 * SECOND
    until(lambda: shop.sql("SELECT count(*) FROM message WHERE author = 'bot'") == [(2,)])
    assert visitors[0].read()[-1]["text"] == "您前面没有其他人在等候。"
    assert visitors[1].read()[-1]["text"] == "1 customer is ahead of you in the line."
    shop.clock.ahead += MINUTE
    visitors[0].say("还在吗")
    mei = crew[0]
    online(mei)
    until(lambda: shop.sql("SELECT count(*) FROM conversation WHERE offered_to_id IS NOT NULL") == [(2,)])
    assert shop.sql("SELECT count(*) FROM message WHERE author = 'bot'") == [(2,)]
    assert shop.sql("SELECT count(*) FROM audit WHERE kind = 'routing.line'") == [(2,)], (
        "and then nothing more is tried"
    )


def test_who_may_what(shop: Shop, crew: tuple[Desk, Desk, Desk]) -> None:
    mei, lin, lead = crew
    assert mei.do("agent.presence", {"agent_id": lin.agent_id, "presence": "online"})["code"] == "forbidden"
    assert lead.do("agent.presence", {"agent_id": lin.agent_id, "presence": "online"})["status"] == "applied"
    assert mei.do("agent.skills", {"agent_id": mei.agent_id, "skills": ["en"]})["code"] == "forbidden"
    assert lead.do("agent.skills", {"agent_id": mei.agent_id, "skills": ["en", "complaint"]})["status"] == "applied"
    assert lead.do("agent.skills", {"agent_id": mei.agent_id, "skills": ["complaint", "en"]})["status"] == "noop"
    assert lead.do("agent.skills", {"agent_id": mei.agent_id, "skills": [""]})["code"] == "invalid"
    assert sorted(row["name"] for row in lin.rows("skill")) == ["complaint", "en"]
    assert mei.do("routing.offer", {"conversation_id": "x", "agent_id": "y"})["code"] == "forbidden"
    assert mei.do("routing.line", {"conversation_id": "x", "text": "y"})["code"] == "forbidden"


def test_in_a_group_that_pulls_nothing_is_offered(shop: Shop) -> None:
    mei = shop.hire("mei")
    online(mei)
    id = shop.visitor().say("在吗")["conversation_id"]
    shop.clock.ahead += MINUTE
    time_of_a_look = shop.clock() + SECOND
    until(lambda: shop.clock() > time_of_a_look)
    assert offered(shop, id) is None
    assert shop.sql("SELECT count(*) FROM message WHERE author = 'bot'") == [(0,)]


def test_nobody_is_offered_work_outside_their_own_hours(shop: Shop) -> None:
    lead, mei = shop.hire("lead", "lead"), shop.hire("mei")
    args = {"agent_id": mei.agent_id, "hours": "daily 09:00-17:00"}
    assert mei.do("agent.shift", args)["code"] == "forbidden"
    assert lead.do("agent.shift", {**args, "hours": "nine to five"})["code"] == "invalid"
    assert lead.do("agent.shift", args)["status"] == "applied"
    assert lead.do("agent.shift", args)["status"] == "noop"
    assert [(row["agent_id"], row["hours"]) for row in mei.rows("shift")] == [(mei.agent_id, "daily 09:00-17:00")]
    zone = dt.timezone(dt.timedelta(hours=8))
    (group,) = {row["group_id"] for row in mei.rows("membership") if row["agent_id"] == mei.agent_id}
    for hour, there in ((10, True), (18, False)):
        now = round(dt.datetime(2026, 6, 2, hour, tzinfo=zone).timestamp()) * 1_000_000
        with shop.service.database.read() as connection:
            told = {one.agent_id: one.on_shift for one in facts(connection, group, now).candidates}
        assert told[mei.agent_id] is there
        assert told[lead.agent_id] is True, "the group's hours are the lead's"
    assert lead.do("agent.shift", {**args, "hours": ""})["status"] == "applied"
    assert mei.rows("shift") == []

"""What happens by itself, and the bell that tells of it."""

import asyncio
import contextlib
import json
import threading

import pytest

from kefu_tui.backend import jobs
from kefu_tui.backend.accounts import group_id
from kefu_tui.backend.commits import Commits, News
from kefu_tui.backend.fanout import Fanout
from kefu_tui.backend.gate import Gate
from kefu_tui.backend.heads import Heads
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import assemble
from kefu_tui.now import HOUR, MINUTE
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.people import AddGroup, JoinGroup

from .shop import Desk, Shop, until


def test_a_snoozed_conversation_wakes_at_its_time(shop: Shop) -> None:
    mei = shop.hire("mei")
    conversation = shop.visitor().say("在吗")["conversation_id"]
    other = shop.visitor().say("在吗")["conversation_id"]
    mei.claim(conversation)
    mei.claim(other)
    until = shop.clock() + HOUR
    with mei.events("/sync/v1/events") as events:
        next(events)
        mei.do("conversation.snooze", {"conversation_id": conversation, "until": until})
        result = mei.do("conversation.snooze", {"conversation_id": other, "until": until + HOUR})
        while json.loads(next(events).data)["seq"] < result["seq"]:
            pass
        assert {row["status"] for row in mei.rows("conversation")} == {"snoozed"}
        shop.clock.ahead += HOUR + MINUTE
        assert json.loads(next(events).data)["seq"] == result["seq"] + 1
    states = {row["id"]: row["status"] for row in mei.rows("conversation")}
    assert states == {conversation: "open", other: "snoozed"}
    assert shop.sql("SELECT actor_id, status FROM audit WHERE kind = 'conversation.wake'") == [("system", "applied")]


def test_a_commit_of_another_process_is_heard_of_though_one_of_this_followed(shop: Shop) -> None:
    """An agent comes into a group beside the backend, and at once somebody else does something here."""
    mei, wu = shop.hire("mei"), shop.hire("wu", groups=("far",))
    beside = Commits(shop.service.database, shop.clock)
    with mei.events("/sync/v1/events") as events:
        next(events)
        beside.run(JoinGroup(agent_id=mei.agent_id, group_id=group_id("far")), "beside")
        told = wu.do(
            "reminder.set", {"reminder_id": "r1", "agent_id": wu.agent_id, "due_at": shop.clock(), "text": "回电"}
        )
        while json.loads(next(events).data)["seq"] < told["seq"] - 1:  # a late one of who was hired
            pass
        shop.service.commits.run(
            Receive(
                channel="web", group_id=group_id("far"), external_id="x", message_id="m1", customer_id="u1",
                conversation_id="c1", text="在吗",
            ),
            "in the group that is new",
        )  # fmt: skip
        while json.loads(next(events).data)["seq"] <= told["seq"]:
            pass


def test_commits_of_others_are_those_that_were_not_made_here(shop: Shop) -> None:
    database = shop.service.database
    mine, theirs = Commits(database, shop.clock), Commits(database, shop.clock)

    def do(commits: Commits, name: str) -> int:
        commits.run(AddGroup(group_id=name, name=name), name)
        return newest()

    def newest() -> int:
        return int(shop.sql("SELECT seq FROM sync_head")[0][0])

    def others(since: int, seq: int) -> bool:
        with database.read() as connection:
            return mine.others(connection, since, seq)

    def undone() -> None:
        with contextlib.suppress(ZeroDivisionError), database.write() as connection:
            mine.within(connection, AddGroup(group_id="never", name="never"), "never")
            raise ZeroDivisionError

    begun = newest()
    seq = do(mine, "a")
    assert not others(begun, seq)
    assert not others(seq, seq)
    assert others(seq, seq - 1), "an older copy came back"
    do(theirs, "b")
    assert others(seq, do(mine, "c")), "the first of the two"
    seq = newest()
    undone()
    assert others(seq, do(theirs, "d")), "its number was one that was tried here"
    seq = newest()
    undone()
    assert not others(seq, do(mine, "e")), "the number that was tried was made good here"


def test_a_commit_of_ones_own_is_never_taken_for_anothers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a commit and its news the head is looked at: nobody is woken but whom the news are for."""
    aside = assemble(shop.service.database, shop.clock, shop.service.ids, shop.service.settings)
    heads, fanout, tell = Heads(aside), aside.fanout, aside.commits.on_commit
    heads.look()
    begun, inside = fanout.newest(["elsewhere"]), []

    def committed(news: News) -> None:
        heads.look()
        inside.append(fanout.newest(["elsewhere"]))
        tell(news)

    monkeypatch.setattr(aside.commits, "on_commit", committed)
    aside.commits.run(AddGroup(group_id="a", name="a"), "a")
    assert [*inside, fanout.newest(["elsewhere"])] == [begun, begun]
    shop.service.commits.run(AddGroup(group_id="b", name="b"), "b")
    heads.look()
    assert fanout.newest(["elsewhere"]) > begun


async def test_news_wake_those_alone_whose_groups_they_are_in() -> None:
    fanout = Fanout()
    fanout.attach(asyncio.get_running_loop())
    one, two = (asyncio.create_task(fanout.wait(0, 60, groups)) for groups in (["a", "b"], ["c"]))
    anything = asyncio.create_task(fanout.wait(0, 60))
    await asyncio.sleep(0)
    fanout.notify(1, ["b", "z"])
    assert await one == await anything == 1
    assert await fanout.wait(0, 0.01, ["c"]) == 0
    assert not two.done()
    assert await fanout.wait(0, 60, ["z"]) == 1, "before it waited"
    fanout.notify(2)
    assert await two == 2, "news of which nobody knows where are everyone's"
    assert await fanout.wait(1, 60, ["new"]) == 2


async def test_news_wake_every_waiter_and_none_is_lost() -> None:
    fanout = Fanout()
    fanout.attach(asyncio.get_running_loop())
    seen: list[list[int]] = [[], [], []]

    async def follow(mine: list[int]) -> None:
        count = 0
        while count < 500:
            count = await fanout.wait(count, 30)
            mine.append(count)

    def bring() -> None:
        for seq in range(250):
            fanout.notify(seq)

    followers = [asyncio.create_task(follow(mine)) for mine in seen]
    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    async with asyncio.timeout(30):
        await asyncio.gather(*followers)
    for thread in threads:
        thread.join()
    assert fanout.head == 249
    for mine in seen:
        assert mine == sorted(set(mine))
        assert mine[-1] == 500


async def test_a_waiter_comes_back_when_the_time_is_over_and_at_the_end() -> None:
    fanout = Fanout()
    fanout.attach(asyncio.get_running_loop())
    assert await fanout.wait(0, 0.01) == 0
    waiting = asyncio.create_task(fanout.wait(0, 60))
    await asyncio.sleep(0)
    fanout.close()
    assert await waiting == 0
    assert await fanout.wait(0, 60) == 0
    fanout.detach()
    fanout.notify(1)
    assert (fanout.news, fanout.head) == (1, 1)


async def test_a_full_gate_says_come_later() -> None:
    gate = Gate("test", 1, patience=0.01)
    busy, go = threading.Event(), threading.Event()

    def work() -> str:
        busy.set()
        go.wait()
        return "done"

    first = asyncio.create_task(gate.run(work))
    await asyncio.to_thread(busy.wait)
    with pytest.raises(Refused) as no:
        await gate.run(lambda: None)
    assert no.value.code == "try-later"
    assert 1 <= (no.value.retry_after or 0) <= 5
    go.set()
    assert await first == "done"
    assert await gate.run(lambda: 1) == 1
    gate.close()


def plan(shop: Shop, boss: Desk, name: str, effective_at: int, **clock: object) -> dict[str, object]:
    body = json.loads(shop.sql("SELECT body FROM policy WHERE id = 'default'")[0][0])
    body["name"] = name
    for kind, target in clock.items():
        body["clock"][kind] = {**body["clock"][kind], "target": target}
    arguments = {"version_id": name, "name": name, "body": json.dumps(body), "effective_at": effective_at}
    return boss.do("policy.plan", arguments)


def test_a_policy_comes_into_force_at_its_time_and_moves_the_clocks_that_run(shop: Shop) -> None:
    boss = shop.hire("boss", "admin")
    conversations = [shop.visitor().say("在吗")["conversation_id"] for _ in range(3)]
    old = dict(shop.sql("SELECT conversation_id, due_at FROM clock WHERE kind = 'resolution'"))
    assert plan(shop, boss, "later", shop.clock() + HOUR, resolution="48h")["status"] == "applied"
    assert shop.sql("SELECT done_at FROM policy_version") == [(None,)]
    assert shop.sql("SELECT name FROM policy") == [("standard",)]
    shop.clock.ahead += HOUR + MINUTE
    until(lambda: bool(shop.sql("SELECT 1 FROM policy_version WHERE finished_at IS NOT NULL")))
    assert shop.sql("SELECT name FROM policy") == [("later",)]
    new = dict(shop.sql("SELECT conversation_id, due_at FROM clock WHERE kind = 'resolution'"))
    assert {id: new[id] - old[id] for id in conversations} == dict.fromkeys(conversations, 24 * HOUR)
    total, clocks, moved = shop.sql("SELECT total, clocks, moved FROM policy_version")[0]
    assert (total, moved) == (3, 3)
    assert clocks >= 3
    assert {row["due_at"] for row in boss.rows("clock") if row["kind"] == "resolution"} == set(new.values())
    later = shop.visitor().say("在吗")["conversation_id"]
    assert later not in new


def test_retiming_goes_on_where_it_was_interrupted_and_loads_no_commit_too_much(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RETIMED", 2)
    monkeypatch.setattr(jobs, "RETIMING_S", 0.0001)
    boss = shop.hire("boss", "admin")
    for _ in range(7):
        shop.visitor().say("在吗")
    plan(shop, boss, "now", 0, resolution="12h")
    until(lambda: bool(shop.sql("SELECT 1 FROM policy_version WHERE finished_at IS NOT NULL")))
    assert shop.sql("SELECT total, moved FROM policy_version") == [(7, 7)]
    steps = [row[0] for row in shop.sql("SELECT args FROM audit WHERE kind = 'policy.retime'")]
    told = [id for step in steps for id in json.loads(step)["conversations"]]
    assert len(steps) == 4
    assert sorted(told) == told
    assert len(set(told)) == 7


def test_two_policies_due_at_once_leave_the_later_one_in_force(shop: Shop) -> None:
    boss = shop.hire("boss", "admin")
    shop.visitor().say("在吗")
    now = shop.clock()
    plan(shop, boss, "second", now + 2 * MINUTE, resolution="3h")
    plan(shop, boss, "first", now + MINUTE, resolution="2h")
    shop.clock.ahead += HOUR
    until(lambda: shop.sql("SELECT id FROM policy_version WHERE finished_at IS NOT NULL") == [("second",)])
    assert shop.sql("SELECT name FROM policy") == [("second",)]
    (due, started), *_ = shop.sql("SELECT due_at, started_at FROM clock WHERE kind = 'resolution'")
    assert due - started == 3 * HOUR


@pytest.mark.parametrize(
    ("role", "change", "code"),
    [
        ("agent", {}, "forbidden"),
        ("admin", {"body": "{}"}, "invalid"),
        ("admin", {"body": "no json"}, "invalid"),
        ("admin", {"body": '{"name": "x", "clock": {"a": {"target": "1y", "calendar": "wall"}}}'}, "invalid"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(shop: Shop, role: str, change: dict[str, str], code: str) -> None:
    one = shop.hire("one", role)
    body = shop.sql("SELECT body FROM policy WHERE id = 'default'")[0][0]
    arguments = {"version_id": "v", "name": "x", "body": body, "effective_at": 0, **change}
    result = one.do("policy.plan", arguments)
    assert (result["status"], result["code"]) == ("rejected", code)
    assert shop.sql("SELECT count(*) FROM policy_version") == [(0,)]


def test_what_was_resolved_seven_working_days_ago_is_archived(shop: Shop) -> None:
    mei = shop.hire("mei")
    visitor = shop.visitor()
    id = visitor.say("在吗")["conversation_id"]
    mei.claim(id)
    mei.do("conversation.resolve", {"conversation_id": id})
    ((warned, due),) = shop.sql("SELECT warn_at, due_at FROM clock WHERE kind = 'archive' AND outcome = 'running'")
    assert due > shop.clock() + 6 * 24 * HOUR
    shop.clock.ahead = warned - shop.clock() - MINUTE
    assert shop.sql("SELECT status FROM conversation") == [("resolved",)]
    shop.clock.ahead += 2 * MINUTE
    until(lambda: shop.sql("SELECT status FROM conversation") == [("archived",)])
    assert shop.sql("SELECT outcome FROM clock WHERE kind = 'archive'") == [("met",)]
    assert mei.do("conversation.note", {"conversation_id": id, "message_id": "n", "text": "x"})["code"] == "archived"
    assert visitor.say("又来了")["conversation_id"] != id, "who writes again begins anew"


def test_who_writes_again_is_not_archived(shop: Shop) -> None:
    mei = shop.hire("mei")
    visitor = shop.visitor()
    id = visitor.say("在吗")["conversation_id"]
    mei.claim(id)
    mei.do("conversation.resolve", {"conversation_id": id})
    visitor.say("还有")
    assert shop.sql("SELECT outcome FROM clock WHERE kind = 'archive'") == [("void",)]
    assert shop.sql("SELECT outcome FROM clock WHERE kind = 'resolution'") == [("running",)]

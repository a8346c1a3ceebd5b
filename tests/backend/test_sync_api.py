"""The endpoints of desks, spoken by hand: push, pull, long poll and events."""

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from kefu_tui.backend.accounts import group_id
from kefu_tui.model.digest import digest
from kefu_tui.model.rows import BY_NAME, SCHEMA
from kefu_tui.now import DAY, MINUTE
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.people import JoinGroup
from kefu_tui.wire import MAX_BYTES, MAX_OPERATIONS

from .shop import Desk, MakeShop, Shop, problem


def test_hello_needs_no_sign_in(shop: Shop) -> None:
    hello = shop.http.get("/sync/v1/hello").json()
    assert hello["protocols"] == [1]
    assert hello["limits"]["max_ops"] == MAX_OPERATIONS
    assert "sse" in hello["features"]
    assert hello["head"] == shop.sql("SELECT seq FROM sync_head")[0][0]


def test_claim_and_reply_reach_the_visitor_and_the_feed(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor(name="小林")
    conversation = visitor.say("发货了吗")["conversation_id"]
    claim = mei.op("conversation.claim", {"conversation_id": conversation})
    reply = mei.op(
        "conversation.reply",
        {"conversation_id": conversation, "message_id": "m1", "text": "今天发出"},
        claim=mei.agent_id,
        last_pos=1,
    )
    answer = mei.push(claim, reply).json()
    assert [result["status"] for result in answer["results"]] == ["applied", "applied"]
    assert (answer["last_op_no"], answer["head"]) == (2, answer["results"][0]["seq"])
    assert [(line["from"], line["text"]) for line in visitor.read()] == [
        ("customer", "发货了吗"),
        ("agent", "今天发出"),
    ]
    page = mei.pull().json()
    assert (page["to"], page["head"], page["more"]) == (answer["head"], answer["head"], False)
    assert [result["op_no"] for result in page["results"]] == [1, 2]
    assert {message["text"]: message["state"] for message in mei.rows("message")} == {
        "发货了吗": "received",
        "今天发出": "sent",
    }
    level = mei.pull(dict.fromkeys(page["begin"], page["to"]), acked=2).json()
    assert (level["rows"], level["results"]) == ({}, [])


def test_the_same_batch_again_has_the_same_results_and_one_effect(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    conversation = visitor.say("在吗")["conversation_id"]
    mei.claim(conversation)
    args = {"conversation_id": conversation, "message_id": "m1", "text": "在的"}
    batch = [mei.op("conversation.reply", args, claim=mei.agent_id, last_pos=1), mei.op("conversation.claim", {})]
    first = mei.push(*batch).json()
    assert [result["status"] for result in first["results"]] == ["applied", "rejected"]
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(mei.push(*batch).json())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["results"] for answer in answers] == [first["results"]] * 4
    assert [line["text"] for line in visitor.read()] == ["在吗", "在的"]


def test_gap_and_fork(shop: Shop) -> None:
    mei = shop.hire("mei")
    mei.do("void", {})
    skipped = mei.op("void", {})
    ahead = mei.op("void", {})
    assert problem(mei.push(ahead), 409, "op-gap")["expected_op_no"] == 2
    assert mei.push(skipped, ahead).json()["last_op_no"] == 3
    problem(mei.push({**ahead, "args": {"other": 1}}), 409, "device-forked")
    problem(mei.push({**ahead, "op_id": "other"}), 409, "device-forked")


def test_epoch(shop: Shop) -> None:
    mei = shop.hire("mei")
    epoch = mei.signed["epoch"]
    operation = mei.op("void", {})
    assert problem(mei.push(operation, epoch="older"), 409, "epoch-changed")["epoch"] == epoch
    assert mei.push(operation, epoch=epoch).status_code == 200
    assert mei.push(operation, epoch="").status_code == 200
    head = mei.pull().json()["head"]
    ahead = dict.fromkeys(mei.signed["groups"], head + 1)
    problem(mei.pull(ahead), 409, "history-diverged")


def test_where_histories_part(shop: Shop) -> None:
    mei = shop.hire("mei")
    mei.push(mei.op("conversation.tag", {}))
    page = mei.pull().json()
    cursors, mark = dict.fromkeys(mei.signed["groups"], page["to"]), f"{page['to']}:{page['chain']}"
    assert mei.pull(cursors, mark=mark).status_code == 200
    problem(mei.pull(cursors, mark=f"{page['to']}:{'0' * 32}"), 409, "history-diverged")
    problem(mei.pull(cursors, mark=f"{page['to'] + 1}:{page['chain']}"), 409, "history-diverged")
    assert mei.pull(cursors, mark="0:").status_code == 200
    problem(mei.pull(cursors, mark="12"), 422, "invalid")
    chain = shop.sql("SELECT seq, chain, at FROM sync_commit ORDER BY seq")
    assert [seq for seq, *_ in chain] == list(range(1, page["to"] + 1))
    assert len({value for _, value, _ in chain}) == len(chain)
    marks = [[chain[-1][0] + 5, "ff"], [chain[-1][0], "ff"], list(chain[2][:2]), list(chain[0][:2])]
    told = mei.post("/sync/v1/negotiate", {"marks": marks})
    assert told.json() == {"epoch": page["epoch"], "seq": 3, "at": chain[2][2], "last_op_no": 1}
    assert mei.post("/sync/v1/negotiate", {"marks": [[1, "ff"]]}).json()["seq"] == 0
    problem(mei.post("/sync/v1/negotiate", {"marks": [[1, "ff"]] * 201}), 413, "too-large")
    problem(mei.post("/sync/v1/negotiate", {"marks": "all"}), 422, "invalid")


@pytest.mark.parametrize("change", [{"protocol": 2}, {"schema": 999}, {"protocol": 2, "ops": "not of this shape"}])
def test_another_version_is_told_to_upgrade(shop: Shop, change: Mapping[str, Any]) -> None:
    mei = shop.hire("mei")
    problem(mei.push(mei.op("void", {}), **change), 426, "upgrade-required")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"protocol": 1, "schema": %d}' % SCHEMA,
        b'{"protocol":1,"schema":%d,"text":"\xff"}' % SCHEMA,
        b"\x00",
    ],
)
def test_malformed_batch(shop: Shop, body: bytes) -> None:
    mei = shop.hire("mei")
    answer = shop.http.post("/sync/v1/push", content=body, headers=mei.headers)
    problem(answer, 400, "malformed-batch")


def test_batches_that_are_too_large(shop: Shop) -> None:
    mei = shop.hire("mei")
    problem(mei.push(*(mei.op("void", {}) for _ in range(MAX_OPERATIONS + 1))), 413, "too-large")
    answer = shop.http.post("/sync/v1/push", content=b" " * (MAX_BYTES + 1), headers=mei.headers)
    problem(answer, 413, "too-large")

    def unannounced() -> Any:
        for _ in range(MAX_BYTES // 65536 + 1):
            yield b" " * 65536

    problem(shop.http.post("/sync/v1/push", content=unannounced(), headers=mei.headers), 413, "too-large")
    assert mei.push().json()["last_op_no"] == 0


def test_batch_of_another_device_or_author(shop: Shop) -> None:
    mei, bo = shop.hire("mei"), shop.hire("bo")
    problem(mei.push(mei.op("void", {}), device_id=bo.device), 403, "not-author")
    problem(mei.push({**mei.op("void", {}), "actor": bo.agent_id}), 403, "not-author")


def test_two_desks_claim_the_same_and_the_loser_is_held(shop: Shop) -> None:
    mei, bo, visitor = shop.hire("mei"), shop.hire("bo"), shop.visitor()
    conversation = visitor.say("在吗")["conversation_id"]
    mei.claim(conversation)
    lost = bo.do("conversation.claim", {"conversation_id": conversation})
    assert (lost["status"], lost["code"], lost["facts"]) == ("rejected", "already-claimed", {"by": "mei"})
    _, status = bo.reply(conversation, "我来")
    assert status == "held"
    assert [line["text"] for line in visitor.read()] == ["在吗"]
    assert [(row["text"], row["state"], row["reason"]) for row in bo.rows("message") if row["author"] == "agent"] == [
        ("我来", "held", "claim-lost")
    ]


def test_groups_must_be_those_of_the_agent(shop: Shop) -> None:
    mei = shop.hire("mei")
    shop.hire("bo", groups=("refunds",))
    refunds, default = group_id("refunds"), group_id("default")
    told = problem(mei.pull({"all": 0, refunds: 0}), 409, "scope-changed")
    assert (told["added"], told["removed"]) == (sorted([default, f"agent:{mei.agent_id}"]), [refunds])
    shop.service.commits.run(JoinGroup(agent_id=mei.agent_id, group_id=refunds), "join")
    told = problem(mei.pull(), 409, "scope-changed")
    assert told["added"] == [refunds]
    assert "removed" not in told


@pytest.mark.parametrize("cursors", ["", "{", "[]", '{"all": -1}', '{"all": "1"}', '{"all": 1.5}', "null"])
def test_cursors_that_are_none(shop: Shop, cursors: str) -> None:
    mei = shop.hire("mei")
    problem(mei.get("/sync/v1/pull", cursors=cursors), 400, "malformed-batch")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 2001}, {"wait": 26}, {"wait": "x"}, {"acked": -1}])
def test_figures_out_of_range(shop: Shop, query: dict[str, Any]) -> None:
    mei = shop.hire("mei")
    problem(mei.pull(**query), 422, "invalid")


def test_pages_end_at_commits_and_come_to_the_head(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    for number in range(5):
        visitor.say(f"第 {number} 条")
    cursors = dict.fromkeys(mei.signed["groups"], 0)
    seen: dict[str, int] = {}
    while True:
        page = mei.pull(cursors, limit=3).json()
        assert page["begin"] == cursors
        for values in page["rows"].get("message", []):
            seen[values[0]] = seen.get(values[0], 0) + 1
        cursors = dict.fromkeys(cursors, page["to"])
        if not page["more"]:
            break
    assert page["to"] == page["head"]
    assert len(seen) == 5


def level(desk: Desk) -> dict[str, int]:
    page = desk.pull().json()
    return dict.fromkeys(page["begin"], page["to"])


def test_long_poll_answers_when_something_for_this_desk_comes(shop: Shop) -> None:
    mei, bo = shop.hire("mei"), shop.hire("bo", groups=("refunds",))
    cursors, others = level(mei), level(bo)
    visitor = shop.visitor()
    got: dict[str, Any] = {}

    def wait(desk: Desk, begin: Mapping[str, int], seconds: float) -> None:
        got[desk.device] = desk.pull(begin, wait=seconds).json()

    waiting = [
        threading.Thread(target=wait, args=(mei, cursors, 25)),
        threading.Thread(target=wait, args=(bo, others, 1)),
    ]
    for thread in waiting:
        thread.start()
    visitor.say("在吗")
    for thread in waiting:
        thread.join()
    assert len(got[mei.device]["rows"]["message"]) == 1
    assert got[bo.device]["rows"] == {}
    assert got[bo.device]["to"] == got[mei.device]["head"]


def test_long_poll_brings_a_rejected_result_that_made_no_commit(shop: Shop) -> None:
    mei = shop.hire("mei")
    cursors = level(mei)
    pages: list[Any] = []
    waiting = threading.Thread(target=lambda: pages.append(mei.pull(cursors, wait=25).json()))
    waiting.start()
    assert mei.do("conversation.claim", {"conversation_id": "none"})["status"] == "rejected"
    waiting.join()
    assert [result["code"] for result in pages[0]["results"]] == ["gone"]


def test_events_say_hello_and_poke_after_commits(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    with mei.events("/sync/v1/events") as events:
        hello = next(events)
        assert hello.event == "hello"
        assert 1000 <= (hello.retry or 0) <= 4000
        told = json.loads(hello.data)
        assert told["epoch"] == mei.signed["epoch"]
        assert 0 < told["token_expires_in"] <= 30 * DAY // 1_000_000
        visitor.say("在吗")
        poke = next(events)
        assert (poke.event, json.loads(poke.data)["seq"]) == ("poke", told["seq"] + 1)
        assert poke.id == str(told["seq"] + 1)


def test_many_commits_are_few_pokes(make_shop: MakeShop) -> None:
    shop = make_shop(poke_gap_s=0.5)
    mei, visitor = shop.hire("mei"), shop.visitor()
    with mei.events("/sync/v1/events") as events:
        begun = json.loads(next(events).data)["seq"]
        pokes = []
        for number in range(12):
            visitor.say(f"{number}")
        while not pokes or pokes[-1] < begun + 12:
            pokes.append(json.loads(next(events).data)["seq"])
    assert len(pokes) < 12


def test_silence_is_pinged(make_shop: MakeShop) -> None:
    shop = make_shop(ping_s=0.05)
    mei = shop.hire("mei")
    with (
        httpx.Client(base_url=shop.running.url, trust_env=False) as http,
        http.stream("GET", "/sync/v1/events", headers=mei.headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert ": ping" in answer.iter_lines()


def test_stream_ends_before_its_token(make_shop: MakeShop) -> None:
    shop = make_shop(ping_s=0.05, token_life=2 * MINUTE)
    mei = shop.hire("mei")
    with mei.events("/sync/v1/events") as events:
        next(events)
        shop.clock.ahead += MINUTE + MINUTE // 2
        bye = next(events)
    assert (bye.event, json.loads(bye.data)["reason"]) == ("bye", "token")


def test_streams_of_one_device_are_limited(make_shop: MakeShop) -> None:
    shop = make_shop(most_streams_each=1)
    mei = shop.hire("mei")
    with mei.events("/sync/v1/events") as events:
        next(events)
        problem(mei.get("/sync/v1/events"), 503, "try-later")


def test_stopping_says_bye_and_ends_long_polls(shop: Shop) -> None:
    mei = shop.hire("mei")
    cursors = level(mei)
    pages: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: pages.append(mei.pull(cursors, wait=25)))
    with mei.events("/sync/v1/events") as events:
        next(events)
        waiting.start()
        while 'kefu_streams{of="poll"} 1.0' not in shop.http.get("/metrics").text:
            pass
        stopping = threading.Thread(target=shop.running.stop)
        stopping.start()
        bye = next(events)
        assert (bye.event, json.loads(bye.data)["reason"]) == ("bye", "deploy")
        assert list(events) == []
    stopping.join()
    waiting.join()
    assert pages[0].status_code == 200


def test_commits_of_another_process_are_heard(shop: Shop) -> None:
    from kefu_tui.backend.bootstrap import prepare
    from kefu_tui.ids import Ids

    from .shop import CHEAP

    mei = shop.hire("mei")
    other = prepare(shop.folder, shop.clock, Ids(), url=shop.url, hasher=CHEAP, environ={}, say=lambda line: None)
    with mei.events("/sync/v1/events") as events:
        begun = json.loads(next(events).data)["seq"]
        other.commits.run(JoinGroup(agent_id=mei.agent_id, group_id=group_id("default"), leave=True), "leave")
        assert json.loads(next(events).data)["seq"] == begun + 1
    other.close()


def test_a_desk_is_poked_for_its_agents_groups_alone(shop: Shop) -> None:
    mei = shop.hire("mei")
    far = shop.hire("far", groups=("far",))

    def come(group: str, number: int) -> int:
        told = f"{group}{number}"
        receive = Receive(
            channel="web", group_id=group_id(group), external_id=told, message_id=f"m{told}", customer_id=f"u{told}",
            conversation_id=f"c{told}", text="在吗",
        )  # fmt: skip
        shop.service.commits.run(receive, told)
        return int(shop.sql("SELECT seq FROM sync_head")[0][0])

    def poked(events: Iterator[Any], seq: int) -> int:
        while (head := json.loads(next(events).data)["seq"]) < seq:
            pass
        return int(head)

    hired = int(shop.sql("SELECT seq FROM sync_head")[0][0])
    with mei.events("/sync/v1/events") as events, far.events("/sync/v1/events") as elsewhere:
        assert [next(events).event, next(elsewhere).event] == ["hello", "hello"]
        poked(elsewhere, come("far", 1))
        seq = come("default", 1)
        assert poked(events, hired + 1) == seq, "the first that it hears of, but for a late one of who was hired"
        shop.service.commits.run(JoinGroup(agent_id=mei.agent_id, group_id=group_id("far")), "join")
        poked(events, seq + 1)
        poked(events, come("far", 2))


def test_a_stretch_is_compared_and_sent_whole_where_it_differs(shop: Shop) -> None:
    """Of the agent's own groups alone, as of the commit that the desk is as of."""
    mei, far = shop.hire("mei"), shop.hire("far", groups=("far",))
    page = mei.pull().json()
    mark = f"{page['to']}:{page['chain']}"
    agents = [
        list(row) for row in shop.sql(f"SELECT {', '.join(BY_NAME['agent'].__struct_fields__)} FROM agent ORDER BY id")
    ]

    def asked(desk: Desk = mei, **given: str) -> httpx.Response:
        query = {"table": "agent", "after": "", "end": "", "digest": digest(agents), "mark": mark, **given}
        return desk.get("/sync/v1/compare", **query)

    told = asked().json()
    assert (told["level"], told["same"], told["rows"]) == (True, True, [])
    differs = asked(digest="0" * 32).json()
    assert (differs["level"], differs["same"], differs["rows"]) == (True, False, agents)
    assert asked(after=agents[0][0], digest="0" * 32).json()["rows"] == agents[1:]
    assert asked(end=agents[0][0], digest="0" * 32).json()["rows"] == agents[:1]
    assert not asked(mark=f"{page['to']}:{'0' * 32}").json()["level"], "another history"
    assert not asked(mark=f"{page['to'] + 5}:{page['chain']}").json()["level"], "not yet"
    problem(asked(table="account"), 400, "malformed-batch")
    problem(asked(digest="x"), 422, "invalid")
    problem(asked(mark="x"), 422, "invalid")
    shop.visitor().say("在吗")
    assert asked(far, table="conversation").json()["rows"] == []
    assert not asked().json()["level"], "something came since"


def test_nul_in_an_operation_is_the_same_on_every_database(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    conversation = visitor.say("在吗")["conversation_id"]
    mei.claim(conversation)
    _, status = mei.reply(conversation, "您好\0，在的")
    assert status == "applied"
    assert mei.do("conversation.tag", {"conversation_id": conversation, "name": "急\0"})["status"] == "applied"
    assert mei.do("conversation.note\0", {"conversation_id": conversation})["code"] == "unknown-kind"
    assert [line["text"] for line in visitor.read()] == ["在吗", "您好␀，在的"]
    assert [tag["name"] for tag in mei.rows("tag")] == ["急␀"]
    same = mei.op("conversation.note", {"conversation_id": conversation, "message_id": "n1", "text": "记\0"})
    first, again = mei.push(same).json(), mei.push(same).json()
    assert first["results"] == again["results"]
    assert first["results"][0]["status"] == "applied"

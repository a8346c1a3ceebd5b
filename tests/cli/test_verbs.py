"""What is done at a desk without a network: committed here, exit code 0, told by its operation's id."""

import json
import pathlib
import re
from typing import Any

import pytest

from tests.cli.program import Kefu

ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
QUEUE = [
    "id",
    "customer",
    "channel",
    "kind",
    "priority",
    "status",
    "assignee",
    "preview",
    "waiting_s",
    "due_at",
    "due_kind",
]


def still(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what grows by itself."""
    return [{**row, "waiting_s": None} for row in rows]


def test_queue_rows(desk: Kefu) -> None:
    rows = desk.ok("queue", "--view", "all", "--limit", "0")
    assert len(rows) > 20
    for row in rows:
        assert list(row) == QUEUE
        assert row["assignee"] is None or re.fullmatch("practice|agent[0-9]+", row["assignee"])
        assert row["waiting_s"] is None or isinstance(row["waiting_s"], int)
        assert row["due_at"] is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?\+08:00", row["due_at"])
    assert "archived" not in {row["status"] for row in rows}


def test_views(desk: Kefu) -> None:
    views = {view: desk.ok("queue", "--view", view, "--limit", "0") for view in ("waiting", "mine", "group", "all")}
    assert all(row["status"] == "waiting" and row["assignee"] is None for row in views["waiting"])
    assert views["mine"]
    assert {row["assignee"] for row in views["mine"]} == {"practice"}
    assert "closed" not in {row["status"] for row in views["group"]}
    assert {row["id"] for row in views["group"]} < {row["id"] for row in views["all"]}
    assert len(desk.ok("queue", "--view", "all", "--limit", "3")) == 3


def test_formats_tell_the_same(desk: Kefu) -> None:
    rows = desk.ok("queue")
    assert still([json.loads(line) for line in desk("queue", "-o", "ndjson").out.splitlines()]) == still(rows)
    csv = desk("queue", "-o", "csv").out.splitlines()
    assert csv[0] == ",".join(QUEUE)
    assert len(csv) == len(rows) + 1
    table = desk("queue", "-o", "table").out.splitlines()
    assert len(table) == len(rows) + 1
    assert all(row["id"][-8:] in line for row, line in zip(rows, table[1:], strict=True))


def test_a_day_of_work(desk: Kefu) -> None:
    waiting = desk.ok("queue", "--view", "waiting")[0]["id"]
    taken = desk.ok("take", waiting)
    assert taken["status"] == "applied"
    assert ID.fullmatch(taken["op_id"])
    assert desk.ok("take", waiting)["status"] == "noop"
    assert desk.ok("reply", waiting, "您好，我来查。")["status"] == "applied"
    assert desk.ok("reply", waiting, "-", input="两行\n第二行\n")["status"] == "applied"
    assert desk.ok("note", waiting, "客户着急")["status"] == "applied"
    assert desk.ok("tag", waiting, "催件")["status"] == "applied"
    assert desk.ok("tag", waiting, "催件", "--remove")["status"] == "applied"
    assert desk.ok("snooze", waiting, "2h")["status"] == "applied"
    assert desk.ok("show", waiting)["status"] == "snoozed"
    assert desk.ok("wake", waiting)["status"] == "applied"
    record = ("--record", "said=慢", "--record", "done=已催")  # whatever kind it is
    assert desk.ok("resolve", waiting, "--tag", "已解决", *record)["status"] == "applied"
    assert "已解决" in desk.ok("show", waiting)["tags"]
    assert "催件" not in desk.ok("show", waiting)["tags"]
    assert desk.ok("reopen", waiting)["status"] == "applied"
    assert desk.ok("transfer", waiting, "agent2", "--note", "请接")["status"] == "applied"
    told = desk.ok("show", waiting)
    assert [(one["from"], one["kind"], one["text"]) for one in told["messages"][-4:]] == [
        ("agent", "text", "您好，我来查。"),
        ("agent", "text", "两行\n第二行"),
        ("agent", "note", "客户着急"),
        ("agent", "note", "请接"),
    ]
    assert told["messages"][-1]["state"] == "pending"
    status = desk.ok("sync", "--status")
    assert status["state"] == "local"
    assert status["pending"] >= 10
    assert status["oldest_pending_s"] >= 0


def test_take_without_an_id_takes_who_is_due_first_and_undo_gives_back(desk: Kefu) -> None:
    first = desk.ok("queue", "--view", "waiting")[0]["id"]
    assert desk.ok("take")["conversation_id"] == first
    assert desk.ok("show", first)["assignee"] == "practice"
    desk.ok("undo")
    assert desk.ok("show", first)["assignee"] is None


def test_undo_of_a_reply_keeps_its_words_as_a_draft(desk: Kefu) -> None:
    id = desk.ok("queue", "--view", "mine")[0]["id"]
    desk.ok("reply", id, "说早了")
    assert "说早了" not in json.dumps(desk.ok("undo"), ensure_ascii=False)
    told = desk.ok("show", id)
    assert told["draft"] == "说早了"
    assert "说早了" not in [one["text"] for one in told["messages"]]


def test_nothing_to_undo(desk: Kefu) -> None:
    desk("undo").refused(1, "Nothing to undo")


@pytest.mark.parametrize(
    ("text", "told"),
    [("   \n", "Nothing written"), ("长" * 20_000, "20000")],
    ids=["blank", "long"],
)
def test_what_cannot_be_said(desk: Kefu, text: str, told: str) -> None:
    id = desk.ok("queue", "--view", "mine")[0]["id"]
    before = desk.ok("show", id)
    desk("reply", id, "").refused(1, "Nothing written")
    desk("reply", id, text).refused(1, told)
    desk("reply", id, "-", input=text).refused(1, told)
    desk("note", id, text).refused(1, told)
    assert still([desk.ok("show", id)]) == still([before])
    assert desk.ok("sync", "--status")["pending"] == 0


def test_input_that_is_no_text(desk: Kefu) -> None:
    id = desk.ok("queue", "--view", "mine")[0]["id"]
    desk("reply", id, "-", input=b"\xff\xfe\x00").refused(2, "UTF-8")


def test_refusals(desk: Kefu) -> None:
    waiting = desk.ok("queue", "--view", "waiting")[0]["id"]
    desk("reply", waiting, "您好").refused(1, "Take it first")
    desk("reply", waiting, "您好", KEFU_LANG="zh").refused(1, "先接再做")
    problem = json.loads(desk("reply", waiting, "您好", "-o", "json").refused(1).err)
    assert (problem["code"], problem["exit"]) == ("not-taken", 1)
    assert problem["type"] == "urn:kefu:desk:not-taken"
    mine = desk.ok("queue", "--view", "mine")[0]["id"]
    desk("transfer", mine, "nobody").refused(1, "nobody")
    desk("snooze", mine, "sometime").refused(2, "sometime")
    desk("snooze", mine, "2020-01-01").refused(1)
    assert desk.ok("wake", mine)["status"] == "noop"


def test_whoami(desk: Kefu) -> None:
    told = desk.ok("whoami")
    assert told["login"] == "practice"
    assert told["backend"] is None
    assert told["groups"] == ["default"]


def test_orders(desk: Kefu) -> None:
    conversation = next(
        told for row in desk.ok("queue", "--limit", "0") if (told := desk.ok("show", row["id"]))["orders"]
    )
    order = conversation["orders"][0]
    assert re.fullmatch(r"\d+\.\d\d", order["total"])
    assert order["currency"] == "CNY"
    assert desk.ok("order", "show", order["order_no"]) == order
    assert order in desk.ok("order", "find", order["order_no"][:8], "--limit", "1000")
    desk("order", "show", "00000000000000").refused(1, "00000000000000")
    assert desk.ok("order", "find", "00000000000000") == []
    table = desk("order", "show", order["order_no"], "-o", "table").out
    assert order["order_no"] in table
    assert order["total"] in table


def test_rules_need_no_desk(nobody: Kefu) -> None:
    nobody.env.pop("KEFU_STORE_KEY")
    told = nobody.ok("recognise", "单号SF1385628716739 电话13812345678")
    assert [list(one) for one in told] == [["kind", "value", "start", "end", "candidates"]] * 2
    assert told[0]["candidates"] == [{"carrier": "顺丰", "score": 1.0}]
    lines = nobody("recognise", "-", input="没有\n单号SF1385628716739\n").out.splitlines()
    assert [len(json.loads(line)) for line in lines] == [0, 1]
    due = nobody.ok("policy", "due", "first_response_chat", "--at", "2026-02-14T20:58:00+08:00")
    assert due == {
        "clock": "first_response_chat",
        "started_at": "2026-02-14T20:58:00+08:00",
        "warn_at": "2026-02-15T09:02:00+08:00",
        "due_at": "2026-02-15T09:03:00+08:00",
        "calendar": "shift",
        "known": True,
    }
    paused = nobody.ok(
        "policy", "due", "resolution", "--at", "2026-02-14T08:00Z", "--pause", "2026-02-14T09:00Z/2026-02-14T10:00Z"
    )
    plain = nobody.ok("policy", "due", "resolution", "--at", "2026-02-14T08:00Z")
    assert paused["due_at"] > plain["due_at"]
    unknown = nobody.ok("policy", "due", "complaint_close", "--at", "2027-03-01", "--policy", "strict")
    assert (unknown["known"], unknown["due_at"]) == (False, None)
    nobody("policy", "due", "nothing", "--at", "2026-01-05").refused(1, "nothing")
    nobody("policy", "due", "greeting", "--at", "2026-01-05", "--policy", "lax").refused(1, "lax", "standard")
    assert {"id", "keys", "label"} <= set(nobody.ok("keys")[0])


def test_keymap_check(nobody: Kefu, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "keymap.toml"
    nobody("keys", "--check", str(file)).refused(1, "keymap.toml")
    file.write_text('[keys]\nundo = "ctrl+y"\n')
    keys = {row["id"]: row["keys"] for row in nobody.ok("keys", "--check", str(file))}
    assert keys["undo"] == ["^Y"]
    file.write_text('[keys]\nundo = "ctrl+s"\nnope = "x"\n')
    nobody("keys", "--check", str(file)).refused(1, "nope", "ctrl+s")


def test_a_complaint_needs_its_record(desk: Kefu) -> None:
    rows = desk.ok("queue", "--view", "waiting", "--limit", "0")
    id = next(row["id"] for row in rows if row["kind"] == "complaint")
    desk.ok("take", id)
    desk("resolve", id).refused(1, "what the customer said", "what was done")
    desk("resolve", id, "--record", "said").refused(2, "K=V")
    desk.ok("resolve", id, "--record", "said=late", "--record", "done=refunded")
    told = desk.ok("show", id)
    assert (told["status"], told["record"], told["score"]) == ("resolved", {"said": "late", "done": "refunded"}, None)
    assert "what was done: refunded" in desk("show", id, "-o", "table").out
    figures = desk.ok("report", "satisfaction")
    assert (figures["rated"], figures["mean"], figures["by_score"]["5"]) == (0, None, 0)

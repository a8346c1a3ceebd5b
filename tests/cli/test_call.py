"""call: a telephone call logged by hand, what is wrong said in one line, the calls of today listed with masked numbers."""

import json
import pathlib
from datetime import UTC, datetime, timedelta

import pytest

from kefu_tui.cli.times import earlier
from kefu_tui.now import MINUTE, SECOND
from tests.cli.program import Backend, Inside, Kefu

NUMBER = "+86 138-0000-1111"


def test_a_call_is_logged_and_listed(desk: Kefu) -> None:
    before = len(desk.ok("call", "list"))
    told = desk.ok(
        "call", "log", NUMBER, "--text", "问包裹到哪了", "--name", "李女士", "--rang", "20s", "--answered", "13s"
    )
    assert told["status"] == "applied"
    shown = desk.ok("show", told["conversation_id"])
    assert (shown["channel"], shown["status"], shown["kind"]) == ("phone", "open", "logistics")
    line, note = shown["messages"]
    assert (line["from"], line["kind"]) == ("system", "event")
    assert line["text"].startswith("Rang ")
    assert ", answered " in line["text"]
    assert (note["kind"], note["text"]) == ("note", "问包裹到哪了")
    *_, one = desk.ok("call", "list")
    assert (one["phone"], one["customer"], one["direction"], one["missed"]) == ("138****1111", "李**", "in", False)
    assert datetime.fromisoformat(one["answered_at"]) - datetime.fromisoformat(one["rang_at"]) == timedelta(seconds=7)
    assert "13800001111" not in json.dumps(desk.ok("call", "list"))
    assert len(desk.ok("call", "list")) == before + 1


def test_one_without_a_name_is_called_by_the_masked_number(desk: Kefu) -> None:
    id = desk.ok("call", "log", NUMBER, "--text", "-", "--outgoing", "--kind", "complaint", input="说好明天回电\n")[
        "conversation_id"
    ]
    shown = desk.ok("show", id)
    assert (shown["customer"], shown["kind"]) == ("138****1111", "complaint")
    assert shown["messages"][0]["text"] == "Called out"
    assert desk.ok("call", "list")[-1]["direction"] == "out"
    assert desk.ok("call", "list", "--missed") == []
    desk("-o", "table", "reply", id, "您好").refused(1, "Make a note")
    assert desk.ok("note", id, "要发票")["status"] == "applied"
    again = desk.ok("call", "log", NUMBER, "--text", "没打通", "--rang", "1m")
    assert again["conversation_id"] == id
    assert [one["missed"] for one in desk.ok("call", "list")] == [True, False], "by when it rang"
    assert len(desk.ok("call", "list", "--missed")) == 1
    assert desk.ok("undo")["status"] in ("void", "applied")
    assert desk.ok("call", "list", "--missed") == []


def test_the_table_and_chinese(desk: Kefu) -> None:
    desk.ok("call", "log", NUMBER, "--text", "问包裹", "--rang", "20s", "--answered", "13s")
    shown = desk("--lang", "zh", "-o", "table", "call", "list").out
    assert "来电" in shown
    assert "138****1111" in shown
    queue = desk("--lang", "zh", "-o", "table", "queue", "--limit", "0").out
    assert "138****1111" in queue
    assert "13800001111" not in queue + shown
    assert '{"way"' not in queue + shown


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("abc", "--text", "x"), 1, "no telephone number"),
        (("\x1b[2J", "--text", "x"), 1, "no telephone number"),
        ((NUMBER, "--text", " "), 1, "Nothing written"),
        ((NUMBER,), 2, "--text"),
        ((NUMBER, "--text", "x", "--rang", "soon"), 2, "soon"),
        ((NUMBER, "--text", "x", "--rang", "25:00"), 2, "25:00"),
        ((NUMBER, "--text", "x", "--rang", "2099-01-01T10:00:00+08:00"), 1, "still to come"),
        ((NUMBER, "--text", "x", "--rang", "25h"), 1, "24 hours"),
        ((NUMBER, "--text", "x", "--rang", "10s", "--answered", "20s"), 1, "before it rang"),
        ((NUMBER, "--text", "x", "--answered", "20s"), 1, "when did it ring"),
        ((NUMBER, "--text", "x", "--kind", "gossip"), 2, "--kind"),
        ((NUMBER, "--text", "x", "--group", "nowhere"), 1, "nowhere"),
    ],
)
def test_what_cannot_be_logged(desk: Kefu, words: tuple[str, ...], code: int, said: str) -> None:
    before = desk.ok("call", "list")
    desk("-o", "table", "call", "log", *words).refused(code, said)
    wrong = desk("-o", "json", "call", "log", *words)
    assert (wrong.code, json.loads(wrong.err)["exit"], wrong.out) == (code, code, "")
    assert desk.ok("call", "list") == before


def test_a_call_is_logged_at_the_backend_too_and_seen_by_the_group(
    backend: Backend, anna: Kefu, tmp_path: pathlib.Path
) -> None:
    id = anna.ok("call", "log", NUMBER, "--text", "问包裹到哪了", "--rang", "2m", "--answered", "110s")[
        "conversation_id"
    ]
    anna.ok("sync", "--once")
    assert anna.ok("notices", "list") == []
    lena = backend.login(tmp_path / "lena", "lena")
    lena.ok("sync", "--once")
    assert lena.ok("show", id)["assignee"] == "anna"
    assert [one["agent"] for one in lena.ok("call", "list") if one["conversation_id"] == id] == ["anna"]


def test_a_telephone_channel_is_added(backend: Backend, tmp_path: pathlib.Path) -> None:
    kefu = Inside(tmp_path / "nobody")
    at = ("--data", str(backend.data))
    told = kefu.ok("channel", "add", "phone-400", "--kind", "phone", *at)
    assert (told["kind"], bool(told["secret"])) == ("phone", True)
    kefu("-q", "channel", "add", "hotline", "--kind", "phone", *at).refused(1, "phone-400")
    kefu("-q", "channel", "add", "phone-2", "--kind", "phone", "--address", "https://example.com", *at).refused(
        1, "address"
    )
    kefu("-q", "channel", "add", "x", "--kind", "fax", *at).refused(1, "webhook, phone")


def test_times_that_were() -> None:
    zone, now = "Asia/Shanghai", int(datetime(2026, 6, 1, 4, 30, tzinfo=UTC).timestamp()) * SECOND  # 12:30 there
    assert earlier("2m", now, zone) == now - 2 * MINUTE
    assert earlier("12:28:30", now, zone) == now - 90 * SECOND
    assert earlier("12：28", now, zone) == now - 2 * MINUTE
    assert earlier("昨天 12:30", now, zone) == now - 24 * 60 * MINUTE
    assert earlier("12:31", now, zone) == now + MINUTE, "today's; that it is still to come is said"
    assert earlier("2026-06-01T12:29:00", now, zone) == now - MINUTE
    assert earlier("noon", now, zone) is None

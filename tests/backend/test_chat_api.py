"""What the chat page speaks: visitors, messages stored once, places without holes, events, limits."""

import json
import threading
from typing import Any

import pytest

from kefu_tui.now import HOUR, SECOND

from .shop import Desk, MakeShop, Shop, Visitor, problem


@pytest.mark.on_sqlite
def test_a_visitor_gets_a_token_that_is_stored_as_its_hash(shop: Shop) -> None:
    made = shop.http.post("/chat/v1/visitors", json={"name": " 小 林 ", "locale": "zh-CN"}).json()
    assert len(made["token"]) >= 40
    assert shop.sql("SELECT id, name, locale, length(token_hash) FROM visitor") == [
        (made["visitor_id"], "小 林", "zh", 64)
    ]
    assert made["token"].encode() not in (shop.folder / "kefu.db-wal").read_bytes()


@pytest.mark.parametrize(
    ("locale", "stored"), [("", "zh"), ("zh-Hant-TW", "zh"), ("en-GB", "en"), ("ZH", "zh"), ("fr", "en")]
)
def test_language_of_a_visitor(shop: Shop, locale: str, stored: str) -> None:
    shop.visitor(locale=locale).say("hi")
    assert shop.sql("SELECT language FROM conversation") == [(stored,)]


def test_a_message_is_stored_once_however_often_and_however_parallel_it_is_sent(make_shop: MakeShop) -> None:
    shop = make_shop(visitor_burst=100)
    visitor = shop.visitor()
    answers: list[dict[str, Any]] = []

    def send(number: int) -> None:
        for _ in range(4):
            answers.append(visitor.say(f"第 {number % 3} 条", f"client {number % 3}"))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 24
    assert len({json.dumps(answer) for answer in answers}) == 3
    lines = visitor.read()
    assert sorted(line["text"] for line in lines) == ["第 0 条", "第 1 条", "第 2 条"]
    assert {answer["message_id"]: answer["position"] for answer in answers} == {
        line["message_id"]: line["position"] for line in lines
    }


def test_the_same_client_id_of_another_visitor_is_another_message(shop: Shop) -> None:
    assert shop.visitor().say("a", "1")["message_id"] != shop.visitor().say("a", "1")["message_id"]


def test_places_are_dense_and_never_change(shop: Shop) -> None:
    """Notes, held replies and replies in an older conversation: what was read keeps its place."""
    mei, bo, visitor = shop.hire("mei"), shop.hire("bo"), shop.visitor()
    first = visitor.say("一")["conversation_id"]
    mei.claim(first)
    mei.do("conversation.note", {"conversation_id": first, "message_id": "n1", "text": "客户看不到"})
    mei.reply(first, "二")
    held, status = bo.reply(first, "扣下的")
    assert status == "held"
    mei.do("conversation.resolve", {"conversation_id": first})
    shop.clock.ahead += 25 * HOUR
    second = visitor.say("三")["conversation_id"]
    assert second != first
    before = visitor.read()
    assert [line["text"] for line in before] == ["一", "二", "三"]
    settle = {"conversation_id": first, "message_id": held, "action": "send"}
    assert bo.do("held.settle", settle)["status"] == "applied"
    mei.claim(second)
    mei.reply(second, "五")
    lines = visitor.read()
    assert lines[:3] == before
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5]
    assert {line["text"] for line in lines[3:]} == {"扣下的", "五"}
    assert visitor.read(after=3) == lines[3:]
    assert visitor.read(after=5) == []


def test_readers_who_look_at_different_times_see_the_same_places(shop: Shop) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    conversation = visitor.say("一")["conversation_id"]
    mei.claim(conversation)
    seen: list[list[dict[str, Any]]] = []

    def look() -> None:
        seen.extend(visitor.read() for _ in range(5))

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(5):
        mei.reply(conversation, f"回 {number}")
    for reader in readers:
        reader.join()
    final = visitor.read()
    assert [line["position"] for line in final] == list(range(1, 7))
    assert all(lines == final[: len(lines)] for lines in seen)


def test_read_position_follows_what_was_fetched(shop: Shop) -> None:
    visitor = shop.visitor()
    visitor.say("一")
    visitor.say("二")
    assert shop.sql("SELECT read_pos FROM visitor") == [(0,)]
    visitor.read()
    assert shop.sql("SELECT read_pos FROM visitor") == [(2,)]
    visitor.read(after=1)
    visitor.read(after=9)
    assert shop.sql("SELECT read_pos FROM visitor") == [(2,)]


def test_a_visitor_sees_nobody_elses_messages(shop: Shop) -> None:
    one, other = shop.visitor(), shop.visitor()
    one.say("我的")
    assert other.read() == []


@pytest.mark.parametrize("text", ["字" * 10_000, "😀" * 10_000])
def test_ten_thousand_characters_are_taken(shop: Shop, text: str) -> None:
    visitor = shop.visitor()
    visitor.say(text)
    assert visitor.read()[0]["text"] == text


@pytest.mark.parametrize("length", [10_001, 300_000])
def test_more_are_refused_with_both_figures(shop: Shop, length: int) -> None:
    visitor = shop.visitor()
    answer = visitor.post("/chat/v1/messages", {"client_id": "1", "text": "字" * length})
    assert f"{length:,}" in problem(answer, 413, "too-large")["detail"]
    assert visitor.read() == []


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(shop: Shop) -> None:
    visitor = shop.visitor()
    answer = shop.http.post("/chat/v1/messages", content=b" " * 10_000_000, headers=visitor.headers)
    problem(answer, 413, "too-large")
    visitor.say("还在")


HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07\x1b[2J",
    "[bold]x[/bold] [@click=app.quit]y[/]",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202e\u2066 e\u0301\u0301\u0301\u0301 \u200b\u200d",
    "\x9b31m\x85\u2028",
    '=HYPERLINK("http://x")',
    "'; DROP TABLE message; --",
    "  two  spaces and\r\na line  ",
    "\ufeff\ufffe\U0010ffff",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_it_was_sent(shop: Shop, text: str) -> None:
    visitor = shop.visitor()
    visitor.say(text)
    assert visitor.read()[0]["text"] == text
    assert shop.sql("SELECT text FROM message") == [(text,)]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (rb"a\u0000b", "a␀b"),
        (rb"\ud800", "\ufffd"),
        (rb"x\udc00\ud83d\ude00\ud83d", "x\ufffd😀\ufffd"),
    ],
)
def test_what_databases_refuse_is_replaced(shop: Shop, sent: bytes, stored: str) -> None:
    visitor = shop.visitor()
    body = b'{"client_id": "' + sent + b'", "text": "' + sent + b'"}'
    assert shop.http.post("/chat/v1/messages", content=body, headers=visitor.headers).status_code == 202
    assert visitor.read()[0]["text"] == stored


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"nonsense", 400, "bad-request"),
        (b"[" * 100_000, 400, "bad-request"),
        (b'{"client_id": "1", "text": ' + b"9" * 5000 + b"}", 400, "bad-request"),
        (b'{"client_id": "1"}', 422, "invalid"),
        (b'{"client_id": "", "text": "x"}', 422, "invalid"),
        (b'{"client_id": 1, "text": "x"}', 422, "invalid"),
        (b'{"client_id": "1", "text": null}', 422, "invalid"),
        (b'{"client_id": "1", "text": ""}', 422, "empty"),
        (b'{"client_id": "1", "text": " \\n "}', 422, "empty"),
        (b'{"client_id": "1", "text": "\xff"}', 400, "bad-request"),
    ],
)
def test_malformed_messages(shop: Shop, body: bytes, status: int, code: str) -> None:
    visitor = shop.visitor()
    problem(shop.http.post("/chat/v1/messages", content=body, headers=visitor.headers), status, code)
    assert visitor.read() == []


def test_a_refused_message_is_audited(shop: Shop) -> None:
    visitor = shop.visitor()
    problem(visitor.post("/chat/v1/messages", {"client_id": "1", "text": " "}), 422, "empty")
    assert shop.sql("SELECT status, code FROM audit WHERE kind = 'message.receive'") == [("rejected", "empty")]


def test_a_blocked_customer_is_refused(shop: Shop) -> None:
    visitor = shop.visitor()
    visitor.say("一")
    shop.sql("UPDATE customer SET risk = 'blocked'")
    problem(visitor.post("/chat/v1/messages", {"client_id": "2", "text": "二"}), 403, "forbidden")


def test_a_visitor_who_floods_waits_and_others_do_not(make_shop: MakeShop) -> None:
    shop = make_shop(visitor_burst=3, visitor_rate=0.001)
    flood, calm = shop.visitor(), shop.visitor()
    for _ in range(3):
        flood.say("x")
    answer = flood.post("/chat/v1/messages", {"client_id": "4", "text": "x"})
    problem(answer, 429, "too-many")
    assert int(answer.headers["retry-after"]) > 900
    calm.say("y")
    assert len(flood.read()) == 3
    shop.clock.ahead += 1001 * SECOND
    flood.say("x")


def test_new_visitors_of_one_address_are_limited(make_shop: MakeShop) -> None:
    shop = make_shop(address_burst=2, address_rate=0.001)
    shop.visitor()
    shop.visitor()
    problem(shop.http.post("/chat/v1/visitors", json={}), 429, "too-many")


def next_position(events: Any) -> tuple[str, int]:
    event = next(events)
    return event.event, json.loads(event.data)["position"]


def test_events_poke_with_the_newest_position(shop: Shop) -> None:
    mei, visitor, other = shop.hire("mei"), shop.visitor(), shop.visitor()
    conversation = visitor.say("一")["conversation_id"]
    mei.claim(conversation)
    with visitor.events("/chat/v1/events") as events, visitor.events("/chat/v1/events") as second:
        assert next_position(events) == ("hello", 1)
        assert next_position(second) == ("hello", 1)
        other.say("别人的")
        mei.do("conversation.note", {"conversation_id": conversation, "message_id": "n", "text": "备注"})
        mei.reply(conversation, "二")
        assert next_position(events) == ("poke", 2)
        assert next_position(second) == ("poke", 2)
        visitor.say("三")
        assert next_position(events) == ("poke", 3)


def test_every_message_is_poked_or_in_the_hello(make_shop: MakeShop) -> None:
    """Messages that come while streams open and between pokes are never missed."""
    shop = make_shop(poke_gap_s=0.01, visitor_burst=1000)
    visitors = [shop.visitor() for _ in range(4)]
    heard: dict[str, int] = {}

    def listen(visitor: Visitor) -> None:
        with visitor.events("/chat/v1/events") as events:
            while heard.get(visitor.id, 0) < 30:
                heard[visitor.id] = next_position(events)[1]

    listeners = [threading.Thread(target=listen, args=(visitor,)) for visitor in visitors]
    for number, visitor in enumerate(visitors):
        listeners[number].start()
        for turn in range(15):
            visitor.say(f"{turn}")
    for turn in range(15):
        for visitor in visitors:
            visitor.say(f"{turn}")
    for listener in listeners:
        listener.join()
    assert heard == dict.fromkeys((visitor.id for visitor in visitors), 30)


@pytest.mark.parametrize(("method", "path"), [("GET", "messages"), ("POST", "messages"), ("GET", "events")])
def test_a_desk_token_is_no_visitor_and_no_token_is_nobody(shop: Shop, method: str, path: str) -> None:
    desk: Desk = shop.hire("mei")
    url = f"/chat/v1/{path}"
    problem(shop.http.request(method, url, headers=desk.headers), 401, "not-signed-in")
    problem(shop.http.request(method, url), 401, "not-signed-in")
    problem(shop.http.request(method, f"{url}?token=x"), 401, "not-signed-in")


@pytest.mark.parametrize("after", ["-1", "x", "1.5"])
def test_positions_that_are_none(shop: Shop, after: str) -> None:
    problem(shop.visitor().get("/chat/v1/messages", after=after), 422, "invalid")

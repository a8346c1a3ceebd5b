"""An exchange tells of calls over HTTP, signed; nothing is ever sent to a caller."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from kefu_tui.backend.channels_admin import ChannelError, add_channel
from kefu_tui.ids import derive
from kefu_tui.now import HOUR

from .shop import Shop, problem, until
from .test_intake import send

pytestmark = pytest.mark.on_sqlite

NUMBER = "13800001111"


class Exchange:
    """A telephone exchange that signs what it tells."""

    def __init__(self, shop: Shop, channel: str = "phone") -> None:
        self.shop = shop
        self.channel = channel
        self.secret = add_channel(shop.service, channel, "phone")

    def tell(self, event: str, call: str = "k1", ago_s: float = 0, **more: Any) -> httpx.Response:
        moment = datetime.fromtimestamp(self.shop.clock() / 1_000_000 - ago_s, UTC)
        body = {"event": event, "call_id": call, "at": moment.isoformat(), **more}
        return self.post({name: value for name, value in body.items() if value is not ...})

    def post(self, body: Any, secret: str = "", channel: str = "") -> httpx.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        now = datetime.fromtimestamp(self.shop.clock() // 1_000_000, UTC)
        headers = {
            "webhook-id": "w1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret or self.secret).sign("w1", now, text),
        }
        return self.shop.http.post(
            f"/intake/v1/{channel or self.channel}/calls", content=text.encode(), headers=headers
        )

    def rings(self, call: str = "k1", ago_s: float = 0, caller: str = NUMBER, **told: Any) -> str:
        answer = self.tell("rang", call, ago_s, customer={"external_id": caller, **told})
        assert answer.status_code == 202, answer.text
        id: str = answer.json()["conversation_id"]
        return id


@pytest.fixture
def exchange(shop: Shop) -> Exchange:
    return Exchange(shop)


def clocks(shop: Shop) -> list[tuple[Any, ...]]:
    return shop.sql("SELECT outcome FROM clock WHERE kind = 'phone_pick_up' ORDER BY started_at")


def told(shop: Shop, call: str = "k1", channel: str = "phone") -> dict[str, Any]:
    ((text,),) = shop.sql("SELECT text FROM message WHERE id = ?", derive("call", channel, call))
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_call_rings_and_is_answered_by_an_agent_and_over(shop: Shop, exchange: Exchange) -> None:
    mei = shop.hire("mei")
    id = exchange.rings(ago_s=60)
    (conversation,) = mei.rows("conversation")
    assert (conversation["id"], conversation["status"], conversation["channel"]) == (id, "waiting", "phone")
    assert conversation["due_kind"] == "phone_pick_up"
    assert exchange.tell("answered", ago_s=55, agent="mei").json() == {"conversation_id": id}
    assert exchange.tell("ended", ago_s=2).status_code == 202
    (conversation,) = mei.rows("conversation")
    assert (conversation["status"], conversation["assignee_id"]) == ("open", mei.agent_id)
    (clock,) = [row for row in mei.rows("clock") if row["kind"] == "phone_pick_up"]
    assert clock["outcome"] == "met"
    assert round((clock["stopped_at"] - clock["started_at"]) / 1e6) == 5
    assert set(told(shop)) == {"way", "rang_at", "answered_at", "ended_at"}
    (line,) = mei.rows("message")
    assert (line["author"], line["kind"], line["state"]) == ("system", "event", "kept")


def test_told_again_it_is_the_same(shop: Shop, exchange: Exchange) -> None:
    id = exchange.rings(name="李女士")
    assert exchange.rings(name="李女士") == id
    assert exchange.rings("k2", caller="+86 138 0000 1111") == id, "the same number, written otherwise"
    for event in ("answered", "answered", "ended", "ended"):
        assert exchange.tell(event).json() == {"conversation_id": id}
    assert shop.sql("SELECT count(*) FROM message") == [(2,)]
    assert shop.sql("SELECT name, phone, external_id FROM customer") == [("李女士", NUMBER, NUMBER)]


def test_claiming_it_picks_up(shop: Shop, exchange: Exchange) -> None:
    mei = shop.hire("mei")
    id = exchange.rings()
    mei.claim(id)
    assert clocks(shop) == [("met",)]
    assert exchange.tell("answered", agent="mei").status_code == 202
    assert "answered_at" in told(shop)


def test_a_missed_call_waits(shop: Shop, exchange: Exchange) -> None:
    id = exchange.rings()
    assert exchange.tell("ended", missed=True).status_code == 202
    assert told(shop)["missed"] is True
    assert clocks(shop) == [("void",)]
    assert shop.sql("SELECT id, status FROM conversation") == [(id, "waiting")]


def test_nothing_is_ever_sent_to_a_caller(shop: Shop, exchange: Exchange) -> None:
    mei = shop.hire("mei")
    id = exchange.rings()
    mei.claim(id)
    message = {"conversation_id": id, "message_id": "m1", "text": "您好"}
    result = mei.do("conversation.reply", message, claim=mei.agent_id)
    assert (result["status"], result["code"]) == ("rejected", "no-text-here")
    note = {"conversation_id": id, "message_id": "n1", "text": "要发票"}
    assert mei.do("conversation.note", note)["status"] == "applied"
    ((group,),) = shop.sql("SELECT id FROM agent_group")
    log = {
        "group_id": group, "customer_id": "u1", "conversation_id": "c9", "call_id": "k9", "note_id": "n9",
        "phone": NUMBER, "text": "说好了", "direction": "out",
    }  # fmt: skip
    assert mei.do("call.log", log)["status"] == "applied"
    exchange.tell("ended")
    assert shop.sql("SELECT count(*) FROM outbound") == [(0,)]
    assert {state for (state,) in shop.sql("SELECT state FROM message")} == {"kept"}
    assert shop.sql("SELECT conversation_id FROM message WHERE id = 'n9'") == [(id,)]


def test_a_call_of_which_nothing_more_is_told_has_rung_out_after_an_hour(shop: Shop, exchange: Exchange) -> None:
    exchange.rings("k1")
    shop.clock.ahead += 2 * HOUR
    exchange.rings("k2", caller="13800002222")
    until(lambda: told(shop, "k1").get("missed") is True)
    assert set(told(shop, "k2")) == {"way", "rang_at"}
    assert [outcome for (outcome,) in clocks(shop)][1] == "running"
    assert shop.sql("SELECT kind FROM audit WHERE kind = 'call.end'") == [("call.end",)]


def test_a_text_that_gets_there_all_the_same_goes_nowhere(shop: Shop, exchange: Exchange) -> None:
    from kefu_tui.backend.commits import _assign
    from kefu_tui.model.rows import Message
    from kefu_tui.model.sql import Reader
    from kefu_tui.operations import View

    id = exchange.rings()
    with shop.service.database.write() as connection:
        view = View(Reader(connection))
        view.put(Message(id="m1", conversation_id=id, author="agent", text="x", at=1, state="queued", op_id="o"))
        _assign(connection, view, 1)
        row = view.get(Message, "m1")
        assert row is not None
        assert row.state == "failed"
        assert connection.execute("SELECT count(*) FROM outbound").fetchone() == (0,)


def test_messages_and_calls_keep_to_their_channels(shop: Shop, exchange: Exchange) -> None:
    webhook = add_channel(shop.service, "taobao", "webhook")
    body = {"event": "answered", "call_id": "k", "at": "2026-11-02T21:04:18+08:00"}
    problem(exchange.post(body, webhook, "taobao"), 404, "no-such-channel")
    problem(send(shop, exchange.secret, channel="phone"), 404, "no-such-channel")
    problem(exchange.post(body, channel="nowhere"), 404, "no-such-channel")
    problem(exchange.post(body, webhook), 401, "bad-signature")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"event": "hung"}, 422, "invalid"),
        ({"call_id": ""}, 422, "invalid"),
        ({"at": "2026-11-02T21:04:18"}, 422, "invalid"),
        ({"at": "2020-01-01T00:00:00Z"}, 422, "invalid"),
        ({"at": "2099-01-01T00:00:00Z"}, 422, "invalid"),
        ({"customer": ...}, 422, "invalid"),
        ({"customer": {"external_id": ""}}, 422, "invalid"),
        ({"event": "answered"}, 404, "no-such-call"),
        ({"event": "ended"}, 404, "no-such-call"),
    ],
)
def test_malformed_calls(shop: Shop, exchange: Exchange, change: dict[str, Any], status: int, code: str) -> None:
    told = {"event": "rang", "call": "k1", "customer": {"external_id": NUMBER}, **change}
    told["call"] = told.pop("call_id", told["call"])
    problem(exchange.tell(**told), status, code)
    assert shop.sql("SELECT count(*) FROM message") == [(0,)]


def test_an_agent_whom_nobody_knows(shop: Shop, exchange: Exchange) -> None:
    exchange.rings()
    problem(exchange.tell("answered", agent="nobody"), 422, "invalid")
    shop.hire("eye", "auditor")
    problem(exchange.tell("answered", agent="eye"), 422, "invalid")
    assert "answered_at" not in told(shop)


@pytest.mark.parametrize(
    ("name", "kind", "address", "said"),
    [
        ("hotline", "phone", "", "phone-400"),
        ("phone", "webhook", "", "phone-400"),
        ("phone-1", "phone", "https://example.com/x", "address"),
    ],
)
def test_telephone_channels_that_cannot_be(shop: Shop, name: str, kind: str, address: str, said: str) -> None:
    with pytest.raises(ChannelError, match=said):
        add_channel(shop.service, name, kind, address=address)


def test_two_lines_know_a_caller_apart(shop: Shop, exchange: Exchange) -> None:
    other = Exchange(shop, "phone-400")
    assert exchange.rings() != other.rings()

"""Messages of channels come in signed, once, whatever their order."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from kefu_tui.backend.channels_admin import ChannelError, add_channel

from .shop import Shop, problem

MESSAGE: dict[str, Any] = {
    "message_id": "tb-1",
    "customer": {
        "external_id": "buyer-1",
        "name": "陈",
        "phone": "13800001111",
        "email": "c@example.com",
        "tier": "vip",
    },
    "text": "到哪了",
    "sent_at": "2026-11-02T21:04:18+08:00",
}


def send(
    shop: Shop, secret: str, body: Any = MESSAGE, *, channel: str = "taobao", shift_s: int = 0, **changes: str | None
) -> httpx.Response:
    """POSTs a signed message; `shift_s` moves the signature's time, `changes` replace headers."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    moment = datetime.fromtimestamp(shop.clock() // 1_000_000 + shift_s, UTC)
    headers: dict[str, str | None] = {
        "webhook-id": "w1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("w1", moment, text),
    }
    headers.update({name.replace("_", "-"): value for name, value in changes.items()})
    sent = {name: value for name, value in headers.items() if value is not None}
    return shop.http.post(f"/intake/v1/{channel}/messages", content=text.encode(), headers=sent)


@pytest.fixture
def secret(shop: Shop) -> str:
    return add_channel(shop.service, "taobao", "webhook")


def test_a_signed_message_becomes_a_conversation_in_the_channels_group(shop: Shop, secret: str) -> None:
    mei = shop.hire("mei")
    answer = send(shop, secret)
    assert answer.status_code == 202, answer.text
    (conversation,) = mei.rows("conversation")
    assert answer.json() == {"conversation_id": conversation["id"]}
    assert (conversation["channel"], conversation["priority"]) == ("taobao", 2)
    (customer,) = mei.rows("customer")
    assert {key: customer[key] for key in ("external_id", "name", "phone", "email", "tier")} == MESSAGE["customer"]


def test_doubled_reordered_and_late_messages_are_harmless(shop: Shop, secret: str) -> None:
    first = send(shop, secret).json()
    second = send(shop, secret, {**MESSAGE, "message_id": "tb-2", "text": "?", "sent_at": "2020-01-01T00:00:00Z"})
    assert second.json() == first
    assert send(shop, secret).json() == first
    assert send(shop, secret, {**MESSAGE, "text": "another text under the same id"}).json() == first
    assert shop.sql("SELECT text FROM message ORDER BY conv_pos") == [("到哪了",), ("?",)]


def test_the_same_message_id_on_another_channel_is_another_message(shop: Shop, secret: str) -> None:
    other = add_channel(shop.service, "jd", "webhook")
    assert send(shop, secret).json() != send(shop, other, channel="jd").json()


@pytest.mark.parametrize(
    "fault",
    [
        {"webhook_signature": None},
        {"webhook_id": None},
        {"webhook_timestamp": None},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "v2,AAAA v1a,BBBB ,,, v1"},
        {"webhook_id": "w2"},
        {"webhook_timestamp": "0"},
        {"webhook_timestamp": "-1"},
        {"webhook_timestamp": "nan"},
        {"webhook_timestamp": "9" * 30},
        {"shift_s": -302},
        {"shift_s": 302},
    ],
)
def test_what_is_not_signed_rightly_is_refused(shop: Shop, secret: str, fault: dict[str, Any]) -> None:
    problem(send(shop, secret, **fault), 401, "bad-signature")
    assert shop.sql("SELECT count(*) FROM message") == [(0,)]


@pytest.mark.parametrize("shift_s", [-295, 295])
def test_five_minutes_of_difference_are_allowed(shop: Shop, secret: str, shift_s: int) -> None:
    assert send(shop, secret, shift_s=shift_s).status_code == 202


def test_a_changed_body_and_another_channels_secret_are_refused(shop: Shop, secret: str) -> None:
    other = add_channel(shop.service, "jd", "webhook")
    problem(send(shop, other), 401, "bad-signature")
    moment = datetime.fromtimestamp(shop.clock() // 1_000_000, UTC)
    signed = Webhook(secret).sign("w1", moment, json.dumps(MESSAGE))
    problem(send(shop, secret, {**MESSAGE, "text": "x"}, webhook_signature=signed), 401, "bad-signature")


def test_one_of_several_signatures_is_enough(shop: Shop, secret: str) -> None:
    text = json.dumps(MESSAGE)
    moment = datetime.fromtimestamp(shop.clock() // 1_000_000, UTC)
    both = f"{Webhook('whsec_b2xkZXI=').sign('w1', moment, text)} {Webhook(secret).sign('w1', moment, text)}"
    assert send(shop, secret, text, webhook_signature=both).status_code == 202


@pytest.mark.parametrize("channel", ["nowhere", "web", "taobao%00"])
def test_channels_that_take_nothing_in(shop: Shop, secret: str, channel: str) -> None:
    problem(send(shop, secret, channel=channel), 404, "no-such-channel")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"text": ""}, 422, "empty"),
        ({"text": "字" * 10_001}, 413, "too-large"),
        ({"sent_at": "yesterday"}, 422, "invalid"),
        ({"sent_at": "2026-11-02T21:04:18"}, 422, "invalid"),
        ({"message_id": ""}, 422, "invalid"),
        ({"customer": {}}, 422, "invalid"),
        ({"customer": {"external_id": "x", "tier": "gold"}}, 422, "invalid"),
    ],
)
def test_malformed_messages(shop: Shop, secret: str, change: dict[str, Any], status: int, code: str) -> None:
    problem(send(shop, secret, {**MESSAGE, **change}), status, code)
    assert shop.sql("SELECT count(*) FROM message") == [(0,)]


def test_a_body_that_is_no_json(shop: Shop, secret: str) -> None:
    problem(send(shop, secret, "{"), 400, "bad-request")


def test_attachments_are_kept_as_lines(shop: Shop, secret: str) -> None:
    files = [{"url": "https://cdn.example.com/1.png", "name": "破损.png"}, {"url": "https://cdn.example.com/2"}]
    send(shop, secret, {**MESSAGE, "attachments": files})
    send(shop, secret, {**MESSAGE, "message_id": "2", "text": "", "attachments": files[1:]})
    assert shop.sql("SELECT text FROM message ORDER BY conv_pos") == [
        ("到哪了\n破损.png https://cdn.example.com/1.png\nhttps://cdn.example.com/2",),
        ("https://cdn.example.com/2",),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "address", "group", "said"),
    [
        ("Tao Bao", "webhook", "", "default", "name"),
        ("", "webhook", "", "default", "name"),
        ("web", "webhook", "", "default", "already"),
        ("mail", "email", "", "default", "webhook"),
        ("x", "webhook", "ftp://example.com", "default", "http"),
        ("x", "webhook", "https://", "default", "address"),
        ("x", "webhook", "https://a:b@example.com", "default", "password"),
        ("x", "webhook", "https://example.com", "nowhere", "nowhere"),
    ],
)
def test_channels_that_cannot_be(shop: Shop, name: str, kind: str, address: str, group: str, said: str) -> None:
    with pytest.raises(ChannelError, match=said):
        add_channel(shop.service, name, kind, address=address, group=group)
    assert shop.sql("SELECT name FROM channel") == [("web",)]

"""Replies go out to webhooks: signed, in order, once where the other side says so, again where it does not."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from kefu_tui.backend.channels_admin import add_channel
from kefu_tui.channels.base import Outgoing
from kefu_tui.channels.webhook import WebhookChannel, is_public

from .receiver import Receiver
from .shop import Desk, MakeShop, Shop
from .test_intake import send

MakeReceiver = Callable[..., Receiver]
QUICK = {"allow_private_webhooks": True, "webhook_first_wait": 1000, "webhook_longest_wait": 1000}
"""Loopback is allowed, and a failed attempt waits a millisecond."""


@pytest.fixture
def receive() -> Iterator[MakeReceiver]:
    made: list[Receiver] = []

    def make(answer: Callable[[int], int | None] = lambda number: 200) -> Receiver:
        made.append(Receiver(answer))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


def channel(shop: Shop, name: str, address: str) -> tuple[str, str]:
    """A new channel with one conversation on it: its secret and the conversation's id."""
    secret = add_channel(shop.service, name, "webhook", address=address)
    return secret, send(shop, secret, channel=name).json()["conversation_id"]


def wait_for(shop: Shop, sql: str, *expected: tuple[Any, ...]) -> None:
    """Waits until a query of the database gives these rows."""
    changed = threading.Event()
    shop.service.fanout.listen(changed.set)
    end = time.monotonic() + 30
    while (found := shop.sql(sql)) != list(expected):
        assert time.monotonic() < end, f"{sql}: {found}"
        changed.wait(0.05)
        changed.clear()


def wait_for_state(shop: Shop, *states: str) -> None:
    wait_for(shop, "SELECT state FROM outbound ORDER BY at, message_id", *((state,) for state in states))


def message_state(desk: Desk, id: str) -> str:
    return next(row["state"] for row in desk.rows("message") if row["id"] == id)


def test_replies_are_transmitted_once_signed_and_in_order(make_shop: MakeShop, receive: MakeReceiver) -> None:
    shop, receiver = make_shop(**QUICK), receive()
    secret, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    ids = [mei.reply(conversation, f"回复 {number} \x1b[31m")[0] for number in range(5)]
    received = receiver.wait(5)
    wait_for_state(shop, *["sent"] * 5)
    assert [one.headers["webhook-id"] for one in received] == ids
    first = received[0]
    assert {key: first.body[key] for key in ("message_id", "conversation_id", "customer", "from", "text")} == {
        "message_id": ids[0],
        "conversation_id": conversation,
        "customer": {"external_id": "buyer-1"},
        "from": "agent",
        "text": "回复 0 \x1b[31m",
    }
    stamp = datetime.fromtimestamp(int(first.headers["webhook-timestamp"]), UTC)
    assert Webhook(secret).sign(ids[0], stamp, first.raw.decode()) == first.headers["webhook-signature"]
    assert [message_state(mei, id) for id in ids] == ["sent"] * 5
    assert len(receiver.received) == 5


@pytest.mark.parametrize("failure", [500, 302, 404, None])
def test_what_fails_is_tried_again_under_the_same_id(
    make_shop: MakeShop, receive: MakeReceiver, failure: int | None
) -> None:
    shop, receiver = make_shop(**QUICK), receive(lambda number: failure if number < 3 else 204)
    _, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    first, _ = mei.reply(conversation, "一")
    second, _ = mei.reply(conversation, "二")
    wait_for_state(shop, "sent", "sent")
    assert [one.headers["webhook-id"] for one in receiver.received] == [first] * 4 + [second]
    assert shop.sql("SELECT attempts FROM outbound ORDER BY attempts") == [(1,), (4,)]


@pytest.mark.parametrize(("failure", "state"), [(404, "failed"), (302, "failed"), (500, "unknown"), (None, "unknown")])
def test_giving_up_is_seen_at_the_desk(
    make_shop: MakeShop, receive: MakeReceiver, failure: int | None, state: str
) -> None:
    shop, receiver = make_shop(webhook_tries=3, **QUICK), receive(lambda number: failure)
    _, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    id, _ = mei.reply(conversation, "一")
    wait_for_state(shop, state)
    assert message_state(mei, id) == state
    assert len(receiver.received) == 3
    assert shop.sql("SELECT error IS NOT NULL FROM outbound") == [(1,)]


def test_one_doubtful_attempt_makes_the_end_unknown(make_shop: MakeShop, receive: MakeReceiver) -> None:
    shop, receiver = make_shop(webhook_tries=3, **QUICK), receive(lambda number: [404, None, 404][number])
    _, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    mei.reply(conversation, "一")
    wait_for_state(shop, "unknown")


def test_an_address_where_nobody_listens_fails(make_shop: MakeShop, receive: MakeReceiver) -> None:
    shop, receiver = make_shop(webhook_tries=2, **QUICK), Receiver()
    receiver.close()
    _, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    mei.reply(conversation, "一")
    wait_for_state(shop, "failed")


def test_a_failing_channel_does_not_hold_up_another(make_shop: MakeShop, receive: MakeReceiver) -> None:
    shop = make_shop(allow_private_webhooks=True)
    broken, whole = receive(lambda number: 500), receive()
    _, one = channel(shop, "broken", broken.url)
    _, other = channel(shop, "whole", whole.url)
    mei = shop.hire("mei")
    mei.claim(one)
    mei.claim(other)
    mei.reply(one, "一")
    broken.wait(1)
    id, _ = mei.reply(other, "二")
    assert whole.wait(1)[0].headers["webhook-id"] == id


def test_what_a_crash_cut_off_goes_again_after_a_restart(make_shop: MakeShop, receive: MakeReceiver) -> None:
    shop, receiver = make_shop(**QUICK), receive()
    _, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    shop.sql("UPDATE channel SET kind = 'asleep' WHERE name = 'taobao'")
    id, _ = mei.reply(conversation, "一")
    shop.sql("UPDATE outbound SET state = 'sending', attempts = 1")
    shop.sql("UPDATE channel SET kind = 'webhook' WHERE name = 'taobao'")
    assert receiver.wait(1)[0].headers["webhook-id"] == id
    wait_for_state(shop, "sent")
    assert message_state(mei, id) == "sent"


def test_private_addresses_are_refused_unless_allowed(make_shop: MakeShop, receive: MakeReceiver) -> None:
    shop, receiver = make_shop(webhook_tries=1), receive()
    _, conversation = channel(shop, "taobao", receiver.url)
    mei = shop.hire("mei")
    mei.claim(conversation)
    mei.reply(conversation, "一")
    wait_for_state(shop, "failed")
    assert "private" in shop.sql("SELECT error FROM outbound")[0][0]
    assert receiver.received == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


REPLY = Outgoing("m1", "c1", "buyer-1", "一", "2026-11-02T21:04:18.000000Z")


def test_the_address_that_was_looked_at_is_the_one_that_is_used() -> None:
    """A name that leads elsewhere the second time changes nothing: it is resolved once."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        lookups = iter([["93.184.216.34"], ["127.0.0.1"]])
        shop = WebhookChannel(
            "https://shop.example:8443/in?x=1", "whsec_c2VjcmV0", client, resolve=lambda host, port: next(lookups)
        )
        assert shop.deliver(REPLY, 1_800_000_000_000_000).delivered
    (request,) = asked
    assert str(request.url) == "https://93.184.216.34:8443/in?x=1"
    assert request.headers["host"] == "shop.example:8443"
    assert request.extensions["sni_hostname"] == "shop.example"


def test_a_name_with_one_private_address_among_its_addresses_is_refused() -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        shop = WebhookChannel(
            "http://shop.example/", "whsec_c2VjcmV0", client, resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"]
        )
        said = shop.deliver(REPLY, 1_800_000_000_000_000)
    assert (said.delivered, said.doubtful) == (False, False)


def test_an_ipv6_address_is_written_in_brackets() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        shop = WebhookChannel(
            "http://shop.example/", "whsec_c2VjcmV0", client, resolve=lambda host, port: ["2606:2800:220:1::1"]
        )
        shop.deliver(REPLY, 1_800_000_000_000_000)
    assert str(asked[0].url) == "http://[2606:2800:220:1::1]/"

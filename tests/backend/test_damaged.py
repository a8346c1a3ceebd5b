"""A body that changed on its way, either way, is as one that did not come: nothing is done with it, and it is asked for again."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import msgspec
import pytest

from kefu_tui.model.digest import content_digest, undamaged
from kefu_tui.model.rows import SCHEMA
from kefu_tui.sync.transport import HttpTransport, Unreachable
from kefu_tui.wire import PROTOCOL, Push

from .shop import Desk, Shop, problem

Change = Callable[[bytes], bytes]


def turned(place: float) -> Change:
    """One bit of a body's byte is another, at a share of its length."""

    def change(body: bytes) -> bytes:
        at = int(place * (len(body) - 1)) if body else 0
        return body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :] if body else body

    return change


def same(body: bytes) -> bytes:
    return body


@contextlib.contextmanager
def between(shop: Shop, request: Change = same, answer: Change = same) -> Iterator[str]:
    """A way to the shop on which bodies change."""
    behind = shop.running.url.rpartition(":")[2]
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                with near, socket.create_connection(("127.0.0.1", int(behind))) as far:
                    head, body = read(near)
                    far.sendall(closing(head) + b"\r\n\r\n" + request(body))
                    head, body = read(far)
                    near.sendall(closing(head) + b"\r\n\r\n" + answer(body))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextlib.contextmanager
def talks(desk: Desk, request: Change = same, answer: Change = same) -> Iterator[HttpTransport]:
    """A desk's own transport on such a way."""
    with (
        between(desk.shop, request, answer) as url,
        contextlib.closing(HttpTransport(url, desk.signed["token"])) as transport,
    ):
        yield transport


def read(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head of a message and its whole body."""
    told = b""
    while b"\r\n\r\n" not in told:
        told += connection.recv(65536)
    head, _, body = told.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head, body


def closing(head: bytes) -> bytes:
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"])


PLACES = (0.0, 0.3, 0.5, 0.9, 1.0)


@pytest.mark.on_sqlite
@pytest.mark.parametrize("place", PLACES)
def test_a_push_that_changed_is_not_decided(shop: Shop, place: float) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    conversation = visitor.say("在吗")["conversation_id"]
    claim = mei.op("conversation.claim", {"conversation_id": conversation})
    batch = msgspec.convert(
        {"protocol": PROTOCOL, "epoch": "", "device_id": mei.device, "schema": SCHEMA, "ops": [claim]}, Push
    )
    with talks(mei, request=turned(place)) as transport, pytest.raises(Unreachable):
        transport.push(batch)
    assert shop.sql("SELECT count(*) FROM op_result") == [(0,)]
    assert shop.sql("SELECT count(*) FROM op_quarantine") == [(0,)]
    with talks(mei) as transport:
        assert [one.status for one in transport.push(batch).results] == ["applied"]


@pytest.mark.on_sqlite
@pytest.mark.parametrize("text", ["在吗", "在吗？" * 1500], ids=["plain", "compressed"])
@pytest.mark.parametrize("place", PLACES)
def test_a_page_that_changed_is_none(shop: Shop, place: float, text: str) -> None:
    mei, visitor = shop.hire("mei"), shop.visitor()
    visitor.say(text)
    cursors = dict.fromkeys(mei.signed["groups"], 0)
    with talks(mei, answer=turned(place)) as transport, pytest.raises(Unreachable):
        transport.pull(cursors, 0)
    with talks(mei) as transport:
        assert text in transport.pull(cursors, 0).rows["message"][0]


@pytest.mark.on_sqlite
def test_a_refusal_that_changed_is_none(shop: Shop) -> None:
    mei = shop.hire("mei")
    with talks(mei, answer=turned(0.5)) as transport, pytest.raises(Unreachable):
        transport.pull({"all": 0, "nowhere": 0}, 0)


@pytest.mark.on_sqlite
def test_who_sends_a_digest_is_told_that_it_does_not_fit(shop: Shop) -> None:
    mei = shop.hire("mei")
    headers = {**mei.headers, "Content-Digest": content_digest(b"something else")}
    problem(shop.http.post("/sync/v1/negotiate", content=b'{"marks":[]}', headers=headers), 400, "bad-digest")
    answer = shop.http.get("/sync/v1/hello")
    assert answer.headers["content-digest"] == content_digest(answer.content)


def test_digests() -> None:
    body = b'{"hello": "world"}\n'
    known = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"  # RFC 9530, appendix D
    assert content_digest(body) == known
    assert undamaged(known, body)
    assert undamaged(f"sha-512=:AAAA:, {known}", body)
    assert undamaged("", body)
    assert undamaged("sha-512=:AAAA:", body)
    assert not undamaged(known, body + b" ")
    assert not undamaged("sha-256=:AAAA:", body)

"""The soak's own parts: what the proxy does to a request, and one short run with real processes."""

import contextlib
import http.client
import json
import pathlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.soak import checks
from bench.soak.checks import Violation
from bench.soak.processes import Run
from bench.soak.proxy import OF_REQUESTS, Proxy
from bench.soak.shop import Backend, Desk
from kefu_tui.backend.bootstrap import FILE
from kefu_tui.model.digest import content_digest, undamaged
from kefu_tui.store import received
from tests.e2e.shop import until

OF_PULLS = ("answer of before", "rows nobody knows")


class Behind:
    """A server that remembers what reached it whole."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) == length:
                    outer.bodies.append(body)
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"answer")

            def do_GET(self) -> None:
                body = json.dumps({"rows": {"tag": [["known"]]}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Digest", content_digest(body))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def behind() -> Iterator[Behind]:
    behind = Behind()
    yield behind
    behind.server.shutdown()
    behind.server.server_close()


@pytest.fixture
def proxy(behind: Behind) -> Iterator[Proxy]:
    proxy = Proxy(lambda: behind.server.server_port, 1, share=0)
    proxy.start()
    yield proxy
    proxy.stop()


def ask(proxy: Proxy) -> bytes | None:
    """What comes back; None where the connection ends before it is whole."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    try:
        connection.request("POST", "/sync/v1/push", b"body", {"Content-Type": "text/plain"})
        return connection.getresponse().read()
    except (http.client.HTTPException, OSError):
        return None
    finally:
        connection.close()


def test_without_a_fault_all_goes_through(proxy: Proxy, behind: Behind) -> None:
    assert ask(proxy) == ask(proxy) == b"answer"
    assert behind.bodies == [b"body"] * 2
    assert proxy.done.total() == 0


@pytest.mark.parametrize("fault", [one for one in OF_REQUESTS if one not in OF_PULLS])
def test_what_a_fault_does(proxy: Proxy, behind: Behind, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(proxy, "_choose", lambda among: fault)
    answer = ask(proxy)
    assert proxy.done == {fault: 1}
    gone = {"request lost": 0, "request cut": 0, "black hole": 0, "sent twice": range(2, 5), "sent again later": 2}
    many = gone.get(fault, 1)
    if fault in ("request lost", "request cut", "black hole", "answer lost", "answer cut"):
        assert answer is None
    elif fault == "answer damaged":
        assert answer is not None
        assert unlike(answer, b"answer") == 1
    else:
        assert answer == b"answer"
    if fault == "request damaged":
        assert [unlike(body, b"body") for body in behind.bodies] == [1]
    if fault == "sent again later":
        until(lambda: len(behind.bodies) == 2)
    assert len(behind.bodies) in many if isinstance(many, range) else len(behind.bodies) == many


def unlike(one: bytes, other: bytes) -> int:
    """How many bits differ."""
    assert len(one) == len(other)
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))


def test_rows_that_nobody_knows_come_with_those_that_are_known(
    proxy: Proxy, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy, "_choose", lambda among: "rows nobody knows")
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    connection.request("GET", "/sync/v1/pull", headers={"Accept-Encoding": "zstd"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    rows = json.loads(body)["rows"]
    fits, misfits = received.sift(rows)
    assert "of_the_future" in rows
    assert rows["tag"][0] == ["known"]
    assert fits == {"tag": []}
    assert len(misfits) == sum(map(len, rows.values()))
    assert undamaged(answer.headers["content-digest"], body)
    assert proxy.done == {"rows nobody knows": 1}


def test_nobody_behind_is_no_answer(behind: Behind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    proxy = Proxy(lambda: free, 1, share=0)
    proxy.start()
    assert ask(proxy) is None
    proxy.stop()


def test_a_short_run_with_real_processes_holds(tmp_path: pathlib.Path) -> None:
    run = Run(tmp_path, 5, 3.0, 2)
    run.go()
    assert run.taken
    assert run.figures["operations"] > 0
    with contextlib.closing(sqlite3.connect(run.backend.data / FILE)) as database, database:
        claims = "SELECT lane FROM audit WHERE kind = 'conversation.claim' AND status = 'applied' LIMIT 1"
        ((lane,),) = database.execute(claims).fetchall()
        database.executemany(
            "INSERT INTO audit (at, actor_id, device_id, op_id, kind, lane, status, seq, args) "
            "VALUES (1, ?, 'x', ?, 'conversation.claim', ?, 'applied', 999999, '{}')",
            [("one", "o1", lane), ("another", "o2", lane)],
        )
    with pytest.raises(Violation, match="I7"):
        checks._one_at_a_time(run)
    with pytest.raises(Violation, match="I15"):
        checks._audited_once(run)


def test_a_run_notices_what_was_lost(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, 6, 2.0, 2)
    ended = run._end

    def forgetting() -> None:
        ended()
        with run.desks[0].log.open("a") as log:
            log.write('{"op_id": "told and gone"}\n')

    monkeypatch.setattr(run, "_end", forgetting)
    with pytest.raises(Violation, match="told and gone"):
        run.go()


def test_a_copy_of_a_store_is_as_damaged_as_that_is_and_to_be_mended_like_it(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path, "d0", "d0", Backend(tmp_path), 1)
    desk.home.mkdir()
    desk.damaged = True
    desk.start(mend=True)
    desk.kill()  # there is nothing that it could have mended
    twin = desk.copied(2)
    assert (twin.damaged, desk.to_be_mended) == (True, True)
    desk.log.write_text('{"mended": true}\n')
    assert not desk.to_be_mended
    for one in (desk, twin):
        one.proxy.stop()

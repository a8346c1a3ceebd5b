"""A channel's own server for tests: takes signed replies, answers as it is told, remembers what came."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Received(NamedTuple):
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed


class Receiver:
    """`answer` decides by the number of the request (from 0): a status, or None to hang up without a word."""

    def __init__(self, answer: Callable[[int], int | None] = lambda number: 200) -> None:
        self.received: list[Received] = []
        self.came = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                with outer.came:
                    number = len(outer.received)
                    outer.received.append(Received(dict(self.headers.items()), raw))
                    outer.came.notify_all()
                status = answer(number)
                if status is None:
                    self.connection.close()
                    return
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", outer.url + "elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def wait(self, count: int) -> list[Received]:
        """What came, once it is so many requests."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.received) >= count, 30), f"only {len(self.received)} came"
            return list(self.received)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

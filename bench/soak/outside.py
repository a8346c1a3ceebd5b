"""What a channel has outside: a server that takes replies."""

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Outside:
    """The server of a channel: answers most of the time, and knows every message id with the words that came under it."""

    def __init__(self, seed: int) -> None:
        self.words: dict[str, set[str]] = defaultdict(set)
        self.requests = 0
        outer, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with lock:
                    outer.requests += 1
                    outer.words[self.headers["webhook-id"]].add(str(body.get("text", "")))
                    silent = outer.requests % 7 == seed % 7
                if silent:  # It has it, and says nothing.
                    self.connection.close()
                    return
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

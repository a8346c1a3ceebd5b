"""A proxy over HTTP/1.1 that loses, cuts, repeats, delays and mixes up what goes through it, by a seed."""

import asyncio
import contextlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from kefu_tui.model.digest import content_digest

FAULTS = {
    "request lost": "F3", "request cut": "F3", "answer lost": "F3", "answer cut": "F3",
    "sent twice": "F4", "sent again later": "F5", "answer of before": "F5",
    "request damaged": "F29", "answer damaged": "F29", "rows nobody knows": "F20",
    "slow": "F6", "byte by byte": "F6", "black hole": "F7", "stream held back": "F8", "stream closed": "F8", "pokes lost": "F25",
}  # fmt: skip
"""What it does, and the fault of the list that this is."""
OF_REQUESTS = (
    "request lost", "request cut", "answer lost", "answer cut", "sent twice", "sent again later", "answer of before", "slow",
    "byte by byte", "black hole", "request damaged", "answer damaged", "rows nobody knows",
)  # fmt: skip
OF_STREAMS = ("stream held back", "stream closed", "pokes lost", "black hole")
LONGEST_S = 3.0
"""How long something is held back at most."""


class Request(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """What is sent on: on a connection of its own that ends with the answer."""
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + self.body

    @property
    def plain(self) -> "Request":
        """The same, but its answer is not to be compressed."""
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"accept-encoding:")]
        return self._replace(head=b"\r\n".join(lines))


class Proxy:
    """Runs in a thread of its own. `share` of the requests meet a fault, none while it is `quiet`."""

    def __init__(self, target: Callable[[], int], seed: int, share: float = 0.3) -> None:
        self.quiet = False
        self.done: Counter[str] = Counter()
        self.port = 0
        self._target = target
        self._random = random.Random(seed)
        self._share = share
        self._before: dict[str, bytes] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def start(self) -> None:
        """Begins to listen on a free port."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Ends at once, whatever is under way."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        while True:
            self._loop.run_until_complete(asyncio.sleep(0))  # what was accepted last begins
            tasks = asyncio.all_tasks(self._loop)
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError
        ):
            while (request := await _request(reader)) is not None:
                fault = self._choose(OF_STREAMS if request.path.startswith("/sync/v1/events") else OF_REQUESTS)
                if request.path.startswith("/sync/v1/events"):
                    await self._stream(request, writer, fault)
                    break
                answer = await self._answer(request, fault)
                if answer is None:
                    break
                await self._send(writer, answer, fault)
                break  # The answer says that the connection ends.
        writer.close()

    def _choose(self, among: tuple[str, ...]) -> str:
        if self.quiet or self._random.random() > self._share:
            return ""
        return self._random.choice(among)

    def _happened(self, fault: str) -> None:
        self.done[fault] += 1

    async def _answer(self, request: Request, fault: str) -> bytes | None:
        """What comes back from behind; None where the connection is to end without a word."""
        if fault == "request lost":
            self._happened(fault)
            return None
        if fault == "request cut":
            self._happened(fault)
            raw = request.raw
            await self._behind(raw[: self._random.choice((1, len(raw) // 2, len(raw) - 1))], whole=False)
            return None
        if fault == "black hole":
            self._happened(fault)
            await asyncio.sleep(self._random.uniform(0.5, LONGEST_S))
            return None
        if fault == "sent twice":
            self._happened(fault)
            many = self._random.randint(2, 4)
            answers = await asyncio.gather(*(self._behind(request.raw) for _ in range(many)))
            return self._random.choice(answers)
        if fault == "request damaged" and request.body:
            self._happened(fault)
            request = request._replace(body=self._damaged(request.body))
        if fault == "rows nobody knows" and request.path.startswith(("/sync/v1/pull", "/sync/v1/load")):
            return self._with_rows_nobody_knows(await self._behind(request.plain.raw)) or None
        answer = await self._behind(request.raw)
        head, ends, body = answer.partition(b"\r\n\r\n")
        if fault == "answer damaged" and body:
            self._happened(fault)
            return head + ends + self._damaged(body)
        if fault == "sent again later":
            self._happened(fault)
            self._later(request, self._random.uniform(0.2, LONGEST_S))
        if fault == "answer lost":
            self._happened(fault)
            return None
        if request.path.startswith("/sync/v1/pull"):
            before = self._before.get("pull")
            if answer:
                self._before["pull"] = answer
            if fault == "answer of before" and before:
                self._happened(fault)
                return before
        return answer or None

    def _damaged(self, body: bytes) -> bytes:
        """With one bit changed."""
        place = self._random.randrange(len(body))
        return body[:place] + bytes((body[place] ^ 1 << self._random.randrange(8),)) + body[place + 1 :]

    def _with_rows_nobody_knows(self, answer: bytes) -> bytes:
        """A page or a part as a later backend might send it by mistake: a table and rows that this version cannot take."""
        head, ends, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            return answer
        self._happened("rows nobody knows")
        told = json.loads(body)
        name = f"{self._random.getrandbits(64):016x}"
        told["rows"]["of_the_future"] = [[name, 1, {"a": None}], []]
        told["rows"].setdefault("tag", []).extend(([name, None, 1], [name, "nowhere", "x", "y", "z", 1]))
        body = json.dumps(told).encode()
        kept = [
            line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-length", b"content-digest"))
        ]
        kept += [b"Content-Length: %d" % len(body), b"Content-Digest: " + content_digest(body).encode()]
        return b"\r\n".join(kept) + ends + body

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes, fault: str) -> None:
        if fault == "answer cut":
            self._happened(fault)
            answer = answer[: self._random.choice((0, 1, len(answer) // 2, len(answer) - 1))]
        piece, pause = len(answer) or 1, 0.0
        if fault == "slow":
            self._happened(fault)
            await asyncio.sleep(self._random.uniform(0.1, 1.0))
            piece, pause = max(1, len(answer) // 8), 0.1
        elif fault == "byte by byte" and len(answer) < 4_000:
            self._happened(fault)
            piece = 1
        for begin in range(0, len(answer), piece):
            writer.write(answer[begin : begin + piece])
            await writer.drain()
            await asyncio.sleep(pause)

    async def _stream(self, request: Request, writer: asyncio.StreamWriter, fault: str) -> None:
        if fault:
            self._happened(fault)
        if fault == "stream closed":
            return
        reader, behind = await asyncio.open_connection("127.0.0.1", self._target())
        try:
            behind.write(request.raw)
            await behind.drain()
            if fault in ("black hole", "stream held back"):
                await asyncio.sleep(self._random.uniform(0.5, LONGEST_S))
            if fault == "black hole":
                return
            while piece := await reader.read(65536):
                if fault == "pokes lost" and not self.quiet and b"event: poke" in piece:
                    continue
                writer.write(piece)
                await writer.drain()
        finally:
            behind.close()

    async def _behind(self, raw: bytes, *, whole: bool = True) -> bytes:
        """Sends bytes to the backend and reads until it ends; nothing where it cannot be reached."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._target())
        except OSError:
            return b""
        try:
            writer.write(raw)
            await writer.drain()
            return await reader.read(-1) if whole else b""
        except OSError:
            return b""
        finally:
            writer.close()

    def _later(self, request: Request, seconds: float) -> None:
        async def again() -> None:
            await asyncio.sleep(seconds)
            await self._behind(request.raw)

        task = asyncio.ensure_future(again())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return Request(method, path, head, await reader.readexactly(length))

"""The bell: tells everyone who waits that something was committed, from any thread to the event loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable


class Fanout:
    """Counts news; a waiter keeps one integer, the count it has seen, so that a slow one costs no memory.

    `news` also grows for results without a commit of their own (rejected, no-op), which move `head` nowhere.
    """

    def __init__(self) -> None:
        self.news = 0
        self.head = 0
        self.closing = False
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = False
        self._waiting: set[asyncio.Future[None]] = set()
        self._listeners: list[Callable[[], None]] = []

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Names the event loop in which waiters wait."""
        with self._lock:
            self._loop = loop
            self.closing = self._rung = False

    def detach(self) -> None:
        """Forgets the event loop; later news only count."""
        with self._lock:
            self._loop = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Has a function called with each news, in the thread that brings them; it must be quick."""
        self._listeners.append(listener)

    def notify(self, seq: int) -> None:
        """There is news, and `seq` is the head. Safe from any thread."""
        with self._lock:
            self.news += 1
            self.head = max(self.head, seq)
            if self._loop is not None and not self._rung:
                self._rung = True
                self._loop.call_soon_threadsafe(self._ring)
        for listener in self._listeners:
            listener()

    def close(self) -> None:
        """Wakes everyone to say goodbye; call it in the event loop."""
        self.closing = True
        self._ring()

    async def wait(self, beyond: int, seconds: float) -> int:
        """The count of news as soon as it is greater than `beyond`, the time is over, or the service ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.news <= beyond and not self.closing:  # A ring may be of news that were seen before it came.
                    rung = asyncio.get_running_loop().create_future()
                    self._waiting.add(rung)
                    try:
                        await rung
                    finally:
                        self._waiting.discard(rung)
        return self.news

    def _ring(self) -> None:
        with self._lock:
            self._rung = False
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

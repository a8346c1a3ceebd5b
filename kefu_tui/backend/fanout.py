"""The bell: tells everyone who waits that something was committed, from any thread to the event loop."""

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

EVERYTHING = ""
"""Whoever waits for this hears of all news."""


class Fanout:
    """Counts news, for each group the last that it was; a waiter keeps one integer, the count it has seen.

    `news` also grows for results without a commit of their own (rejected, no-op), which move `head` nowhere.
    """

    def __init__(self) -> None:
        self.news = 0
        self.head = 0
        self.closing = False
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last: dict[str, int] = {}
        self._last_for_all = 0
        self._ringing: set[str] | None = set()
        """Groups that are to be rung for, None for all."""
        self._rung = False
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
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

    def notify(self, seq: int, groups: Collection[str] | None = None) -> None:
        """There is news in these groups, without any in all, and `seq` is the head. Safe from any thread."""
        with self._lock:
            self.news += 1
            self.head = max(self.head, seq)
            if groups is None:
                self._last_for_all, self._ringing = self.news, None
            else:
                self._last.update(dict.fromkeys(groups, self.news))
                if self._ringing is not None:
                    self._ringing.update(groups)
            if self._loop is not None and not self._rung:
                self._rung = True
                self._loop.call_soon_threadsafe(self._ring)
        for listener in self._listeners:
            listener()

    def close(self) -> None:
        """Wakes everyone to say goodbye; call it in the event loop."""
        self.closing = True
        self._ringing = None
        self._ring()

    async def wait(self, beyond: int, seconds: float, groups: Collection[str] = (EVERYTHING,)) -> int:
        """The count of news in these groups as soon as it is greater than `beyond`, the time is over, or the service ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.newest(groups) <= beyond and not self.closing:  # A ring may be of news seen before it came.
                    rung = asyncio.get_running_loop().create_future()
                    for group in groups:
                        self._waiting[group].add(rung)
                    try:
                        await rung
                    finally:
                        self._forget(rung, groups)
        return max(beyond, self.newest(groups))

    def newest(self, groups: Iterable[str]) -> int:
        """The count as it was at the last news in these groups."""
        of_groups = (self.news if group == EVERYTHING else self._last.get(group, 0) for group in groups)
        return max(self._last_for_all, *of_groups)

    def _forget(self, rung: "asyncio.Future[None]", groups: Iterable[str]) -> None:
        for group in groups:
            self._waiting[group].discard(rung)
            if not self._waiting[group]:
                del self._waiting[group]

    def _ring(self) -> None:
        with self._lock:
            self._rung = False
            ringing, self._ringing = self._ringing, set()
        groups = list(self._waiting) if ringing is None else [EVERYTHING, *ringing]
        for group in groups:
            for waiter in self._waiting.get(group, ()):
                if not waiter.done():
                    waiter.set_result(None)

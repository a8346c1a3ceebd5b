"""Brakes against floods: a token bucket for each caller, and a limit on streams that stay open."""

import contextlib
import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator

from kefu_tui.backend.problems import Refused
from kefu_tui.now import SECOND, Now

SWEEP = 10_000
"""Buckets kept before full ones are thrown away."""


class Buckets:
    """One bucket for each key: `burst` at once, then `rate` a second."""

    def __init__(self, now: Now, burst: int, rate: float) -> None:
        self._now = now
        self._burst = burst
        self._rate = rate
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, key: str) -> None:
        """Takes one token. Raises Refused `too-many` with the time until the next when there is none."""
        now = self._now()
        with self._lock:
            left = self._left(key, now)
            if left < 1:
                raise Refused("too-many", retry_after=(1 - left) / self._rate)
            self._buckets[key] = (left - 1, now)
            if len(self._buckets) > SWEEP:
                self._buckets = {key: kept for key, kept in self._buckets.items() if self._left(key, now) < self._burst}

    def _left(self, key: str, now: int) -> float:
        left, at = self._buckets.get(key, (float(self._burst), now))
        return min(self._burst, left + max(0, now - at) / SECOND * self._rate)


class Streams:
    """Counts open event streams, of all and of each party."""

    def __init__(self, most: int, most_each: int) -> None:
        self._most = most
        self._most_each = most_each
        self._open: Counter[str] = Counter()

    def admit(self, party: str) -> None:
        """Raises Refused `try-later` when there is no place for one more stream."""
        if self._open.total() >= self._most or self._open[party] >= self._most_each:
            raise Refused("try-later", "Too many streams are open.", retry_after=5)

    @contextlib.contextmanager
    def enter(self, party: str) -> Iterator[None]:
        """Holds a place while a stream is open."""
        self._open[party] += 1
        try:
            yield
        finally:
            self._open[party] -= 1
            if not self._open[party]:
                del self._open[party]


def origin(address: str) -> str:
    """What of an address is one caller: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))

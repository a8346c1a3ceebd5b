"""Where identities come from: UUIDv7 from injected time and randomness, and ids derived from other ids."""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable

from kefu_tui.now import Now, system_now


class Ids:
    """Mints UUIDv7 (RFC 9562) strings, strictly increasing within one source; safe to share between threads."""

    def __init__(self, now: Now = system_now, random: Callable[[int], bytes] = os.urandom) -> None:
        self._now = now
        self._random = random
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """A fresh id. Not an order and not a clock: only the backend's commits order things."""
        noise = int.from_bytes(self._random(10)) & ((1 << 74) - 1)
        with self._lock:
            # 48 bits of milliseconds and 12 bits of its fraction, so that ids minted in one millisecond still increase.
            moment = max((self._now() // 1000 << 12) | (self._now() % 1000 * 4096 // 1000), self._last + 1)
            self._last = moment
        high, low = moment >> 12, moment & 0xFFF
        value = (high & (1 << 48) - 1) << 80 | 0x7 << 76 | low << 64 | 0b10 << 62 | noise & (1 << 62) - 1
        return str(uuid.UUID(int=value))


def derive(*parts: str) -> str:
    """An id that follows from other facts (UUIDv8, RFC 9562): the same parts give the same id at every desk."""
    digest = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:16])
    return str(uuid.UUID(int=digest & ~(0xF << 76) & ~(0b11 << 62) | 0x8 << 76 | 0b10 << 62))

"""Where time comes from: one injected source of now, in microseconds UTC."""

import time
from collections.abc import Callable

Now = Callable[[], int]
"""A source of the present moment: int microseconds since the epoch, UTC."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def system_now() -> int:
    """The machine's own clock, int microseconds UTC."""
    return time.time_ns() // 1000

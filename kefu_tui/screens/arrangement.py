"""How the five panes stand at a size of the terminal: columns, what folds, and in which order."""

from typing import NamedTuple

SMALLEST = (60, 20)
"""Columns and rows below which one sentence is all there is."""


class Arrangement(NamedTuple):
    """Columns of panes and the rows that fold away. Zero of something: it is folded."""

    columns: int
    """3, 2 or 1 beside each other; 0: too small."""
    left: int
    right: int
    ground: bool
    """An empty row under the status line."""
    timers: int
    orders: int


def arrange(width: int, height: int) -> Arrangement:
    """The arrangement for a terminal of `width` columns and `height` rows."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Arrangement(0, 0, 0, False, 0, 0)
    ground = height >= 30
    if width < 100:
        return Arrangement(1, 0, 0, False, 0, 0)
    timers = 7 if height >= 34 else 5 if height >= 28 else 0
    if width < 116 or height < 30:
        return Arrangement(2, 37, 0, ground, timers, 0)
    wide = min(1.0, (width - 120) / 20) if width > 120 else 0.0
    left = 37 + round(6 * wide) + max(0, width - 140) // 6
    right = 34 + round(4 * wide) + max(0, width - 140) // 6
    body = height - (4 if ground else 3)
    return Arrangement(3, left, right, ground, timers, 17 if body >= 31 else body // 2)

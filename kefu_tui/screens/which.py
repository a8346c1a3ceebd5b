"""The which-key bar: what may follow the keys pressed so far. It lies over the lower rows and pushes nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.screens.above import Above
from kefu_tui.text import cells
from kefu_tui.widgets.ink import Line, cap, cap_cells, ink_of, lang_of, say
from kefu_tui.widgets.switcher import Edge

FIRST = 12
"""Column of the keys."""
APART = 2
"""Cells between columns at least."""
LEAST = 3
"""Rows of keys at least."""


class Follow(NamedTuple):
    """A key that goes on, what it does, and what is known of where it goes."""

    key: str
    label: str
    fact: str = ""


class Continuations(Widget):
    """Keys in columns."""

    def __init__(self, chord: str, follow: Sequence[Follow]) -> None:
        super().__init__()
        self._chord = chord
        self._follow = tuple(follow)

    def rows(self, width: int) -> int:
        """Rows that the keys take in `width` cells."""
        columns = max(1, (width - FIRST) // (self._widest + APART))
        return max(LEAST, -(-len(self._follow) // columns))

    @property
    def _widest(self) -> int:
        """Cells of the widest key and label."""
        return max((cap_cells(ink_of(self), one.key, one.label) for one in self._follow), default=1)

    def render_line(self, y: int) -> Strip:
        """One line."""
        ink, width, lang = ink_of(self), self.size.width, lang_of(self)
        line = Line(ink, width, "over").gap(1)
        if ink.flat and y == 0:
            return line.add("-" * (width - 2), ink="rail").strip()
        row, rows = y - 1, self.size.height - 2
        if row == 0:
            line.add(f" {self._chord} ", ink="ink", bold=True, fill="amber").gap(1)
            line.add(say(lang, "去", "go") if self._chord == "g" else "", bold=True)
        elif row == 2:
            line.add(say(lang, "不限时", "no hurry"), ink="dim")
        if not 0 <= row < rows:
            return line.strip()
        size = (width - FIRST) // max(1, -(-len(self._follow) // rows))
        for column, one in enumerate(self._follow[row::rows]):
            start = FIRST + column * size
            cap(line.to(start), one.key, one.label, ink="text")
            room = start + size - APART - line.cells - 1
            if one.fact and cells(one.fact) <= room:
                line.gap(1).add(one.fact, ink="dim")
        return line.strip()


class Which(Above[None]):
    """Shown while a chord is pending; the app takes it away."""

    CSS_PATH = "which.tcss"

    def __init__(self, chord: str, follow: Sequence[Follow]) -> None:
        super().__init__()
        self._chord = chord
        self._follow = follow

    def compose(self) -> ComposeResult:
        """Bar and keys."""
        keys = Continuations(self._chord, self._follow)
        with Horizontal() as bar:
            bar.styles.height = 2 + keys.rows(self.app.size.width - 3)
            yield Edge("amber")
            yield keys

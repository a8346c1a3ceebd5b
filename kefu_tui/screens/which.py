"""The which-key bar: what may follow the keys pressed so far. It lies over the lower rows and pushes nothing."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, cut
from kefu_tui.widgets.ink import Line, cap, ink_of, lang_of, say
from kefu_tui.widgets.switcher import Edge


class Continuations(Widget):
    """Keys in columns."""

    def __init__(self, chord: str, follow: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._chord = chord
        self._follow = tuple(follow)

    def render_line(self, y: int) -> Strip:
        """One line."""
        ink, width, lang = ink_of(self), self.size.width, lang_of(self)
        line = Line(ink, width, "over").gap(1)
        if ink.flat and y == 0:
            return line.add("-" * (width - 2), ink="rail").strip()
        row = y - 1
        if row == 0:
            line.add(f" {self._chord} ", ink="ink", bold=True, fill="amber").gap(1)
            line.add(say(lang, "去", "go") if self._chord == "g" else "", bold=True)
        elif row == 2:
            line.add(say(lang, "不限时", "no hurry"), ink="dim")
        rows = self.size.height - 2
        if not 0 <= row < rows:
            return line.strip()
        columns = -(-len(self._follow) // rows)
        size = (width - 13) // max(1, columns)
        for column in range(columns):
            place = column * rows + row
            if place >= len(self._follow):
                break
            key, label = self._follow[place]
            line.to(12 + column * size)
            cap(line, key, cut(label, size - cells(key) - 4), ink="text")
        return line.strip()


class Which(ModalScreen[None]):
    """Shown while a chord is pending; the app takes it away."""

    CSS_PATH = "which.tcss"

    def __init__(self, chord: str, follow: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._chord = chord
        self._follow = follow

    def compose(self) -> ComposeResult:
        """Bar and keys."""
        columns = 3 if self.app.size.width < 70 else 4
        with Horizontal() as bar:
            bar.styles.height = 2 + max(3, -(-len(self._follow) // columns))
            yield Edge("amber")
            yield Continuations(self._chord, self._follow)

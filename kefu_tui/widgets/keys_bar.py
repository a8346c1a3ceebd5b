"""The bottom row: what keys mean now (moving, writing, going), and keys that act and have no other place."""

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.widgets.ink import Line, cap, cap_cells, ink_of, lang_of, say

MODES: dict[str, tuple[str, str]] = {"moving": ("行", "MOVE"), "writing": ("写", "WRITE"), "going": ("去", "GO")}


class KeysBar(Widget):
    """One line on the ground plane: the mode as a chip, keys from the left, help and palette at the right."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._mode = "moving"
        self._left: tuple[tuple[str, str], ...] = ()
        self._right: tuple[tuple[str, str], ...] = ()

    def show(self, mode: str, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> None:
        """Keys and their labels; as many of the left ones are drawn as fit."""
        fresh = (mode, tuple(left), tuple(right))
        if fresh != (self._mode, self._left, self._right):
            self._mode, self._left, self._right = fresh
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        ink = ink_of(self)
        line = Line(ink, self.size.width, "ground").gap(1)
        self._draw_mode(line)
        for key, label in self._right:
            if key != self._right[0][0]:
                line.right("  ")
            cap(line, key, label, right=True)
        gap = 2
        for key, label in self._left:
            if gap + cap_cells(ink, key, label) + 2 > line.room:
                break
            cap(line.gap(gap), key, label)
            gap = 3
        return line.strip()

    def _draw_mode(self, line: Line) -> None:
        word = f" {say(lang_of(self), *MODES[self._mode])} "
        if self._mode == "moving" and not line.ink.flat:
            line.add(word, bold=True, fill="cap")
        else:
            fill = {"moving": "text", "writing": "azure", "going": "amber"}[self._mode]
            line.add(word, ink="ink", bold=True, fill=fill)

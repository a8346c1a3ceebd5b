"""What is printed on a terminal that draws some characters otherwise than they are counted: none of them."""

from collections.abc import Callable

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from kefu_tui.text_narrow import narrowed, parted


class Narrow(LineFilter):
    """Changes what is printed, not what is kept, copied or sent: in as many cells, each of them certain."""

    def __init__(self, change: Callable[[str], str] = narrowed) -> None:
        super().__init__()
        self._change = change

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """The same segments with such characters replaced."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        return [Segment(self._change(text), style, control) for text, style, control in segments]


NARROW = Narrow(narrowed)
"""For a terminal that draws `… “ ①` two cells wide."""
PARTED = Narrow(parted)
"""For a terminal that draws the parts of an emoji beside each other."""

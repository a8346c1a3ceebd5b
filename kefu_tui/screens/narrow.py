"""What is printed on a terminal that draws characters of uncertain width two cells wide: none of them."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from kefu_tui.text_narrow import narrowed


class Narrow(LineFilter):
    """Changes what is printed, not what is kept, copied or sent: as many characters, each of a certain width."""

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """The same segments with such characters replaced."""
        if all(text.isascii() for text, _, _ in segments):
            return segments
        return [Segment(narrowed(text), style, control) for text, style, control in segments]

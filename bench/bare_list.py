"""The least that a list in a terminal can be: 100,000 lines, a cursor, nothing behind them."""

import gc

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

LINES = 100_000


class Lines(ScrollView, can_focus=True):
    """Draws only what is seen."""

    BINDINGS = [("down", "move(1)"), ("up", "move(-1)")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0
        self.virtual_size = Size(100, LINES)

    def action_move(self, by: int) -> None:
        """The cursor goes up or down."""
        self.cursor = min(LINES - 1, max(0, self.cursor + by))
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        row = y + self.scroll_offset.y
        style = Style(reverse=row == self.cursor)
        return Strip([Segment(f"line {row}".ljust(self.size.width), style)], self.size.width)


class Bare(App[None]):
    """Nothing but the lines."""

    def compose(self) -> ComposeResult:
        """The lines."""
        yield Lines()

    def on_mount(self) -> None:
        """Garbage is collected when nobody waits."""
        gc.freeze()
        gc.disable()
        self.set_interval(0.5, lambda: gc.collect(0))


if __name__ == "__main__":
    Bare().run()

"""A field of many rows that grows upwards: focus, cursor, the input method's window, rows in sight."""

from typing import ClassVar

from textual import events
from textual.geometry import Offset
from textual.widget import Widget

from kefu_tui.widgets.writing import Writing

PAD = 2
"""Columns left free on both sides of the text."""


class Field(Widget, can_focus=False):
    """Holds a text that is being written. Rows: head, an empty one, the text, an empty one, foot; low, none is empty.

    It takes the focus only while it is written in. Subclasses draw, and may show another text (`_shown`) in its place.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.writing = False
        """Whether keys are text."""
        self._writing = Writing()
        self._gap: tuple[int, int] | None = None
        """What the next character replaces: a missing value that the cursor went to."""
        self._top = 0
        self._low, self._high = 8, 16

    def begin(self) -> None:
        """Starts writing: the field takes the keys."""
        self.writing = True
        self.can_focus = True
        self.focus(scroll_visible=False)
        self._fresh()

    def leave(self) -> None:
        """Stops writing; the text stays."""
        self.writing = False
        if self.has_focus:
            self.blur()
        self.can_focus = False
        self._fresh()

    def between(self, low: int, high: int) -> None:
        """Fewest and most rows that it may take."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, max(low, high)
            self._fresh()

    @property
    def _chrome(self) -> int:
        """Rows that are not text."""
        return 4 if self._low >= 6 else 2

    @property
    def _width(self) -> int:
        return max(4, self.size.width - 2 * PAD)

    @property
    def _room(self) -> int:
        """Rows of text in sight."""
        return max(1, self.size.height - self._chrome)

    @property
    def _first(self) -> int:
        """The row in which the text begins."""
        return self._chrome // 2

    @property
    def _shown(self) -> Writing:
        """What is in sight."""
        return self._writing

    def _fresh(self) -> None:
        """Draws it anew: as tall as the text needs, the cursor in sight, the input method's window beside it."""
        if not self.is_mounted or not self.size.width:
            return
        self.styles.height = min(max(self._low, len(self._shown.rows(self._width)) + self._chrome), self._high)
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Scrolls until the cursor is in sight, and tells the terminal where it stands."""
        rows = self._writing.rows(self._width)
        row = self._writing.row(rows)
        self._top = max(0, min(max(self._top, row - self._room + 1), row, len(rows) - self._room))
        if self.writing and self.app.screen is self.screen:  # else the cursor is that of the sheet above
            self.app.cursor_position = self.cursor_place

    @property
    def cursor_place(self) -> Offset:
        """Where the cursor stands on the screen."""
        rows = self._writing.rows(self._width)
        column = self._writing.column(rows, self._width)
        return self.content_region.offset + Offset(PAD + column, self._first + self._writing.row(rows) - self._top)

    def on_mount(self) -> None:
        """Keeps the input method's window beside the cursor when the layout moves."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._moved)

    def _moved(self, screen: object) -> None:
        before = self.app.cursor_position
        if self.writing:
            self._follow()
        if self.app.cursor_position != before:
            self.refresh()  # the terminal hears of it with the next thing that is drawn

    def on_resize(self, event: events.Resize) -> None:
        """Wraps for the width."""
        self._fresh()

    def on_focus(self, event: events.Focus) -> None:
        """The terminal's cursor comes along."""
        self._fresh()

    def on_click(self, event: events.Click) -> None:
        """Starts writing where it was clicked."""
        event.stop()
        rows = self._writing.rows(self._width)
        row = min(max(0, event.y - self._first + self._top), len(rows) - 1)
        self._gap = None
        self._writing.move(self._writing.index(rows, row, event.x - PAD))
        self.begin()

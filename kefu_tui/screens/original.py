"""Messages as they were written, for terminals where the thread has to fold some of their characters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.screens.keyed import Over, key_name
from kefu_tui.screens.narrow import NARROW
from kefu_tui.screens.sheet import Caps, Sheet, Text
from kefu_tui.text import clean, wrap_spans
from kefu_tui.text_narrow import uncertain
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

if TYPE_CHECKING:
    from textual.filter import LineFilter

PAD = 2
"""Columns left free on both sides of the text."""


class Words(Widget):
    """Heads and texts, the newest in sight first. Nothing stands right of a text that its characters could move."""

    DEFAULT_CSS = "Words { height: 1fr; width: 100%; }"

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._texts = [(head, clean(text, newlines=True)) for head, text in texts]
        self._rows: list[tuple[str, bool]] = []
        """Every row, and whether it is a head."""
        self._top = 0

    def get_line_filters(self) -> "Sequence[LineFilter]":
        """Here characters are printed as they are."""
        return [one for one in super().get_line_filters() if one is not NARROW]

    def on_resize(self) -> None:
        """Wraps for the width; each character of uncertain width counts as two cells."""
        width = max(4, self.size.width - 2 * PAD)
        self._rows = []
        for head, text in self._texts:
            wide = "".join("字" if uncertain(char) else char for char in text)
            words = [(text[start:end], False) for start, end in wrap_spans(wide, width)]
            self._rows += [*([("", False)] if self._rows else ()), (head, True), *words]
        self.scroll_by(len(self._rows))

    def scroll_by(self, rows: int) -> None:
        """Scrolls, not past the ends."""
        self._top = max(0, min(self._top + rows, len(self._rows) - self.size.height))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        line = Line(ink_of(self), self.size.width, "over").gap(PAD)
        if self._top + y < len(self._rows):
            text, head = self._rows[self._top + y]
            line.add(text, ink="mid" if head else "text")
        return line.strip()


class Original(Over[None]):
    """The sheet."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._texts = texts

    def compose(self) -> ComposeResult:
        """Words and the keys that leave them."""
        lang = lang_of(self)
        yield Sheet(
            Text(say(lang, "原文", "As it was written"), bold=True),
            Text(),
            Words(self._texts),
            Text(),
            Caps([("Esc", say(lang, "关", "close")), ("j k", say(lang, "上下", "scroll"))]),
            id="original",
        )

    async def press(self, event: events.Key) -> None:
        """Scrolling and leaving."""
        words, key = self.query_one(Words), key_name(event)
        page = max(1, words.size.height - 2)
        steps = {
            "up": -1,
            "k": -1,
            "down": 1,
            "j": 1,
            "pageup": -page,
            "pagedown": page,
            "home": -10_000,
            "end": 10_000,
        }
        if key in steps:
            words.scroll_by(steps[key])
        elif key in ("escape", "enter", "q", "v"):
            self.dismiss(None)

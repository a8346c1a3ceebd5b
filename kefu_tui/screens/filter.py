"""The line in which a filter of the queue is written; the queue behind it shows what fits with every key."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from kefu_tui.screens.keyed import Over
from kefu_tui.screens.picker import PROMPT
from kefu_tui.screens.sheet import Caps, Sheet, Text, Typed
from kefu_tui.text import count
from kefu_tui.widgets.ink import lang_of, say

if TYPE_CHECKING:
    from kefu_tui.desk.views import Views


class Filter(Over[str | None]):
    """A line to write in; None when it was given up."""

    def __init__(self, views: "Views", before: str, show: Callable[[str], None], total: Callable[[], int]) -> None:
        super().__init__()
        self._views = views
        self._before = before
        self._show = show
        self._total = total

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        yield Sheet(
            Text(
                say(lang, "筛选队列", "Filter the queue"),
                say(lang, "空着就是不筛", "empty shows everything"),
                bold=True,
            ),
            Typed(prompt=PROMPT),
            Text(id="about"),
            Caps(
                [
                    ("Enter", say(lang, "就这样", "keep")),
                    ("Tab", say(lang, "补全", "complete")),
                    ("Esc", say(lang, "放弃", "give up")),
                ]
            ),
            id="filter",
        )

    def on_mount(self) -> None:
        """What was there before can be written on."""
        if self._before:
            self.query_one(Typed).put(self._before)
        self._tell()

    async def press(self, event: events.Key) -> None:
        """Keep, give up, complete, type."""
        typed = self.query_one(Typed)
        if event.key == "enter":
            self.dismiss(typed.value.strip())
        elif event.key == "escape":
            self.dismiss(None)
        elif event.key == "tab":
            if more := self._views.completions(typed.value):
                begun = typed.value.split(" ")[-1].removeprefix("-").rpartition(":")[2]
                typed.put(more[0][len(begun) :] if more[0].startswith(begun) else more[0])
                self._changed()
        elif typed.press(event):
            self._changed()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted words are part of it."""
        self.query_one(Typed).put_line(event.text)
        self._changed()

    def _changed(self) -> None:
        text = self.query_one(Typed).value.strip()
        if not self._views.troubles(text):
            self._show(text)
        self._tell()

    def _tell(self) -> None:
        lang, text = lang_of(self), self.query_one(Typed).value
        wrong = self._views.troubles(text.strip())
        more = self._views.completions(text)
        about = (
            wrong[0].say(lang)
            if wrong
            else "  ".join(more[:8])
            if more
            else "tag: kind: status: from: is: before: order:"
        )
        self.query_one("#about", Text).say(about)
        self.query_one(Caps).say(say(lang, f"{count(self._total(), lang)} 位", f"{count(self._total(), lang)}"))

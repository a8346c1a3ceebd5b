"""The conversation pane with nothing open: one sentence, then what is to be done next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, wrap
from kefu_tui.widgets.caps import Cap, cap_of, caps
from kefu_tui.widgets.field import PAD
from kefu_tui.widgets.ink import Line, cap, cap_cells, ink_of, lang_of, say, urgency_style

if TYPE_CHECKING:
    from kefu_tui.store.shown import Due

TIME = 6
"""Cells of the time in front of a thing."""


class Thing(NamedTuple):
    """Something to be done: when it is due (`due`, or `time` where no clock runs), what, with whom, and its key."""

    what: str
    who: str = ""
    due: "Due | None" = None
    time: str = ""
    cap: Cap = ("", "")


class Idle(Widget):
    """In the thread's place while no conversation is open."""

    DEFAULT_CSS = "Idle { height: 1fr; }"
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sentence: str | None = None
        self._detail = ""
        self._keys: tuple[Cap, ...] = ()
        self._things: tuple[Thing, ...] = ()
        self._now = 0

    def show(self, sentence: str, detail: str, keys: Sequence[Cap], things: Sequence[Thing] = (), now: int = 0) -> None:
        """Other words than the usual ones, at `now` (µs UTC)."""
        fresh = (sentence, detail, tuple(keys), tuple(things))
        if fresh != (self._sentence, self._detail, self._keys, self._things):
            self._sentence, self._detail, self._keys, self._things = fresh
            self.refresh()
        self._now = now

    def tick(self, now: int) -> None:
        """Another second."""
        before, self._now = self._now, now
        if [self._time(thing, before) for thing in self._things] != [self._time(thing, now) for thing in self._things]:
            self.refresh()

    def _time(self, thing: Thing, now: int) -> str:
        return urgency_style(thing.due, now, lang_of(self)).text or thing.time

    def render_line(self, y: int) -> Strip:
        """One row: the sentence a third of the way down; things and keys below it, one to a row."""
        lang, width = lang_of(self), self.size.width
        sentence = self._sentence or say(lang, "没有打开的会话。", "No conversation is open.")
        detail = self._detail or say(
            lang, "打开一位，来往的话和订单就在这里。", "Open one to see its messages and orders."
        )
        keys = self._keys or (cap_of(self, "next"), cap_of(self, "open"))
        indent = min(8, max(PAD, width // 7))
        words = [sentence, *wrap(detail, width - indent - PAD)]
        things = len(self._things) + 2 if self._things else 0
        size = len(words) + 1 + things + 2 * len(keys) - 1
        line = Line(ink_of(self), width)
        row = y - max(0, min(self.size.height // 3, self.size.height - size))
        if 0 <= row < len(words):
            return line.gap(indent).add(words[row], ink="mid" if row else "text", bold=not row).strip()
        row -= len(words) + 1
        if row == 0 and self._things:
            return line.gap(indent).add(say(lang, "下一件事", "Next"), ink="mid").strip()
        if 0 < row <= len(self._things):
            return self._thing(line.gap(indent), self._things[row - 1], best=row == 1).strip()
        row -= things
        if row >= 0 and row % 2 == 0 and row // 2 < len(keys):
            caps(line.gap(indent), [keys[row // 2]], width - PAD, best=row == 0 and not self._things)
        return line.strip()

    def _thing(self, line: Line, thing: Thing, *, best: bool) -> Line:
        """Time first, then what and with whom, and the key that goes there."""
        look = urgency_style(thing.due, self._now, lang_of(self))
        line.column(look.text or thing.time, TIME, flush=True, ink=look.ink, bold=look.bold, fill=look.fill).gap(2)
        line.column(thing.what, self._widest("what"), bold=True).gap(2)
        line.column(thing.who, self._widest("who"), ink="mid").gap(3)
        key, label = thing.cap
        if key and line.cells + cap_cells(line.ink, key, label) <= line.width - PAD:
            cap(line, key, label, best=best)
        return line

    def _widest(self, part: str) -> int:
        return max(cells(getattr(thing, part)) for thing in self._things)

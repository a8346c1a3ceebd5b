"""The notice row, kept free above the keys: what just happened, what cannot be done, what stays wrong."""

from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, count, last_words
from kefu_tui.widgets.ink import Line, cap, ink_of, lang_of, say, urgency_style
from kefu_tui.widgets.names import customer_name

if TYPE_CHECKING:
    from kefu_tui.store.shown import QueueRow


class Notice(NamedTuple):
    """A sentence, the word in front of it and the key that acts on it."""

    text: str = ""
    tone: str = "plain"
    """plain, refused (a key that cannot act), offline or held; the last two have a tint of their own."""
    chip: str = ""
    key: str = ""
    label: str = ""
    brief: str = ""
    """The sentence for where the whole one has no room."""


class Upcoming(NamedTuple):
    """The customer who comes next, and how many wait."""

    row: "QueueRow"
    waiting: int


_TINTS = {"offline": "soon", "held": "held"}
_CHIPS = {"offline": "amber", "held": "red"}


class NoticeBar(Widget):
    """One line; with nothing to say it is ground."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Notice | Upcoming = Notice()
        self._now = 0

    def show(self, shown: Notice | Upcoming, now: int) -> None:
        """Another line, at `now` (µs UTC); the next customer's clock ticks with it."""
        stale = isinstance(shown, Upcoming) and self._clock(shown, now) != self._clock(shown, self._now)
        self._now = now
        if shown != self._shown or stale:
            self._shown = shown
            self.refresh()

    def _clock(self, shown: Upcoming, now: int) -> str:
        return urgency_style(shown.row.due, now, lang_of(self)).text

    def render_line(self, y: int) -> Strip:
        """The line."""
        if isinstance(self._shown, Upcoming):
            return self._draw_upcoming(self._shown)
        notice = self._shown
        line = Line(ink_of(self), self.size.width, _TINTS.get(notice.tone, "ground")).gap(1)
        tinted = notice.tone in _TINTS
        if notice.chip:
            line.add(f" {notice.chip} ", ink="ink", bold=True, fill=_CHIPS.get(notice.tone, "amber")).gap(1)
        if tinted and notice.key:
            cap(line, notice.key, notice.label, right=True)
        text = notice.brief if notice.brief and cells(notice.text) > line.room else notice.text
        line.add(text, ink="amber" if notice.tone == "refused" else "text" if tinted else "mid")
        if notice.key and not tinted:
            cap(line.gap(2), notice.key, notice.label)
        return line.strip()

    def _draw_upcoming(self, shown: Upcoming) -> Strip:
        lang = lang_of(self)
        line = Line(ink_of(self), self.size.width, "ground").gap(1).add(say(lang, "下一位", "next"), ink="dim").gap(1)
        look = urgency_style(shown.row.due, self._now, lang)
        if look.text:
            text = f" {look.text}" if look.fill else look.text
            line.add(text, ink=look.ink, bold=look.bold, fill=look.fill).gap(1)
        line.add(customer_name(shown.row.name, lang)).gap(1).add(last_words(shown.row.preview, lang), ink="mid")
        line.right(
            "  " + say(lang, f"等候 {count(shown.waiting, lang)}", f"{count(shown.waiting, lang)} wait"), ink="dim"
        )
        return line.strip()

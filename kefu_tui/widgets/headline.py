"""The two lines above a thread: who it is and what is due, then visits and tags, or an order whose pane is folded."""

from typing import TYPE_CHECKING, ClassVar

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, clock_of_day, cut, one_line
from kefu_tui.widgets.caps import zone_of
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say, title, urgency_style
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.order_lines import order_line
from kefu_tui.widgets.timers import CLOCKS

if TYPE_CHECKING:
    from kefu_tui.store.shown import Head, OrderCard

PAD = 2
CHANNELS = {
    "web": ("网页", "web"),
    "mail": ("邮件", "mail"),
    "email": ("邮件", "mail"),
    "phone": ("电话", "phone"),
    "demo": ("演练", "demo"),
}
ROUNDS = {
    "first_response_chat": ("首次", "first reply"),
    "first_response_async": ("首次", "first reply"),
    "next_response": ("本轮", "reply"),
}
"""Short names of the clocks that a reply stops; the others are called as in the timers pane."""
RISKS = {"watch": ("留意", "watch", "amber"), "blocked": ("黑名单", "blocked", "red")}


class Headline(Widget):
    """Draws the open conversation's head; its first line fills as the time of its clock is used up."""

    DEFAULT_CSS = "Headline { height: 2; }"
    ALLOW_SELECT: ClassVar[bool] = False

    active = reactive(False)
    """Whether keys move the conversation: the name is a filled chip then."""
    stale = reactive("")
    """Since when what is shown may be old, as a clock of day; '' when it is fresh."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head: Head | None = None
        self._order: OrderCard | None = None
        self._now = 0
        self._ticked: object = None

    def show(self, head: "Head | None", now: int) -> None:
        """Another conversation, or the same in another state; `now` in µs UTC."""
        self._head, self._now = head, now
        self.refresh()

    def brief(self, order: "OrderCard | None") -> None:
        """Says an order in the second line, where its pane is folded."""
        self._order = order
        self.refresh()

    def tick(self, now: int) -> None:
        """The clock went on: draws only where it shows."""
        self._now = now
        look = urgency_style(self._head.due, now, lang_of(self)) if self._head else None
        seen = (look.text, look.ink, round(look.used * self.size.width)) if look else None
        if seen != self._ticked:
            self._ticked = seen
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One of the two lines."""
        line = Line(ink_of(self), self.size.width, pad=PAD)
        if self._head is None:
            return line.strip()
        if y == 0:
            self._who(line, self._head)
        elif self._order is not None:
            return order_line(self._order, self.size.width, ink_of(self), lang_of(self), zone_of(self))
        else:
            self._facts(line, self._head)
        return line.strip()

    def _who(self, line: Line, head: "Head") -> None:
        lang = lang_of(self)
        look = urgency_style(head.due, self._now, lang)
        if look.tint != "calm":
            line.tint(look.tint, round(look.used * line.width))
        self._clock(line, head)
        name = cut(customer_name(head.name, lang), max(4, line.room - 8))
        title(line.gap(1), name, focused=self.active)
        pieces = [("VIP", "mauve", True)] if head.tier.lower() == "vip" else []
        pieces.append((say(lang, *CHANNELS.get(head.channel, (one_line(head.channel),) * 2)), "mid", False))
        if head.first_asked:
            pieces.append((say(lang, "首问负责", "first-asked owner"), "mid", False))
        self._spread(line, pieces, gap=1 if self.active else 2)

    def _clock(self, line: Line, head: "Head") -> None:
        """What is due and in what time, at the right."""
        lang, due = lang_of(self), head.due
        look = urgency_style(due, self._now, lang)
        if due is None or look.state == "none":
            return
        zh, en = ROUNDS.get(due.kind) or CLOCKS.get(due.kind, ("", ""))
        if look.state == "over":
            words = say(lang, f"{zh}超", f"{en} late".strip())
        elif look.state == "paused":
            words = say(lang, zh, en)
        else:
            words = say(lang, f"{zh}剩", f"{en} in".strip())
        line.right(words, ink="text" if look.state in ("now", "over") else "mid").right(" ")
        shown = f" {look.text} " if look.fill and not line.ink.flat else look.text
        line.right(shown, ink=look.ink, bold=look.bold, fill=look.fill)

    def _facts(self, line: Line, head: "Head") -> None:
        lang = lang_of(self)
        state = self._state(head)
        if state:
            line.right(state[0], ink=state[1], bold=True)
        visits, orders = head.visits, head.orders
        pieces: list[tuple[str, str, bool]] = []
        if visits > 1:
            pieces.append((say(lang, f"第 {visits} 次来", f"{_ordinal(visits)} visit"), "dim", False))
        if orders:
            pieces.append((say(lang, f"{orders} 单", f"{orders} order{'s' if orders > 1 else ''}"), "dim", False))
        line.gap(PAD)
        self._spread(line, pieces, gap=2, first=0)
        for number, tag in enumerate(head.tags):
            words = cut(one_line(tag), 12)
            label = say(lang, "标签 ", "tag ") if not number else ""
            if line.room < 2 + cells(label + words):
                break
            line.gap(0 if line.cells == PAD else 2).add(label, ink="dim").add(words, ink="mid")

    def _state(self, head: "Head") -> tuple[str, str] | None:
        """What is out of the ordinary: a hand-over, a snooze, a risk, old figures."""
        lang = lang_of(self)
        if self.stale:
            return say(lang, f"{self.stale} 的数", f"as of {self.stale}"), "amber"
        if head.mine and head.offered_to:
            to = cut(one_line(head.offered_to), 8)
            return say(lang, f"转给 {to}，等接", f"offered to {to}"), "amber"
        if head.status == "snoozed" and head.snoozed_until:
            until = clock_of_day(head.snoozed_until, zone_of(self))
            return say(lang, f"稍后到 {until}", f"until {until}"), "mid"
        if head.risk in RISKS:
            zh, en, ink = RISKS[head.risk]
            return say(lang, zh, en), ink
        return None

    def _spread(self, line: Line, pieces: list[tuple[str, str, bool]], *, gap: int, first: int | None = None) -> None:
        """Items as far as they fit, whole."""
        space = gap if first is None else first
        for words, ink, bold in pieces:
            if line.room < space + cells(words) + 1:
                break
            line.gap(space).add(words, ink=ink, bold=bold)
            space = 2


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"

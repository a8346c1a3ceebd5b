"""The orders pane: the customer's orders, one open as a card, the others as lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import count
from kefu_tui.widgets.caps import cap_of, zone_of
from kefu_tui.widgets.ink import Line, cap, ink_of, lang_of, say, title
from kefu_tui.widgets.order_lines import PAD, Look, amount_cells, card, list_line

if TYPE_CHECKING:
    from kefu_tui.store.shown import OrderCard


class OrdersPane(Widget):
    """Draws the orders of the open conversation's customer, newest first."""

    DEFAULT_CSS = "OrdersPane { height: 17; }"
    ALLOW_SELECT: ClassVar[bool] = False

    active = reactive(False)
    """Whether keys move this pane: its title is a filled chip then."""
    moving = reactive(True)
    """Whether single keys act; only then they are shown."""
    stale = reactive("")
    """Since when what is shown may be old, as a clock of day; '' when it is fresh."""
    waiting = reactive("")
    """What is still being fetched, one sentence; '' when all is there."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._orders: list[OrderCard] = []
        self._open: str | None = None
        self._now = 0
        self._someone = False
        self._titled = True
        self._drawn: tuple[object, list[Strip]] = ((), [])

    def show(self, orders: Sequence["OrderCard"], now: int, *, someone: bool = True) -> None:
        """Other orders, newest first; `now` in µs UTC, `someone` whether a conversation is open at all.

        The open order stays open while it is among them.
        """
        self._orders, self._now, self._someone = list(orders), now, someone
        if self._open not in {order.id for order in self._orders}:
            self._open = self._orders[0].id if self._orders else None
        self._redraw()

    def current(self) -> "OrderCard | None":
        """The open order."""
        return next((order for order in self._orders if order.id == self._open), None)

    def move(self, rows: int) -> None:
        """Opens the order that many below, above when negative; stays at the ends."""
        if self._orders:
            place = min(max(0, self._place + rows), len(self._orders) - 1)
            self._open = self._orders[place].id
            self._redraw()

    def titled(self, shown: bool) -> None:
        """Whether the pane says its own name; in one column the switcher does."""
        if self._titled != shown:
            self._titled = shown
            self._redraw()

    @property
    def _place(self) -> int:
        return next((place for place, order in enumerate(self._orders) if order.id == self._open), 0)

    def _redraw(self) -> None:
        self._drawn = ((), [])
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One row."""
        drawn_with = (ink_of(self), lang_of(self), self.size, self.active, self.moving, self.stale, self.waiting)
        if self._drawn[0] != drawn_with:
            self._drawn = (drawn_with, self._draw())
        rows = self._drawn[1]
        return rows[y] if y < len(rows) else Line(ink_of(self), self.size.width).strip()

    def _draw(self) -> list[Strip]:
        head = [self._head().strip()] if self._titled else []
        if not self._orders:
            return head + self._empty()
        width, lang = self.size.width, lang_of(self)
        copy = cap_of(self, "copy", "复制", "copy") if self.moving else ("", "")
        approve = cap_of(self, "approve-return", "同意", "approve") if self.moving and self.active else ("", "")
        look = Look(ink_of(self), lang, zone_of(self), self._now, width, amount_cells(self._orders), copy, approve)
        room = self.size.height - len(head)
        place, others = self._place, len(self._orders) - 1
        above, below = self._orders[:place], self._orders[place + 1 :]
        gaps = bool(above) + bool(below)
        lines = min(others, max(1, room // 4)) if others else 0
        opened = card(self._orders[place], look, max(4, room - lines - gaps))
        left = max(0, room - len(opened) - gaps)
        over = min(len(above), max(left - len(below), left // 2))
        under = min(len(below), left - over)
        blank = Line(ink_of(self), width).strip()
        rows = [list_line(order, look).strip() for order in above[len(above) - over :]]
        if over < len(above) and rows:
            rows[0] = self._more(len(above) - over + 1, say(lang, "往上还有", "more above")).strip()
        rows += [blank] if above else []
        rows += opened
        rows += [blank] if below else []
        lower = [list_line(order, look).strip() for order in below[:under]]
        if under < len(below) and lower:
            lower[-1] = self._more(len(below) - under + 1, say(lang, "往下还有", "more below")).strip()
        return head + rows + lower

    def _more(self, hidden: int, words: str) -> Line:
        lang = lang_of(self)
        said = say(lang, f"{words} {count(hidden, lang)} 单", f"{count(hidden, lang)} {words}")
        return Line(ink_of(self), self.size.width).gap(PAD).add(said, ink="dim")

    def _head(self) -> Line:
        lang = lang_of(self)
        line = Line(ink_of(self), self.size.width).gap(1)
        total = count(len(self._orders), lang) if self._orders else ""
        title(line, say(lang, "订单", "Orders"), total, focused=self.active)
        if self.stale:
            return line.right(say(lang, f"{self.stale} 的数", f"as of {self.stale}"), ink="amber")
        key, _ = cap_of(self, "orders", situation="moving" if self.moving else "writing")
        if key and not self.active and self._orders:
            cap(line, key, right=True)
        return line

    def _empty(self) -> list[Strip]:
        lang, width = lang_of(self), self.size.width
        if self.waiting:
            words, ink = self.waiting, "dim"
        elif self._someone:
            words, ink = say(lang, "这位客户没有订单。", "This customer has no orders."), "mid"
        else:
            words, ink = say(lang, "打开会话后，客户的订单在这里。", "Open a conversation to see its orders."), "dim"
        return [Line(ink_of(self), width).strip(), Line(ink_of(self), width).gap(PAD).add(words, ink=ink).strip()]

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.move(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.move(1)

"""How an order looks: as a card with the way of its parcel, as a line of a list, as one line under a head."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

from kefu_tui.text import cells, clock_of_day, cut, cut_middle, day, group_number, money, one_line, wrap_spans
from kefu_tui.widgets.caps import Cap
from kefu_tui.widgets.ink import Line, cap, cap_cells, say
from kefu_tui.widgets.inks import Ink

if TYPE_CHECKING:
    from kefu_tui.store.shown import OrderCard

PAD = 2
STATUSES = {
    "unpaid": ("待付款", "unpaid", "text"),
    "paid": ("待发货", "to ship", "azure"),
    "shipped": ("已发货", "shipped", "azure"),
    "done": ("已完成", "done", "mid"),
    "closed": ("已关闭", "closed", "mid"),
    "refunding": ("退款中", "refunding", "amber"),
    "refunded": ("已退款", "refunded", "mid"),
}
STEPS = {
    "zh": (("下单", "揽收", "运输", "派送", "签收"),),
    "en": (("Paid", "Picked", "Moving", "Out", "Done"), ("Paid", "Pick", "Move", "Out", "Done")),
}
"""The way of a parcel by language; shorter words where there is little room."""
REACHED = {"packed": 1.5, "picked_up": 2.0, "in_transit": 2.67, "delivering": 3.5, "signed": 5.0}
"""How many of the five steps a parcel has behind it."""
PARCELS = {
    "packed": ("已打包", "packed"),
    "picked_up": ("已揽收", "picked up"),
    "in_transit": ("运输中", "on the way"),
    "delivering": ("派送中", "out for delivery"),
    "signed": ("已签收", "signed for"),
}
LONGEST_STEP = 10
"""Cells of the widest segment of the bar."""


class Look(NamedTuple):
    """What orders are drawn with; `now` in µs UTC, `price` cells of the widest amount."""

    ink: Ink
    lang: str
    zone: str
    now: int
    width: int
    price: int
    copy: Cap
    approve: Cap = ("", "")
    """The key that approves a return, where it acts."""


def status_of(order: "OrderCard", lang: str) -> tuple[str, str]:
    """The word of an order's state, and its token."""
    if order.status not in STATUSES:
        return cut(one_line(order.status), 8), "mid"
    zh, en, ink = STATUSES[order.status]
    return say(lang, zh, en), ink


def order_line(order: "OrderCard", width: int, ink: Ink, lang: str, zone: str, *, pad: int = PAD) -> Strip:
    """An order and where its parcel is, in one line."""
    line = Line(ink, width, pad=pad)
    line.right(amount_of(order), ink="mid")
    status, token = status_of(order, lang)
    number = group_number(one_line(order.order_no))
    if line.room < cells(number) + cells(status) + 12:
        number = cut_middle(one_line(order.order_no), 10)
    line.gap(PAD).add(say(lang, "订单 ", "order "), ink="dim").add(number).gap(2).add(status, ink=token, bold=True)
    where = _latest(order, lang, zone)
    if where and line.room > 10:
        line.gap(2).add(cut(where, line.room - 2), ink="mid")
    return line.strip()


def _latest(order: "OrderCard", lang: str, zone: str) -> str:
    """The last thing known of the first parcel: `顺丰 08:12 到杭州转运中心`."""
    if not order.parcels:
        return ""
    parcel = order.parcels[0]
    if not parcel.trace:
        return f"{one_line(parcel.carrier)} {say(lang, *PARCELS.get(parcel.status, ('', '')))}".strip()
    at, words = parcel.trace[0]
    return f"{one_line(parcel.carrier)} {clock_of_day(at, zone)} {one_line(words)}"


def list_line(order: "OrderCard", look: Look) -> Line:
    """One order of several, folded to a line."""
    line = Line(look.ink, look.width)
    _right(line, order, look, "mid")
    return line.gap(PAD).add(_number(order, line.room - PAD), ink="mid")


def _number(order: "OrderCard", room: int) -> str:
    number = one_line(order.order_no)
    grouped = group_number(number)
    return grouped if cells(grouped) <= room else cut_middle(number, max(6, room))


def _right(line: Line, order: "OrderCard", look: Look, token: str = "", *, alone: bool = False) -> None:
    """State and amount, flush right."""
    status, ink = status_of(order, look.lang)
    amount = amount_of(order)
    line.right(status, ink=token or ink, bold=not token)
    if alone or line.width >= PAD + 10 + cells(status) + look.price + 5:
        line.right(" " * (2 + look.price - cells(amount)) + amount, ink=token or "text")


def card(order: "OrderCard", look: Look, room: int) -> list[Strip]:
    """The open order in at most `room` rows: what matters less leaves first."""
    rows = _head(order, look)
    rows += _items(order, look, 1 if room < 14 else 2)
    rows += _parcels(order, look, 1 if room < 14 else 3)
    if order.verdict:
        approved = order.verdict == "approved"
        words = say(look.lang, "退货已同意" if approved else "退货没有同意", "Return " + order.verdict)
        when = clock_of_day(order.verdict_at, look.zone)
        line = Line(look.ink, look.width).gap(PAD).add(words, ink="jade" if approved else "amber", bold=True).gap(2)
        rows.append(line.add(f"{when} {one_line(order.verdict_by)}", ink="dim"))
    elif order.status == "refunding":
        line = (
            Line(look.ink, look.width)
            .gap(PAD)
            .add(say(look.lang, "退货待审", "Return to review"), ink="amber", bold=True)
        )
        rows.append(cap(line, *look.approve, right=True) if look.approve[0] else line)
    if order.refund:
        words = say(look.lang, "退 ", "refund ") + money(order.refund, cut(one_line(order.currency), 5))
        rows.append(Line(look.ink, look.width).gap(PAD).add(words, ink="amber"))
    bar = _progress(order, look)
    if bar and len(rows) + 3 <= room:
        rows += [Line(look.ink, look.width), *bar]
    left = room - len(rows) - 1
    if left > 0:
        trace = _timeline(order, look, left)
        rows += [Line(look.ink, look.width), *trace] if trace else []
    return [line.strip() for line in rows[:room]]


def _head(order: "OrderCard", look: Look) -> list[Line]:
    """Number, state and amount on the plane of an open row; two rows where one is too narrow."""
    plane = "pane" if look.ink.flat else "sel"
    first = Line(look.ink, look.width, plane).add(look.ink.cursor, ink="azure", bold=look.ink.flat).to(PAD)
    number = group_number(one_line(order.order_no))
    status, _ = status_of(order, look.lang)
    for shown in (number, one_line(order.order_no)):  # in groups of four where there is room, else as it is
        if PAD + cells(shown) + 2 + cells(status) + 2 + look.price + 1 <= look.width:
            _right(first, order, look)
            return [first.add(shown, bold=True)]
    second = Line(look.ink, look.width, plane)
    _right(second, order, look, alone=True)
    return [first.add(_number(order, look.width - PAD - 1), bold=True), second]


def _items(order: "OrderCard", look: Look, most: int) -> list[Line]:
    """What was bought, and how many of each."""
    lines = []
    shown = order.lines[:most] if len(order.lines) <= most else order.lines[: max(1, most - 1)]
    for name, quantity, _ in shown:
        line = Line(look.ink, look.width)
        count = f" x{quantity}"
        rest = len(order.lines) - len(shown)
        if rest and most == 1:
            count += say(look.lang, f"  等 {len(order.lines)} 件", f"  +{rest}")
        title = cut(one_line(name), look.width - PAD - 1 - cells(count))
        lines.append(line.gap(PAD).add(title, ink="mid").add(count, ink="mid"))
    rest = len(order.lines) - len(shown)
    if rest and most > 1:
        more = say(look.lang, f"还有 {rest} 种", f"{rest} more items")
        lines.append(Line(look.ink, look.width).gap(PAD).add(more, ink="dim"))
    return lines


def _parcels(order: "OrderCard", look: Look, most: int) -> list[Line]:
    """Carrier and tracking number of each parcel; the key that copies stands at the first."""
    lines = []
    for index, parcel in enumerate(order.parcels[:most]):
        line = Line(look.ink, look.width)
        carrier, number = cut(one_line(parcel.carrier), 12), one_line(parcel.tracking_no)
        key, label = look.copy
        needs = PAD + cells(carrier) + 1 + cells(number) + 2
        if index == 0 and key:
            if needs + cap_cells(look.ink, key, label) <= look.width - 1:
                cap(line, key, label, right=True)
            elif needs + cap_cells(look.ink, key) <= look.width - 1:
                cap(line, key, right=True)
        elif index and needs + 6 <= look.width - 1:
            line.right(say(look.lang, *PARCELS.get(parcel.status, ("", ""))), ink="mid")
        line.gap(PAD).add(carrier, ink="mid").gap(1)
        lines.append(line.add(cut_middle(number, max(6, line.room - 1)), underline=True))
    rest = len(order.parcels) - most
    if rest > 0 and most > 1:
        more = say(look.lang, f"还有 {rest} 个包裹", f"{rest} more parcels")
        lines.append(Line(look.ink, look.width).gap(PAD).add(more, ink="dim"))
    return lines


def reached(order: "OrderCard") -> float | None:
    """How many of the five steps lie behind an order; None where it goes nowhere."""
    if order.parcels:
        return min(REACHED.get(parcel.status, 1.0) for parcel in order.parcels)
    if order.status in ("closed", "refunding", "refunded"):
        return None
    return {"unpaid": 0.5, "done": 5.0}.get(order.status, 1.0)


def _progress(order: "OrderCard", look: Look) -> list[Line]:
    """The way of the parcel as five segments, and their names."""
    steps = reached(order)
    if steps is None:
        return []
    size = min(LONGEST_STEP, (look.width - 2 * PAD - 4) // 5)
    now = min(4, int(steps))
    wordings = STEPS[look.lang]
    fitting = next((words for words in wordings if max(map(cells, words)) <= size), None)
    bar, names = Line(look.ink, look.width).gap(PAD), Line(look.ink, look.width).gap(PAD)
    for index, word in enumerate(fitting or wordings[-1]):
        start = PAD + index * (size + 1)
        used = round(size * min(1.0, max(0.0, steps - index)))
        bar.to(start).add(look.ink.full * used, ink="azure").add(look.ink.empty * (size - used), ink="rail")
        if fitting or index == now:
            ink = "text" if index == now else "mid" if index < now else "dim"
            names.to(min(start, look.width - 1 - cells(word))).add(word, ink=ink, bold=index == now)
    return [bar, names]


def _timeline(order: "OrderCard", look: Look, most: int) -> list[Line]:
    """What happened, newest first: day, clock, rail, words. Only the newest may take two rows."""
    events = _events(order, look.lang)
    days = [_day(at, look) for at, _ in events]
    width = max((cells(words) for words in days), default=0)
    start = PAD + width + 1 + 5 + 1
    room = look.width - start - 2 - 1
    lines: list[Line] = []
    before = ""
    for index, ((at, words), here) in enumerate(zip(events, days, strict=True)):
        first = index == 0
        spans = wrap_spans(words, max(4, room))
        texts = [words[one:last] for one, last in spans[:2]] if first else [cut(words, room)]
        if first and len(spans) > 2:
            texts[1] = cut(words[spans[1][0] :], room)
        for number, text in enumerate(texts):
            line = Line(look.ink, look.width).gap(PAD)
            clock = clock_of_day(at, look.zone) if not number else ""
            line.column(
                here if here != before and not number else "", width, ink="text" if first else "dim", bold=first
            )
            line.gap(1).column(clock, 5, ink="text" if first else "dim", bold=first).gap(1)
            line.add(look.ink.bar, ink="azure" if first else "rail").gap(1)
            lines.append(line.add(text, ink="text" if first else "mid", bold=first))
        before = here
    return lines[:most]


def _events(order: "OrderCard", lang: str) -> list[tuple[int, str]]:
    """The traces of all parcels with the payment and the order itself, newest first."""
    found: list[tuple[int, str]] = []
    several = len(order.parcels) > 1
    for parcel in order.parcels:
        lead = f"{one_line(parcel.carrier)} " if several else ""
        found += [(at, lead + one_line(words)) for at, words in parcel.trace]
    if order.paid_at is not None:
        found.append((order.paid_at, say(lang, "已付款", "paid")))
    found.append((order.placed_at, say(lang, "已下单", "ordered")))
    return sorted(found, key=lambda event: -event[0])


def _day(at: int, look: Look) -> str:
    words = day(at, look.now, look.zone, look.lang)
    return {"today": "Today", "yesterday": "Yest."}.get(words, words[-5:] if len(words) == 10 else words)


def amount_of(order: "OrderCard") -> str:
    """What an order costs."""
    return cut(money(order.total, cut(one_line(order.currency), 5)), 16)


def amount_cells(orders: Sequence["OrderCard"]) -> int:
    """Cells of the widest amount."""
    return max((cells(amount_of(order)) for order in orders), default=0)

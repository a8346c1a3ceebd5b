"""The timers pane: every running clock, next breach first, its tint telling how much of the time is used."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.strip import Strip

from kefu_tui.text import count, cut, one_line
from kefu_tui.widgets.ink import ClockLook, Line, ink_of, lang_of, say, title, urgency_style
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from kefu_tui.store.shown import TimerRow

CLOCKS: dict[str, tuple[str, str]] = {
    "greeting": ("迎接", "Greeting"),
    "first_response_chat": ("首次响应", "First reply"),
    "first_response_async": ("首次响应", "First reply"),
    "next_response": ("本轮回复", "Reply"),
    "phone_pick_up": ("接电话", "Pick up"),
    "order_dispute": ("订单争议", "Order dispute"),
    "after_sale_inquiry": ("售后咨询", "After-sale"),
    "complex_question": ("复杂问题", "Complex question"),
    "resolution": ("解决", "Resolution"),
    "technical_response": ("技术响应", "Technical reply"),
    "technical_diagnosis": ("技术诊断", "Diagnosis"),
    "technical_plan": ("技术方案", "Technical plan"),
    "complaint_verify": ("投诉核实", "Verify complaint"),
    "complaint_plan": ("投诉方案", "Complaint plan"),
    "complaint_close": ("投诉结案", "Close complaint"),
    "return_review": ("退货审核", "Return review"),
    "warehouse_check": ("仓库验货", "Warehouse check"),
    "refund": ("退款", "Refund"),
    "order_confirmation": ("订单确认", "Confirm order"),
    "public_incident": ("公共事件", "Public incident"),
    "outage_promise": ("断线承诺", "Outage promise"),
    "archive": ("归档", "Archive"),
    "reminder": ("提醒", "Reminder"),
    "call_back": ("回访", "Call back"),
}
"""What a clock is called."""


def called(kind: str) -> tuple[str, str]:
    """What a clock or a reminder is called, in Chinese and English."""
    return CLOCKS.get(kind, (kind, kind))


def _key(row: "TimerRow") -> str:
    return row.reminder_id or f"{row.due.kind} {row.conversation_id}"


class TimersPane(RowList["TimerRow"]):
    """Clocks as rows whose tint runs from left to right."""

    head_lines = 1

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(lambda ids: [self._given[one] for one in ids if one in self._given], _key, id=id)
        self._given: dict[str, TimerRow] = {}
        self._now = 0

    def show(self, rows: Sequence["TimerRow"], now: int) -> None:
        """Other clocks, at `now` (µs UTC)."""
        self._now = now
        given = {_key(row): row for row in rows}
        if given == self._given:
            return
        changed = [key for key, row in given.items() if self._given.get(key) != row]
        if len(given) != len(self._given):
            self.repaint_head()
        self._given = given
        self.set_ids(list(given))
        self.forget(changed)

    def titled(self, shown: bool) -> None:
        """Whether the pane says its own name; in one column the switcher does."""
        if (self.head_lines == 1) != shown:
            self.head_lines = int(shown)
            self.refresh()

    @property
    def rows(self) -> "list[TimerRow]":
        """Every clock and reminder that is shown, next due first."""
        return list(self._given.values())

    def worst(self) -> "TimerRow | None":
        """The clock that is due first."""
        return next((row for row in self._given.values() if not row.reminder_id), None)

    def current(self) -> "TimerRow | None":
        """The clock or the reminder under the cursor."""
        return self._given.get(self.cursor or "")

    def conversation(self) -> str | None:
        """The conversation of the clock under the cursor."""
        row = self.current()
        return row.conversation_id or None if row is not None else None

    def tick(self, now: int) -> None:
        """Another second: repaint the rows whose time reads otherwise or whose tint grew."""
        before, self._now = self._now, now
        for row in self.window_rows():
            if self._seen(row, before) != self._seen(row, now):
                self.repaint_row(_key(row))

    def _seen(self, row: "TimerRow", now: int) -> tuple[str, str, int]:
        look = urgency_style(row.due, now, lang_of(self))
        return look.state, look.text, self._filled(look)

    def _filled(self, look: ClockLook) -> int:
        """Cells of a row's tint, or of its meter where there are no tints."""
        whole = 10 if ink_of(self).flat else max(0, self.size.width - 2)
        return round(whole * look.used)

    def draw_head(self, y: int, width: int) -> Strip:
        """Name, count, and what the tint means."""
        lang, ink = lang_of(self), ink_of(self)
        line = Line(ink, width).gap(1)
        title(line, say(lang, "计时", "Timers"), count(len(self.ids), lang), focused=self.active)
        if not self.ids:
            return line.strip()
        what = say(lang, "底色", "fill") if not ink.flat else "#"
        return line.right(f"{what} = {say(lang, '已用', 'used')}", ink="mid").strip()

    def draw_row(self, row: "TimerRow", width: int, part: int = 0) -> Strip:
        """Time, what for, who."""
        ink, lang = ink_of(self), lang_of(self)
        look = urgency_style(row.due, self._now, lang)
        under = self.active and self.cursor == _key(row)
        line = Line(ink, width, "sel" if under else "pane", pad=1 if ink.flat else 2)
        if under:
            line.add(ink.cursor, ink="azure", bold=ink.flat)
        line.to(1).column(look.text, 6, flush=True, ink=look.ink, bold=look.bold, fill=look.fill).gap(2)
        calm = look.state in ("calm", "paused")
        name = cut(customer_name(row.name, lang), 8) if row.conversation_id else ""
        label = say(lang, *called(row.due.kind))
        if row.text:
            label = cut(f"{label} {one_line(row.text)}", max(10, width - 13 - len(name) * 2))
        if row.due.due_at is None and not row.due.paused:
            label += say(lang, "，那年的假日未公布", ", holidays not announced")
        if ink.flat:
            full = self._filled(look)
            token = {"now": "red", "soon": "amber"}.get(look.tint, "mid")
            line.column(label, max(10, min(17, width - 30)), ink="mid" if calm else "text").gap(1).add(name, ink="mid")
            line.right(ink.full * full, ink=token).right(ink.empty * (10 - full), ink="rail")
            return line.strip()
        if not under:
            line.tint(look.tint, self._filled(look), 1)
        line.add(label, ink="mid" if calm else "text").right(name, ink="mid" if calm else "text")
        return line.strip()

    def draw_more(self, hidden: int, width: int) -> Strip:
        """How many clocks follow."""
        words = say(lang_of(self), f"往下还有 {hidden} 个", f"{hidden} more below")
        return Line(ink_of(self), width).gap(9).add(words, ink="dim").strip()

    def draw_empty(self, y: int, width: int) -> Strip | None:
        """No clock runs."""
        line = Line(ink_of(self), width)
        if y == 0:
            line.gap(2).add(say(lang_of(self), "没有在走的钟。", "No clock is running."), ink="dim")
        return line.strip()

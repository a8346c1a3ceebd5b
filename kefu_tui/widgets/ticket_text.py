"""A ticket drawn whole: where it stands, its clocks, fields, steps, what can be done next, and what happened."""

from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import clean, clock_of_day, day, one_line, wrap
from kefu_tui.widgets.caps import zone_of
from kefu_tui.widgets.ink import Line, cap, ink_of, lang_of, say, urgency_style
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.timers import called

if TYPE_CHECKING:
    from kefu_tui.desk.ticket_rows import TicketCard
    from kefu_tui.store.shown import Due

EVENTS: dict[str, tuple[str, str]] = {
    "opened": ("开单", "opened"), "moved": ("推进", "moved"), "comment": ("说", "said"), "assigned": ("转交", "handed over"),
    "set": ("改", "changed"), "step": ("步骤", "step"), "linked": ("关联", "linked"), "watched": ("参与", "people"),
    "merged": ("合并", "merged"),
}  # fmt: skip
OUTCOMES: dict[str, tuple[str, str]] = {
    "running": ("在走", "running"), "met": ("按时", "met"), "breached": ("超时", "late"), "void": ("不算", "void"),
}  # fmt: skip
LINKED: dict[str, tuple[str, str]] = {
    "conversation": ("会话", "conversation"), "order": ("订单", "order"), "ticket": ("工单", "ticket"), "file": ("文件", "file"),
}  # fmt: skip
LABEL = 14
"""Cells of a field's name."""
SHOWN = 30
"""Events that are shown, the newest first."""


class Shown(NamedTuple):
    """One line: a key cap, words at a column, and their look."""

    text: str = ""
    at: int = 2
    ink: str = "text"
    bold: bool = False
    cap: str = ""
    right: str = ""
    right_ink: str = "dim"


class TicketText(Widget):
    """Scrolls by rows; nothing is shown until a card is given."""

    DEFAULT_CSS = "TicketText { height: 1fr; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._card: TicketCard | None = None
        self._now = 0
        self._lines: list[Shown] = []
        self._top = 0

    def show(self, card: "TicketCard | None", now: int) -> None:
        """Another ticket, at `now` (µs UTC); the same one keeps its place."""
        same = card is not None and self._card is not None and card.row.id == self._card.row.id
        self._card, self._now = card, now
        self._lay_out(0 if not same else self._top)

    def on_resize(self) -> None:
        """Another width wraps otherwise."""
        self._lay_out(self._top)

    def scroll_by(self, rows: int) -> None:
        """Scrolls, not past the ends."""
        self._top = max(0, min(self._top + rows, len(self._lines) - self.size.height))
        self.refresh()

    def _lay_out(self, top: int) -> None:
        self._lines = self._told() if self._card is not None and self.size.width > 20 else []
        self._top = top
        self.scroll_by(0)

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = Line(ink_of(self), self.size.width, "over", pad=1)
        if self._top + y >= len(self._lines):
            return line.strip()
        shown = self._lines[self._top + y]
        if shown.cap:
            cap(line.gap(2), shown.cap)
        line.to(shown.at).add(shown.text, ink=shown.ink, bold=shown.bold)
        return line.right(shown.right, ink=shown.right_ink).strip()

    # What is told

    def _told(self) -> list[Shown]:
        card = self._card
        assert card is not None
        lang, width = lang_of(self), self.size.width
        row = card.row
        lines = [Shown(text, bold=True) for text in wrap(one_line(row.title), width - 4)]
        who = one_line(row.assignee) or say(lang, "没人经办", "nobody has it")
        facts = [row.kind, row.state, f"P{row.priority}", who]
        if row.customer:
            facts.insert(2, customer_name(row.customer, lang))
        if card.order_no:
            facts.append(card.order_no)
        lines += [Shown(text, ink="mid") for text in wrap("  ".join(facts), width - 4)]
        lines += self._readers(card, lang, width)
        for kind, step, due, outcome in card.clocks:
            if outcome == "running" and not step:
                lines.append(self._clock(say(lang, *called(kind)), due))
        lines += self._moves(card, lang, width)
        lines += self._fields(card, lang, width)
        if card.steps:
            lines += [Shown(), Shown(say(lang, "步骤", "Steps"), bold=True)]
            for one in card.steps:
                box = "[x]" if one.done else "[ ]"
                owner = one_line(one.by if one.done else one.owner)
                lines.append(Shown(f"{box} {one.name}", ink="mid" if one.done else "text", right=owner))
        if card.people or card.links:
            lines += [Shown(), Shown(say(lang, "参与和关联", "People and links"), bold=True)]
            part = {"watcher": say(lang, "关注", "watches"), "collaborator": say(lang, "一起办", "works on it")}
            lines += [Shown(one_line(name), right=part.get(of, of)) for name, of in card.people]
            lines += [
                Shown(one_line(title or target), right=say(lang, *LINKED.get(of, (of, of))))
                for of, target, title in card.links
            ]
        return lines + self._events(card, lang, width)

    def _readers(self, card: "TicketCard", lang: str, width: int) -> list[Shown]:
        """Who is at it right now, before two write the same."""
        if not card.readers:
            return []
        writes = say(lang, "（在写）", " (writing)")
        names = [one_line(name) + (writes if writing else "") for name, writing, _ in card.readers]
        words = say(lang, "现在看的：" + "、".join(names), "Here now: " + ", ".join(names))
        return [Shown(text, ink="amber") for text in wrap(words, width - 4)]

    def _clock(self, name: str, due: "Due | None") -> Shown:
        look = urgency_style(due, self._now, lang_of(self))
        return Shown(name, ink="mid", right=look.text, right_ink=look.ink if look.ink != "ink" else "red")

    def _moves(self, card: "TicketCard", lang: str, width: int) -> list[Shown]:
        if not card.moves:
            return []
        lines = [Shown(), Shown(say(lang, "下一步", "Next"), bold=True)]
        for number, move in enumerate(card.moves[:9], start=1):
            lines.append(
                Shown(f"{move.name} > {move.to}", at=6, ink="text" if not move.why else "mid", cap=str(number))
            )
            if move.why:
                lines += [Shown(text, at=6, ink="amber") for text in wrap(move.why, width - 8)]
        return lines

    def _fields(self, card: "TicketCard", lang: str, width: int) -> list[Shown]:
        if not card.fields:
            return []
        lines = [Shown(), Shown(say(lang, "字段", "Fields"), bold=True)]
        for field in card.fields:
            if not field.value and not field.required:
                continue
            told = one_line(field.shown) if field.value else say(lang, "要填", "to fill")
            first, *rest = wrap(told, max(8, width - LABEL - 6)) or [""]
            name = one_line(field.name)
            lines.append(Shown(f"{name}  {first}", ink="text" if field.value else "amber"))
            lines += [Shown(text, at=4) for text in rest]
        empty = sum(not field.value and not field.required for field in card.fields)
        if empty:
            lines.append(Shown(say(lang, f"另有 {empty} 项没填", f"{empty} more not filled"), ink="dim"))
        return lines

    def _events(self, card: "TicketCard", lang: str, width: int) -> list[Shown]:
        zone = zone_of(self)
        lines = [Shown(), Shown(say(lang, "经过", "History"), bold=True)]
        for one in card.events[::-1][:SHOWN]:
            at = f"{day(one.at, self._now, zone, lang)} {clock_of_day(one.at, zone)}"
            what = say(lang, *EVENTS.get(one.kind, (one.kind, one.kind)))
            lines.append(Shown(f"{at}  {one_line(one.who)}  {what}", ink="mid"))
            lines += [Shown(text, at=4) for text in wrap(clean(one.text, newlines=True), width - 6)] if one.text else []
        return lines

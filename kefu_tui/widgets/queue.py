"""The queue pane: who waits for an answer, in the order in which they breach, each with a clock that ticks."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.reactive import reactive
from textual.strip import Strip

from kefu_tui.text import cells, count, cut, last_words, one_line, wrap
from kefu_tui.widgets.caps import cap_of
from kefu_tui.widgets.ink import Line, cap, cap_cells, ink_of, lang_of, say, title, urgency_style
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.row_list import RowList, Section

if TYPE_CHECKING:
    from kefu_tui.store.shown import QueueRow

KINDS: dict[str, tuple[str, str]] = {
    "presale": ("售", "PRE"),
    "order": ("单", "ORD"),
    "logistics": ("物", "SHP"),
    "aftersale": ("后", "AFT"),
    "return": ("退", "RET"),
    "complaint": ("诉", "CMP"),
    "technical": ("技", "TEC"),
    "invoice": ("票", "INV"),
    "suggestion": ("议", "SUG"),
    "praise": ("赞", "PRA"),
    "other": ("他", "OTH"),
}
"""One character or three letters for each kind of conversation."""

SECTIONS: dict[str, tuple[str, str]] = {
    "pinned": ("置顶", "Pinned"),
    "mine": ("我的", "Mine"),
    "offered": ("转给我", "Offered"),
    "waiting": ("等候", "Wait"),
    "others": ("同事", "Others"),
}

VIEWS: dict[str, tuple[str, str]] = {
    "work": ("按到期先后", "next breach first"),
    "mine": ("只看我的", "mine only"),
    "waiting": ("只看等候", "waiting only"),
    "group": ("看本组", "my groups"),
    "all": ("看全部", "everything"),
}
"""Views of the queue, in the order in which keys go through them, and what the title says of each."""

GROUPS: dict[str, tuple[str, str]] = {
    "kind": ("类别", "kind"),
    "channel": ("渠道", "channel"),
    "tier": ("客户等级", "tier"),
    "assignee": ("接待人", "assignee"),
    "tag": ("标签", "tag"),
}
"""What the queue can be grouped by."""
NOTHING: dict[str, tuple[str, str]] = {
    "channel": ("没有渠道", "no channel"),
    "assignee": ("没有人接", "nobody"),
    "tag": ("没有标签", "no tag"),
}
KIND_NAMES: dict[str, tuple[str, str]] = {
    "presale": ("售前", "Presale"), "order": ("订单", "Order"), "logistics": ("物流", "Shipping"),
    "aftersale": ("售后", "After-sale"), "return": ("退换", "Return"), "complaint": ("投诉", "Complaint"),
    "technical": ("技术", "Technical"), "invoice": ("发票", "Invoice"), "suggestion": ("建议", "Suggestion"),
    "praise": ("表扬", "Praise"), "other": ("其他", "Other"),
}  # fmt: skip
TIERS: dict[str, tuple[str, str]] = {
    "new": ("新客", "New"), "regular": ("普通", "Regular"), "returning": ("老客", "Returning"), "vip": ("VIP", "VIP"),
}  # fmt: skip
MARK = "#"
"""In front of a row that is selected."""

_CALM = frozenset(("calm", "none", "paused"))


class QueueFacts(NamedTuple):
    """Figures in the titles of the queue."""

    view: str = "work"
    total: int = 0
    load: int = 0
    capacity: int = 0
    stale: str = ""
    """Clock of day since when nothing new has come; '' while in touch."""
    name: str = ""
    """The name of a saved view, or the filter; '' for a view of the trade."""
    group_by: str = ""
    """What rows stand under; '' sections."""
    marked: int = 0
    """Rows that are selected."""


class QueuePane(RowList["QueueRow"]):
    """Rows of the queue under the headings mine, offered to me, waiting and colleagues'."""

    head_lines = 1

    moving = reactive(True)
    """Whether single keys act: only then they are shown."""

    def __init__(self, fetch: Callable[[Sequence[str]], Sequence["QueueRow"]], *, id: str | None = None) -> None:
        super().__init__(fetch, lambda row: row.id, id=id)
        self._facts = QueueFacts()
        self._now = 0
        self.marked: frozenset[str] = frozenset()
        """Rows that are selected."""
        self.opened: str | None = None
        """The conversation on screen."""

    def show(
        self, facts: QueueFacts, ids: Sequence[str], sections: Sequence[Section], now: int, *, stay: bool = False
    ) -> None:
        """Other figures or another order, at `now` (µs UTC); `stay` keeps the cursor's row where it is on screen."""
        self._now = now
        before, self._facts = self._facts, facts
        if facts._replace(total=0, load=0, capacity=0) != before._replace(total=0, load=0, capacity=0):
            self.refresh()
        elif facts != before:
            self.repaint_figures()
        self.set_ids(ids, sections, stay=stay)

    @property
    def total(self) -> int:
        """Conversations of the view."""
        return self._facts.total

    def mark(self, ids: frozenset[str]) -> None:
        """Other rows are selected."""
        other, self.marked = self.marked ^ ids, ids
        self._facts = self._facts._replace(marked=len(ids))
        self.repaint_head()
        for one in other:
            self.repaint_row(one)

    @property
    def stale(self) -> str:
        """Clock of day since when nothing new has come; '' while in touch."""
        return self._facts.stale

    def titled(self, shown: bool) -> None:
        """Whether the pane says its own name; in one column the switcher does."""
        if (self.head_lines == 1) != shown:
            self.head_lines = int(shown)
            self.refresh()

    def open_row(self, row_id: str | None) -> None:
        """Mark another conversation as the one on screen."""
        before, self.opened = self.opened, row_id
        for one in (before, row_id):
            if one is not None:
                self.repaint_row(one)

    def tick(self, now: int) -> None:
        """Another second: repaint the rows whose time reads otherwise."""
        before, self._now = self._now, now
        lang = lang_of(self)
        for row in self.window_rows():
            if urgency_style(row.due, before, lang)[:2] != urgency_style(row.due, now, lang)[:2]:
                self.repaint_row(row.id)

    def draw_head(self, y: int, width: int) -> Strip:
        """Name, count and order."""
        lang, facts = lang_of(self), self._facts
        line = Line(ink_of(self), width).gap(1)
        title(line, say(lang, "队列", "Queue"), count(facts.total, lang), focused=self.active)
        if facts.stale:
            return line.right(say(lang, f"停在 {facts.stale}", f"as of {facts.stale}"), ink="amber").strip()
        if facts.marked:
            line.gap(2).add(say(lang, f"选中 {facts.marked}", f"{facts.marked} selected"), ink="azure", bold=True)
        if facts.name:
            return line.right(cut(facts.name, max(0, line.room - 2)), ink="azure").strip()
        by = say(lang, "分组：", "by ") + say(lang, *GROUPS[facts.group_by]) if facts.group_by else ""
        return line.right(by or say(lang, *VIEWS[facts.view]), ink="mid").strip()

    def draw_heading(self, section: Section, width: int) -> Strip:
        """A section's name and count; beside those who wait, the key that takes the next."""
        lang, facts, ink = lang_of(self), self._facts, ink_of(self)
        line = Line(ink, width).gap(2).add(cut(self._heading(section.name), width - 16), ink="mid").gap(2)
        if section.name == "mine" and not facts.group_by:
            over = facts.load > facts.capacity
            line.add(f"{facts.load} / {facts.capacity}", ink="mid")
            line.add(say(lang, " 超", " over") if over else "", ink="amber")
        else:
            line.add(count(section.rows, lang), ink="mid")
        if facts.group_by:
            return line.strip()
        key, label = cap_of(self, "next")
        fits = line.cells + cap_cells(ink, key, label) + 2 < width
        if section.name == "waiting" and section.rows and self.moving and key and fits:
            cap(line, key, label, right=True)
        return line.strip()

    def _heading(self, name: str) -> str:
        """The words over rows of a section or a group."""
        lang, by = lang_of(self), self._facts.group_by
        if name == "pinned" or not by:
            return say(lang, *SECTIONS.get(name, (name, name)))
        if by == "kind":
            return say(lang, *KIND_NAMES.get(name, (name, name)))
        if by == "tier":
            return say(lang, *TIERS.get(name, (name, name)))
        return one_line(name) or say(lang, *NOTHING[by])

    def draw_row(self, row: "QueueRow", width: int, part: int = 0) -> Strip:
        """Mark, time, kind, name, preview, unread; the second line has more of the preview."""
        ink, lang = ink_of(self), lang_of(self)
        opened, under = row.id == self.opened, row.id == self.cursor and self.active
        chosen = under or (opened and not self.active)
        line = Line(ink, width, "sel" if chosen else "raise_" if opened else "pane")
        if row.id in self.marked and not ink.flat:
            line.tint("calm", width)
        if opened or (under and ink.flat):
            line.add(ink.cursor if chosen else ink.bar, ink="azure", bold=ink.flat)
        elif row.id in self.marked:
            line.add(MARK, ink="azure", bold=True)
        line.to(1)
        if part:
            line.to(13 if lang == "en" else 11).gap(7 if lang == "en" else 6).gap(1)
            self._draw_preview(line, row, "dim", part)
            return line.strip()
        look = urgency_style(row.due, self._now, lang)
        line.column(look.text, 6, flush=True, ink=look.ink, bold=look.bold, fill=look.fill).gap(1)
        mine = row.section == "mine"
        calm = look.state in _CALM and not row.unanswered
        line.column(say(lang, *KINDS.get(row.kind, KINDS["other"])), 3 if lang == "en" else 2, ink="mid").gap(1)
        self._draw_name(line, row, ink_name="dim" if calm else "text", bold=mine and not calm)
        self._draw_preview(line, row, "dim" if calm else "text" if chosen else "mid")
        if row.unanswered > 1:
            line.gap(1).right(count(row.unanswered, lang), bold=mine)
        return line.strip()

    def _draw_name(self, line: Line, row: "QueueRow", ink_name: str, bold: bool) -> None:
        lang = lang_of(self)
        size = 7 if lang == "en" else 6
        name, start = customer_name(row.name, lang), line.cells
        vip = row.tier.lower() == "vip"
        room = size - vip if lang == "en" else size
        line.column(name, min(cells(name), room), ink=ink_name, bold=bold)
        line.add("V" if vip else "", ink="mauve", bold=True).to(start + size + 1)

    def _draw_preview(self, line: Line, row: "QueueRow", ink_text: str, part: int = 0) -> None:
        lang = lang_of(self)
        unread = cells(count(row.unanswered, lang)) + 1 if row.unanswered > 1 else 2
        if row.held:
            line.add(say(lang, f"扣下 {row.held}", f"held {row.held}"), ink="red", bold=True).gap(2)
        elif row.pending and self._facts.stale:
            line.add(say(lang, f"待发 {row.pending}", f"to send {row.pending}"), ink="amber").gap(2)
        if row.section == "others" and row.assignee:
            line.add(one_line(row.assignee), ink="dim").gap(2)
        room, words = max(0, line.width - line.cells - unread - 1), last_words(row.preview, lang)
        if self.tall > 1 and room >= 2:  # the first line ends where a line may, the second goes on
            first, *rest = wrap(words, room)
            words = " ".join(rest) if part else first
        line.column(words, room, ink=ink_text)

    def draw_empty(self, y: int, width: int) -> Strip | None:
        """Under a filter that nothing fits: one sentence."""
        if not self._facts.name:
            return None
        words = say(lang_of(self), "没有合条件的会话。", "Nothing fits the filter.") if y == 1 else ""
        return Line(ink_of(self), width).gap(2).add(words, ink="mid").strip()

    def draw_more(self, hidden: int, width: int) -> Strip:
        """How many rows follow, those beyond the ids included."""
        lang = lang_of(self)
        hidden += max(0, self._facts.total - len(self.ids))
        return (
            Line(ink_of(self), width)
            .gap(8)
            .add(say(lang, f"往下还有 {count(hidden, lang)} 位", f"{count(hidden, lang)} more below"), ink="dim")
            .strip()
        )

"""How the parts of a thread look: bubbles, notes, system lines and blocks of words that did not leave."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

from kefu_tui.text import NEVER_FIRST, NEVER_LAST, cells, clean, clock_of_day, cut, fold_ambiguous, one_line, wrap_spans
from kefu_tui.text_narrow import lost
from kefu_tui.widgets.blocks import Block
from kefu_tui.widgets.caps import GAP, Cap, caps
from kefu_tui.widgets.ink import Line, cap_cells, say
from kefu_tui.widgets.inks import Ink

if TYPE_CHECKING:
    from kefu_tui.store.shown import NoticeRow

Recognised = Callable[[str], list[tuple[int, int, str]]]
"""Spans of order, tracking and phone numbers in a text, each with its kind."""

Span = tuple[int, int]

LEFT = 2
"""Column of edge bars and of lines without a plane."""
MEASURE = 64
"""Cells of the widest bubble's text: a longer line is tiring to read."""
BALANCED = 12
"""Lines up to which a bubble is as narrow as it can be without one line more."""


class Setting(NamedTuple):
    """What a thread is drawn with."""

    ink: Ink
    lang: str
    zone: str
    width: int
    keys: tuple[tuple[str, Cap], ...] = ()
    """What can be done with words that did not leave: a notice's action, and its cap."""
    acting: bool = True
    """Whether those keys act now: not while writing."""
    low: bool = False
    """Few rows are in sight: bot and notes take one where they can."""
    wide: bool = False
    """The terminal draws characters of uncertain width two cells wide: they are folded."""
    original: str = ""
    """The key that shows a folded text as it was written; '' where none does now."""


class Party(NamedTuple):
    """How one who speaks is told apart: words (none: the author's name), token, plane, side."""

    zh: str
    en: str
    ink: str
    plane: str
    right: bool = False
    full: bool = False


PARTIES = {
    "customer": Party("客户", "Customer", "mid", "customer"),
    "me": Party("我", "Me", "azure", "me", right=True),
    "agent": Party("", "", "mid", "calm", right=True),
    "bot": Party("机器人", "Bot", "mauve", "bot"),
    "note": Party("备注", "Note", "amber", "note", full=True),
}

QUIET = frozenset(("bot", "note"))
"""Parties on the left whose words may share a row with their head."""

MARKS = {
    "pending": ("待发", "to send", "amber"),
    "likely_conflict": ("待发，可能扣下", "to send, may be held", "amber"),
    "unknown": ("不确定送到没有", "arrival unknown", "amber"),
    "failed": ("没送到", "not delivered", "red"),
    "rejected": ("没发出", "not sent", "red"),
    "held": ("扣下，客户没有收到", "held, customer has not seen it", "red"),
}
"""Delivery speaks only when something is not well."""

STUCK = {
    "held": ("扣下 {n} 条，客户没有收到", "{n} held. The customer has not seen it", "扣下", "held"),
    "rejected": ("没发出，客户没有收到", "Not sent. The customer has not seen it", "没发出", "not sent"),
    "info": ("没送到", "Not delivered", "没送到", "not delivered"),
}

WORDLESS = {"info": ("告知", "note", "amber")}
REFUSED = ("没做成", "refused", "red")
"""A step without words of its own: a claim that somebody else had won; or only something to know."""

ADVICE = {
    "claim-lost": ("看过对方怎么说，再定要不要照发。", "See what was said, then decide."),
    "claim-freed": ("先接回来，再照发。", "Take it back, then send."),
    "answered": ("看过对方怎么说，再定要不要照发。", "See what was said, then decide."),
    "closed": ("照发会重开这个会话。", "Sending reopens the conversation."),
    "order-changed": ("照原样发会说错话，由你定。", "Sent as it is, it may be wrong. You decide."),
    "window-closed": (
        "渠道多半不收了：等客户再来，或打电话。",
        "The channel will hardly take it: wait for the customer, or call.",
    ),
}
USUAL_ADVICE = ("原文还在，由你定。", "Your words are kept. You decide.")


class Row(NamedTuple):
    """One row of a part: what it is, and which characters of which text stand in it."""

    kind: str
    which: int = 0
    start: int = 0
    end: int = 0


class Laid:
    """A part of a thread laid out for a width: how many rows it has, and each row as a strip."""

    def __init__(self, block: Block, setting: Setting, recognised: Recognised) -> None:
        self.block = block
        self.setting = setting
        self.texts = [clean(text, newlines=True) for text in block.texts]
        self.lost = setting.wide and any(map(lost, self.texts))
        """Whether less is said here than was written."""
        if setting.wide:
            self.texts = [fold_ambiguous(text) for text in self.texts]
        self.numbers = [[span[:2] for span in recognised(text)] for text in self.texts]
        self.party = PARTIES.get(block.who, PARTIES["customer"])
        self.inner = 0
        """Cells of text in each row of the bubble."""
        self.facts: list[tuple[str, str]] = []
        self.caps: list[list[Cap]] = []
        self.rows = self._lay_out()
        self._strips: dict[int, Strip] = {}

    def strip(self, index: int) -> Strip:
        """One row, as wide as the pane; drawn once."""
        if (drawn := self._strips.get(index)) is None:
            drawn = self._strips[index] = self._drawn(index)
        return drawn

    def _drawn(self, index: int) -> Strip:
        row = self.rows[index]
        draw = {
            "date": self._date, "new": self._new, "head": self._head, "text": self._text, "inline": self._inline,
            "system": self._system, "stuck": self._stuck, "folded": self._folded, "body": self._text,
            "fact": self._fact, "keys": self._keys, "fill": self._fill,
        }.get(row.kind)  # fmt: skip
        return draw(row).strip() if draw else self._line().strip()

    # Laying out

    def _lay_out(self) -> list[Row]:
        block = self.block
        rows: list[Row] = [Row("blank")] if block.gap else []
        if block.date and block.who != "system":
            rows.append(Row("date"))
        if block.new:
            rows.append(Row("new"))
        if block.notice:
            return rows + self._lay_out_stuck(block.notice)
        if block.who == "system":
            return rows + self._lay_out_texts("system", self.setting.width - 2 * LEFT - self._time_cells())
        if self.setting.low and self._fits_a_row():
            return [*rows, Row("inline")]
        most = self._room() if block.long or self.party.full else self._measure()
        rows += [Row("head")] if block.head else []
        texts = self._lay_out_texts("text", most, balance=not block.long)
        self.inner = max(
            sum(cells(words) for words, _, _ in self._head_pieces()) if block.head else 0,
            max(cells(self.texts[row.which][row.start : row.end]) for row in texts),
        )
        if block.long or self.party.full or self.inner > self._room():
            self.inner = self._room()
        return rows + texts

    def _fits_a_row(self) -> bool:
        """Whether head and words of a bot or a note stand in one row; lays that out."""
        text = self.texts[0]
        self.inner = sum(cells(words) for words, _, _ in self._head_pieces()) + 2 + cells(text)
        fits = self.block.who in QUIET and len(self.texts) == 1 and "\n" not in text and self.inner <= self._room()
        if fits and self.party.full:
            self.inner = self._room()
        return fits

    def _lay_out_texts(self, kind: str, most: int, *, balance: bool = False) -> list[Row]:
        wrapped = [wrap_spans(text, most, keep=spans) for text, spans in zip(self.texts, self.numbers, strict=True)]
        if balance and 1 < sum(map(len, wrapped)) <= BALANCED:
            wrapped = self._balanced(wrapped, most)
        return [Row(kind, which, *span) for which, spans in enumerate(wrapped) for span in spans]

    def _balanced(self, wrapped: list[list[Span]], most: int) -> list[list[Span]]:
        """The same lines in the narrowest bubble that holds them without one more, and breaks no worse."""
        lines, bad = sum(map(len, wrapped)), self._bad_breaks(wrapped)
        low, high = most // 4, most
        while low < high:
            width = (low + high) // 2
            tried = [wrap_spans(text, width, keep=keep) for text, keep in zip(self.texts, self.numbers, strict=True)]
            if sum(map(len, tried)) <= lines and self._bad_breaks(tried) <= bad:
                wrapped, high = tried, width
            else:
                low = width + 1
        return wrapped

    def _bad_breaks(self, wrapped: list[list[Span]]) -> int:
        """How many lines begin or end with what should not, or break a word or a number."""
        count = 0
        for text, spans in zip(self.texts, wrapped, strict=True):
            for (_, end), (start, _) in pairwise(spans):
                before, after = text[end - 1 : end], text[start : start + 1]
                word = end == start and before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
                count += before in NEVER_LAST or after in NEVER_FIRST or word
        return count

    def _lay_out_stuck(self, notice: "NoticeRow") -> list[Row]:
        self.inner = self._room()
        if not self.block.active:
            return [Row("folded")]
        if not notice.body:
            self.caps = self._broken_caps(notice)
            label = sum(map(cells, (self._stuck_words()[0], clock_of_day(self.block.at, self.setting.zone)))) + 3
            fits = label + cells(self.texts[0]) <= self.inner and "\n" not in self.texts[0]
            rows = [Row("folded")] if fits else [Row("stuck"), *self._lay_out_texts("body", self.inner)]
            return [*rows, Row("fill"), *(Row("keys", which) for which in range(len(self.caps)))]
        self.facts = [
            (say(self.setting.lang, "为什么", "Why"), clean(notice.text)),
            (say(self.setting.lang, "怎么办", "Next"), say(self.setting.lang, *ADVICE.get(notice.code, USUAL_ADVICE))),
        ]
        rows = [Row("stuck"), *self._lay_out_texts("body", self.inner), Row("fill")]
        label = max(cells(name) for name, _ in self.facts) + 1
        for which, (_, words) in enumerate(self.facts):
            rows += [Row("fact", which, *span) for span in wrap_spans(words, self.inner - label)]
        self.caps = self._broken_caps(notice)
        return [*rows, Row("fill"), *(Row("keys", which) for which in range(len(self.caps)))]

    def _broken_caps(self, notice: "NoticeRow") -> list[list[Cap]]:
        """The keys of the block, in as many rows as they need."""
        broken: list[list[Cap]] = [[]]
        used = 0
        for action, each in self.setting.keys:
            if action not in notice.actions or not each[0]:
                continue
            size = cap_cells(self.setting.ink, *each)
            if broken[-1] and used + GAP + size > self.inner:
                broken.append([])
                used = 0
            used += size + (GAP if broken[-1] else 0)
            broken[-1].append(each)
        return broken

    def _room(self) -> int:
        """Cells of text in a bubble of full width: bar, a pad on each side."""
        return max(4, self.setting.width - 2 * LEFT - 3)

    def _measure(self) -> int:
        room = self._room()
        return min(room - min(8, room // 10), MEASURE)

    # Drawing

    def _line(self) -> Line:
        return Line(self.setting.ink, self.setting.width)

    def _bubble(self, *, ink: str, plane: str, right: bool = False) -> Line:
        """A line of a bubble, up to where its text begins."""
        line = self._line()
        bar = self.setting.ink.bar
        if right:
            start = self.setting.width - LEFT - self.inner - 3
            return line.tint(plane, self.inner + 3, start).to(start + 1)
        return line.to(LEFT).add(bar, ink=ink).tint(plane, self.inner + 2, LEFT + 1).gap(1)

    def _closed(self, line: Line, *, ink: str, right: bool) -> Line:
        """The same line with its bar at the right edge, where it has one there."""
        return line.to(self.setting.width - LEFT - 1).add(self.setting.ink.bar, ink=ink) if right else line

    def _date(self, row: Row) -> Line:
        return self._line().to(LEFT).add(self.block.date, ink="dim")

    def _new(self, row: Row) -> Line:
        words = say(self.setting.lang, f"新 {self.block.new}", f"{self.block.new} new")
        if self.block.new == 1:
            words = say(self.setting.lang, "新", "new")
        return self._line().to(LEFT).add(words, ink="azure", bold=True)

    def _system(self, row: Row) -> Line:
        time = self.block.date or clock_of_day(self.block.at, self.setting.zone)
        words = self.texts[row.which][row.start : row.end]
        line = (
            self._line().to(LEFT).column(time if not row.start and not row.which else "", self._time_cells(), ink="dim")
        )
        return line.add(words, ink="dim")

    def _time_cells(self) -> int:
        """Cells of a system line's time, or of its day where that changes, and the gap after it."""
        return max(5, cells(self.block.date)) + 2

    def _colour(self) -> str:
        return "text" if self.block.fresh else self.party.ink

    def _head_pieces(self) -> list[tuple[str, str, bool]]:
        """Who, when, and what is to be known about it; what matters less leaves first where there is little room."""
        block, lang = self.block, self.setting.lang
        name = say(lang, self.party.zh, self.party.en)
        author = cut(one_line(block.author), 16)
        who = (name or author or say(lang, "同事", "Colleague"), self._colour(), True)
        clock = (" " + clock_of_day(block.at, self.setting.zone), "dim", False)
        mark = MARKS.get(block.mark)
        marks = [("  " + say(lang, *mark[:2]), mark[2], mark[2] == "red")] if mark else []
        by = [(" " + author, "mid", False)] if self.party.full and author else []
        hint = [("  " + say(lang, "客户看不到", "hidden from customer"), "dim", False)] if self.party.full else []
        if self.lost:
            shown = " ".join(("  " + say(lang, "原文", "original"), self.setting.original)).rstrip()
            hint = [*hint, (shown, "dim", False)]
        for pieces in (
            [who, *by, clock, *hint, *marks],
            [who, *by, clock, *marks],
            [who, clock, *marks],
            [who, *marks],
        ):
            if sum(cells(words) for words, _, _ in pieces) <= self._room():
                return pieces
        return [who, *marks]

    def _head(self, row: Row) -> Line:
        line = self._bubble(ink=self._colour(), plane=self.party.plane, right=self.party.right)
        room = self.inner
        for words, ink, bold in self._head_pieces():
            shown = cut(words, room)
            line.add(shown, ink=ink, bold=bold)
            room -= cells(shown)
        return self._closed(line, ink=self.party.ink, right=self.party.right)

    def _inline(self, row: Row) -> Line:
        line = self._head(row).gap(2)
        for words, number in marked(self.texts[0], 0, len(self.texts[0]), self.numbers[0]):
            line.add(words, underline=number)
        return line

    def _text(self, row: Row) -> Line:
        if row.kind == "body":
            line = self._fill(row)
        else:
            line = self._bubble(ink=self._colour(), plane=self.party.plane, right=self.party.right)
        for words, number in marked(self.texts[row.which], row.start, row.end, self.numbers[row.which]):
            line.add(words, underline=number)
        return line if row.kind == "body" else self._closed(line, ink=self.party.ink, right=self.party.right)

    def _fill(self, row: Row) -> Line:
        return self._bubble(ink=self._stuck_words()[2], plane="held")

    def _stuck(self, row: Row) -> Line:
        words, _, ink = self._stuck_words()
        line = self._fill(row).add(cut(words, self.inner - 6), ink=ink, bold=True)
        clock = clock_of_day(self.block.at, self.setting.zone)
        return line.to(LEFT + 2 + self.inner - cells(clock)).add(clock, ink="dim")

    def _stuck_words(self) -> tuple[str, str, str]:
        """What it is, the same in short, and its colour."""
        notice, lang = self.block.notice, self.setting.lang
        if notice and not notice.body:
            zh, en, ink = WORDLESS.get(notice.level, REFUSED)
            return say(lang, zh, en), say(lang, zh, en), ink
        zh, en, short_zh, short_en = STUCK.get(notice.level if notice else "held", STUCK["held"])
        return say(lang, zh, en).format(n=self.block.stuck), say(lang, short_zh, short_en), "red"

    def _folded(self, row: Row) -> Line:
        _, short, ink = self._stuck_words()
        clock = clock_of_day(self.block.at, self.setting.zone)
        line = self._fill(row).add(short, ink=ink, bold=True).add(f" {clock}  ", ink="dim")
        return line.add(cut(one_line(self.texts[0]), LEFT + 2 + self.inner - line.cells), ink="mid")

    def _fact(self, row: Row) -> Line:
        label, words = self.facts[row.which]
        width = max(cells(name) for name, _ in self.facts) + 1
        line = self._fill(row).column(label if row.start == 0 else "", width, ink="mid")
        return line.add(words[row.start : row.end])

    def _keys(self, row: Row) -> Line:
        setting = self.setting
        until = LEFT + 2 + self.inner
        return caps(self._fill(row), self.caps[row.which], until, acting=setting.acting, best=row.which == 0)


def marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The pieces of text[start:end], each with whether it lies in one of the spans (ascending, apart)."""
    pieces: list[tuple[str, bool]] = []
    at = start
    for first, last in spans:
        if last <= at or first >= end:
            continue
        if first > at:
            pieces.append((text[at:first], False))
        pieces.append((text[max(first, at) : min(last, end)], True))
        at = min(last, end)
    if at < end:
        pieces.append((text[at:end], False))
    return pieces

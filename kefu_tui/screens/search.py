"""Search in everything: what is typed above, what was found with its time first, and the words around it beside."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.screens.keyed import Over
from kefu_tui.screens.picker import PROMPT, STEPS
from kefu_tui.screens.sheet import Caps, Sheet, Text, Typed
from kefu_tui.text import cells, clean, clock_of_day, cut, day, fold_ambiguous, one_line, wrap
from kefu_tui.widgets.caps import zone_of
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say
from kefu_tui.widgets.names import customer_name

if TYPE_CHECKING:
    from kefu_tui.desk.finding import Finding, Found, Hit

FIELD_HINT = ("from: tag: before: order: is:", "from: tag: before: order: is:")
"""Conditions that are told beside what is typed."""
PAGE = 30
"""Messages shown."""
FRAME = 0.004
"""Seconds in which a key is answered; what takes longer is looked for beside."""
WIDE = 100
"""Columns from which on the words around a hit stand beside the list."""
TIME, WHO = 11, 8
GROUPS: dict[str, tuple[str, str]] = {
    "customer": ("客户", "Customers"),
    "order": ("订单", "Orders"),
    "ticket": ("工单", "Tickets"),
    "conversation": ("会话", "Conversations"),
    "message": ("消息", "Messages"),
    "reply": ("话术", "Replies"),
}
AUTHORS: dict[str, tuple[str, str]] = {
    "customer": ("客户", "cust"),
    "me": ("我", "me"),
    "agent": ("同事", "team"),
    "bot": ("机器人", "bot"),
    "system": ("系统", "sys"),
    "note": ("备注", "note"),
}


class Chosen(NamedTuple):
    """What is to be shown: a conversation at a message, or a reply to be used; the words to mark."""

    hit: "Hit"
    words: tuple[str, ...]


class Hits(Widget):
    """What was found, in groups, with a cursor."""

    DEFAULT_CSS = "Hits { height: 1fr; width: 1fr; }"

    class Moved(Message):
        """The cursor is on another hit."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._hits: tuple[Hit, ...] = ()
        self._place = self._top = 0
        self._empty = ""
        self._lines: list[int | str] = []

    def show(self, hits: "Sequence[Hit]", empty: str) -> None:
        """Other hits; the cursor goes to the first."""
        self._hits, self._place, self._top, self._empty = tuple(hits), 0, 0, empty
        lines: list[int | str] = []
        group = ""
        for place, hit in enumerate(self._hits):
            if hit.kind != group:
                lines += ["", hit.kind] if lines else [hit.kind]
                group = hit.kind
            lines.append(place)
        self._lines = lines
        self.refresh()
        self.post_message(self.Moved())

    @property
    def current(self) -> "Hit | None":
        """The hit under the cursor."""
        return self._hits[self._place] if self._hits else None

    def move(self, by: int) -> None:
        """Move the cursor, not past the ends."""
        if not self._hits:
            return
        self._place = max(0, min(self._place + by, len(self._hits) - 1))
        line = self._lines.index(self._place)
        height = max(2, self.size.height) - 1
        self._top = max(min(self._top, max(0, line - 1)), line - height + 1)
        self.refresh()
        self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        """A heading, or a hit: when, who, the words."""
        ink, width, lang = ink_of(self), self.size.width, lang_of(self)
        if not self._lines:
            return Line(ink, width, "over").gap(2).add(self._empty if y == 0 else "", ink="dim").strip()
        at = self._top + y
        if at >= len(self._lines):
            return Line(ink, width, "over").strip()
        if y == self.size.height - 1 and at < len(self._lines) - 1:
            below = sum(isinstance(one, int) for one in self._lines[at:])
            more = say(lang, f"往下还有 {below} 条", f"{below} more below")
            return Line(ink, width, "over").gap(2).add(more, ink="dim").strip()
        shown = self._lines[at]
        if isinstance(shown, str):
            words = say(lang, *GROUPS[shown]) if shown else ""
            return Line(ink, width, "over").gap(2).add(words, ink="mid").strip()
        return self._draw(self._hits[shown], shown == self._place, width)

    def _draw(self, hit: "Hit", chosen: bool, width: int) -> Strip:
        ink, lang = ink_of(self), lang_of(self)
        line = Line(ink, width, "sel" if chosen else "over")
        line.add(ink.cursor if chosen and ink.flat else "", ink="azure", bold=True).to(1)
        line.column(when(hit.at, self._now(), zone_of(self), lang), TIME, flush=True, ink="dim").gap(1)
        if hit.kind == "reply":
            line.column(one_line(hit.who), 2 * WHO, bold=True).gap(1)
        else:
            line.column(customer_name(hit.who, lang), WHO, bold=True).gap(1)
        if hit.author:
            line.column(say(lang, *AUTHORS.get(hit.author, (hit.author, hit.author))), 6, ink="dim").gap(1)
        marked(line, hit.text, hit.spans, width - 2)
        return line.strip()

    def on_click(self, event: events.Click) -> None:
        """A click goes there."""
        event.stop()
        at = self._top + event.y
        if at < len(self._lines) and isinstance(self._lines[at], int):
            self.move(int(self._lines[at]) - self._place)


def when(at: int, now: int, zone: str, lang: str) -> str:
    """A moment in a list: the clock today, else the day; '' for none."""
    if not at:
        return ""
    shown = day(at, now, zone, "en" if lang == "en" else "zh")
    today = day(now, now, zone, "en" if lang == "en" else "zh")
    return clock_of_day(at, zone) if shown == today else f"{shown} {clock_of_day(at, zone)}"


def marked(line: Line, text: str, spans: Sequence[tuple[int, int]], until: int) -> None:
    """Append a text with its spans underlined, cut at column `until`."""
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        for piece, found in ((text[at:start], False), (text[start:end], True)):
            room = until - line.cells
            if room <= 0:
                return
            shown = fold_ambiguous(clean(piece))
            if cells(shown) > room:
                line.add(cut(shown, room), bold=found, underline=found)
                return
            line.add(shown, bold=found, underline=found)
        at = end


class Beside(Widget):
    """The lines of a conversation around a hit."""

    DEFAULT_CSS = "Beside { height: 1fr; width: 40%; }"

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._lines: list[tuple[str, str, str, int]] = []
        self._id = ""
        self._text = ""

    def show(self, lines: Sequence[tuple[str, str, str, int]], id: str, text: str = "") -> None:
        """Other lines, of which `id` was found; or a text alone."""
        self._lines, self._id, self._text = list(lines), id, text
        self.refresh()

    def _rows(self, width: int) -> list[tuple[str, str, bool]]:
        """Every row: words, token, whether it is of the hit."""
        lang, zone = lang_of(self), zone_of(self)
        rows: list[tuple[str, str, bool]] = []
        for line in wrap(clean(self._text, newlines=True), width) if self._text else ():
            rows.append((line, "text", False))
        for id, who, text, at in self._lines:
            head = f"{say(lang, *AUTHORS.get(who, (who, who)))}  {when(at, self._now(), zone, lang)}"
            rows.append((head, {"me": "azure", "note": "amber", "bot": "mauve"}.get(who, "dim"), id == self._id))
            rows += [(words, "text", id == self._id) for words in wrap(clean(text, newlines=True), width)]
            rows.append(("", "text", False))
        return rows

    def render_line(self, y: int) -> Strip:
        """One row; the hit stands in the middle where there is more than fits."""
        ink, width = ink_of(self), self.size.width
        rows = self._rows(max(8, width - 4))
        first = next((at for at, row in enumerate(rows) if row[2]), 0)
        top = max(0, min(first - self.size.height // 3, len(rows) - self.size.height))
        if top + y >= len(rows):
            return Line(ink, width, "raise_").strip()
        words, token, here = rows[top + y]
        line = Line(ink, width, "sel" if here else "raise_")
        return line.add((">" if ink.flat else "") if here else "", ink="azure").to(2).add(words, ink=token).strip()


class Search(Over[Chosen | None]):
    """The sheet: answers with what to show."""

    def __init__(self, finding: "Finding", now: Callable[[], int]) -> None:
        super().__init__()
        self._finding = finding
        self._now = now
        self._asked = ""
        self._found: Found | None = None

    def compose(self) -> ComposeResult:
        """What is typed, what was found, what stands around it."""
        lang = lang_of(self)
        with_beside = self.app.size.width >= WIDE
        body = [Hits(self._now), Beside(self._now)] if with_beside else [Hits(self._now)]
        yield Sheet(
            Typed(say(lang, "任何字；", "any words; ") + FIELD_HINT[lang == "en"], prompt=PROMPT),
            Text(),
            Horizontal(*body, classes="both"),
            Text(id="trouble"),
            Caps([("Enter", say(lang, "到那里", "go there")), ("Esc", say(lang, "关", "close"))]),
            id="search",
        )

    def on_mount(self) -> None:
        """Nothing is asked yet."""
        self._tell()

    async def press(self, event: events.Key) -> None:
        """Go there, move, leave, type."""
        typed, hits = self.query_one(Typed), self.query_one(Hits)
        if event.key in ("escape", "ctrl+f"):
            self.dismiss(None)
        elif event.key in STEPS:
            hits.move(STEPS[event.key])
        elif event.key == "enter":
            if hits.current is not None and self._found is not None:
                self.dismiss(Chosen(hits.current, self._found.words))
        elif typed.press(event):
            self._ask(typed.value.strip())

    def on_paste(self, event: events.Paste) -> None:
        """Pasted words are looked for."""
        self.query_one(Typed).put_line(event.text)
        self._ask(self.query_one(Typed).value.strip())

    def _ask(self, text: str) -> None:
        """Look for it: what a frame allows at once, the rest beside."""
        if text == self._asked:
            return
        self._asked = text
        self._found = self._finding.find(text, PAGE, FRAME) if text else None
        self._tell()
        if self._found is not None and self._found.partial and len(self._found.hits) < PAGE:
            self.run_worker(self._go_on(text), exclusive=True, exit_on_error=False)

    async def _go_on(self, text: str) -> None:
        """Look for all of it; the answer to what is typed no more is dropped."""
        found = await asyncio.to_thread(self._finding.find, text, PAGE)
        if text == self._asked and self.is_attached and found != self._found:
            self._found = found
            self._tell()

    def _tell(self) -> None:
        lang, found = lang_of(self), self._found
        hits = found.hits if found is not None else ()
        if found is None:
            empty = say(lang, "打字就找。", "Type to find.")
        elif found.troubles and not hits:
            empty = ""
        else:
            empty = say(lang, "这里没有。", "Nothing here.")
        self.query_one(Hits).show(hits, empty)
        trouble = found.troubles[0].say(lang) if found is not None and found.troubles else ""
        if not trouble and found is not None and found.partial and len(hits) < PAGE:
            trouble = say(
                lang, "只找了最近的；旧的还在编索引。", "Only the newest were looked at; older ones are being indexed."
            )
        self.query_one("#trouble", Text).say(trouble)
        many = len(hits)
        more = "+" if found is not None and found.partial and many >= PAGE else ""
        self.query_one(Caps).say(say(lang, f"{many}{more} 条", f"{many}{more} found") if found is not None else "")

    def on_hits_moved(self, event: Hits.Moved) -> None:
        """Another hit: show what stands around it."""
        event.stop()
        hit = self.query_one(Hits).current
        for beside in self.query(Beside):
            if hit is None:
                beside.show([], "")
            elif hit.kind == "reply":
                beside.show([], "", hit.text)
            else:
                beside.show(self._finding.around(hit), hit.id)

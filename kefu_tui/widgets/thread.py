"""The thread: messages of one conversation, laid out only where they are seen, kept at the end unless scrolled up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.widgets.blocks import Block, blocks
from kefu_tui.widgets.bubbles import LEFT, Laid, Recognised, Setting
from kefu_tui.widgets.caps import cap_of, caps, zone_of
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

if TYPE_CHECKING:
    from kefu_tui.store.shown import NoticeRow, ThreadItem

ACTIONS = (
    ("edit", "held-edit"), ("send-anyway", "held-send"), ("discard", "held-discard"), ("to-note", "held-note"),
    ("dismiss", "held-discard"),
)  # fmt: skip
"""What can be done with words that did not leave and steps that were refused, and the commands that do it."""
LABELS = {"dismiss": ("知道了", "dismiss")}
"""What an action is called where its command does less than its name says."""
WORDS = frozenset(("text", "inline", "system", "body", "folded"))
"""Rows that hold words of a message."""
ROOMY = 8
"""Rows from which one on top stays empty."""
LOW = 14
"""Rows below which bot and notes take as few rows as they can."""
KEPT = 400
"""Laid out parts that are remembered."""

UNWRITTEN = ("客户进来了，还没说话。", "The customer has come in and not written yet.")
"""What stands where no line is: only who has just come in has none."""

Place = tuple[str, int]
"""A row of the thread: the key of its block, and its number in it."""


def _nothing(text: str) -> list[tuple[int, int, str]]:
    return []


class Thread(Widget):
    """Draws a thread from its end upwards. The last row stays empty, or says how much is below."""

    DEFAULT_CSS = "Thread { height: 1fr; }"
    ALLOW_SELECT: ClassVar[bool] = False
    WHEEL: ClassVar[int] = 3

    waiting = reactive("")
    """What is still being fetched, one sentence; '' when all is there."""

    class Earlier(Message):
        """The first line was reached: older messages may be shown."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: list[Block] = []
        self._index: dict[str, int] = {}
        self._laid: dict[Block, Laid] = {}
        self._setting: Setting | None = None
        self._recognised: Recognised = _nothing
        self._bottom: Place | None = None
        """The last row seen; None keeps to the end."""
        self._seen: list[tuple[Laid, int] | None] | None = None
        self._drawn_with: tuple[object, ...] = ()
        self._acting = True
        self._reads = False

    def show(
        self,
        items: Sequence["ThreadItem"],
        notices: Sequence["NoticeRow"],
        recognised: Recognised,
        *,
        now: int,
        anew: bool = False,
    ) -> None:
        """Shows messages, oldest first; `now` in µs UTC, `anew` starts at the end again."""
        if recognised != self._recognised:
            self._laid.clear()
        self._recognised = recognised
        self._blocks = blocks(items, notices, now=now, zone=zone_of(self), lang=lang_of(self))
        self._index = {block.key: place for place, block in enumerate(self._blocks)}
        if anew or (self._bottom and self._bottom[0] not in self._index):
            self._bottom = None
        self._redraw()

    def prepare(
        self, items: Sequence["ThreadItem"], notices: Sequence["NoticeRow"], recognised: Recognised, *, now: int
    ) -> None:
        """Draws the end of another conversation's thread ahead of time, for the same arguments as `show` later."""
        if recognised != self._recognised:
            return
        rows = 0
        for block in reversed(blocks(items, notices, now=now, zone=zone_of(self), lang=lang_of(self))):
            laid = self._lay(block)
            for row in range(len(laid.rows)):
                laid.strip(row)
            rows += len(laid.rows)
            if rows >= self._height:
                return

    def acting(self, acting: bool) -> None:
        """Whether single keys act: while writing, the keys of held words stand back."""
        if acting != self._acting:
            self._acting = acting
            self._redraw()

    def reads(self, reads: bool) -> None:
        """Whether the keys of the conversation act here: the one that shows a folded text is told then."""
        if reads != self._reads:
            self._reads = reads
            self._redraw()

    @property
    def at_end(self) -> bool:
        """Whether the newest line is in sight."""
        return self._bottom is None

    @property
    def held(self) -> "NoticeRow | None":
        """The notice whose keys are shown: the oldest of this thread."""
        return next((block.notice for block in self._blocks if block.active), None)

    @property
    def below(self) -> int:
        """Messages of which no word is seen yet."""
        if self._bottom is None:
            return 0
        key, row = self._bottom
        index = self._index[key]
        here = self._lay(self._blocks[index])
        begun = not self._blocks[index].head or any(each.kind in WORDS for each in here.rows[: row + 1])
        return sum(len(block.texts) for block in self._blocks[index + begun :] if block.head)

    def scroll_rows(self, rows: int) -> None:
        """Moves by rows, up when negative. At the end it keeps to the end again."""
        seen = [place for place in self._window() if place]
        if not seen or not rows:
            return
        if rows < 0:
            first = seen[0]
            moved = 0
            at: Place | None = self._place(first)
            while moved < -rows and (above := self._above(at)):
                at = above
                moved += 1
            if at and not self._above(at):
                self.post_message(self.Earlier())
            last = self._place(seen[-1])
            for _ in range(moved):
                last = self._above(last) or last
            self._bottom = last if moved else self._bottom
        elif self._bottom is not None:
            last = self._bottom
            for _ in range(rows):
                below = self._below(last)
                if below is None:
                    break
                last = below
            self._bottom = last if self._below(last) else None
        self._seen = None
        self.refresh()

    def scroll_page(self, pages: int) -> None:
        """Moves by pages, up when negative; two rows stay in sight."""
        self.scroll_rows(pages * max(1, self._height - 2))

    def scroll_top(self) -> None:
        """Shows the first line."""
        if not self._blocks:
            return
        last: Place = (self._blocks[0].key, 0)
        for _ in range(self._height - 1):
            below = self._below(last)
            if below is None:
                break
            last = below
        self._bottom = last if self._below(last) else None
        self._seen = None
        self.post_message(self.Earlier())
        self.refresh()

    def go_to(self, message_id: str) -> bool:
        """Shows a message in the middle; false where it is not among those shown."""
        block = next((block for block in self._blocks if message_id in block.ids), None)
        if block is None:
            return False
        last: Place = (block.key, len(self._lay(block).rows) - 1)
        for _ in range(self._height // 2):
            below = self._below(last)
            if below is None:
                break
            last = below
        self._bottom = last if self._below(last) else None
        self._redraw()
        return True

    def scroll_bottom(self) -> None:
        """Shows the last line, and keeps to the end."""
        self._bottom = None
        self._seen = None
        self.refresh()

    # Rows

    @property
    def _above_first(self) -> int:
        """Rows kept empty on top: none where it is low."""
        return 1 if self.size.height >= ROOMY else 0

    @property
    def _height(self) -> int:
        """Rows of messages."""
        return max(1, self.size.height - 1 - self._above_first)

    def _redraw(self) -> None:
        self._seen = None
        self.refresh()

    def _lay(self, block: Block) -> Laid:
        """A block laid out as things are now."""
        keys = tuple((action, cap_of(self, command, *LABELS.get(action, ()))) for action, command in ACTIONS)
        low = self.size.height < LOW
        wide = bool(getattr(self.app, "wide", False))
        original = cap_of(self, "original")[0] if wide and self._reads else ""
        setting = Setting(
            ink_of(self), lang_of(self), zone_of(self), self.size.width, keys, self._acting, low, wide, original
        )
        if setting != self._setting:
            self._setting = setting
            self._laid.clear()
        laid = self._laid.get(block)
        if laid is None:
            if len(self._laid) >= KEPT:
                self._laid.clear()
            laid = self._laid[block] = Laid(block, setting, self._recognised)
        return laid

    def _place(self, seen: tuple[Laid, int]) -> Place:
        return seen[0].block.key, seen[1]

    def _above(self, place: Place | None) -> Place | None:
        if place is None:
            return None
        key, row = place
        if row:
            return key, row - 1
        index = self._index[key]
        if not index:
            return None
        above = self._blocks[index - 1]
        return above.key, len(self._lay(above).rows) - 1

    def _below(self, place: Place) -> Place | None:
        key, row = place
        index = self._index[key]
        if row + 1 < len(self._lay(self._blocks[index]).rows):
            return key, row + 1
        return (self._blocks[index + 1].key, 0) if index + 1 < len(self._blocks) else None

    def _window(self) -> list[tuple[Laid, int] | None]:
        """What stands in each row, top down; None is an empty row."""
        drawn_with = (ink_of(self), lang_of(self), self.size, self._acting, getattr(self.app, "wide", False))
        if self._seen is None or drawn_with != self._drawn_with:
            self._drawn_with = drawn_with
            self._seen = self._look()
        return self._seen

    def _look(self) -> list[tuple[Laid, int] | None]:
        rows: list[tuple[Laid, int] | None] = []
        if not self._blocks:
            return [None] * self._height
        index, last = len(self._blocks) - 1, -1
        if self._bottom is not None:
            index = self._index[self._bottom[0]]
            last = self._bottom[1]
        while index >= 0 and len(rows) < self._height:
            laid = self._lay(self._blocks[index])
            end = len(laid.rows) if last < 0 else min(last + 1, len(laid.rows))
            rows.extend((laid, row) for row in range(end - 1, -1, -1))
            index, last = index - 1, -1
        rows = rows[: self._height]
        if self._bottom is not None and len(rows) < self._height:
            below = self._below(self._bottom)  # taller than what is above the place: show more below it
            while below and len(rows) < self._height:
                rows.insert(0, (self._lay(self._blocks[self._index[below[0]]]), below[1]))
                self._bottom = below
                below = self._below(below)
            if below is None:
                self._bottom = None
        return [None] * (self._height - len(rows)) + rows[::-1]

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.size.width
        line = Line(ink_of(self), width)
        if y == self.size.height - 1:
            return self._foot(line).strip()
        if y == 0 and self.waiting:
            return line.to(LEFT).add(self.waiting, ink="dim").strip()
        if not self._blocks and y == self.size.height - 2 and not self.waiting:
            return line.to(LEFT).add(say(lang_of(self), *UNWRITTEN), ink="dim").strip()
        place = self._window()[y - self._above_first] if y >= self._above_first else None
        if place is None:
            return line.strip()
        laid, row = place
        return laid.strip(row)

    def _foot(self, line: Line) -> Line:
        """How much is below, and the key that goes there."""
        count = self.below
        if not self.at_end:
            more = say(lang_of(self), f"往下还有 {count} 条", f"{count} more below") if count else ""
            line.to(LEFT).add(more or say(lang_of(self), "下面还有", "more below"), ink="azure", bold=True).gap(2)
            caps(line, [cap_of(self, "end", "到最新", "newest")], line.width - LEFT, acting=self._acting, best=False)
        return line

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.scroll_rows(-self.WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.scroll_rows(self.WHEEL)

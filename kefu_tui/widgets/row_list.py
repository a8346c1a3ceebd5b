"""A list of any length: it holds ids and a window of rows, its cursor is an id, and a changed row repaints one line."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Generic, NamedTuple, TypeVar

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.widgets.ink import Line, ink_of

KEPT = 400
"""Rows kept of those fetched; the least recently drawn go first."""


RowT = TypeVar("RowT")


class Section(NamedTuple):
    """Rows under one heading: its name, and how many of the ids in turn are its own."""

    name: str
    rows: int


class RowMoved(Message):
    """The cursor went to a row."""

    def __init__(self, pane: Widget, row: str) -> None:
        super().__init__()
        self.pane = pane
        self.row = row


class RowChosen(Message):
    """A row was clicked on, or chosen otherwise."""

    def __init__(self, pane: Widget, row: str) -> None:
        super().__init__()
        self.pane = pane
        self.row = row


class RowList(Widget, Generic[RowT]):
    """Line-API list. Subclasses draw: `draw_row`, `draw_head` for fixed lines on top, `draw_heading` and `draw_more`.

    Rows come from `fetch(ids)`, a window at a time, and are kept until `forget`. It scrolls by whole lines, at once.
    """

    head_lines = 0
    """Fixed lines on top that do not scroll."""
    apart = True
    """An empty line before every heading but the first."""
    tall = 1
    """Lines of a row."""

    active = reactive(False)
    """Whether keys move this list: its title is a filled chip then."""

    def __init__(
        self,
        fetch: Callable[[Sequence[str]], Sequence[RowT]],
        key: Callable[[RowT], str],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self._key = key
        self._rows: OrderedDict[str, RowT] = OrderedDict()
        self._ids: Sequence[str] = ()
        self._places: dict[str, int] | None = None  # index of each id, made when first asked for
        self._sections: tuple[Section, ...] = ()
        self._first_row: list[int] = []  # index of the first row of each section
        self._first_line: list[int] = []  # line of each section's heading
        self._lines = 0
        self._top = 0
        self._floor = 0  # how far it may be scrolled though nothing more is below: no row moved then
        self.cursor: str | None = None
        """Id of the row under the cursor."""

    @property
    def ids(self) -> Sequence[str]:
        """All ids in order."""
        return self._ids

    @property
    def top(self) -> int:
        """The first line in the window."""
        return self._top

    def set_ids(self, ids: Sequence[str], sections: Iterable[Section] = (), *, stay: bool = False) -> None:
        """Other ids or another order. The cursor keeps its id; where that is gone, it keeps its place in the list.

        With `stay` the cursor's row also keeps its line on screen, whatever comes above it.

        Only lines on which something else stands now are repainted.
        """
        given = tuple(sections) or (Section("", len(ids)),)
        if ids == self._ids and given == self._sections:
            return
        before, cursor = self._stands(), self.cursor
        place = self._index(self.cursor)
        y = self._line_of(place) - self._top if place is not None else -1
        self._ids, self._sections, self._places = ids, given, None
        self._first_row = list(accumulate((section.rows for section in given), initial=0))
        self._lay_lines()
        if self._index(self.cursor) is None:
            self.cursor = ids[min(place or 0, len(ids) - 1)] if ids else None
        elif stay and 0 <= y < self._window and (index := self._index(self.cursor)) is not None:
            self._top = max(0, self._line_of(index) - y)
        self._floor = self._top if stay else 0
        self._keep_in_view()
        for y, (was, is_) in enumerate(zip(before, self._stands(), strict=True), self.head_lines):
            if was != is_ or (cursor != self.cursor and is_ == self.cursor):
                self._repaint_line(y)

    def be_tall(self, lines: int) -> None:
        """Rows take so many lines from now on."""
        if lines != self.tall:
            self.tall = lines
            self._lay_lines()
            self._keep_in_view()
            self.refresh()

    def _lay_lines(self) -> None:
        line = 0
        self._first_line = []
        for number, section in enumerate(self._sections):
            line += int(bool(section.name) and self.apart and number > 0)
            self._first_line.append(line)
            line += section.rows * self.tall + bool(section.name)
        self._lines = line

    def forget(self, ids: Iterable[str] | None = None) -> None:
        """Fetch these rows again (None: all) and repaint the lines they are on."""
        if ids is None:
            self._rows.clear()
            self.refresh()
            return
        for row_id in ids:
            if self._rows.pop(row_id, None) is not None:
                self.repaint_row(row_id)

    def renew(self, ids: Iterable[str] | None = None) -> None:
        """These rows (None: all) may read otherwise: fetch those in the window at once, and repaint what did change."""
        stale = set(self._rows if ids is None else ids) & self._rows.keys()
        seen = [one for one in self._stands() if isinstance(one, str) and one in stale]
        for row_id in stale.difference(seen):
            del self._rows[row_id]
        fresh = {self._key(row): row for row in self._fetch(seen)} if seen else {}
        for row_id in seen:
            before, row = self._rows.pop(row_id), fresh.get(row_id)
            if row is not None:
                self._rows[row_id] = row
            if row != before:
                self.repaint_row(row_id)

    def row_of(self, row_id: str) -> RowT | None:
        """A row by its id: the kept one, or fetched with what stands around it; None when it is gone."""
        found = self._rows.get(row_id)
        if found is None:
            self._fill(row_id)
            found = self._rows.get(row_id)
        return found

    def kept(self, row_id: str) -> RowT | None:
        """A row that is kept, whether or not its id is in the list; nothing is fetched."""
        return self._rows.get(row_id)

    def _fill(self, row_id: str) -> None:
        index = self._index(row_id)
        if index is None:
            return
        page = max(8, self.size.height)
        around = self._ids[max(0, index - page // 2) : index + page]
        for row in self._fetch([one for one in around if one not in self._rows]):
            self._rows[self._key(row)] = row
        while len(self._rows) > max(KEPT, 3 * page):
            self._rows.popitem(last=False)

    def _index(self, row_id: str | None) -> int | None:
        if row_id is None:
            return None
        if self._places is None:
            self._places = {one: place for place, one in enumerate(self._ids)}
        return self._places.get(row_id)

    # Lines: a heading per named section, its rows, an empty line between sections.

    def _line_of(self, index: int) -> int:
        number = self._section_of(index)
        section = self._sections[number]
        return self._first_line[number] + bool(section.name) + (index - self._first_row[number]) * self.tall

    def _section_of(self, index: int) -> int:
        return bisect_right(self._first_row, index) - 1

    def _at(self, line: int) -> tuple[Section | None, str | None]:
        """What stands on a line: a section's heading, a row's id, or neither."""
        number = bisect_right(self._first_line, line) - 1
        if not 0 <= number < len(self._sections):
            return None, None
        section = self._sections[number]
        below = line - self._first_line[number] - bool(section.name)
        if below < 0:
            return section, None
        if below < section.rows * self.tall:
            return None, self._ids[self._first_row[number] + below // self.tall]
        return None, None

    @property
    def _window(self) -> int:
        return max(1, self.size.height - self.head_lines)

    def _stands(self) -> list[Section | str | int | None]:
        """What stands on each line of the window: a heading, a row's id, how many are below, or nothing."""
        stands: list[Section | str | int | None] = []
        for line in range(self._top, self._top + self._window):
            section, row_id = self._at(line)
            stands.append(section or row_id)
        last = self._top + self._window - 1
        if last < self._lines - 1:
            stands[-1] = self._hidden(last)
        return stands

    def _hidden(self, last: int) -> int:
        """Rows from the line `last` on."""
        return sum(
            max(0, section.rows - max(0, last - self._first_line[number] - bool(section.name)) // self.tall)
            for number, section in enumerate(self._sections)
        )

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        width = self.size.width
        if y < self.head_lines:
            return self.draw_head(y, width)
        if not self._ids and (empty := self.draw_empty(y - self.head_lines, width)) is not None:
            return empty
        line = self._top + y - self.head_lines
        if y == self.size.height - 1 and line < self._lines - 1:
            return self.draw_more(self._hidden(line), width)
        section, row_id = self._at(line)
        if section is not None:
            return self.draw_heading(section, width)
        row = self.row_of(row_id) if row_id is not None else None
        if row is None:
            return Line(ink_of(self), width).strip()
        self._rows.move_to_end(self._key(row))
        index = self._index(row_id)
        return self.draw_row(row, width, line - self._line_of(index) if index is not None else 0)

    def repaint_row(self, row_id: str) -> None:
        """Repaint the line a row is on, when it is in the window."""
        index = self._index(row_id)
        if index is not None:
            for part in range(self.tall):
                self._repaint_line(self._line_of(index) + part - self._top + self.head_lines)

    def _repaint_line(self, y: int) -> None:
        if self.head_lines <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def repaint_head(self) -> None:
        """Repaint the fixed lines on top."""
        if self.head_lines:
            self.refresh(Region(0, 0, self.size.width, self.head_lines))

    def repaint_figures(self) -> None:
        """Repaint what tells of many rows: the fixed lines, the headings, how many are below."""
        self.repaint_head()
        for y, stands in enumerate(self._stands(), self.head_lines):
            if isinstance(stands, Section | int):
                self._repaint_line(y)

    def window_rows(self) -> list[RowT]:
        """Kept rows in the window, top first."""
        seen = dict.fromkeys(one for one in self._stands() if isinstance(one, str))
        return [self._rows[one] for one in seen if one in self._rows]

    # The cursor

    def go(self, row_id: str | None) -> None:
        """Put the cursor on a row."""
        if row_id == self.cursor or (row_id is not None and self._index(row_id) is None):
            return
        before, self.cursor = self.cursor, row_id
        if self._keep_in_view():
            self.refresh()
        else:
            for one in (before, row_id):
                if one is not None:
                    self.repaint_row(one)
        if row_id is not None:
            self.post_message(RowMoved(self, row_id))

    def holds(self, row_id: str) -> bool:
        """Whether a row is in the list."""
        return self._index(row_id) is not None

    def move(self, by: int) -> None:
        """Move the cursor by rows, not past the ends."""
        if self._ids:
            index = self._index(self.cursor)
            place = 0 if index is None else min(max(0, index + by), len(self._ids) - 1)
            self.go(self._ids[place])

    def page(self, by: int) -> None:
        """Move the cursor by windows."""
        self.move(by * max(1, self._window // self.tall - 2))

    def _keep_in_view(self) -> bool:
        """Scroll so that the cursor's line is in the window; true when the window moved."""
        before = self._top
        index = self._index(self.cursor)
        window = self._window
        if index is not None and self.size.height:
            line = self._line_of(index)
            line += (self.tall - 1) * (line >= self._top)  # its last line, where it is reached from above
            if line >= self._top + window - 1 and line < self._lines - 1:
                self._top = line - window + 2  # the last line says how many follow
            elif line >= self._top + window:
                self._top = line - window + 1
            line = self._line_of(index)
            if line < self._top + 1:
                self._top = 0 if index == 0 else line - bool(self._at(line - 1)[0])
        self._top = max(0, min(self._top, max(self._lines - window, self._floor)))
        return self._top != before

    def on_resize(self) -> None:
        """The window has another height."""
        self._keep_in_view()

    def _scroll(self, by: int) -> None:
        top = max(0, min(self._top + by, self._lines - self._window))
        if top != self._top:
            self._top = top
            self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the window, not the cursor."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the window, not the cursor."""
        event.stop()
        self._scroll(-3)

    def on_click(self, event: events.Click) -> None:
        """A click on a row puts the cursor there and chooses it."""
        row_id = self._at(self._top + event.y - self.head_lines)[1] if event.y >= self.head_lines else None
        if row_id is not None:
            event.stop()
            self.go(row_id)
            self.post_message(RowChosen(self, row_id))

    # What subclasses draw

    def draw_head(self, y: int, width: int) -> Strip:
        """A fixed line on top."""
        return Line(ink_of(self), width).strip()

    def draw_heading(self, section: Section, width: int) -> Strip:
        """The heading of a section."""
        return Line(ink_of(self), width).gap(2).add(section.name, ink="mid").strip()

    def draw_row(self, row: RowT, width: int, part: int = 0) -> Strip:
        """A row, or the further lines of one that is tall."""
        raise NotImplementedError

    def draw_more(self, hidden: int, width: int) -> Strip:
        """The last line while rows follow below."""
        return Line(ink_of(self), width).gap(8).add(f"+{hidden}", ink="dim").strip()

    def draw_empty(self, y: int, width: int) -> Strip | None:
        """A line where there are no rows; None draws headings as usual."""
        return None

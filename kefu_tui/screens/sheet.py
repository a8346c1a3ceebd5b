"""A sheet that lies over the workstation: a bar at its left, words being typed, a menu, and a row of keys."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, clean, cut, wrap
from kefu_tui.widgets.editing import character, edit
from kefu_tui.widgets.ink import Line, cap, ink_of, lang_of, say
from kefu_tui.widgets.switcher import Edge
from kefu_tui.widgets.writing import LIMIT, Writing

LEAST = 4
"""Rows of the smallest menu."""
LINE = 200
"""Characters of a paste that are put into one line."""
TOO_LONG = (f"太长，没有放进去，最多 {LIMIT} 字。", f"Too long, not put in: at most {LIMIT} characters.")


class Item(NamedTuple):
    """A line of a menu. `group` is said once above the first of its kind; `help` stands under the chosen line."""

    id: str
    text: str
    aside: str = ""
    key: str = ""
    group: str = ""
    help: str = ""
    match: tuple[int, int] = (0, 0)
    """The part of the text that was looked for."""


class MenuLine(NamedTuple):
    """A line as it stands in a menu: a heading or a gap (no place), an item, or a line of its help."""

    text: str
    place: int | None
    item: bool = False


class Rim(Widget):
    """The first and last line of a sheet: empty on its plane, a rule where there are no planes."""

    def __init__(self) -> None:
        super().__init__(classes="text")

    def render_line(self, y: int) -> Strip:
        """The line."""
        ink, width = ink_of(self), self.size.width
        return Line(ink, width, "over").add("-" * width if ink.flat else "", ink="rail").strip()


class Text(Widget):
    """A line of the sheet: words at the left, dim words at the right."""

    def __init__(self, left: str = "", right: str = "", *, bold: bool = False, id: str | None = None) -> None:
        super().__init__(id=id, classes="text")
        self._left, self._right, self._bold = left, right, bold

    def say(self, left: str, right: str = "") -> None:
        """Other words."""
        self._left, self._right = left, right
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        line = Line(ink_of(self), self.size.width, "over", pad=2).gap(2)
        if y == 0:
            line.add(self._left, bold=self._bold).right(self._right, ink="mid")
        return line.strip()


class Caps(Widget):
    """The keys of a sheet, the first one filled where it is the `best` on screen."""

    def __init__(self, keys: Sequence[tuple[str, str]], *, best: bool = True) -> None:
        super().__init__(classes="text")
        self._keys = tuple(keys)
        self._right = ""
        self._best = best

    def say(self, right: str) -> None:
        """Other words at the right."""
        if right != self._right:
            self._right = right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        line = Line(ink_of(self), self.size.width, "over", pad=2).gap(2)
        for index, (key, label) in enumerate(self._keys):
            cap(line, key, label, best=self._best and index == 0).gap(3)
        return line.right(self._right, ink="dim").strip()


class Menu(Widget):
    """Items in groups with a cursor; the chosen one shows its help. For what fits a sheet, some dozens of lines."""

    class Chosen(Message):
        """An item was clicked on."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, empty: str) -> None:
        super().__init__()
        self._empty = empty
        self._items: tuple[Item, ...] = ()
        self._place = 0
        self._top = 0

    def set_items(self, items: Sequence[Item]) -> None:
        """Other items; the cursor goes to the first."""
        self._items, self._place, self._top = tuple(items), 0, 0
        self.refresh()

    def renew(self, items: Sequence[Item]) -> None:
        """The items as they are now: the cursor stays on its item, or in its place, and the lines where they are."""
        there = self.current.id if self.current is not None else ""
        self._items = tuple(items)
        self._place = next((place for place, item in enumerate(self._items) if item.id == there), self._place)
        self.move(0)

    @property
    def length(self) -> int:
        """Lines that all of it takes."""
        return len(self._lines())

    @property
    def items(self) -> tuple[Item, ...]:
        """The items in order."""
        return self._items

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self._place] if self._items else None

    def choose(self, id: str) -> None:
        """Puts the cursor on an item, where it is there."""
        place = next((place for place, item in enumerate(self._items) if item.id == id), None)
        if place is not None:
            self.move(place - self._place)

    def move(self, by: int) -> None:
        """Move the cursor, not past the ends."""
        self._place = max(0, min(self._place + by, len(self._items) - 1))
        lines = self._lines()
        here = [index for index, line in enumerate(lines) if line.place == self._place]
        if here:
            height = max(2, self.size.height) - (here[-1] < len(lines) - 1)  # the last line says how much is below
            self._top = min(self._top, max(0, here[0] - 1))
            self._top = max(self._top, here[-1] - height + 1)
        self.refresh()

    def _lines(self) -> list[MenuLine]:
        """What stands on each line: heading, gap, item or its help, with the item's place."""
        lines: list[MenuLine] = []
        group = ""
        for place, item in enumerate(self._items):
            if item.group != group:
                if lines:
                    lines.append(MenuLine("", None))
                lines.append(MenuLine(item.group, None))
                group = item.group
            lines.append(MenuLine(item.text, place, True))
            if place == self._place and item.help:
                lines += [MenuLine(words, place) for words in wrap(item.help, max(8, self.size.width - 6))]
        return lines

    def render_line(self, y: int) -> Strip:
        """One line."""
        width, lines = self.size.width, self._lines()
        if not lines and y == 0:
            return Line(ink_of(self), width, "over").gap(4).add(self._empty, ink="dim").strip()
        if self._top + y >= len(lines):
            return Line(ink_of(self), width, "over").strip()
        if y == self.size.height - 1 and self._top + y < len(lines) - 1:
            below = sum(one.item for one in lines[self._top + y :])
            more = say(lang_of(self), f"往下还有 {below} 条", f"{below} more below")
            return Line(ink_of(self), width, "over").gap(4).add(more, ink="dim").strip()
        shown = lines[self._top + y]
        if shown.place is None:
            return Line(ink_of(self), width, "over").gap(2).add(shown.text, ink="mid").strip()
        return self._draw(shown, self._items[shown.place], shown.place == self._place, width)

    def _draw(self, shown: MenuLine, item: Item, chosen: bool, width: int) -> Strip:
        ink = ink_of(self)
        line = Line(ink, width, "sel" if chosen else "over", pad=2)
        line.gap(2).add(ink.cursor if chosen and ink.flat and shown.item else "", ink="azure", bold=True).to(4)
        if not shown.item:
            return line.add(shown.text, ink="mid").strip()
        start, end = item.match
        line.add(item.text[:start]).add(item.text[start:end], bold=True, underline=True).add(item.text[end:])
        if item.aside and not (chosen and item.help):
            line.gap(2).to(max(line.cells, width * 2 // 5))
            line.add(cut(item.aside, width - line.cells - 4 - cells(item.key) - 4), ink="mid")
        if item.key:
            cap(line, item.key, right=True)
        return line.strip()

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        event.stop()
        lines = self._lines()
        if self._top + event.y < len(lines) and (place := lines[self._top + event.y].place) is not None:
            self._place = place
            self.refresh()
            self.post_message(self.Chosen(self._items[place]))


class Typed(Widget):
    """Words being typed: one line to search with, or some lines of a note. The screen hands it its keys."""

    DEFAULT_CSS = "Typed { height: 1; width: 100%; }"

    def __init__(self, hint: str = "", *, prompt: str = "") -> None:
        super().__init__()
        self._hint = hint
        self._prompt = prompt
        self._writing = Writing()
        self._has_keys = True
        self._cursor = Offset()
        """Where the cursor was drawn, in the widget."""

    @property
    def value(self) -> str:
        """What is written."""
        return self._writing.text

    def press(self, event: events.Key) -> bool:
        """Type or edit; whether the text is another now."""
        before = self.value
        if not edit(self._writing, event.key, self._width):
            self._writing.insert(character(event))
        self.refresh()
        return self.value != before

    def put(self, text: str) -> bool:
        """Write where the cursor is; False, with nothing written, where it would be too long."""
        self.refresh()
        return self._writing.insert(text)

    def put_line(self, text: str) -> bool:
        """Write what was pasted into one line: without line ends, and no more of it than a line is for."""
        return self.put(" ".join(text.split())[:LINE])

    def has_keys(self, has: bool) -> None:
        """Whether keys are written here: only then the cursor is shown."""
        self._has_keys = has
        self.refresh()

    def clear(self) -> None:
        """Nothing is written."""
        self._writing = Writing()
        self.refresh()

    @property
    def _width(self) -> int:
        return max(4, self.size.width - 4 - cells(self._prompt))

    def on_mount(self) -> None:
        """Keeps the input method's window beside the cursor when the sheet moves."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._moved)

    def _moved(self, screen: object) -> None:
        before = self.app.cursor_position
        self._follow()
        if self.app.cursor_position != before:
            self.refresh()  # the terminal hears of it with the next thing that is drawn

    def _follow(self) -> None:
        """Tells the terminal where the cursor stands."""
        if self._has_keys and self.display and self.app.screen is self.screen:
            self.app.cursor_position = self.content_region.offset + self._cursor

    def render_line(self, y: int) -> Strip:
        """One row of the text, the cursor in it; the row of the cursor is always in sight."""
        writing, width = self._writing, self._width
        rows = writing.rows(width)
        here = writing.row(rows)
        top = max(0, here - self.size.height + 1)
        line = Line(ink_of(self), self.size.width, "over", pad=2).gap(2).add(self._prompt, ink="azure", bold=True)
        if top + y >= len(rows):
            return line.strip()
        start, end = rows[top + y]
        if top + y != here or not self._has_keys:
            return line.add(clean(writing.text[start:end])).strip()
        after = min(end, writing.after(writing.at))
        line.add(clean(writing.text[start : writing.at]))
        self._cursor = Offset(line.cells, y)
        self._follow()
        line.add(clean(writing.text[writing.at : after]) or " ", fill="text").add(clean(writing.text[after:end]))
        if line.cells + 2 + cells(self._hint) <= self.size.width - 2:
            line.right(self._hint, ink="dim")
        return line.strip()


class Sheet(Horizontal):
    """Bar and body of a sheet."""

    def __init__(self, *body: Widget, token: str = "azure", id: str | None = None) -> None:
        super().__init__(id=id, classes="sheet")
        self._body = body
        self._token = token

    def compose(self) -> ComposeResult:
        """The bar and what stands in the sheet."""
        yield Edge(self._token)
        with Vertical(classes="body"):
            yield Rim()
            yield from self._body
            yield Rim()
        if ink_of(self).flat:  # without planes a second bar closes it
            yield Edge(self._token)

    def fit(self, menu: Menu, most: int) -> None:
        """Be as tall as a menu needs, with what stands around it in the sheet; `most` rows of it at most."""
        self.styles.height = len(self._body) + 1 + max(LEAST, min(menu.length, most))

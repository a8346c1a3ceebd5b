"""A sheet that lies over the workstation: a bar at its left, a line to type in, a menu, and a row of keys."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from kefu_tui.text import cells, cut
from kefu_tui.widgets.ink import Line, cap, ink_of


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


class Edge(Widget):
    """The bar at the left of a sheet."""

    def __init__(self, token: str = "azure") -> None:
        super().__init__(classes="edge")
        self._token = token

    def render_line(self, y: int) -> Strip:
        """A cell of the bar."""
        ink = ink_of(self)
        return Line(ink, self.size.width, "over").add(ink.bar, ink=self._token).strip()


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
    """The keys of a sheet, the best one filled."""

    def __init__(self, keys: Sequence[tuple[str, str]], right: str = "") -> None:
        super().__init__(classes="text")
        self._keys = tuple(keys)
        self._right = right

    def say(self, right: str) -> None:
        """Other words at the right."""
        if right != self._right:
            self._right = right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        line = Line(ink_of(self), self.size.width, "over", pad=2).gap(2)
        for index, (key, label) in enumerate(self._keys):
            cap(line, key, label, best=index == 0).gap(3)
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

    @property
    def items(self) -> tuple[Item, ...]:
        """The items in order."""
        return self._items

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self._place] if self._items else None

    def move(self, by: int) -> None:
        """Move the cursor, not past the ends."""
        self._place = max(0, min(self._place + by, len(self._items) - 1))
        lines = self._lines()
        here = [index for index, (_, place) in enumerate(lines) if place == self._place]
        if here:
            height = max(1, self.size.height)
            self._top = min(self._top, max(0, here[0] - 1))
            self._top = max(self._top, here[-1] - height + 1)
        self.refresh()

    def _lines(self) -> list[tuple[str, int | None]]:
        """What stands on each line: heading, gap, item or its help, with the item's place."""
        lines: list[tuple[str, int | None]] = []
        group = ""
        for place, item in enumerate(self._items):
            if item.group != group:
                if lines:
                    lines.append(("gap", None))
                lines.append((item.group, None))
                group = item.group
            lines.append(("item", place))
            if place == self._place and item.help:
                lines.append(("help", place))
        return lines

    def render_line(self, y: int) -> Strip:
        """One line."""
        width, lines = self.size.width, self._lines()
        if not lines and y == 0:
            return Line(ink_of(self), width, "over").gap(4).add(self._empty, ink="dim").strip()
        if self._top + y >= len(lines):
            return Line(ink_of(self), width, "over").strip()
        kind, place = lines[self._top + y]
        if place is None:
            words = "" if kind == "gap" else kind
            return Line(ink_of(self), width, "over").gap(2).add(words, ink="mid").strip()
        return self._draw(self._items[place], kind == "help", place == self._place, width)

    def _draw(self, item: Item, helping: bool, chosen: bool, width: int) -> Strip:
        ink = ink_of(self)
        line = Line(ink, width, "sel" if chosen else "over", pad=2)
        line.gap(2).add(ink.cursor if chosen and ink.flat and not helping else "", ink="azure", bold=True).to(4)
        if helping:
            return line.add(cut(item.help, width - 6), ink="mid").strip()
        start, end = item.match
        line.add(item.text[:start]).add(item.text[start:end], bold=True, underline=True).add(item.text[end:])
        if item.aside:
            line.gap(2).to(max(line.cells, width * 2 // 5))
            line.add(cut(item.aside, width - line.cells - 4 - cells(item.key) - 4), ink="mid")
        if item.key:
            cap(line, item.key, right=True)
        return line.strip()

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        event.stop()
        lines = self._lines()
        if self._top + event.y < len(lines) and (place := lines[self._top + event.y][1]) is not None:
            self._place = place
            self.refresh()
            self.post_message(self.Chosen(self._items[place]))


class Field(Input):
    """The line to type in, in the sheet's colours, without a border."""

    def __init__(self, hint: str) -> None:
        super().__init__(placeholder=hint, compact=True)


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
            yield from self._body

"""The pane switcher of one column, the ground between panes, and the edge of what lies over them."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.widgets.ink import Line, ink_of, lang_of, say


class Tab(NamedTuple):
    """A pane in the switcher: its key, name and most urgent fact."""

    pane: str
    key: str
    name: str
    fact: str = ""
    urgent: bool = False
    """The fact is a clock that is nearly due or over."""


class Switcher(Widget):
    """One line on the ground plane; the pane on screen is a filled chip."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs: tuple[Tab, ...] = ()
        self._pane = ""

    def show(self, tabs: Sequence[Tab], pane: str) -> None:
        """Other facts or another pane."""
        if (tuple(tabs), pane) != (self._tabs, self._pane):
            self._tabs, self._pane = tuple(tabs), pane
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line; names go where there is no room for them."""
        named = self._draw(named=True)
        return (named if named.cells <= self.size.width else self._draw(named=False)).strip()

    def _draw(self, *, named: bool) -> Line:
        line = Line(ink_of(self), self.size.width, "ground").gap(1)
        for tab in self._tabs:
            if tab is not self._tabs[0]:
                line.gap(3 if named else 2)
            if tab.pane == self._pane:
                words = f"{tab.name} {tab.fact}" if tab.fact else tab.name
                line.add(f" {words} ", ink="ink", bold=True, fill="azure")
                continue
            line.add(tab.key, bold=True)
            if named:
                line.gap(1).add(tab.name, ink="mid")
            if tab.fact:
                line.gap(1).add(tab.fact, ink="red" if tab.urgent else "dim", bold=tab.urgent)
        return line


class Small(Widget):
    """The whole screen of a terminal that is too small: one sentence."""

    def render_line(self, y: int) -> Strip:
        """The sentence, and the size that is there."""
        size, lang = self.app.size, lang_of(self)
        line = Line(ink_of(self), self.size.width, "ground").gap(1)
        if y == 0:
            there = f"{size.width} x {size.height}"
            line.add(say(lang, f"窗口要 60 x 20 以上，现在 {there}。", f"Needs 60 x 20 or more; this is {there}."))
        return line.strip()


class Ground(Widget):
    """What lies between panes: ground where there are planes, a rule of `|` or `-` where there are none."""

    def __init__(self, rule: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rule = rule

    def render_line(self, y: int) -> Strip:
        """A line of ground or of the rule."""
        ink, width = ink_of(self), self.size.width
        return Line(ink, width, "ground").add(self._rule * width if ink.flat else "", ink="rail").strip()


class Edge(Widget):
    """The bar at the left of a sheet."""

    def __init__(self, token: str = "azure") -> None:
        super().__init__(classes="edge")
        self._token = token

    def render_line(self, y: int) -> Strip:
        """A cell of the bar."""
        ink = ink_of(self)
        return Line(ink, self.size.width, "over").add(ink.bar, ink=self._token).strip()

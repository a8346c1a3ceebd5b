"""The pane switcher of one column: every pane with its key and its most urgent fact; and the ground between panes."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.widgets.ink import Line, cap_cells, ink_of


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
        line = Line(ink_of(self), self.size.width, "ground").gap(1)
        named = 1 + sum(cap_cells(line.ink, tab.key, f"{tab.name} {tab.fact}") + 3 for tab in self._tabs) < line.width
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

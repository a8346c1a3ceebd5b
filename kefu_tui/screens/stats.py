"""Keys used: what a resolved conversation took, day by day; the commands; where a shorter way was."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.commands import COMMANDS
from kefu_tui.screens.keyed import Over, key_name
from kefu_tui.screens.sheet import Caps, Sheet, Text
from kefu_tui.text import count
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

if TYPE_CHECKING:
    from kefu_tui.desk.effort import Stats

LABEL = 22
"""Cells of a name in front of its figures."""
BAR = 24
"""Cells of the longest bar."""
MOST = 8
"""Commands that are shown."""


class Figures(Widget):
    """The lines."""

    DEFAULT_CSS = "Figures { height: 1fr; width: 100%; }"

    def __init__(self, stats: "Stats", words: Callable[[str, str], str]) -> None:
        super().__init__()
        self._stats = stats
        self._words = words

    def _lines(self, width: int) -> list[Line]:
        ink, lang, stats = ink_of(self), lang_of(self), self._stats

        def line() -> Line:
            return Line(ink, width, "over", pad=2).gap(2)

        def head(zh: str, en: str) -> Line:
            return line().add(say(lang, zh, en), ink="mid")

        found = [head("解决一个会话", "A resolved conversation")]
        most = max((day.keys_p50 for day in stats.days), default=1) or 1
        for day in stats.days[-7:]:
            shown = line().column(day.day, LABEL - 12, ink="dim").gap(1)
            shown.column(say(lang, f"{day.resolved} 个", f"{day.resolved}"), 8, ink="dim").to(LABEL)
            shown.column(say(lang, f"{day.keys_p50} 键", f"{day.keys_p50} keys"), 9, bold=True)
            shown.column(say(lang, f"{day.seconds_p50} 秒", f"{day.seconds_p50} s"), 9)
            room = max(0, min(BAR, width - shown.cells - 14))
            shown.add(("#" if ink.flat else "\u2590") * max(1, day.keys_p50 * room // most), ink="azure")
            found.append(shown)
        if not stats.days:
            found.append(line().add(say(lang, "还没有解决过会话。", "No conversation was resolved yet."), ink="dim"))
        found += [line(), head("用得最多", "Most used")]
        for use in stats.uses[:MOST]:
            command = COMMANDS.get(use.command)
            label = say(lang, *command.label) if command is not None else use.command
            shown = line().column(label, LABEL).add(count(use.by_key + use.by_palette, lang), bold=True)
            if use.by_palette:
                shown.gap(2).add(
                    say(lang, f"其中命令面板 {use.by_palette}", f"{use.by_palette} by palette"), ink="amber"
                )
            found.append(shown)
        found += [line(), head("更短的路", "Shorter ways")]
        for missed in stats.missed[:5]:
            times = say(lang, f"{missed.times} 次", f"{missed.times}x")
            found.append(line().column(times, 8, ink="amber", bold=True).add(self._words(missed.name, missed.command)))
        if not stats.missed:
            found.append(line().add(say(lang, "没有绕过路。", "No detour so far."), ink="dim"))
        return found

    def render_line(self, y: int) -> Strip:
        """One line."""
        lines = self._lines(self.size.width)
        return (lines[y] if y < len(lines) else Line(ink_of(self), self.size.width, "over")).strip()


class Keys(Over[None]):
    """The sheet."""

    def __init__(self, stats: "Stats", words: Callable[[str, str], str]) -> None:
        super().__init__()
        self._stats = stats
        self._words = words

    def compose(self) -> ComposeResult:
        """Figures and the key that closes them."""
        lang = lang_of(self)
        yield Sheet(
            Text(say(lang, "按键统计", "Keys used"), say(lang, "最近 7 天，中位数", "7 days, medians"), bold=True),
            Text(),
            Figures(self._stats, self._words),
            Caps([("Esc", say(lang, "关", "close"))]),
            id="stats",
        )

    async def press(self, event: events.Key) -> None:
        """Any closing key."""
        if key_name(event) in ("escape", "enter", "q"):
            self.dismiss(None)

"""The status line: who works here, the load, how sync stands, the clock. It says what is known and nothing else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.now import SECOND
from kefu_tui.text import clock_of_day, count, duration_words, one_line
from kefu_tui.widgets.caps import zone_of
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

if TYPE_CHECKING:
    from kefu_tui.store.shown import Me, SyncStatus

_SLOTS = {"over": ("+", "red"), "now": ("!", "red"), "soon": ("*", "amber"), "calm": ("=", "azure")}
"""Sign and token of a conversation in the load bar."""


class StatusBar(Widget):
    """One line on the ground plane."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._me: Me | None = None
        self._status: SyncStatus | None = None
        self._slots: tuple[str, ...] = ()
        self._now = 0
        self._rate: tuple[tuple[str, str], float | None, int | None] | None = None

    def rate(self, rate: tuple[tuple[str, str], float | None, int | None]) -> None:
        """Another reply rate: its name in both languages, the share, and how many more may be late."""
        if rate != self._rate:
            self._rate = rate
            self.refresh()

    def show(self, me: "Me", status: "SyncStatus", slots: Sequence[str], now: int) -> None:
        """Other figures at `now` (µs UTC); `slots` are the states of my conversations: over, now, soon, calm."""
        fresh = (me, status, tuple(slots), now // SECOND)
        if fresh != (self._me, self._status, self._slots, self._now // SECOND):
            self._me, self._status, self._slots, self._now = me, status, tuple(slots), now
            self.refresh()

    def tick(self, now: int) -> None:
        """Another second."""
        if now // SECOND != self._now // SECOND:
            self._now = now
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        width = self.size.width
        line = Line(ink_of(self), width, "ground")
        if self._me is None or self._status is None:
            return line.strip()
        wide = width >= 110
        self._draw_me(line, self._me, self._status, width)
        line.gap(3 if wide else 2)
        self._draw_load(line, self._me, wide)
        line.gap(3 if wide else 2)
        self._draw_sync(line, self._status, wide)
        if wide:
            self._draw_rate(line)
        if width >= 70:
            line.right(clock_of_day(self._now, zone_of(self), seconds=True), bold=wide)
        return line.strip()

    def _draw_me(self, line: Line, me: "Me", status: "SyncStatus", width: int) -> None:
        lang = lang_of(self)
        if width >= 70:
            line.gap(1).add("kefu", ink="azure", bold=True).gap(2).add(one_line(me.name), bold=True)
        if status.state in ("online", "polling"):
            line.gap(1).add(say(lang, "在线", "online"), ink="jade")

    def _draw_rate(self, line: Line) -> None:
        """The reply rate, and how many more may be late; nothing where nothing counts yet."""
        if self._rate is None or self._rate[1] is None:
            return
        names, share, more = self._rate
        lang = lang_of(self)
        missed = more is not None and more < 0
        line.right(say(lang, *names) + " ", ink="mid").right(f"{share:.1%}", ink="red" if missed else "text", bold=True)
        if more is not None:
            words = (
                say(lang, f"差 {-more} 轮", f"{-more} short")
                if missed
                else say(lang, f"还可慢 {more} 轮", f"{more} may be late")
            )
            line.right("  " + words, ink="red" if missed else "mid")
        line.right("   ")

    def _draw_load(self, line: Line, me: "Me", wide: bool) -> None:
        lang, ink = lang_of(self), ink_of(self)
        line.add(say(lang, "接待", "load"), ink="mid").gap(1)
        line.add(f"{me.load}/{me.capacity}", ink="text" if wide else "mid", bold=wide)
        if me.load > me.capacity:
            line.add(say(lang, " 超", " over"), ink="amber")
        if not wide:
            return
        line.gap(1)
        for state in sorted(self._slots, key=list(_SLOTS).index):
            sign, token = _SLOTS[state]
            bold = ink.flat and state in ("over", "now")
            line.add(sign if ink.flat else ink.full, ink=token, bold=bold)
        free = max(0, me.capacity - len(self._slots))
        line.add(ink.empty * free, ink="rail")

    def _draw_sync(self, line: Line, status: "SyncStatus", wide: bool) -> None:
        lang = lang_of(self)
        state = status.state
        if state == "offline":
            spell = duration_words((self._now - status.since) / SECOND, lang)
            line.add(say(lang, f" 离线 {spell} ", f" offline {spell} "), ink="ink", bold=True, fill="amber")
        elif state == "needs-auth":
            line.add(say(lang, " 要登录 ", " sign in "), ink="ink", bold=True, fill="amber")
        elif state == "upgrade":
            line.add(say(lang, " 要升级 ", " upgrade "), ink="ink", bold=True, fill="amber")
        elif state == "forked":
            line.add(say(lang, " 要登录 ", " sign in "), ink="ink", bold=True, fill="amber")
        elif state == "full":
            line.add(say(lang, " 存不下 ", " disk full "), ink="ink", bold=True, fill="amber")
        elif state == "damaged":
            line.add(say(lang, " 数据坏了 ", " damaged "), ink="ink", bold=True, fill="amber")
        elif state == "local":
            line.add(say(lang, "单机", "local"), ink="dim")
        elif status.loaded < 100:
            line.add(say(lang, "首次载入", "loading"), ink="mid").gap(1).add(f"{status.loaded}%", bold=True)
        elif status.pending:
            line.add(say(lang, "同步中", "syncing"), ink="dim")
        else:
            line.add(say(lang, "已同步", "synced"), ink="dim")
        if state == "polling":
            line.gap(1).add(say(lang, "轮询", "polling"), ink="dim")
        if status.pending or (wide and state != "local"):
            line.gap(2).add(say(lang, "待发", "to send"), ink="mid" if status.pending else "dim").gap(1)
            waits = count(status.pending, lang)
            line.add(waits, bold=True) if status.pending else line.add(waits, ink="dim")
        for words, figure in ((("扣下", "held"), status.held), (("没做成", "refused"), status.rejected)):
            if figure:
                line.gap(2).add(say(lang, *words), ink="mid").gap(1).add(count(figure, lang), ink="red", bold=True)

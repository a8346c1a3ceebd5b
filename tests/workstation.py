"""A workstation under test: on a fake desk, driven by keys, read from its screen."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual import events
from textual.pilot import Pilot

from kefu_tui.app import KefuApp
from kefu_tui.desk import Changed
from kefu_tui.text import cells
from tests.fake_desk import FakeDesk

CHANGED = Changed(None, frozenset(), False, True, True)


class Desk:
    """A workstation under test: presses keys, reads the screen, knows what the desk was asked."""

    def __init__(self, app: KefuApp, pilot: "Pilot[None]", desk: FakeDesk) -> None:
        self.app, self.pilot, self.desk = app, pilot, desk

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def burst(self, *keys: str) -> None:
        """Keys that come faster than anything can be drawn."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else {"space": " "}.get(key)))
        for _ in range(6):
            await self.pilot.pause()

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait for a condition; fails when it never comes."""
        end = time.monotonic() + 10
        while not what():
            assert time.monotonic() < end, f"it never came:\n{self.text}"
            await self.pilot.pause(0.01)

    async def fresh(self) -> None:
        """Wait until all that was told of is on screen."""
        work = self.work
        await self.until(lambda: not (work._heard or work._told or work._changed or work._parts or work._sorts))
        await self.pilot.pause()

    async def tell(self, changed: Changed = CHANGED) -> None:
        """The desk tells that something changed, and it is on screen."""
        self.desk.tell(changed)
        await self.fresh()

    @property
    def work(self) -> Any:
        return self.app._work

    @property
    def screen(self) -> list[str]:
        return ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.screen)

    def lines(self, pane: str) -> list[str]:
        """The rows of a pane or a sheet by its id, as they are on screen."""
        region = self.app.screen.query_one(f"#{pane}").region
        return [crop(line, region.x, region.right) for line in self.screen[region.y : region.bottom]]

    @property
    def notice(self) -> str:
        return str(self.work.notice_bar.render_line(0).text)

    @property
    def verbs(self) -> list[tuple[Any, ...]]:
        return [call for call in self.desk.calls if call[0] != "keep_draft"]


def crop(line: str, start: int, end: int) -> str:
    """The characters of a line in the cells [start, end)."""
    cut, at = "", 0
    for char in line:
        if start <= at < end:
            cut += char
        at += cells(char)
    return cut


@asynccontextmanager
async def workstation(
    story: str = "shift", *, size: tuple[int, int] = (140, 40), theme: str = "dark", lang: str = "zh"
) -> AsyncIterator[Desk]:
    desk = FakeDesk(story, lang)
    app = KefuApp(desk, theme=theme, lang=lang)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Desk(app, pilot, desk)

"""A workstation on a real desk: a real store that was filled, no backend; every key that is pressed is counted."""

import pathlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from kefu_tui.app import KefuApp
from kefu_tui.demo.seed import seed
from kefu_tui.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.settings import Settings
from tests.workstation import Desk as Driver

PASSPHRASE = "a real desk"


class Real(Driver):
    """A workstation under test on a real desk; `keys` counts presses: a chord by its keys, a text by its length."""

    desk: Desk  # type: ignore[assignment]

    def __init__(self, app: KefuApp, pilot: "Pilot[None]", desk: Desk) -> None:
        super().__init__(app, pilot, desk)  # type: ignore[arg-type]
        self.keys = 0

    async def press(self, *keys: str) -> None:
        self.keys += len(keys)
        await super().press(*keys)

    async def type(self, text: str) -> None:
        """A text, a key for each character."""
        await self.press(*(char if char != " " else "space" for char in text))

    def ask(self, sql: str, *values: Any) -> list[Any]:
        """Rows straight from the store."""
        with self.desk.store.read() as connection:
            return connection.execute(sql, values).fetchall()


@asynccontextmanager
async def real_desk(
    folder: pathlib.Path,
    conversations: int = 60,
    messages: int = 500,
    *,
    size: tuple[int, int] = (140, 40),
    lang: str = "zh",
    settings: Settings = Settings(),  # noqa: B008
) -> AsyncIterator[Real]:
    """The workstation on a desk filled with so much."""
    seed(folder / "home", conversations, messages, ask=lambda: PASSPHRASE, lang=lang)
    home = Home(folder / "home")
    store = home.open_store(lambda: PASSPHRASE)
    desk = open_desk(home, store, lang)
    app = KefuApp(desk, theme="dark", lang=lang, settings=settings)
    try:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Real(app, pilot, desk)
    finally:
        store.close()

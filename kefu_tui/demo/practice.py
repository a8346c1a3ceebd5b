"""A desk to practise on: a store of its own that is gone afterwards, with some customers in it, and no backend."""

import contextlib
import pathlib
import secrets
import tempfile
from collections.abc import Iterator

from kefu_tui.demo.seed import seed
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, open_desk

CUSTOMERS, MESSAGES = 24, 160


@contextlib.contextmanager
def practice_desk(lang: str) -> Iterator[Desk]:
    """The desk, as long as the context lasts."""
    word = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="kefu-practice-") as name:
        folder = pathlib.Path(name) / "home"
        seed(folder, CUSTOMERS, MESSAGES, ask=lambda: word, lang=lang)
        home = Home(folder)
        store = home.open_store(lambda: word)
        try:
            yield open_desk(home, store, lang)
        finally:
            store.close()

"""The ground that measurements stand on: stores filled at 1, 10 and 100 times the data, and how `kefu` is called."""

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence

import sqlcipher3

from kefu_tui.demo.seed import seed
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.store.engine import Store

CONVERSATIONS, MESSAGES = 1_000, 10_000
"""At 1 times the data."""
PASSPHRASE = "bench"
ROOT = pathlib.Path(__file__).resolve().parent.parent


class Ground:
    """Homes filled once for each scale, in `folder`. Whoever writes takes a copy."""

    def __init__(self, folder: pathlib.Path, scale: int, database: str = "") -> None:
        self._folder = folder
        self.database = database
        """Address of a PostgreSQL to measure on; '' where none was told."""
        self.scale = scale

    @property
    def conversations(self) -> int:
        """How many conversations the store has."""
        return CONVERSATIONS * self.scale

    def home(self) -> pathlib.Path:
        """The filled home; only to read from."""
        home = self._folder / f"x{self.scale}"
        if not (home / "store.db").exists():
            told = seed(home, self.conversations, MESSAGES * self.scale, ask=passphrase)
            print(f"filled {home.name} in {told['seconds']} s", file=sys.stderr)
        return home

    @contextlib.contextmanager
    def copy(self) -> Iterator[pathlib.Path]:
        """A copy of the home to write in, gone afterwards."""
        source = self.home()
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            yield pathlib.Path(shutil.copytree(source, pathlib.Path(name) / "home"))

    @contextlib.contextmanager
    def plain(self) -> Iterator[pathlib.Path]:
        """The path of an unencrypted copy of the store, gone afterwards."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            path = pathlib.Path(name) / "store.db"
            store = Home(self.home()).open_store(passphrase)
            try:
                with store.read() as connection:
                    (version,) = connection.execute("PRAGMA user_version").fetchone()
                store.write(lambda connection: _export(connection, path, version)).result()
            finally:
                store.close()
            yield path


@contextlib.contextmanager
def desk_at(home: pathlib.Path) -> Iterator[Desk]:
    """The open desk of a home."""
    place = Home(home)
    store = place.open_store(passphrase)
    try:
        yield open_desk(place, store, "zh")
    finally:
        store.close()


@contextlib.contextmanager
def desk_of(path: pathlib.Path) -> Iterator[Desk]:
    """The open desk of an unencrypted store."""
    store = Store(path, None)
    place = Home(path.parent)
    try:
        yield open_desk(place, store, "zh")
    finally:
        store.close()


def passphrase() -> str:
    """What every store here is opened with."""
    return PASSPHRASE


def kefu(home: pathlib.Path, *words: str) -> Sequence[str]:
    """The command line of `kefu` on a home."""
    return [sys.executable, "-m", "kefu_tui", "--home", str(home), *words]


def environment() -> dict[str, str]:
    """Where `kefu` finds itself, its key and its language."""
    return {
        **os.environ,
        "KEFU_STORE_KEY": PASSPHRASE,
        "KEFU_LANG": "zh",
        "KEFU_THEME": "dark",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def _export(connection: sqlcipher3.Connection, path: pathlib.Path, version: int) -> None:
    connection.execute("COMMIT")
    connection.execute("ATTACH DATABASE ? AS plain KEY ''", (str(path),))
    connection.execute("PRAGMA plain.journal_mode = OFF").fetchall()
    connection.execute("PRAGMA plain.synchronous = OFF")
    connection.execute("SELECT sqlcipher_export('plain')").fetchall()
    connection.execute(f"PRAGMA plain.user_version = {version}")
    connection.execute("DETACH DATABASE plain")
    connection.execute("BEGIN IMMEDIATE")

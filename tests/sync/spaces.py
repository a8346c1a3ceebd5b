"""Where a world's backend keeps its data: a file of SQLite's or a database of PostgreSQL's, and copies of it."""

import pathlib
import shutil
from typing import Protocol

from kefu_tui.backend.database import Database
from kefu_tui.backend.postgres import Postgres
from kefu_tui.backend.sqlite import Sqlite
from tests.postgres import Cluster, name_of


class Space(Protocol):
    """Copies are made and come back while the database is closed."""

    def open(self) -> Database: ...
    def back_up(self) -> None: ...
    def restore(self) -> None: ...


class OnSqlite:
    """A file and its copy."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def open(self) -> Database:
        return Sqlite(self.folder / "backend.db")

    def back_up(self) -> None:
        self._copy("backend.db", "copy.db")

    def restore(self) -> None:
        if (self.folder / "copy.db").exists():
            self._copy("copy.db", "backend.db")

    def _copy(self, begin: str, end: str) -> None:
        for part in ("", "-wal", "-shm"):
            (self.folder / (end + part)).unlink(missing_ok=True)
            if part != "-shm" and (self.folder / (begin + part)).exists():
                shutil.copy(self.folder / (begin + part), self.folder / (end + part))


class OnPostgres:
    """A database and its copy."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.url = cluster.database()
        self._copy = ""

    def open(self) -> Database:
        return Postgres(self.url)

    def back_up(self) -> None:
        if self._copy:
            self.cluster.drop(self._copy)
        self._copy = self.cluster.database(name_of(self.url))

    def restore(self) -> None:
        if self._copy:
            self.cluster.drop(self.url)
            self.cluster.sql(f"CREATE DATABASE {name_of(self.url)} TEMPLATE {name_of(self._copy)}")

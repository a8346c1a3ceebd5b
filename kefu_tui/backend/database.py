"""The backend's database: one SQLite file, one writer at a time, readers beside it."""

import contextlib
import pathlib
import threading
from collections.abc import Iterator
from typing import Any

import sqlcipher3

from kefu_tui.model.sql import Connection
from kefu_tui.spoken import Spoken

SPACE = "main"
FIXED_IN = (3, 51, 3)
"""The SQLite release from which on two connections cannot corrupt a WAL (also 3.50.7 and 3.44.6)."""


class DatabaseError(Spoken):
    """The database cannot be used; the message is one line that says why and what to do."""


LOOKING = (
    "CREATE INDEX IF NOT EXISTS conversation_waits ON conversation (waiting_since) WHERE waiting_since IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS conversation_silent ON conversation (last_at) WHERE status = 'open'",
    "CREATE INDEX IF NOT EXISTS conversation_opened ON conversation (opened_at)",
    "CREATE INDEX IF NOT EXISTS conversation_resolved ON conversation (resolved_at) WHERE status = 'resolved'",
    "CREATE INDEX IF NOT EXISTS clock_warns ON clock (warn_at) WHERE outcome = 'running'",
    "CREATE INDEX IF NOT EXISTS clock_begun ON clock (kind, started_at) WHERE outcome = 'running'",
    "CREATE INDEX IF NOT EXISTS clock_breaches ON clock (due_at) WHERE outcome = 'running'",
)
"""Indexes that only the backend needs: what its jobs look for by the time."""


class Database:
    """Opens connections on demand, one for each thread; `write` holds the only write transaction of this process."""

    def __init__(self, path: pathlib.Path, key: str | None = None) -> None:
        if tuple(int(part) for part in sqlcipher3.sqlite_version.split(".")) < FIXED_IN:
            raise DatabaseError(
                f"SQLite {sqlcipher3.sqlite_version} 可能损坏数据，请装 sqlcipher3 0.6.4 或更新的。",
                f"SQLite {sqlcipher3.sqlite_version} can damage the database; install sqlcipher3 0.6.4 or newer.",
            )
        self.path = path
        self._key = key
        self._local = threading.local()
        self._writing = threading.Lock()
        self._opened: list[tuple[threading.Thread, Any]] = []

    def connection(self) -> Connection:
        """This thread's connection."""
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._open()
            self._local.connection = found
        return found

    def _open(self) -> Connection:
        try:
            connection = sqlcipher3.connect(str(self.path), isolation_level=None, check_same_thread=False, timeout=10)
            if self._key:
                connection.execute(f"PRAGMA key = \"x'{self._key}'\"")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -32000")
        except sqlcipher3.OperationalError as error:
            raise DatabaseError(
                f"{self.path}：{error}。看看文件夹和权限。", f"{self.path}: {error}. Check the folder and its rights."
            ) from error
        except sqlcipher3.DatabaseError as error:
            raise DatabaseError(
                f"{self.path} 不是数据库，或者 KEFU_DATABASE_KEY 不对。",
                f"{self.path} is no database, or KEFU_DATABASE_KEY is wrong.",
            ) from error
        for thread, left in [one for one in self._opened if not one[0].is_alive()]:
            self._opened.remove((thread, left))
            left.close()
        self._opened.append((threading.current_thread(), connection))
        typed: Connection = connection
        return typed

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction; committed at the end, rolled back by an exception."""
        with self._writing:
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlcipher3.OperationalError):  # SQLite rolled back by itself: a full disk.
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: everything in it is seen as of one moment."""
        connection = self.connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    def create(self, epoch: str) -> None:
        """Makes the tables and columns that are missing and the counter row; harmless on a database that has them."""
        from sqlalchemy import MetaData
        from sqlalchemy.dialects import sqlite
        from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

        from kefu_tui.backend import schema
        from kefu_tui.model import tables  # noqa: F401
        from kefu_tui.model.base import Replicated

        dialect = sqlite.dialect()
        parts: tuple[MetaData, ...] = (Replicated.metadata, schema.Own.metadata)
        with self.write() as connection:
            for metadata in parts:
                for table in metadata.sorted_tables:
                    connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
                    there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
                    for column in table.columns:
                        if column.name not in there:
                            told = CreateColumn(column).compile(dialect=dialect)
                            connection.execute(f"ALTER TABLE {table.name} ADD COLUMN {told}")
                    for index in table.indexes:
                        connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)))
            for statement in LOOKING:
                connection.execute(statement)
            connection.execute(
                "INSERT OR IGNORE INTO sync_head (space_id, epoch, seq) VALUES (?, ?, 0)", (SPACE, epoch)
            )

    def close(self) -> None:
        """Closes every connection."""
        while self._opened:
            self._opened.pop()[1].close()
        self._local = threading.local()


def head(connection: Connection) -> tuple[str, int]:
    """The epoch and the last commit number."""
    epoch, seq = connection.execute("SELECT epoch, seq FROM sync_head WHERE space_id = ?", (SPACE,)).fetchone()
    return epoch, seq

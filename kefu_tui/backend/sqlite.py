"""The backend's database in one SQLite file: for one process, and commands beside it."""

import contextlib
import pathlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import sqlcipher3
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from kefu_tui.backend.database import BEGIN_SPACE, SPACE, Busy, Conflict, Database, DatabaseError, Trouble, told
from kefu_tui.backend.migrate import NEWEST, VERSION, migrate, migrating
from kefu_tui.model.sql import Connection

FIXED_IN = (3, 51, 3)
"""The SQLite release from which on two connections cannot corrupt a WAL (also 3.50.7 and 3.44.6)."""


LOOK_S = 0.25


class Sqlite(Database):
    """Opens connections on demand, one for each thread; `write` holds the only write transaction of this process."""

    raises = sqlcipher3.Error

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
        with self._writing, told(sqlcipher3.Error, _trouble):
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
        with told(sqlcipher3.Error, _trouble):
            connection = self.connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def engine(self) -> Engine:
        """SQLAlchemy's way in, for migrations alone."""
        return create_engine("sqlite://", creator=self._open, module=sqlcipher3, poolclass=NullPool)

    def create(self, epoch: str) -> None:
        """Makes the tables and columns that are missing and the counter row; harmless on a database that has them."""
        with self.read() as connection:
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            if known and connection.execute(VERSION).fetchone() == (NEWEST,):
                return
        with migrating(self.path), self._writing, self.engine().connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # alembic asks for no transaction of its own then
            migrate(connection)
            connection.exec_driver_sql(BEGIN_SPACE, (SPACE, epoch))
            connection.commit()

    @contextlib.contextmanager
    def listening(self, ending: threading.Event) -> Iterator[Callable[[], None]]:
        """Looks four times a second: commands commit beside the backend."""

        def wait() -> None:
            ending.wait(LOOK_S)

        yield wait

    def turn(self, job: str) -> bool:
        """Always: one process serves a file."""
        return True

    def close(self) -> None:
        """Closes every connection."""
        while self._opened:
            self._opened.pop()[1].close()
        self._local = threading.local()


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, sqlcipher3.IntegrityError):
        return Conflict(str(error))
    return Busy(str(error)) if isinstance(error, sqlcipher3.OperationalError) else Trouble(str(error))

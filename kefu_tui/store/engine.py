"""The store itself: an encrypted SQLite file, one writer thread, a read connection for every thread that reads."""

import contextlib
import itertools
import pathlib
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

import sqlcipher3

from kefu_tui.failpoints import reach
from kefu_tui.model.sql import Connection
from kefu_tui.store import aside, frames, sealed
from kefu_tui.store.migrate import CURRENT, create, migrate

T = TypeVar("T")
FIXED_IN = (3, 51, 3)
"""The SQLite release from which on two connections cannot corrupt a WAL."""

VERB, PAGE, IDLE = 0, 1, 2
"""Order of jobs at the writer: what a person waits for first."""


DAMAGE = ("malformed", "not a database", "hmac", "vtable constructor failed", "not decode", "duplicate column name")
"""What SQLite and SQLCipher say of a file that is not as they wrote it; the last where its version is not."""


class StoreError(Exception):
    """The store cannot be used. `code`: wrong-key, damaged, newer, missing, disk-full, unwritable, old-sqlite,
    in-use (somebody mends it)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Job(NamedTuple):
    """A piece of work for the writer; jobs of one order run first come, first served. `bare` runs outside a transaction."""

    order: int
    number: int
    work: Callable[[Connection], Any] | None
    future: "Future[Any]"
    bare: bool = False


class Store:
    """One agent's data on one machine. `write` runs a job in a transaction on the writer thread; `read` is for queries."""

    def __init__(self, path: pathlib.Path, key: bytes | None, *, create_missing: bool = True) -> None:
        version = tuple(int(part) for part in sqlcipher3.sqlite_version.split("."))
        if version < FIXED_IN:
            raise StoreError("old-sqlite", sqlcipher3.sqlite_version)
        self.path = path
        self.key = key
        self._key_fits = key is None
        self._local = threading.local()
        self._opened: list[Any] = []
        self._jobs: queue.PriorityQueue[Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._use = _use(path)
        try:
            self._begin(create_missing)
            self._prepare()
        except BaseException:
            self._close_all()
            raise
        self._key_fits = True
        self._writer = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._writer.start()

    def write(self, work: Callable[[Connection], T], order: int = VERB) -> "Future[T]":
        """Runs `work(connection)` in one BEGIN IMMEDIATE transaction; the future holds its answer after the commit.

        An exception rolls everything back and stands in the future; a full or unwritable disk comes as StoreError.
        """
        future: Future[T] = Future()
        self._jobs.put(Job(order, next(self._numbers), work, future))
        return future

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """This thread's read connection, in one read transaction: everything in it is seen as of one moment."""
        connection = self._reader()
        if getattr(self._local, "reading", False):
            yield connection
            return
        self._local.reading = True
        try:
            with meaning(self.path):
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    with contextlib.suppress(sqlcipher3.DatabaseError):  # Of a connection that reads no more.
                        connection.execute("ROLLBACK")
        except StoreError as error:
            if error.code == "damaged":
                self._drop(connection)
                self._local.connection = None
            raise
        finally:
            self._local.reading = False

    def own_connection(self) -> Connection:
        """A connection of its own for a caller who closes it."""
        connection = self._open()
        self._opened.remove(connection)
        return connection

    def _drop(self, connection: Connection) -> None:
        """After a fault in the file a connection of SQLCipher reads no more; what is whole can be read by a new one."""
        self._opened.remove(connection)
        connection.close()

    def foreign_version(self) -> int:
        """A number that changes when somebody else, another process, has committed."""
        return self._bare(lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0]), VERB)

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file when nobody needs it; for idle moments of the lease holder."""
        self._bare(lambda connection: connection.execute("PRAGMA optimize").fetchall(), IDLE)
        self._bare(lambda connection: connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall(), IDLE)

    def close(self) -> None:
        """Ends the writer after the jobs that wait, and closes every connection."""
        if self._writer.is_alive():
            self._jobs.put(Job(IDLE + 1, next(self._numbers), None, Future()))
            self._writer.join()
        self._close_all()
        self._local = threading.local()

    def _close_all(self) -> None:
        while self._opened:
            self._opened.pop().close()
        self._use.close()

    def _bare(self, work: Callable[[Connection], T], order: int) -> T:
        future: Future[T] = Future()
        self._jobs.put(Job(order, next(self._numbers), work, future, bare=True))
        return future.result()

    def _reader(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._open()
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._local.connection = connection
        return connection

    def _open(self) -> Connection:
        try:
            raw = sqlcipher3.connect(str(self.path), isolation_level=None, check_same_thread=False, timeout=30)
        except sqlcipher3.OperationalError as error:
            raise StoreError("unwritable", f"{self.path}: {error}") from error
        self._opened.append(raw)
        connection: Connection = raw
        try:
            connection.execute("PRAGMA cipher_log_level = NONE").fetchall()  # Faults come as exceptions, not on stderr.
            if self.key is not None:
                connection.execute(f"PRAGMA key = \"x'{self.key.hex()}'\"")
            connection.execute("PRAGMA schema_version").fetchone()  # Of the first page alone: only the key matters.
        except sqlcipher3.OperationalError as error:
            raise StoreError("unwritable", f"{self.path}: {error}") from error
        except sqlcipher3.DatabaseError as error:
            ours = self._key_fits or (self.key is not None and sealed.fits(self.path, self.key))
            raise StoreError("damaged" if ours else "wrong-key", str(self.path)) from error
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except (sqlcipher3.DatabaseError, UnicodeDecodeError) as error:
            raise StoreError("damaged", str(self.path)) from error
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    def _begin(self, create_missing: bool) -> None:
        """What must be done before SQLite looks at the file, by the first who opens it."""
        if self._use.alone():
            aside.take_place(self.path)
            if not self.path.exists():
                if not create_missing:
                    raise StoreError("missing", str(self.path))
                self.path.touch(mode=0o600)
            elif _torn(self.path):
                raise StoreError("damaged", str(self.path))
        if not self._use.share():
            raise StoreError("in-use", str(self.path))

    def _prepare(self) -> None:
        connection = self._open_writer()
        with meaning(self.path):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > CURRENT:
                raise StoreError("newer", f"{self.path} {version} > {CURRENT}")
            if version < CURRENT:
                with _transaction(connection):
                    (version,) = connection.execute("PRAGMA user_version").fetchone()
                    if version == 0:
                        create(connection)
                    else:
                        migrate(connection, version)
                    reach("store.migrated")
        self._connection = connection

    def _open_writer(self) -> Connection:
        connection = self._open()
        with meaning(self.path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job.work is None:
                return
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                with contextlib.nullcontext() if job.bare else _transaction(self._connection):
                    answer = job.work(self._connection)
            except (sqlcipher3.DatabaseError, UnicodeDecodeError) as error:
                job.future.set_exception(self._failed(error))
            except BaseException as error:
                job.future.set_exception(error)
            else:
                job.future.set_result(answer)

    def _failed(self, error: Exception) -> Exception:
        """What a job's error means; after a fault in the file the writer goes on with another connection."""
        meant = told(error, self.path)
        if isinstance(meant, StoreError) and meant.code == "damaged":
            failed = self._connection
            try:
                self._connection = self._open_writer()
            except StoreError as other:
                return other
            self._drop(failed)
        return meant


def _use(path: pathlib.Path) -> aside.Use:
    try:
        return aside.Use(path)
    except PermissionError as error:
        raise StoreError("unwritable", str(error.filename)) from error


def _torn(path: pathlib.Path) -> bool:
    """Whether SQLite would take a store that lost something for one in order: cut to nothing, or with a hole in its log."""
    log = aside.log_of(path)
    logged = log.exists() and log.stat().st_size > 0
    if not path.stat().st_size and (logged or aside.copies(path)):
        return True
    return logged and frames.read(log, sealed.PAGE).damaged()


@contextlib.contextmanager
def meaning(path: pathlib.Path) -> Iterator[None]:
    """Errors of the database come out as the store error that they mean."""
    try:
        yield
    except (sqlcipher3.DatabaseError, UnicodeDecodeError) as error:
        meant = told(error, path)
        if meant is error:
            raise
        raise meant from error


@contextlib.contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    reach("store.before-begin")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        reach("store.before-commit")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlcipher3.DatabaseError):  # SQLite rolled back by itself, as on a full disk.
            connection.execute("ROLLBACK")
        raise
    reach("store.after-commit")


def told(error: Exception, path: pathlib.Path) -> Exception:
    """The store error that a database error means, or the error itself."""
    text = str(error)
    if "full" in text:
        return StoreError("disk-full", str(path))
    if "readonly" in text or "unable to open" in text or "disk I/O" in text:
        return StoreError("unwritable", f"{path}: {text}")
    if isinstance(error, UnicodeDecodeError) or any(word in text for word in DAMAGE):
        return StoreError("damaged", str(path))
    return error

"""The backend's database on PostgreSQL: for many processes. Writers queue at the counter row, so that commits have one order."""

import contextlib
import functools
import itertools
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zlib import crc32

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import ConnectionPool
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.pool import NullPool

from kefu_tui.backend.database import BEGIN_SPACE, SPACE, Busy, Conflict, Database, DatabaseError, Raced, Trouble, told
from kefu_tui.backend.migrate import NEWEST, VERSION, migrate, migrating
from kefu_tui.model.sql import Connection, Cursor

URL = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://")
CHANNEL = "kefu"
"""Where each commit calls out its number (NOTIFY)."""

_CONNECTIONS = 15
"""Most in the pool: as many threads as work at once in one process."""
_PATIENCE_S = 5
_SETTINGS = "SET lock_timeout = '2s'; SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '5s'"
_WRITE = f"BEGIN; SELECT seq FROM sync_head WHERE space_id = '{SPACE}' FOR UPDATE"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_MAKING = 0x6B656675
"""Advisory lock under which tables are made, and first half of those of jobs."""
_ALIVE = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2"
"""So that the locks of a machine that is gone are free after a quarter of a minute."""
_LOOKS = 10
_AT_ONCE = 25
"""Rows in one INSERT."""

Raw = psycopg.Connection[tuple[Any, ...]]


@functools.lru_cache(maxsize=2000)
def numbered(sql: str) -> str:
    """A statement with `$1`, `$2` … where it has `?` outside quotes."""
    counter = itertools.count(1)
    parts = re.split(r"('(?:[^']|'')*')", sql)
    return "".join(
        part if quoted else re.sub(r"\?", lambda _: f"${next(counter)}", part)
        for quoted, part in zip(itertools.cycle((False, True)), parts, strict=False)
    )


@functools.lru_cache(maxsize=200)
def multiplied(sql: str) -> str:
    """An INSERT of one row as one of `_AT_ONCE` rows: a journey and a plan for all of them."""
    return re.sub(r"VALUES (\([?0-9, ]+\))", lambda found: f"VALUES {', '.join([found[1]] * _AT_ONCE)}", sql, count=1)


class _Session:
    """A psycopg connection that takes the statements SQLite takes."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        return self._raw.execute(numbered(sql), parameters or None)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        cursor = self._raw.cursor()
        rows = list(parameters)
        whole = len(rows) // _AT_ONCE * _AT_ONCE if sql.startswith("INSERT") else 0
        for begin in range(0, whole, _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            cursor.execute(numbered(multiplied(sql)), [value for row in some for value in row])
        cursor.executemany(numbered(sql), rows[whole:])
        return cursor

    def close(self) -> None:
        self._raw.close()


class Postgres(Database):
    """A pool of connections. The password in the address is never told."""

    raises = psycopg.Error

    def __init__(self, url: str) -> None:
        self.place, self._conninfo = _understood(url)
        self._opening = threading.Lock()
        self._turning = threading.Lock()
        self._own: Raw | None = None
        """The connection that holds the locks of this process's jobs."""
        self._turns: set[str] = set()
        self._ends = contextlib.ExitStack()
        self._pool: ConnectionPool[Raw] | None = None

    def _pooled(self) -> ConnectionPool[Raw]:
        with self._opening:
            if self._pool is None:
                self._pool = ConnectionPool(
                    self._conninfo,
                    min_size=1,
                    max_size=_CONNECTIONS,
                    timeout=_PATIENCE_S,
                    open=True,
                    configure=_configure,
                    kwargs={"autocommit": True, "cursor_factory": psycopg.RawCursor, "connect_timeout": _PATIENCE_S},
                    name="kefu-pool",
                )
            return self._pool

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction that holds the counter row from its begin; its commit calls out a new number."""
        with told(psycopg.Error, _trouble), self._begun(_WRITE) as (raw, cursor):
            cursor.nextset()
            (before,) = cursor.fetchone() or (0,)
            try:
                yield _Session(raw)
                raw.execute(
                    f"SELECT pg_notify('{CHANNEL}', seq::text) FROM sync_head "
                    f"WHERE space_id = '{SPACE}' AND seq > {before}; COMMIT",
                    prepare=False,
                )
            except BaseException:
                with contextlib.suppress(psycopg.Error):
                    raw.execute("ROLLBACK", prepare=False)
                raise

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: everything in it is seen as of one moment."""
        with told(psycopg.Error, _trouble), self._begun(_READ) as (raw, _):
            try:
                yield _Session(raw)
            finally:
                with contextlib.suppress(psycopg.Error):
                    raw.execute("ROLLBACK", prepare=False)

    @contextlib.contextmanager
    def _begun(self, begin: str) -> Iterator[tuple[Raw, psycopg.Cursor[tuple[Any, ...]]]]:
        """A connection in a transaction; those that were cut off while they lay in the pool are passed over."""
        pool = self._pooled()
        for last in itertools.chain(itertools.repeat(False, _CONNECTIONS), (True,)):
            raw = pool.getconn()
            try:
                try:
                    cursor = raw.execute(begin, prepare=False)
                except psycopg.OperationalError:
                    if last or not raw.broken:
                        raise
                    continue
                yield raw, cursor
                return
            finally:
                pool.putconn(raw)

    def engine(self) -> Engine:
        """SQLAlchemy's way in, for migrations alone."""
        connect = functools.partial(psycopg.connect, self._conninfo, connect_timeout=_PATIENCE_S)
        engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
        engine.dialect.type_compiler_instance = _Types(engine.dialect)
        return engine

    def create(self, epoch: str) -> None:
        """Makes the tables and columns that are missing and the counter row; harmless on a database that has them."""
        with self.alone() as raw:
            (encoding, known) = raw.execute(
                "SELECT current_setting('server_encoding'), to_regclass('alembic_version')"
            ).fetchone() or ("", None)
            if encoding != "UTF8":
                raise DatabaseError(
                    f"{self.place} 的编码是 {encoding}，要 UTF8。",
                    f"{self.place} is encoded in {encoding}; make it with UTF8.",
                )
            if known and raw.execute(VERSION).fetchone() == (NEWEST,):
                return
        with migrating(self.place), self.engine().begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
            migrate(connection)
            connection.exec_driver_sql(BEGIN_SPACE.replace("?", "%s"), (SPACE, epoch))

    @contextlib.contextmanager
    def alone(self) -> Iterator[Raw]:
        """A connection of its own, outside the pool. Raises DatabaseError when the database cannot be reached."""
        try:
            raw = psycopg.connect(
                self._conninfo, autocommit=True, cursor_factory=psycopg.RawCursor, connect_timeout=_PATIENCE_S
            )
        except psycopg.Error as error:
            why = " ".join(str(error).split())
            raise DatabaseError(f"{self.place}：{why}", f"{self.place}: {why}") from error
        with contextlib.closing(raw):
            _integers(raw)
            yield raw

    @contextlib.contextmanager
    def listening(self, ending: threading.Event) -> Iterator[Callable[[], None]]:
        """Hears the numbers that are called out, on a connection that does nothing else; after a second it is looked anyhow."""
        with told(psycopg.Error, _trouble), self.alone() as raw:
            raw.execute(f"LISTEN {CHANNEL}", prepare=False)

            def wait() -> None:
                for _ in range(_LOOKS):
                    if ending.is_set() or list(raw.notifies(timeout=1 / _LOOKS, stop_after=1)):
                        return

            yield wait

    def turn(self, job: str) -> bool:
        """By a lock that the database keeps as long as this process is connected, and takes back when it dies.

        No row lock: that wants a transaction open as long as the job has its turn, and such a one keeps old rows from being swept.
        """
        with self._turning:
            try:
                if self._own is None:
                    self._own = self._ends.enter_context(self.alone())
                    self._own.execute(_ALIVE, prepare=False)
                if job in self._turns:
                    self._own.execute("SELECT 1")  # still connected: the lock is still ours
                    return True
                (mine,) = self._own.execute(
                    f"SELECT pg_try_advisory_lock({_MAKING}, {crc32(job.encode()) >> 1})"
                ).fetchone() or (False,)
                if mine:
                    self._turns.add(job)
                return bool(mine)
            except (psycopg.Error, DatabaseError):
                self._give_up()
                return False

    def _give_up(self) -> None:
        self._own = None
        self._turns.clear()
        self._ends.close()

    def close(self) -> None:
        """Closes every connection; a later transaction opens them anew."""
        with self._turning:
            self._give_up()
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()


def _understood(url: str) -> tuple[str, str]:
    """What may be told of an address, and what libpq understands. Raises DatabaseError, without a word of the password."""
    conninfo = URL.sub("postgresql://", url, count=1)
    try:
        parts = conninfo_to_dict(conninfo) if URL.match(url) else {}
    except psycopg.Error:
        parts = {}
    host, port, name = (str(parts.get(part) or "") for part in ("host", "port", "dbname"))
    if not parts or "@" in host + port + name:  # a piece of a password that is not written as it must be
        raise DatabaseError(
            "--database 要 postgresql+psycopg://用户@主机/库；密码里的 @ / : 写成 %40 %2F %3A。",
            "--database wants postgresql+psycopg://user@host/db; write @ / : in a password as %40 %2F %3A.",
        )
    return f"PostgreSQL {host or 'localhost'}{port and f':{port}'}/{name}", conninfo


def _configure(raw: Raw) -> None:
    raw.execute(_SETTINGS, prepare=False)
    _integers(raw)


def _integers(raw: Raw) -> None:
    """Every int travels as int8: one prepared statement for small and large numbers."""
    raw.adapters.register_dumper(int, Int8Dumper)


class _Types(PGTypeCompiler):
    """SQLite's types: whole numbers of 64 bits, and text that is equal and ordered by its bytes."""

    def visit_INTEGER(self, type_: Any, **_: Any) -> str:  # noqa: N802
        return "BIGINT"

    def visit_VARCHAR(self, type_: Any, **_: Any) -> str:  # noqa: N802
        return 'TEXT COLLATE "C"'


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
        return Conflict(str(error))
    if isinstance(error, errors.SerializationFailure | errors.DeadlockDetected):
        return Raced(str(error))
    return Busy(str(error)) if isinstance(error, psycopg.OperationalError) else Trouble(str(error))

"""What the backend asks of its database: one writer at a time, readers beside it, and names of its own for what goes wrong."""

import abc
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import MetaData
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from kefu_tui.model.sql import Connection
from kefu_tui.spoken import Spoken

SPACE = "main"


class DatabaseError(Spoken):
    """The database cannot be used; the message is one line that says why and what to do."""


class Trouble(Exception):
    """What a database says in the middle of work; the transaction is undone."""


class Conflict(Trouble):
    """The tables refuse these values, also at the next try."""


class Busy(Trouble):
    """It cannot be done now: locked, full, out of reach. Later it may."""


class Raced(Busy):
    """Two transactions stood in each other's way, and this one gave in: the same again at once."""


LOOKING = (
    "CREATE INDEX IF NOT EXISTS conversation_waits ON conversation (waiting_since) WHERE waiting_since IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS conversation_silent ON conversation (last_at) WHERE status = 'open'",
    "CREATE INDEX IF NOT EXISTS conversation_opened ON conversation (opened_at)",
    "CREATE INDEX IF NOT EXISTS conversation_resolved ON conversation (resolved_at) WHERE status = 'resolved'",
    "CREATE INDEX IF NOT EXISTS clock_warns ON clock (warn_at) WHERE outcome = 'running'",
    "CREATE INDEX IF NOT EXISTS clock_begun ON clock (kind, started_at) WHERE outcome = 'running'",
    "CREATE INDEX IF NOT EXISTS clock_breaches ON clock (due_at) WHERE outcome = 'running'",
    "CREATE INDEX IF NOT EXISTS sync_change_removed ON sync_change (seq) WHERE op <> 'P'",
)
"""Indexes that only the backend needs: what its jobs look for by the time."""


class Database(abc.ABC):
    """Transactions over one space. Inside them the driver's own errors are raised, outside `Trouble` alone."""

    raises: type[Exception]
    """What the driver's errors are, for whoever must let them through."""

    @abc.abstractmethod
    def write(self) -> contextlib.AbstractContextManager[Connection]:
        """A write transaction, alone in the whole space; committed at the end, rolled back by an exception."""

    @abc.abstractmethod
    def read(self) -> contextlib.AbstractContextManager[Connection]:
        """A read transaction: everything in it is seen as of one moment."""

    @abc.abstractmethod
    def engine(self) -> Engine:
        """SQLAlchemy's way in, for migrations alone."""

    @abc.abstractmethod
    def create(self, epoch: str) -> None:
        """Makes the tables and columns that are missing and the counter row; harmless on a database that has them."""

    @abc.abstractmethod
    def listening(self, ending: threading.Event) -> contextlib.AbstractContextManager[Callable[[], None]]:
        """What waits until somebody may have committed, for a moment at most; what is committed inside is not missed."""

    @abc.abstractmethod
    def turn(self, job: str) -> bool:
        """Whether this process is the one that does a job now; it stays so until it closes, ends or is cut off."""

    @abc.abstractmethod
    def close(self) -> None:
        """Closes every connection."""


@contextlib.contextmanager
def told(raises: type[Exception], trouble: Callable[[Exception], Trouble]) -> Iterator[None]:
    """Turns what a driver raises into what this module names."""
    try:
        yield
    except raises as error:
        raise trouble(error) from error


def make_tables(run: Callable[[str], object], dialect: Dialect, columns: Callable[[str], Iterable[str]]) -> None:
    """Makes tables and columns that are missing, as the models now are; `columns` tells those that a table has."""
    from kefu_tui.backend import schema
    from kefu_tui.model import tables  # noqa: F401
    from kefu_tui.model.base import Replicated

    parts: tuple[MetaData, ...] = (Replicated.metadata, schema.Own.metadata)
    for metadata in parts:
        for table in metadata.sorted_tables:
            run(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
            there = set(columns(table.name))
            for column in table.columns:
                if column.name not in there:
                    run(f"ALTER TABLE {table.name} ADD COLUMN {CreateColumn(column).compile(dialect=dialect)}")
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                run(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)))
    for statement in LOOKING:
        run(statement)


BEGIN_SPACE = "INSERT INTO sync_head (space_id, epoch, seq) VALUES (?, ?, 0) ON CONFLICT DO NOTHING"
"""The counter row, of a space and an epoch."""


def head(connection: Connection) -> tuple[str, int]:
    """The epoch and the last commit number."""
    epoch, seq = connection.execute("SELECT epoch, seq FROM sync_head WHERE space_id = ?", (SPACE,)).fetchone()
    return epoch, seq

"""SQL over plain rows: reading and writing row structs on one DB-API connection (SQLite's dialect)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from kefu_tui.model.rows import TABLES, Message, Row

R = TypeVar("R", bound=Row)
V = TypeVar("V")


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Any: ...


class Connection(Protocol):
    """What is used of a DB-API connection."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor: ...
    def executemany(self, sql: str, parameters: Any, /) -> Cursor: ...
    def close(self) -> None: ...


COLUMNS: dict[type[Row], str] = {table: ", ".join(table.__struct_fields__) for table in TABLES}

UPSERT: dict[type[Row], str] = {
    table: (
        f"INSERT INTO {table.table} ({COLUMNS[table]}) VALUES ({', '.join('?' * len(table.__struct_fields__))}) "
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name}=excluded.{name}' for name in table.__struct_fields__ if name != 'id')}"
    )
    for table in TABLES
}


def build(table: type[R], values: Iterable[Any]) -> R:
    """A row struct from values in column order."""
    return table(**dict(zip(table.__struct_fields__, values, strict=True)))


class Reader:
    """Reads row structs from a connection; `View` stands on it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, table: type[R], id: str) -> R | None:
        """The row with this id, or None."""
        found = self.connection.execute(f"SELECT {COLUMNS[table]} FROM {table.table} WHERE id = ?", (id,)).fetchone()
        return build(table, found) if found else None

    def where(self, table: type[R], column: str, value: str) -> list[R]:
        """The rows whose column has this value, in id order."""
        if column not in table.__struct_fields__:
            raise ValueError(f"{table.table} has no column {column}")
        found = self.connection.execute(
            f"SELECT {COLUMNS[table]} FROM {table.table} WHERE {column} = ? ORDER BY id", (value,)
        )
        return [build(table, values) for values in found]

    def messages_after(self, conversation_id: str, position: int) -> list[Message]:
        """The messages of a conversation behind a position, in order."""
        found = self.connection.execute(
            f"SELECT {COLUMNS[Message]} FROM message WHERE conversation_id = ? AND conv_pos > ? ORDER BY conv_pos",
            (conversation_id, position),
        )
        return [build(Message, values) for values in found]


def chunks(values: Sequence[V], size: int = 500) -> Iterator[Sequence[V]]:
    """Values in pieces that fit into one statement."""
    for begin in range(0, len(values), size):
        yield values[begin : begin + size]


def upsert(connection: Connection, row: Row) -> None:
    """Writes one row, whether it is there or not."""
    connection.execute(UPSERT[type(row)], msgspec.structs.astuple(row))


def upsert_many(connection: Connection, table: type[Row], values: Iterable[Iterable[Any]]) -> None:
    """Writes many rows given as values in column order."""
    connection.executemany(UPSERT[table], values)


def upsert_newer(connection: Connection, table: type[Row], values: Iterable[Iterable[Any]]) -> None:
    """The same, but for rows of which a newer version is there."""
    connection.executemany(f"{UPSERT[table]} WHERE excluded.version >= {table.table}.version", values)


def delete(connection: Connection, table: type[Row], id: str) -> None:
    """Removes one row if it is there."""
    connection.execute(f"DELETE FROM {table.table} WHERE id = ?", (id,))

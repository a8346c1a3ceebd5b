"""Rows as they come from the backend: those that fit are written; of others it is kept that there is one, and why.

Whatever cannot be taken must not keep what comes behind it from coming. Comparing fetches it again, as a later version may know it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
from sqlcipher3 import IntegrityError

from kefu_tui.model.rows import BY_NAME, TABLES, Row
from kefu_tui.model.sql import Connection, upsert_many, upsert_newer

Rows = Mapping[str, Sequence[Sequence[Any]]]
"""Rows by their table, as values in column order."""
_WHOLE = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


def _shape(table: type[Row]) -> Any:
    kinds = [field.type for field in msgspec.structs.fields(table)]
    kinds = [_WHOLE if kind is int else _WHOLE | None if kind == int | None else kind for kind in kinds]
    return tuple[tuple(kinds)]  # type: ignore[misc]


_SHAPES: dict[type[Row], Any] = {table: _shape(table) for table in TABLES}
_MANY: dict[type[Row], Any] = {table: list[shape] for table, shape in _SHAPES.items()}  # type: ignore[valid-type]


class Misfit(NamedTuple):
    """A row that cannot be taken."""

    type: str
    id: str
    error: str


def sift(told: Rows) -> tuple[dict[str, list[Any]], list[Misfit]]:
    """The rows that fit their tables, and those that do not."""
    fits: dict[str, list[Any]] = {}
    misfits: list[Misfit] = []
    for name, rows in told.items():
        table = BY_NAME.get(name)
        if table is None:
            misfits.extend(_misfit(name, row, "no such table") for row in rows)
            continue
        try:
            fits[name] = msgspec.convert(rows, _MANY[table])
        except msgspec.ValidationError:
            fits[name] = []
            for row in rows:
                try:
                    fits[name].append(msgspec.convert(row, _SHAPES[table]))
                except msgspec.ValidationError as error:
                    misfits.append(_misfit(name, row, str(error)))
    return fits, misfits


def _misfit(name: str, row: Any, error: str) -> Misfit:
    id = row[0] if isinstance(row, list | tuple) and row else ""
    return Misfit(name, id if isinstance(id, str) else msgspec.json.encode(id).decode(), error)


def write(connection: Connection, told: Rows, *, newer: bool = False) -> list[Misfit]:
    """Writes rows that fit, with `newer` only where no newer version is there; those that stand in the way of others stay out."""
    put = upsert_newer if newer else upsert_many
    refused: list[Misfit] = []
    for name, rows in told.items():
        table = BY_NAME[name]
        try:
            put(connection, table, rows)
        except IntegrityError:
            for row in rows:
                _make_way(connection, table, row)
                try:
                    put(connection, table, [row])
                except IntegrityError as error:
                    refused.append(_misfit(name, row, str(error)))
    return refused


def _make_way(connection: Connection, table: type[Row], row: Sequence[Any]) -> None:
    """Deletes older rows that have what is this one's alone now: they changed too, and come with a page or with comparing."""
    values = dict(zip(table.__struct_fields__, row, strict=True))
    unique = connection.execute(f"SELECT name FROM pragma_index_list('{table.table}') WHERE \"unique\"")
    for (index,) in unique.fetchall():
        names = [name for (name,) in connection.execute("SELECT name FROM pragma_index_info(?)", (index,)).fetchall()]
        same = " AND ".join(f"{name} = ?" for name in names)
        connection.execute(
            f"DELETE FROM {table.table} WHERE {same} AND id <> ? AND version < ?",
            (*(values[name] for name in names), row[0], values["version"]),
        )


def flag(connection: Connection, misfits: Iterable[Misfit], seq: int) -> None:
    """Keeps which rows could not be taken, and as of which commit."""
    connection.executemany(
        "INSERT OR REPLACE INTO sync_unapplied (type, id, seq, error) VALUES (?, ?, ?, ?)",
        [(one.type, one.id, seq, one.error) for one in misfits],
    )


def unflag(connection: Connection, table: str, after: str, end: str) -> None:
    """Forgets what was kept of a stretch of a table, as it is looked at again."""
    until, ends = (" AND id <= ?", (end,)) if end else ("", ())
    connection.execute(f"DELETE FROM sync_unapplied WHERE type = ? AND id > ?{until}", (table, after, *ends))


def flagged(connection: Connection) -> int:
    """How many rows could not be taken."""
    (many,) = connection.execute("SELECT count(*) FROM sync_unapplied").fetchone()
    return int(many)

"""Comparing what is here with what the backend has, stretch by stretch: what differs is mended, whatever made it differ.

Nothing should ever differ. A store that was damaged where nobody noticed, or a mistake of ours, must not stay for ever.
"""

from typing import Any, NamedTuple

from kefu_tui.model.digest import digest
from kefu_tui.model.rows import BY_NAME, SCHEMA, TABLES, Row
from kefu_tui.model.sql import COLUMNS, Connection, delete
from kefu_tui.store import facts, marks, outbox, received
from kefu_tui.wire import Compared, Mark, Stretch

ROWS = 500
"""In one stretch."""
PLACE, MENDED = "compare_place", "compare_mended"
"""Facts: the table and the id to go on behind; how many rows were mended ever."""


class Step(NamedTuple):
    """What comparing a stretch came to. `over`: every table has been compared to its end. `level` is false where something else
    has to be pulled or sent first.
    """

    level: bool
    lanes: frozenset[str] = frozenset()
    rows: int = 0
    mended: int = 0
    over: bool = False


def begin_anew(connection: Connection) -> None:
    """The next stretch is the first of the first table."""
    facts.set(connection, PLACE, "")


def mended(connection: Connection) -> int:
    """How many rows differed and were mended, ever."""
    return int(facts.get(connection, MENDED, "0"))


def stretch(connection: Connection) -> Stretch | None:
    """The next one; None while something waits to be sent or pulled, as nothing could be compared then."""
    mark = _level(connection)
    if mark is None:
        return None
    name, _, after = facts.get(connection, PLACE).partition(":")
    table = BY_NAME.get(name, TABLES[0])
    rows = _rows(connection, table, after if name in BY_NAME else "", "", ROWS)
    return Stretch(
        table=table.table,
        after=after if name in BY_NAME else "",
        end=rows[-1][0] if len(rows) == ROWS else "",
        digest=digest(rows),
        mark=mark,
    )


def apply(connection: Connection, asked: Stretch, told: Compared) -> Step:
    """Makes the stretch what the backend has, in the caller's transaction, and keeps the place to go on from."""
    fits = told.level and told.schema == SCHEMA and told.epoch == facts.get(connection, "epoch")
    if not fits or _level(connection) != asked.mark:
        return Step(False)
    table = BY_NAME[asked.table]
    here = {row[0]: row for row in _rows(connection, table, asked.after, told.end)}
    lanes: set[str] = set()
    many = 0
    received.unflag(connection, table.table, asked.after, told.end)
    if not told.same:
        taken, misfits = received.sift({table.table: told.rows})
        there, unknown = {row[0]: row for row in taken[table.table]}, {one.id for one in misfits}
        gone = [row for id, row in here.items() if id not in there and id not in unknown]
        wrong = [row for id, row in there.items() if here.get(id) != row]
        for row in gone:
            delete(connection, table, row[0])
        misfits += received.write(connection, {table.table: wrong})
        received.flag(connection, misfits, asked.mark.seq)
        column = table.__struct_fields__.index(table.lane_column)
        lanes = {f"{table.lane_prefix}:{row[column]}" for row in (*gone, *wrong)}
        many = len(gone) + len(wrong)
        facts.set(connection, MENDED, str(mended(connection) + many))
    following = TABLES.index(table) + 1
    over = not told.end and following == len(TABLES)
    place = f"{table.table}:{told.end}" if told.end else "" if over else f"{TABLES[following].table}:"
    facts.set(connection, PLACE, place)
    return Step(True, frozenset(lanes), len(here), many, over)


def _level(connection: Connection) -> Mark | None:
    """The commit that everything here is as of; None where it is not of one, or the agent has done something since."""
    if outbox.oldest(connection) or connection.execute("SELECT 1 FROM loading").fetchone():
        return None
    found = connection.execute("SELECT DISTINCT seq, complete FROM cursor").fetchall()
    mark = marks.newest(connection)
    return mark if mark and mark.chain and found == [(mark.seq, 1)] else None


def _rows(connection: Connection, table: type[Row], after: str, end: str, most: int = -1) -> list[tuple[Any, ...]]:
    until, ends = (" AND id <= ?", (end,)) if end else ("", ())
    return connection.execute(
        f"SELECT {COLUMNS[table]} FROM {table.table} WHERE id > ?{until} ORDER BY id LIMIT ?", (after, *ends, most)
    ).fetchall()

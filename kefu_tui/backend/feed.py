"""The change feed: pages of rows that changed in a desk's groups, with the results of its own operations."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from kefu_tui.backend import chain, overruled
from kefu_tui.backend.database import Database, head
from kefu_tui.backend.retention import forgotten
from kefu_tui.model.rows import BY_NAME, SCHEMA, TABLES
from kefu_tui.model.sql import COLUMNS, Connection, chunks
from kefu_tui.wire import PAGE, Mark, Page, Result

RESULTS = 2_000
"""Most results in a page."""
CHUNK = 500
"""Ids in one IN list."""


class TooOld(Exception):
    """Removals behind a cursor are forgotten: whoever stands there begins anew."""


def page(
    database: Database,
    device_id: str,
    cursors: Mapping[str, int],
    acked: int,
    limit: int = PAGE,
    mark: Mark | None = None,
    loading: Collection[str] = (),
) -> Page:
    """The next page behind the cursors, read in one transaction, ending at a commit.

    `acked` is the highest operation number whose result the desk has; results up to the page's end that come after it travel
    in the page. `mark` is the newest commit that the desk has seen. What is in sight in one of the groups that it is `loading`
    has not left. Raises chain.Diverged where the mark, or a cursor, is not in this history, TooOld where removals behind a cursor
    are forgotten.
    """
    with database.read() as connection:
        epoch, newest = head(connection)
        since = forgotten(connection)
        if any(0 < cursor < since for cursor in cursors.values()):
            raise TooOld
        told = mark is not None and mark.seq >= since  # of older ones the commits are not kept
        if max(cursors.values(), default=0) > newest or (mark and told and not chain.agrees(connection, mark)):
            raise chain.Diverged
        to = _end(connection, cursors, newest, limit)
        seen = {*cursors, *loading}
        rows: dict[str, set[str]] = defaultdict(set)
        gone: dict[tuple[str, str], tuple[str, int]] = {}
        left: dict[str, int] = {}
        for group, cursor in cursors.items():
            found = connection.execute(
                "SELECT type, id, lane, seq, op FROM sync_change WHERE group_id = ? AND seq > ? AND seq <= ?",
                (group, cursor, to),
            )
            for type, id, lane, seq, op in found:
                if op == "P":
                    rows[type].add(id)
                elif op == "D":
                    gone[(type, id)] = (lane, max(seq, gone.get((type, id), (lane, 0))[1]))
                else:
                    left[lane] = max(seq, left.get(lane, 0))
        out = [(lane, seq) for lane, seq in left.items() if not _root_still_seen(connection, lane, seen)]
        for type, id in _alone(connection, [lane for lane, _ in out], seen, to):
            rows[type].add(id)
        device = connection.execute("SELECT last_op_no FROM device WHERE id = ?", (device_id,)).fetchone()
        return Page(
            epoch=epoch,
            schema=SCHEMA,
            begin=dict(cursors),
            to=to,
            head=newest,
            more=to < newest,
            chain=chain.at(connection, to) or "",
            rows={
                table.table: values(connection, table.table, sorted(rows[table.table]))
                for table in TABLES
                if rows.get(table.table)
            },
            gone=[
                (type, id, lane, seq)
                for (type, id), (lane, seq) in gone.items()
                if not _still_seen(connection, type, id, seen)
            ],
            left=out,
            last_op_no=device[0] if device else 0,
            results=_results(connection, device_id, acked, to),
            overruled=overruled.since(connection, cursors, to),
        )


def _end(connection: Connection, cursors: Mapping[str, int], newest: int, limit: int) -> int:
    """The commit the page ends at: the newest, or the one that holds the limit-th change."""
    seqs: list[int] = []
    for group, cursor in cursors.items():
        found = connection.execute(
            "SELECT seq FROM sync_change WHERE group_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            (group, cursor, limit + 1),
        )
        seqs.extend(seq for (seq,) in found)
    if len(seqs) <= limit:
        return newest
    return sorted(seqs)[limit - 1]


def values(connection: Connection, table: str, ids: list[str]) -> list[list[Any]]:
    """Rows by their ids, as values in schema column order."""
    columns = COLUMNS[BY_NAME[table]]
    found: list[list[Any]] = []
    for begin in range(0, len(ids), CHUNK):
        some = ids[begin : begin + CHUNK]
        marks = ", ".join("?" * len(some))
        found.extend(
            list(values) for values in connection.execute(f"SELECT {columns} FROM {table} WHERE id IN ({marks})", some)
        )
    return found


def _still_seen(connection: Connection, type: str, id: str, groups: Collection[str]) -> bool:
    """Whether a row is gone from one group only."""
    marks = ", ".join("?" * len(groups))
    found = connection.execute(
        f"SELECT 1 FROM sync_change WHERE type = ? AND id = ? AND op = 'P' AND group_id IN ({marks}) LIMIT 1",
        (type, id, *groups),
    )
    return found.fetchone() is not None


def _root_still_seen(connection: Connection, lane: str, groups: Collection[str]) -> bool:
    """Whether a lane left one group only. Its root decides: a held reply alone keeps no conversation in sight."""
    prefix, _, id = lane.partition(":")
    root = next(table for table in TABLES if (table.lane_prefix, table.lane_column) == (prefix, "id"))
    return _still_seen(connection, root.table, id, groups)


def _alone(connection: Connection, lanes: Sequence[str], groups: Collection[str], to: int) -> Iterator[tuple[str, str]]:
    """Rows of lanes that went out of sight which are in sight by themselves: the author's held replies.

    A desk may have them already, of a part or a page of another group, and takes away what it has of these lanes.
    """
    marks = ", ".join("?" * len(groups))
    for some in chunks(lanes):
        asked = ", ".join("?" * len(some))
        yield from connection.execute(
            f"SELECT type, id FROM sync_change WHERE lane IN ({asked}) AND group_id IN ({marks}) AND op = 'P' AND seq <= ?",
            (*some, *groups, to),
        )


def _results(connection: Connection, device_id: str, acked: int, to: int) -> list[Result]:
    found = connection.execute(
        "SELECT op_no, op_id, status, seq, code, facts FROM op_result WHERE device_id = ? AND op_no > ? AND seq <= ? "
        "ORDER BY op_no LIMIT ?",
        (device_id, acked, to, RESULTS),
    )
    return [
        Result(op_no=op_no, op_id=op_id, status=status, seq=seq, code=code, facts=json.loads(facts))
        for op_no, op_id, status, seq, code, facts in found
    ]

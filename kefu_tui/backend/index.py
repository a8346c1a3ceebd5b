"""The change index: which group sees which row as of which commit, kept in step when work moves between groups."""

from collections import defaultdict
from typing import Any

import msgspec

from kefu_tui.backend.visibility import dependent_lanes, groups_of, row_groups, sight
from kefu_tui.model.rows import TABLES, Row
from kefu_tui.model.sql import Connection, Reader, delete, upsert_many
from kefu_tui.operations.view import Key, View

Entry = tuple[str, str, str, str, int, str]
"""A row of the index: group, type, id, lane, commit number, P, D or X."""

ENTRY = (
    "INSERT INTO sync_change (group_id, type, id, lane, seq, op) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (group_id, type, id) DO UPDATE SET lane = excluded.lane, seq = excluded.seq, op = excluded.op"
)


def write(connection: Connection, view: View, seq: int) -> set[str]:
    """Writes a view's rows and removals under a commit number, brings the index up to date, and returns the groups it is news to.

    A lane that came into a group is copied there whole; one that left is taken out and leaves one `X` entry behind; the groups
    that keep it are stamped anew, so that an `X` and what contradicts it always stand in one page.
    """
    before = {key: view.before(*key) for key in view.written}
    lanes: set[str] = set()
    moved: set[str] = set()
    for key, row in view.written.items():
        of_row = {state.lane for state in (row, before[key]) if state is not None}
        lanes |= of_row
        if sight(row) != sight(before[key]):
            moved |= of_row | dependent_lanes(connection, before[key], row)
    lanes |= moved
    groups_before = groups_of(connection, lanes)
    changed: dict[str, list[tuple[Key, Row | None]]] = defaultdict(list)
    values: dict[type[Row], list[tuple[Any, ...]]] = defaultdict(list)
    for key, row in view.written.items():
        old = before[key]
        if row is not None:
            stamped = msgspec.structs.replace(row, version=seq)
            values[key[0]].append(msgspec.structs.astuple(stamped))
            changed[row.lane].append((key, stamped))
        elif old is not None:
            delete(connection, *key)
            changed[old.lane].append((key, None))
    for table, some in values.items():
        upsert_many(connection, table, some)
    groups_now = groups_before | groups_of(connection, moved)
    entries: list[Entry] = []
    for lane in sorted(lanes):
        groups = groups_now[lane]
        puts: list[Entry] = []
        for key, row in changed[lane]:
            old = before[key]
            now_in = row_groups(row, groups) if row else set()
            was_in = row_groups(old, groups) if old else set()
            puts.extend((group, key[0].table, key[1], lane, seq, "P") for group in sorted(now_in))
            entries.extend((group, key[0].table, key[1], lane, seq, "D") for group in sorted(was_in - now_in))
        if groups != groups_before[lane]:
            puts = _move(connection, lane, groups_before[lane], groups, seq)
        entries += puts
    connection.executemany(ENTRY, list({entry[:3]: entry for entry in entries}.values()))
    return {group for group, *_ in entries}


def _move(connection: Connection, lane: str, before: set[str], after: set[str], seq: int) -> list[Entry]:
    """Removals stay where they are and go along: whoever sees both groups, or saw it here before, may not have heard of them."""
    removed = connection.execute("SELECT DISTINCT type, id FROM sync_change WHERE lane = ? AND op = 'D'", (lane,))
    entries: list[Entry] = [
        (group, type, id, lane, seq, "D") for type, id in removed.fetchall() for group in sorted(after - before)
    ]
    for group in before - after:
        connection.execute("DELETE FROM sync_change WHERE lane = ? AND group_id = ? AND op <> 'D'", (lane, group))
        entries.append((group, "lane", lane, lane, seq, "X"))
    for group in after - before:
        connection.execute("DELETE FROM sync_change WHERE group_id = ? AND type = 'lane' AND id = ?", (group, lane))
    for row in lane_rows(connection, lane):
        entries.extend((group, row.table, row.id, lane, seq, "P") for group in sorted(row_groups(row, after)))
    return entries


def lane_rows(connection: Connection, lane: str) -> list[Row]:
    """Every row of a lane, as the tables now are."""
    prefix, _, value = lane.partition(":")
    reader = Reader(connection)
    return [
        row for table in TABLES if table.lane_prefix == prefix for row in reader.where(table, table.lane_column, value)
    ]

"""Groups that this desk loads part by part before it pulls them. Each part is one transaction, so that a kill costs one part."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from kefu_tui.failpoints import reach
from kefu_tui.model.rows import TABLES
from kefu_tui.model.sql import Connection, chunks, delete
from kefu_tui.store import facts, marks, pages, received
from kefu_tui.store.outbox import replay, rewind
from kefu_tui.wire import Mark, Part

ORDER = "group_id <> 'all', group_id NOT LIKE 'agent:%', group_id"
"""First what is everyone's, without which nothing can be done, then one's own customers."""


class Place(NamedTuple):
    """How far a group is loaded: the next part begins at `after`."""

    group: str
    after: str


def begin(connection: Connection, groups: Iterable[str]) -> None:
    """These groups are loaded from now on; those that are already go on."""
    for group in groups:
        connection.execute(
            "INSERT OR IGNORE INTO loading (group_id, after, seq, conversations, total) VALUES (?, '', 0, 0, 0)",
            (group,),
        )


def groups(connection: Connection) -> list[str]:
    """The groups that are being loaded."""
    return [group for (group,) in connection.execute("SELECT group_id FROM loading ORDER BY group_id")]


def places(connection: Connection) -> list[Place]:
    """How far each of them is, the one that is gone on with first."""
    return [Place(*found) for found in connection.execute(f"SELECT group_id, after FROM loading ORDER BY {ORDER}")]


def place(connection: Connection) -> Place | None:
    """Where to go on; None where nothing is being loaded."""
    return next(iter(places(connection)), None)


def newest(connection: Connection) -> int:
    """The last commit that the first part of a group being loaded had seen; 0 where none has come."""
    (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM loading").fetchone()
    return int(seq)


def progress(connection: Connection) -> int:
    """How much is loaded, in percent; 100 where nothing is being loaded."""
    loaded, total, many = connection.execute(
        "SELECT coalesce(sum(conversations), 0), coalesce(sum(total), 0), count(*) FROM loading"
    ).fetchone()
    return min(99, 100 * loaded // total) if total else 0 if many else 100


def apply(connection: Connection, part: Part) -> pages.Applied:
    """Writes a part under what is pending, in the caller's transaction; the last one puts the group's cursor where the first began.

    What is newer here stays: it came with a page of another group. What is gone meanwhile, the pages from there on take away;
    what was gone before, and is here by another group that had not said so yet, goes with the lane's part.
    A part that was read before the first one is not taken: what changed between the two, those pages do not tell.
    """
    found = connection.execute("SELECT after, seq FROM loading WHERE group_id = ?", (part.group,)).fetchone()
    if found is None or found[0] != part.begin or part.epoch != facts.get(connection, "epoch"):
        return pages.Applied(True, frozenset(), False, True)
    if part.seq < found[1]:
        return pages.Applied(True, frozenset(), False, True)
    seq = found[1] or part.seq
    rows, misfits = received.sift(part.rows)
    closed = rewind(connection, pages.lanes_of(rows))
    if part.whole:
        _take_away(connection, part.seq, rows, {(one.type, one.id) for one in misfits})
    received.flag(connection, misfits + received.write(connection, rows, newer=True), part.seq)
    reach("loading.written")
    replay(connection, closed)
    if part.begin == "" and part.chain:
        marks.put(connection, Mark(part.seq, part.chain))
    if part.after:
        connection.execute(
            "UPDATE loading SET after = ?, seq = ?, conversations = conversations + ?, total = max(total, ?) WHERE group_id = ?",
            (part.after, seq, len(part.rows.get("conversation", ())), part.total, part.group),
        )
    else:
        connection.execute("DELETE FROM loading WHERE group_id = ?", (part.group,))
        connection.execute("UPDATE cursor SET seq = ? WHERE group_id = ?", (seq, part.group))
    reach("loading.placed")
    return pages.Applied(False, frozenset(closed), False, True)


def _take_away(connection: Connection, seq: int, told: received.Rows, besides: set[tuple[str, str]]) -> None:
    """Deletes what is here of the lanes of a part's rows, as of its commit or before, and not in it."""
    there = {(name, values[0]) for name, rows in told.items() for values in rows} | besides
    lanes: dict[str, list[str]] = defaultdict(list)
    for lane in pages.own_lanes(told):
        prefix, _, value = lane.partition(":")
        lanes[prefix].append(value)
    for table in TABLES:
        for some in chunks(lanes[table.lane_prefix]):
            asked = ", ".join("?" * len(some))
            found = connection.execute(
                f"SELECT id FROM {table.table} WHERE {table.lane_column} IN ({asked}) AND version <= ?",
                (*some, seq),
            ).fetchall()
            for (id,) in found:
                if (table.table, id) not in there:
                    delete(connection, table, id)

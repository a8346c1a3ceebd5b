"""Loading a large group for a desk that is new: the group as it is now, in parts, its newest conversations first.

A part is read when it is asked for, so that nothing is kept anywhere and nothing grows old. What changed while the parts were read
stands in the change index behind the first part's commit: a desk pulls on from there, and that mends whatever the parts had missed
or had too much. The order is by what never changes (when a conversation was opened, a lane's name), so that no row is passed over.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from kefu_tui.backend import chain
from kefu_tui.backend.database import Database, head
from kefu_tui.backend.feed import values
from kefu_tui.backend.retention import forgotten
from kefu_tui.backend.visibility import is_personal
from kefu_tui.model.rows import SCHEMA, TABLES
from kefu_tui.model.sql import Connection, chunks
from kefu_tui.wire import Part

CONVERSATIONS, LANES = 300, 1_000
"""In one part: some thousands of rows, which a desk writes in one transaction."""
LARGE = 10_000
"""Entries of a group from which on it is loaded and not pulled from the start."""
_CONVERSATIONS = ("c:", "c;")
"""Lanes of conversations lie between these."""


def first(connection: Connection, cursors: Mapping[str, int], large: int | None = LARGE) -> list[str]:
    """The groups that are to be loaded before they are pulled: those with as many entries, and once removals were forgotten all
    of them, as a desk that pulled them from the start would pass through commits whose removals nobody knows any more.
    """
    if forgotten(connection):
        large = 1
    if large is None:
        return []
    found = []
    for group in (group for group, cursor in cursors.items() if cursor == 0):
        (many,) = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM sync_change WHERE group_id = ? LIMIT ?) AS few", (group, large)
        ).fetchone()
        if many >= large:
            found.append(group)
    return sorted(found)


def part(database: Database, group: str, after: str, many: int = CONVERSATIONS, lanes: int = LANES) -> Part:
    """What comes after a place, read in one transaction: '' is the beginning, what a part calls `after` the next one.

    Raises ValueError for a place that cannot be.
    """
    kind, _, place = after.partition(":")
    with database.read() as connection:
        epoch, seq = head(connection)
        total = 0
        if kind in ("", "c"):
            if not after:
                total = _count(connection, group)
            opened_at, _, last = place.partition(":") if place else (str(1 << 62), "", "")
            chosen, following = _conversations(connection, group, int(opened_at), last, many)
        elif kind == "h":
            chosen, following = _undecided(connection, group, place, lanes)
        elif kind == "l":
            chosen, following = _others(connection, group, place, lanes)
        else:
            raise ValueError(after)
        return Part(
            epoch=epoch,
            schema=SCHEMA,
            group=group,
            seq=seq,
            chain=chain.at(connection, seq) or "",
            begin=after,
            after=following,
            total=total,
            whole=kind != "h",
            rows=_rows(connection, group, chosen),
        )


def _count(connection: Connection, group: str) -> int:
    (many,) = connection.execute(
        "SELECT count(*) FROM sync_change WHERE group_id = ? AND type = 'conversation' AND op = 'P'", (group,)
    ).fetchone()
    return int(many)


def _conversations(
    connection: Connection, group: str, opened_at: int, last: str, many: int
) -> tuple[Collection[str], str]:
    """The lanes of the next conversations and of their customers, and the place after them."""
    found = connection.execute(
        "SELECT c.opened_at, c.id, c.customer_id FROM conversation c JOIN sync_change s "
        "ON s.group_id = ? AND s.type = 'conversation' AND s.id = c.id AND s.op = 'P' "
        "WHERE c.opened_at <= ? AND (c.opened_at < ? OR c.id > ?) ORDER BY c.opened_at DESC, c.id LIMIT ?",
        (group, opened_at, opened_at, last, many),
    ).fetchall()
    lanes = {f"c:{id}": None for _, id, _ in found} | {f"u:{customer}": None for *_, customer in found}
    if len(found) == many:
        return lanes, f"c:{found[-1][0]}:{found[-1][1]}"
    return lanes, "h:" if is_personal(group) else "l:"


def _undecided(connection: Connection, group: str, after: str, many: int) -> tuple[Collection[str], str]:
    """The lanes of replies that nobody has decided about and whose conversation went out of their author's sight."""
    found = connection.execute(
        "SELECT s.id, s.lane FROM sync_change s WHERE s.group_id = ? AND s.type = 'message' AND s.op = 'P' AND s.id > ? "
        "AND NOT EXISTS (SELECT 1 FROM sync_change c WHERE c.group_id = s.group_id AND c.type = 'conversation' "
        "AND c.id = substr(s.lane, 3) AND c.op = 'P') ORDER BY s.id LIMIT ?",
        (group, after, many),
    ).fetchall()
    return {lane: None for _, lane in found}, f"h:{found[-1][0]}" if len(found) == many else "l:"


def _others(connection: Connection, group: str, place: str, many: int) -> tuple[Collection[str], str]:
    begin, end = _CONVERSATIONS
    before = place < begin
    found = [
        lane
        for (lane,) in connection.execute(
            "SELECT DISTINCT lane FROM sync_change WHERE group_id = ? AND op = 'P' AND lane > ? AND lane < ? ORDER BY lane LIMIT ?",
            (group, place, begin if before else "\U0010ffff", many),
        )
    ]
    if len(found) == many:
        return found, f"l:{found[-1]}"
    return found, f"l:{end}" if before else ""


def _rows(connection: Connection, group: str, lanes: Collection[str]) -> dict[str, list[list[object]]]:
    ids: dict[str, set[str]] = defaultdict(set)
    for some in chunks(list(lanes)):
        marks = ", ".join("?" * len(some))
        for type, id in connection.execute(
            f"SELECT type, id FROM sync_change WHERE lane IN ({marks}) AND group_id = ? AND op = 'P'", (*some, group)
        ):
            ids[type].add(id)
    return {
        table.table: values(connection, table.table, sorted(ids[table.table]))
        for table in TABLES
        if ids.get(table.table)
    }

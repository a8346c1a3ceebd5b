"""Whether a desk has the rows it should: a stretch of a table is compared by its digest, and sent whole where it differs."""

from collections.abc import Iterable

from kefu_tui.backend import chain
from kefu_tui.backend.database import Database, head
from kefu_tui.backend.feed import values
from kefu_tui.model.digest import digest
from kefu_tui.model.rows import SCHEMA
from kefu_tui.wire import Compared, Stretch

MOST = 5_000
"""Rows of a stretch: of a longer one, as many are sent."""


def compare(database: Database, groups: Iterable[str], asked: Stretch) -> Compared:
    """How a desk's stretch of a table compares with what is in sight of these groups, in one transaction."""
    seen = sorted(groups)
    marks = ", ".join("?" * len(seen))
    with database.read() as connection:
        epoch, newest = head(connection)
        news = connection.execute(
            f"SELECT 1 FROM sync_change WHERE group_id IN ({marks}) AND seq > ? LIMIT 1", (*seen, asked.mark.seq)
        ).fetchone()
        if news or asked.mark.seq > newest or not chain.agrees(connection, asked.mark):
            return Compared(epoch=epoch, schema=SCHEMA, level=False, same=False, end=asked.end, rows=[])
        until, ends = (" AND id <= ?", (asked.end,)) if asked.end else ("", ())
        found: set[str] = set()
        for group in seen:  # one by one, each in the order of its index
            some = connection.execute(
                f"SELECT id FROM sync_change WHERE group_id = ? AND type = ? AND op = 'P' AND id > ?{until} ORDER BY id LIMIT ?",
                (group, asked.table, asked.after, *ends, MOST + 1),
            )
            found.update(id for (id,) in some)
        ids = sorted(found)
        end = asked.end if len(ids) <= MOST else ids[MOST - 1]
        rows = sorted(values(connection, asked.table, ids[:MOST]))
    same = end == asked.end and digest(rows) == asked.digest
    return Compared(epoch=epoch, schema=SCHEMA, level=True, same=same, end=end, rows=[] if same else rows)

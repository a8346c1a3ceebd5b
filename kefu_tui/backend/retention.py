"""What need not be kept for ever: removals of long ago, as whoever has not heard of them begins anew, and commits of that time."""

from kefu_tui.backend.database import SPACE, Database
from kefu_tui.model.sql import Connection

LOOKED = 1_000
"""Commits of which the removals are forgotten in one transaction: pushes wait no longer than it takes."""
MILESTONES = 1_000
"""One commit in so many is kept for ever: by it a desk and a backend still find where their histories part."""


def forgotten(connection: Connection) -> int:
    """The commit up to which removals are forgotten; 0 where none are. A cursor before it cannot be pulled from."""
    (seq,) = connection.execute("SELECT min_seq FROM sync_head WHERE space_id = ?", (SPACE,)).fetchone()
    return int(seq)


def forget(database: Database, before: int) -> bool:
    """Forgets removals of commits before a time (µs UTC), and those commits but their milestones; True where more may be left.

    Nothing that is there now is touched. The commit it ends at stays: a desk may have seen exactly that one last.
    """
    with database.read() as connection:
        found = connection.execute(
            "SELECT seq, at FROM sync_commit WHERE seq > ? ORDER BY seq LIMIT ?", (forgotten(connection), LOOKED)
        ).fetchall()
    end = 0
    for seq, at in found:
        if at >= before:
            break
        end = seq
    if not end:
        return False
    with database.write() as connection:
        connection.execute("UPDATE sync_head SET min_seq = ? WHERE space_id = ?", (end, SPACE))
        connection.execute("DELETE FROM sync_change WHERE op <> 'P' AND seq <= ?", (end,))
        connection.execute("DELETE FROM overruled WHERE seq <= ?", (end,))
        connection.execute(
            "DELETE FROM sync_commit WHERE seq < ? AND seq >= ? AND seq % ? <> 0", (end, found[0][0] - 1, MILESTONES)
        )
    return bool(end == found[-1][0])

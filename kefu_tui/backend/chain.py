"""The chain of commits: what tells one history from another that has the same numbers, as after an older copy came back."""

import hashlib
from collections.abc import Iterable

from kefu_tui.backend.database import head
from kefu_tui.model.sql import Connection
from kefu_tui.wire import Common, Mark


class Diverged(Exception):
    """What a desk has seen is not in this database's history."""


def link(before: str, seq: int, at: int, op_ids: Iterable[str], rows: Iterable[tuple[str, str]]) -> str:
    """The chain's value at a commit: of the one before it, its number, time (µs UTC), operations and rows (table, id)."""
    told = "\n".join((before, str(seq), str(at), *op_ids, *sorted(f"{table} {id}" for table, id in rows)))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def at(connection: Connection, seq: int) -> str | None:
    """The value at a commit; '' before the first one and where none was kept yet, None where there is no such commit."""
    found = connection.execute("SELECT chain FROM sync_commit WHERE seq = ?", (seq,)).fetchone()
    return found[0] if found else "" if seq == 0 else None


def agrees(connection: Connection, mark: Mark) -> bool:
    """Whether a commit that a desk saw is in this history."""
    return at(connection, mark.seq) == mark.chain


def common(connection: Connection, device_id: str, marks: Iterable[Mark]) -> Common:
    """Where a desk's history and this one part."""
    seq = next((mark.seq for mark in sorted(marks, reverse=True) if agrees(connection, mark)), 0)
    at = connection.execute("SELECT at FROM sync_commit WHERE seq = ?", (seq,)).fetchone()
    (last,) = connection.execute("SELECT last_op_no FROM device WHERE id = ?", (device_id,)).fetchone()
    return Common(epoch=head(connection)[0], seq=seq, at=at[0] if at else 0, last_op_no=last)

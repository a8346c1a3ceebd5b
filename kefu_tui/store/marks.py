"""Commits that were seen here, by which a desk and a backend find where their histories part."""

from kefu_tui.model.sql import Connection
from kefu_tui.wire import Mark


def seen(connection: Connection) -> list[Mark]:
    """Every mark, the newest first."""
    return [Mark(*found) for found in connection.execute("SELECT seq, chain FROM cursor_mark ORDER BY seq DESC")]


def newest(connection: Connection) -> Mark | None:
    """The newest, None where nothing was seen yet."""
    found = connection.execute("SELECT seq, chain FROM cursor_mark ORDER BY seq DESC LIMIT 1").fetchone()
    return Mark(*found) if found else None


def put(connection: Connection, mark: Mark) -> None:
    """Keeps a mark, and of the older ones the outermost two at each power of two back."""
    connection.execute("INSERT OR REPLACE INTO cursor_mark (seq, chain) VALUES (?, ?)", mark)
    spans: dict[int, list[int]] = {}
    for (seq,) in connection.execute("SELECT seq FROM cursor_mark ORDER BY seq"):
        spans.setdefault((mark.seq - seq).bit_length(), []).append(seq)
    for span in spans.values():
        for seq in span[1:-1]:
            connection.execute("DELETE FROM cursor_mark WHERE seq = ?", (seq,))


def drop_after(connection: Connection, seq: int) -> None:
    """Those of another history go."""
    connection.execute("DELETE FROM cursor_mark WHERE seq > ?", (seq,))

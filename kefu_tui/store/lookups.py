"""What the command line looks up in a store: ids by a part of them, logins, canned replies as stored, its health."""

from collections.abc import Sequence
from typing import NamedTuple

from kefu_tui.model.rows import CannedReply
from kefu_tui.model.sql import COLUMNS, Connection, build


class Waiting(NamedTuple):
    """Who has a conversation, by login, and since when its customer waits (µs UTC)."""

    login: str | None
    waiting_since: int | None


def ids_like(connection: Connection, table: str, part: str, limit: int = 3) -> list[str]:
    """Ids of a table (conversation, canned_reply, notice) that are this one, or begin or end with it."""
    if table not in ("conversation", "canned_reply", "notice"):
        raise ValueError(table)
    exact = connection.execute(f"SELECT id FROM {table} WHERE id = ?", (part,)).fetchone()
    if exact:
        return [exact[0]]
    found = connection.execute(
        f"SELECT id FROM {table} WHERE id >= :p AND id < :p || '~' "
        f"UNION SELECT id FROM {table} WHERE id LIKE '%' || :p LIMIT :n",
        {"p": part, "n": limit},
    )
    return [id for (id,) in found]


def waiting(connection: Connection, ids: Sequence[str]) -> dict[str, Waiting]:
    """Who has these conversations and how long their customers wait."""
    marks = ", ".join("?" * len(ids))
    found = connection.execute(
        "SELECT c.id, a.login, c.waiting_since FROM conversation c LEFT JOIN agent a ON a.id = c.assignee_id "
        f"WHERE c.id IN ({marks})",
        tuple(ids),
    )
    return {id: Waiting(login, since) for id, login, since in found}


def agents_named(connection: Connection, name: str) -> list[tuple[str, str]]:
    """Agents (id, name) with this login, else with this name."""
    by_login = connection.execute("SELECT id, name FROM agent WHERE login = ? AND left_at IS NULL", (name,)).fetchall()
    return (
        by_login
        or connection.execute(
            "SELECT id, name FROM agent WHERE name = ? AND left_at IS NULL ORDER BY id LIMIT 3", (name,)
        ).fetchall()
    )


def groups_named(connection: Connection, name: str) -> list[tuple[str, str]]:
    """Groups (id, name) with this name or title."""
    return connection.execute(
        "SELECT id, name FROM agent_group WHERE name = :n OR title = :n ORDER BY name <> :n, id LIMIT 3", {"n": name}
    ).fetchall()


def canned_replies(connection: Connection) -> list[CannedReply]:
    """Every canned reply as it is stored, shelf by shelf."""
    found = connection.execute(
        f"SELECT {COLUMNS[CannedReply]} FROM canned_reply ORDER BY stage, scenario, shortcut, id"
    )
    return [build(CannedReply, values) for values in found]


def faults(connection: Connection) -> list[str]:
    """What SQLite and SQLCipher find wrong in the file; nothing when it is whole."""
    sealed = [line for (line,) in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
    if sealed:
        return sealed[:5]
    return [line for (line,) in connection.execute("PRAGMA quick_check(5)").fetchall() if line != "ok"]


def schema_version(connection: Connection) -> int:
    """The version of the store's schema."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)

"""What only the command line reads of a desk: ids by a part of them, logins, facts of the store."""

import json
import pathlib
from collections.abc import Sequence
from typing import NamedTuple

from kefu_tui.desk.desk import Desk
from kefu_tui.model.rows import CannedReply
from kefu_tui.store import aside, comparing, facts, lookups, migrate, received
from kefu_tui.store.engine import Store, StoreError
from kefu_tui.store.lookups import Waiting
from kefu_tui.store.shown import Colleague

__all__ = [
    "CannedReply",
    "Facts",
    "Waiting",
    "canned_replies",
    "colleagues_named",
    "facts_of",
    "faults",
    "ids_like",
    "kept_aside",
    "key_source",
    "language",
    "owner_of",
    "signed_in",
    "store_version",
    "waiting",
]


class Facts(NamedTuple):
    """Whose store this is. `token_expires_at` is µs UTC, 0 without a token."""

    login: str
    role: str
    backend: str
    device_id: str
    token_expires_at: int
    groups: tuple[str, ...]


def facts_of(desk: Desk) -> Facts:
    """Whose desk this is, and its backend."""
    with desk.store.read() as connection:
        groups = connection.execute(
            "SELECT g.name FROM membership m JOIN agent_group g ON g.id = m.group_id WHERE m.agent_id = ? ORDER BY g.name",
            (desk.agent_id,),
        ).fetchall()
        return Facts(
            login=facts.get(connection, "login"),
            role=facts.get(connection, "role"),
            backend=facts.get(connection, "backend"),
            device_id=facts.get(connection, "device_id"),
            token_expires_at=int(facts.get(connection, "token_expires_at", "0")),
            groups=tuple(name for (name,) in groups),
        )


def mended_rows(desk: Desk) -> int:
    """How many rows here differed from the backend's and were mended, ever."""
    with desk.store.read() as connection:
        return comparing.mended(connection)


def rows_not_taken(desk: Desk) -> int:
    """How many rows the backend sent that this version cannot take."""
    with desk.store.read() as connection:
        return received.flagged(connection)


def owner_of(store: Store) -> tuple[str, str]:
    """The login and the backend that a store remembers; empty for none."""
    with store.read() as connection:
        return facts.get(connection, "login"), facts.get(connection, "backend")


def language(desk: Desk) -> str:
    """The language that was chosen at sign-in; empty when none was."""
    with desk.store.read() as connection:
        return facts.get(connection, "lang")


def signed_in(desk: Desk) -> bool:
    """Whether the agent may work here: signed in and not out again. A desk without a backend always is."""
    with desk.store.read() as connection:
        return not facts.get(connection, "backend") or bool(facts.get(connection, "token"))


def ids_like(desk: Desk, table: str, part: str) -> list[str]:
    """Up to three ids of conversation, canned_reply or notice that are this, or begin or end with it."""
    with desk.store.read() as connection:
        return lookups.ids_like(connection, table, part)


def waiting(desk: Desk, ids: Sequence[str]) -> dict[str, Waiting]:
    """Who has these conversations, by login, and since when their customers wait."""
    found: dict[str, Waiting] = {}
    with desk.store.read() as connection:
        for begin in range(0, len(ids), 1000):
            found |= lookups.waiting(connection, ids[begin : begin + 1000])
    return found


def colleagues_named(desk: Desk, name: str, kind: str | None = None) -> list[Colleague]:
    """Agents by login or name and groups by name or title that are called this; `kind` (agent, group) narrows it."""
    with desk.store.read() as connection:
        agents = lookups.agents_named(connection, name) if kind != "group" else []
        groups = lookups.groups_named(connection, name) if kind != "agent" else []
    return [Colleague("agent", id, called, "", 0) for id, called in agents] + [
        Colleague("group", id, called, "", 0) for id, called in groups
    ]


def canned_replies(desk: Desk) -> list[CannedReply]:
    """Every canned reply as it is stored, shelf by shelf."""
    with desk.store.read() as connection:
        return lookups.canned_replies(connection)


def faults(store: Store) -> list[str]:
    """What is wrong in the store's file; reads all of it."""
    try:
        with store.read() as connection:
            return lookups.faults(connection)
    except StoreError as error:
        if error.code != "damaged":
            raise
        return [str(error.__cause__)]


def kept_aside(store: Store) -> tuple[int | None, list[str]]:
    """When the newest copy of the store was made (µs UTC), and damaged stores that were set aside."""
    made = [aside.made_at(copy) for copy in aside.copies(store.path)]
    return max(made, default=None), [str(path) for path in aside.damaged(store.path)]


def store_version(desk: Desk) -> tuple[int, int]:
    """The version of the store's schema, and the one of this program."""
    with desk.store.read() as connection:
        return lookups.schema_version(connection), migrate.CURRENT


def key_source(folder: pathlib.Path) -> str:
    """Where a home's key comes from: keyring, passphrase, or nowhere."""
    try:
        told = json.loads((folder / "store.json").read_text(encoding="utf-8"))
        return str(told["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""

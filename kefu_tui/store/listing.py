"""The queue as a list: the ids of a view under a filter, in order, and what they stand under."""

from collections.abc import Sequence
from typing import NamedTuple

from kefu_tui.model.sql import Connection
from kefu_tui.rules.query import Query
from kefu_tui.store.filters import Standing, clause
from kefu_tui.store.queries import SECTION, where

GROUPS: dict[str, str] = {
    "kind": "c.kind",
    "channel": "c.channel",
    "tier": "coalesce(u.tier, 'new')",
    "assignee": "coalesce((SELECT a.name FROM agent a WHERE a.id = c.assignee_id), '')",
    "tag": "coalesce((SELECT t.name FROM tag t WHERE t.conversation_id = c.id ORDER BY t.at, t.id LIMIT 1), '')",
}
"""What a queue can be grouped by, as SQL."""


_ORDER = "pinned mine offered waiting others"


class Part(NamedTuple):
    """Rows that stand under one heading: a section (pinned, mine, offered, waiting, others) or a group's value."""

    name: str
    rows: int


class Listing(NamedTuple):
    """A view as it is listed: ids in order, how many there are in all, and the headings."""

    ids: list[str]
    total: int
    parts: tuple[Part, ...]


def listing(connection: Connection, view: str, query: Query, group_by: str, standing: Standing, limit: int) -> Listing:
    """At most `limit` conversations (0: all) of a view that fit a query: pinned, mine, offered, waiting, others; then what is due.

    Grouped, the group whose first is due first comes first.
    """
    fits = clause(query, standing)
    joined = "LEFT JOIN customer u ON u.id = c.customer_id" if "u." in fits.sql or group_by == "tier" else ""
    condition = f"{where(view)} AND {fits.sql}"
    heading, order = SECTION, f"instr('{_ORDER}', {SECTION})"
    if group_by:
        pinned = "c.id IN (SELECT conversation_id FROM pin)"
        heading, order = f"CASE WHEN {pinned} THEN 'pinned' ELSE {GROUPS[group_by]} END", f"NOT {pinned}"
    found = connection.execute(
        f"SELECT c.id, {heading} FROM conversation c {joined} WHERE {condition} "
        f"ORDER BY {order}, c.due_at IS NULL, c.due_at, c.last_at, c.id LIMIT {limit if limit > 0 else -1}",
        fits.values,
    ).fetchall()
    total = len(found)
    if limit and total == limit:
        (total,) = connection.execute(
            f"SELECT count(*) FROM conversation c {joined} WHERE {condition}", fits.values
        ).fetchone()
    return _listing(found, total)


def _listing(found: Sequence[tuple[str, str]], total: int) -> Listing:
    """Rows under their headings, in the order in which those first occur."""
    under: dict[str, list[str]] = {}
    for id, heading in found:
        under.setdefault(heading, []).append(id)
    ids = [id for some in under.values() for id in some]
    return Listing(ids, total, tuple(Part(name, len(some)) for name, some in under.items()))

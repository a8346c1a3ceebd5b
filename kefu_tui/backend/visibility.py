"""Who may have which row: the groups a row is indexed under. Nothing else decides it."""

from collections.abc import Iterable

from kefu_tui.model.rows import (
    CannedReply,
    Conversation,
    Macro,
    Message,
    Order,
    Reminder,
    Row,
    SavedView,
    Ticket,
    TicketPerson,
)
from kefu_tui.model.sql import Connection, chunks
from kefu_tui.operations.base import Actor

EVERYONE = "all"
SCOPED = {"r": "canned_reply", "m": "macro", "v": "saved_view"}
"""Lanes of what belongs to the company, a group or an agent, and their tables."""


def personal(agent_id: str) -> str:
    """The group of one agent alone."""
    return f"agent:{agent_id}"


def is_personal(group: str) -> bool:
    """Whether a group is one agent's alone: replies that nobody has decided about are in it without their conversation."""
    return group.startswith(personal(""))


def scope(connection: Connection, actor: Actor) -> set[str]:
    """The groups whose feed an actor may read: everyone's, its own, those it works in; an admin and an auditor all."""
    groups = {EVERYONE, personal(actor.id), *actor.groups}
    if actor.role in ("admin", "auditor"):
        groups.update(id for (id,) in connection.execute("SELECT id FROM agent_group"))
    return groups


def groups_of(connection: Connection, lanes: Iterable[str]) -> dict[str, set[str]]:
    """The groups that see each of these lanes."""
    found = {lane: set[str]() for lane in lanes}
    ids = [lane[2:] for lane in found if lane.startswith("c:")]
    for some in chunks(ids):
        marks = ", ".join("?" * len(some))
        for id, *told in connection.execute(
            f"SELECT id, group_id, assignee_id, offered_to_id FROM conversation WHERE id IN ({marks})", some
        ):
            found[f"c:{id}"] = _seers(*told)
    return found | {lane: lane_groups(connection, lane) for lane in found if not lane.startswith("c:")}


def lane_groups(connection: Connection, lane: str) -> set[str]:
    """The groups that see a lane, as the database now is."""
    prefix, _, id = lane.partition(":")
    if prefix == "c":
        return _conversation_groups(connection, "id", id)
    if prefix == "u":
        return _conversation_groups(connection, "customer_id", id) | _ticket_groups(connection, "customer_id", id)
    if prefix == "o":
        found = connection.execute("SELECT customer_id FROM shop_order WHERE id = ?", (id,)).fetchone()
        if not found or not found[0]:
            return set()
        return _conversation_groups(connection, "customer_id", found[0]) | _ticket_groups(
            connection, "customer_id", found[0]
        )
    if prefix == "t":
        return _ticket_groups(connection, "id", id)
    if prefix == "b":
        found = connection.execute("SELECT agent_id FROM reminder WHERE id = ?", (id,)).fetchone()
        return {personal(found[0])} if found else set()
    if prefix in SCOPED:
        found = connection.execute(f"SELECT scope, scope_id FROM {SCOPED[prefix]} WHERE id = ?", (id,)).fetchone()
        return scoped_groups(*found) if found else set()
    return {EVERYONE}


def scoped_groups(scope: str, scope_id: str | None) -> set[str]:
    """The groups that see a canned reply, a macro or a saved view of this scope."""
    return {EVERYONE if scope == "company" else personal(scope_id or "") if scope == "agent" else scope_id or ""}


def row_groups(row: Row, of_lane: set[str]) -> set[str]:
    """The groups a row is indexed under: its lane's, and for an undecided reply its author's own."""
    if isinstance(row, Message) and row.state in ("held", "discarded") and row.author_id:
        return of_lane | {personal(row.author_id)}
    return of_lane


def dependent_lanes(connection: Connection, before: Row | None, after: Row | None) -> set[str]:
    """Other lanes whose sight changes with this row's: with a conversation's, its customer's and the customer's orders'."""
    lanes: set[str] = set()
    for row in (before, after):
        if isinstance(row, TicketPerson):
            found = connection.execute("SELECT customer_id FROM ticket WHERE id = ?", (row.ticket_id,)).fetchone()
            lanes.update({f"u:{found[0]}"} if found and found[0] else ())
        elif isinstance(row, Conversation | Ticket) and row.customer_id is not None:
            lanes.add(f"u:{row.customer_id}")
            orders = connection.execute("SELECT id FROM shop_order WHERE customer_id = ?", (row.customer_id,))
            lanes.update(f"o:{id}" for (id,) in orders)
    return lanes


def sight(row: Row | None) -> tuple[str | None, ...] | None:
    """What of a row decides who sees its lane; None of rows that decide nothing."""
    if isinstance(row, Conversation):
        return (row.customer_id, row.group_id, row.assignee_id, row.offered_to_id)
    if isinstance(row, Ticket):
        return (row.customer_id, row.group_id, row.assignee_id)
    if isinstance(row, TicketPerson):
        return (row.ticket_id, row.agent_id)
    if isinstance(row, Order):
        return (row.customer_id,)
    if isinstance(row, CannedReply | Macro | SavedView):
        return (row.scope, row.scope_id)
    if isinstance(row, Reminder):
        return (row.agent_id,)
    return None


def _ticket_groups(connection: Connection, column: str, value: str) -> set[str]:
    groups: set[str] = set()
    found = connection.execute(
        "SELECT t.group_id, t.assignee_id, p.agent_id FROM ticket t LEFT JOIN ticket_person p ON p.ticket_id = t.id "
        f"WHERE t.{column} = ?",
        (value,),
    )
    for told in found:
        groups |= _seers(*told)
    return groups


def _conversation_groups(connection: Connection, column: str, value: str) -> set[str]:
    groups: set[str] = set()
    found = connection.execute(
        f"SELECT DISTINCT group_id, assignee_id, offered_to_id FROM conversation WHERE {column} = ?", (value,)
    )
    for told in found:
        groups |= _seers(*told)
    return groups


def _seers(group: str, *agents: str | None) -> set[str]:
    return {group, *(personal(agent) for agent in agents if agent)}

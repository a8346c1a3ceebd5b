"""Two who gave a field a value and did not know of each other: the later value stands, and the earlier author is told of it."""

from collections.abc import Iterable, Mapping

import msgspec

from kefu_tui.backend.visibility import personal
from kefu_tui.model.rows import Agent, Ticket
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.registry import parse
from kefu_tui.wire import Envelope, Overruled, Result

KINDS = ("conversation.priority", "ticket.set")
"""Operations that give fields a value (`Operation.sets`)."""
_ASKED = ", ".join(f"'{kind}'" for kind in KINDS)


def note(connection: Connection, decided: Iterable[tuple[Envelope, str, Result]], now: int) -> set[str]:
    """Keeps who was overruled by what was just decided (each with its lane); the groups in which that is news."""
    groups: set[str] = set()
    for envelope, lane, result in decided:
        if envelope.kind not in KINDS or result.status != "applied" or not envelope.basis.get("version"):
            continue
        for what, value in _sets(envelope.kind, envelope.args).items():
            earlier = _earlier(connection, envelope, lane, what)
            if earlier is None or earlier[1] == value:
                continue
            agent_id, mine = earlier
            facts = {"by": _name(connection, envelope.actor), "now": value or "-", "mine": mine or "-"}
            code, told = _said(connection, lane, what)
            groups.add(personal(agent_id))
            connection.execute(
                "INSERT INTO overruled (op_id, what, agent_id, lane, code, facts, seq, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (
                    envelope.op_id, what, agent_id, lane, code, msgspec.json.encode(facts | told).decode(), result.seq, now,
                ),
            )  # fmt: skip
    return groups


def since(connection: Connection, cursors: Mapping[str, int], to: int) -> list[Overruled]:
    """What an agent is told in a page: of commits behind the cursor of its own group, but not to a desk that begins."""
    found: list[Overruled] = []
    for group, cursor in cursors.items():
        prefix, _, agent_id = group.partition(":")
        if prefix != "agent" or not cursor:
            continue
        found += [
            Overruled(op_id=op_id, what=what, lane=lane, code=code, facts=msgspec.json.decode(facts), at=at)
            for op_id, what, lane, code, facts, at in connection.execute(
                "SELECT op_id, what, lane, code, facts, at FROM overruled WHERE agent_id = ? AND seq > ? AND seq <= ? "
                "ORDER BY seq, op_id, what",
                (agent_id, cursor, to),
            )
        ]
    return found


def _earlier(connection: Connection, envelope: Envelope, lane: str, what: str) -> tuple[str, str] | None:
    """Who else gave this field its value after what the agent knew, and which; the last one of them."""
    for agent_id, kind, args in connection.execute(
        f"SELECT actor_id, kind, args FROM audit WHERE lane = ? AND seq > ? AND kind IN ({_ASKED}) "
        "AND status = 'applied' AND op_id <> ? ORDER BY seq DESC, id DESC",
        (lane, envelope.basis["version"], envelope.op_id),
    ).fetchall():
        value = _sets(kind, msgspec.json.decode(args)).get(what)
        if value is not None:
            return None if agent_id in (envelope.actor, "system") else (agent_id, value)
    return None


def _sets(kind: str, args: Mapping[str, object]) -> Mapping[str, str]:
    operation = parse(kind, args)
    return {} if isinstance(operation, Refusal) else operation.sets()


def _said(connection: Connection, lane: str, what: str) -> tuple[str, dict[str, str]]:
    prefix, _, id = lane.partition(":")
    if prefix == "c":
        return f"overruled-{what}", {}
    ticket = Reader(connection).get(Ticket, id)
    field, _, key = what.partition(":")
    return f"overruled-ticket-{field}", {"title": ticket.title if ticket else "", "field": key}


def _name(connection: Connection, agent_id: str) -> str:
    agent = Reader(connection).get(Agent, agent_id)
    return agent.name if agent else ""

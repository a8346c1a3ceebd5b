"""Routing at the backend: in groups that push, whoever waits is offered to somebody, or told the place in the line."""

from kefu_tui.backend.service import Service
from kefu_tui.ids import derive
from kefu_tui.model.sql import Connection
from kefu_tui.now import SECOND
from kefu_tui.operations.routing import HoldLine, OfferTo, PassOffer, line_id, told
from kefu_tui.operations.routing_facts import about, asked, facts, policy
from kefu_tui.rules.calls import is_phone
from kefu_tui.rules.routing import Asked, choose, line, position
from kefu_tui.rules.routing_figures import holding_text

AT_ONCE = 50
"""Conversations that are offered in one look."""
PATIENCE = 10 * SECOND
"""So long a customer waits before the place in the line is told."""

_WROTE = (
    "(waiting_since IS NOT NULL OR EXISTS "
    "(SELECT 1 FROM message m WHERE m.conversation_id = conversation.id AND m.author = 'customer'))"
)
"""Whoever has only come in takes nobody's room: a rule greets them, or whoever takes them from the queue."""


def route(service: Service) -> None:
    """Looks once: offers that nobody took go on, whoever waits is offered, and who must wait is told so."""
    now = service.now()
    with service.database.read() as connection:
        groups = [
            id for (id,) in connection.execute("SELECT id FROM agent_group WHERE distribution = 'push' ORDER BY id")
        ]
        if not groups:
            return
        expired = _expired(connection, now)
    for id, at in expired:
        service.commits.run(PassOffer(conversation_id=id), derive("expire", id, str(at)))
    for group in groups:
        _offer(service, group, now)


def _expired(connection: Connection, now: int) -> list[tuple[str, int]]:
    """Offers that stand longer than the golden window, or that somebody took meanwhile."""
    golden = policy(connection).golden
    found = connection.execute(
        "SELECT o.conversation_id, o.at, c.assignee_id, c.status FROM routing_offer o "
        "JOIN conversation c ON c.id = o.conversation_id WHERE o.answer = ''"
    )
    return [(id, at) for id, at, assignee, status in found if assignee or status != "waiting" or at + golden <= now]


def _offer(service: Service, group: str, now: int) -> None:
    with service.database.read() as connection:
        there = facts(connection, group, now)
        ids = [
            id
            for (id,) in connection.execute(
                "SELECT id FROM conversation WHERE group_id = ? AND status = 'waiting' AND assignee_id IS NULL "
                f"AND offered_to_id IS NULL AND {_WROTE}",
                (group,),
            )
        ]
        waiting = line([one for id in ids if (one := asked(connection, id, there, now)) is not None])
        candidates = there.candidates
        offers: list[tuple[Asked, str, str]] = []
        left: list[Asked] = []
        kept: set[str] = set()
        for one in waiting:
            if len(offers) == AT_ONCE:
                break
            known = about(connection, one.conversation_id, candidates)
            choice = choose(one, known, there.policy, now, capacity_factor=there.capacity_factor, kept=kept)
            kept |= {choice.keeps} if choice.keeps is not None else set()
            if choice.agent_id is None:
                left.append(one)
                continue
            spoke = [(reason.name, reason.fit, reason.zh, reason.en) for reason in choice.reasons[:30]]
            offers.append((one, choice.agent_id, told(spoke)))
            weight = there.policy.weight(one.kind)
            candidates = [
                two._replace(load=two.load + weight, last_assigned_at=now) if two.agent_id == choice.agent_id else two
                for two in candidates
            ]
        untold = [one for one in left if now - one.waiting_since >= PATIENCE and not _told(connection, one)]
        spoken = dict(connection.execute("SELECT id, language FROM conversation WHERE status = 'waiting'").fetchall())
    for one, agent_id, reasons in offers:
        operation = OfferTo(conversation_id=one.conversation_id, agent_id=agent_id, reasons=reasons)
        service.commits.run(operation, service.ids())
    for one in untold:
        lang = "zh" if spoken.get(one.conversation_id, "zh").startswith("zh") else "en"
        text = holding_text(position(one, waiting), lang)
        holding = HoldLine(conversation_id=one.conversation_id, text=text)
        service.commits.run(holding, derive("line", one.conversation_id, str(one.waiting_since)))


def _told(connection: Connection, one: Asked) -> bool:
    """Whether somebody who waits knows the place in the line, or cannot be told: a caller hears nothing that is written."""
    (channel,) = connection.execute("SELECT channel FROM conversation WHERE id = ?", (one.conversation_id,)).fetchone()
    id = line_id(one.conversation_id, one.waiting_since)
    return is_phone(channel) or connection.execute("SELECT 1 FROM message WHERE id = ?", (id,)).fetchone() is not None

"""The facts that routing decides on, read from a database: who could have a conversation, and what waits."""

import json
from functools import lru_cache
from typing import NamedTuple

from kefu_tui.model.sql import Connection
from kefu_tui.rules import clocks
from kefu_tui.rules.routing import Asked, Candidate, RoutingPolicy, Tier, parse_routing
from kefu_tui.rules.shifts import within

LIVE = "('waiting', 'open', 'snoozed')"
FORGOTTEN = 5
"""Windows after which an offer that was not taken is forgotten, so that the round begins anew."""


class Facts(NamedTuple):
    """Everything about one group at a moment."""

    policy: RoutingPolicy
    candidates: list[Candidate]
    """Without what depends on the conversation."""
    capacity_factor: float


@lru_cache(maxsize=8)
def _parsed(body: str) -> tuple[RoutingPolicy, clocks.Policy | None]:
    told = json.loads(body)
    return parse_routing(told.get("routing", {})), clocks.parse_policy(told) if told else None


def _policies(connection: Connection) -> tuple[RoutingPolicy, clocks.Policy | None]:
    found = connection.execute("SELECT body FROM policy WHERE id = 'default'").fetchone()
    return _parsed(found[0] if found else "{}")


def policy(connection: Connection) -> RoutingPolicy:
    """How work is given out, by the policy in force."""
    return _policies(connection)[0]


def facts(connection: Connection, group_id: str, now: int) -> Facts:
    """Agents of a group with what they have in hand, by the policy in force."""
    policy, rules = _policies(connection)
    (name_of_group,) = connection.execute("SELECT name FROM agent_group WHERE id = ?", (group_id,)).fetchone() or ("",)
    on_shift = rules is None or clocks.on_shift(rules, now, name_of_group)
    surge = connection.execute("SELECT level FROM mode WHERE id = 'surge'").fetchone()
    factor = surge[0] / 100 if surge and surge[0] >= 100 else 1.5 if surge else 1.0
    loads: dict[str, float] = {}
    for agent_id, kind in connection.execute(
        f"SELECT coalesce(assignee_id, offered_to_id), kind FROM conversation WHERE status IN {LIVE} "
        "AND (assignee_id IS NOT NULL OR offered_to_id IS NOT NULL) AND status <> 'snoozed'"
    ):
        loads[agent_id] = loads.get(agent_id, 0.0) + policy.weight(kind)
    given = dict(connection.execute("SELECT agent_id, max(at) FROM routing_offer GROUP BY agent_id").fetchall())
    skills: dict[str, set[str]] = {}
    for agent_id, skill in connection.execute("SELECT agent_id, name FROM skill"):
        skills.setdefault(agent_id, set()).add(skill)
    shifts = dict(connection.execute("SELECT agent_id, hours FROM shift").fetchall())
    people = connection.execute(
        "SELECT a.id, a.name, a.tier, a.presence, a.capacity FROM agent a JOIN membership m ON m.agent_id = a.id "
        "WHERE m.group_id = ? AND a.left_at IS NULL AND a.role IN ('agent', 'lead') ORDER BY a.id",
        (group_id,),
    )
    candidates = [
        Candidate(
            id,
            name,
            _tier(tier),
            frozenset(skills.get(id, ())),
            presence,
            on_shift and (rules is None or within(shifts.get(id, ""), rules.calendar_of(name_of_group), now)),
            float(capacity),
            loads.get(id, 0.0),
            given.get(id),
        )
        for id, name, tier, presence, capacity in people
    ]
    return Facts(policy, candidates, factor)


def asked(connection: Connection, conversation_id: str, there: Facts, now: int) -> Asked | None:
    """What routing knows of a conversation; None where it does not wait."""
    found = connection.execute(
        "SELECT c.kind, u.tier, c.priority, c.due_at, coalesce(c.waiting_since, c.opened_at), c.language FROM conversation c "
        "LEFT JOIN customer u ON u.id = c.customer_id WHERE c.id = ? AND c.status = 'waiting' AND c.assignee_id IS NULL",
        (conversation_id,),
    ).fetchone()
    if found is None:
        return None
    kind, tier, priority, due_at, since, language = found
    known = {skill for one in there.candidates for skill in one.skills}
    # A skill is asked for only where somebody in the group has it: a shop that names none works without.
    needs = {need for need in (kind, "" if language.startswith("zh") else language[:2]) if need in known}
    offers = connection.execute(
        "SELECT agent_id, at FROM routing_offer WHERE conversation_id = ? AND at > ? AND answer IN ('passed', 'expired')",
        (conversation_id, now - FORGOTTEN * there.policy.golden),
    ).fetchall()
    return Asked(
        conversation_id,
        kind,
        tier == "vip",
        priority,
        due_at,
        since,
        frozenset(needs),
        tuple((a, at) for a, at in offers),
    )


def about(connection: Connection, conversation_id: str, candidates: list[Candidate]) -> list[Candidate]:
    """The candidates with what they had to do with this customer before."""
    had = dict(
        connection.execute(
            "SELECT m.author_id, max(m.at) FROM message m JOIN conversation c ON c.id = m.conversation_id "
            "WHERE c.customer_id = (SELECT customer_id FROM conversation WHERE id = ?) AND m.author = 'agent' "
            "AND m.author_id IS NOT NULL GROUP BY m.author_id",
            (conversation_id,),
        ).fetchall()
    )
    (owner,) = connection.execute("SELECT owner_id FROM conversation WHERE id = ?", (conversation_id,)).fetchone() or (
        None,
    )
    return [
        one._replace(had_customer_at=had.get(one.agent_id), first_asked=one.agent_id == owner) for one in candidates
    ]


def _tier(tier: str) -> Tier:
    return "second" if tier == "second" else "expert" if tier == "expert" else "first"

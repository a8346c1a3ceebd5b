"""Routing at the desk: why a conversation was offered to whom, the waiting line, how evenly work is given; and the verbs."""

import json
from concurrent.futures import Future
from typing import Literal, NamedTuple

from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.routing import PassOffer, SetDistribution, SetPresence, SetShift, SetSkills
from kefu_tui.operations.routing_facts import about, asked, facts
from kefu_tui.rules.routing import choose, line, position
from kefu_tui.rules.routing_figures import Fairness, fairness

Presence = Literal["online", "busy", "away", "offline"]
PRESENCES: tuple[Presence, ...] = ("online", "busy", "away", "offline")


class Because(NamedTuple):
    """Why one agent was chosen or not, in the desk's language."""

    agent: str
    fit: bool
    why: str


class Offered(NamedTuple):
    """An offer that was made. Answer: '' while it stands, taken, passed, expired. Times in µs UTC."""

    agent: str
    at: int
    answer: str
    because: list[Because]


class Explained(NamedTuple):
    """What routing did and would do now with a conversation; `position` in the line, 0 where it does not wait."""

    offers: list[Offered]
    now: list[Because]
    position: int
    waiting: int


class Waiter(NamedTuple):
    """A conversation in the waiting line."""

    conversation_id: str
    customer: str
    kind: str
    vip: bool
    priority: int
    since: int
    due_at: int | None


class Share(NamedTuple):
    """What one agent was given today."""

    agent: str
    presence: str
    load: float
    capacity: int
    offered: int
    taken: int
    passed: int


def explain(desk: Desk, conversation_id: str) -> Explained:
    """Every offer with its reasons, and what would be decided now."""
    with desk.store.read() as connection:
        names = dict(connection.execute("SELECT id, name FROM agent").fetchall())
        offers = [
            Offered(
                names.get(agent, agent),
                at,
                answer,
                [Because(n, f, en if desk.lang == "en" else zh) for n, f, zh, en in json.loads(told)],
            )
            for agent, at, answer, told in connection.execute(
                "SELECT agent_id, at, answer, reasons FROM routing_offer WHERE conversation_id = ? ORDER BY at",
                (conversation_id,),
            )
        ]
        found = connection.execute("SELECT group_id FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
        if found is None:
            return Explained(offers, [], 0, 0)
        now = desk.now()
        there = facts(connection, found[0], now)
        one = asked(connection, conversation_id, there, now)
        if one is None:
            return Explained(offers, [], 0, 0)
        candidates = about(connection, conversation_id, there.candidates)
        choice = choose(one, candidates, there.policy, now, capacity_factor=there.capacity_factor)
        ids = connection.execute(
            "SELECT id FROM conversation WHERE group_id = ? AND status = 'waiting' AND assignee_id IS NULL", (found[0],)
        ).fetchall()
        waiting = [each for (id,) in ids if (each := asked(connection, id, there, now)) is not None]
    because = [Because(reason.name, reason.fit, reason.say(desk.lang)) for reason in choice.reasons]
    return Explained(offers, because, position(one, waiting), len(waiting))


def waiting_line(desk: Desk, group_id: str) -> list[Waiter]:
    """Who waits in a group, in the order of the line."""
    with desk.store.read() as connection:
        now = desk.now()
        there = facts(connection, group_id, now)
        ids = connection.execute(
            "SELECT id FROM conversation WHERE group_id = ? AND status = 'waiting' AND assignee_id IS NULL", (group_id,)
        ).fetchall()
        waiting = line([each for (id,) in ids if (each := asked(connection, id, there, now)) is not None])
        names = dict(
            connection.execute(
                "SELECT c.id, u.name FROM conversation c JOIN customer u ON u.id = c.customer_id WHERE c.status = 'waiting'"
            ).fetchall()
        )
    return [
        Waiter(
            one.conversation_id,
            names.get(one.conversation_id, ""),
            one.kind,
            one.vip,
            one.priority,
            one.waiting_since,
            one.due_at,
        )
        for one in waiting
    ]


def shares(desk: Desk, group_id: str, since: int) -> tuple[list[Share], Fairness]:
    """What each agent of a group was given since a moment (µs UTC), and how evenly."""
    with desk.store.read() as connection:
        there = facts(connection, group_id, desk.now())
        counted = {
            agent: (offered, taken, passed)
            for agent, offered, taken, passed in connection.execute(
                "SELECT agent_id, count(*), sum(answer = 'taken'), sum(answer IN ('passed', 'expired')) FROM routing_offer "
                "WHERE at >= ? GROUP BY agent_id",
                (since,),
            )
        }
    rows = [
        Share(one.name, one.presence, one.load, int(one.capacity), *counted.get(one.agent_id, (0, 0, 0)))
        for one in there.candidates
    ]
    there_now = [row.taken for row in rows if row.presence == "online"]
    return rows, fairness(there_now, [60.0] * len(there_now))


def set_presence(desk: Desk, presence: Presence, agent_id: str | None = None) -> "Future[Done | Refusal]":
    """Online, busy, away or offline: oneself, or (a lead) a colleague."""
    return desk.do(SetPresence(agent_id=agent_id or desk.agent_id, presence=presence))


def set_skills(desk: Desk, agent_id: str, skills: tuple[str, ...]) -> "Future[Done | Refusal]":
    """What an agent is good at."""
    return desk.do(SetSkills(agent_id=agent_id, skills=skills))


def set_shift(desk: Desk, agent_id: str, hours: str) -> "Future[Done | Refusal]":
    """The hours in which an agent is offered work; '' for the group's own."""
    return desk.do(SetShift(agent_id=agent_id, hours=hours.strip()))


def shift(desk: Desk, agent_id: str) -> str:
    """An agent's own hours; '' where the group's are theirs."""
    with desk.store.read() as connection:
        found = connection.execute("SELECT hours FROM shift WHERE agent_id = ?", (agent_id,)).fetchone()
        return str(found[0]) if found else ""


def set_distribution(desk: Desk, group_id: str, push: bool) -> "Future[Done | Refusal]":
    """Whether work is offered in a group, or taken."""
    return desk.do(SetDistribution(group_id=group_id, distribution="push" if push else "pull"))


def pass_on(desk: Desk, conversation_id: str) -> "Future[Done | Refusal]":
    """Not me: what was offered goes to the next."""
    return desk.do(PassOffer(conversation_id=conversation_id))

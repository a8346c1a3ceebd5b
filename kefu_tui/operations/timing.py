"""The clocks of a conversation or a ticket: started, paused and stopped by what happens to it, and what is due next."""

import json
from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.rows import Clock, Conversation, Group, Policy, Ticket, TicketClock
from kefu_tui.operations.view import View
from kefu_tui.rules import clocks

Subject = TypeVar("Subject", Conversation, Ticket)
"""What has clocks."""
Kept = TypeVar("Kept", Clock, TicketClock)
ROUND = ("asked", "left", "round")
"""Events that begin the wait for an answer."""


@lru_cache(maxsize=8)
def _parsed(body: str) -> clocks.Policy:
    return clocks.parse_policy(json.loads(body))


def policy(view: View) -> clocks.Policy | None:
    """The service policy in force, or None where none was replicated yet."""
    row = view.get(Policy, "default")
    return _parsed(row.body) if row else None


def running(view: View, conversation: Conversation) -> list[Clock]:
    """The conversation's running clocks."""
    return [clock for clock in view.where(Clock, "conversation_id", conversation.id) if clock.outcome == "running"]


def running_of_ticket(view: View, ticket: Ticket) -> list[TicketClock]:
    """The ticket's running clocks."""
    return [clock for clock in view.where(TicketClock, "ticket_id", ticket.id) if clock.outcome == "running"]


def start_of_ticket(view: View, ticket: Ticket, kind: str, now: int, cause: str, step: str = "") -> None:
    """Starts a clock of a ticket; one of this kind that stands goes on, one that runs is left alone.

    A kind that the policy does not have is no promise of this shop.
    """
    rules = policy(view)
    if rules is None or kind not in rules.clocks:
        return
    there = next((one for one in running_of_ticket(view, ticket) if (one.kind, one.step) == (kind, step)), None)
    if there is not None:
        unpause(view, ticket, there, now)
        return
    clock = TicketClock(
        id=derive(ticket.id, kind, step, cause), ticket_id=ticket.id, kind=kind, step=step, started_at=now
    )
    view.put(_timed(view, ticket, clock))


def happened(view: View, conversation: Conversation, event: str, now: int, cause: str) -> None:
    """What an event means by the policy in force: promises are kept or no longer apply, and others begin.

    A round begins only where nobody waits for an answer already; `cause` is what the ids of new clocks derive from, so that
    every desk has the same ones.
    """
    rules = policy(view)
    if rules is None:
        return
    there = running(view, conversation)
    if event in ROUND:
        for clock in there:
            unpause(view, conversation, clock, now, "waiting")
        if any(_rule(rules, clock).start in ROUND for clock in there):
            return
    kinds = set()
    for clock in there:
        rule = _rule(rules, clock)
        if event in rule.stop:
            stop(view, conversation, clock, now)
        elif event in rule.void:
            stop(view, conversation, clock, now, void=True)
        else:
            kinds.add(clock.kind)
            if event == "replied" and "waiting" in rule.pause:
                pause(view, clock, now, "waiting")
    _begin(view, conversation, event, now, cause, but=kinds)


def _begin(
    view: View, conversation: Conversation, event: str, now: int, cause: str, *, but: Collection[str] = ()
) -> None:
    """Starts the clocks that an event starts, without some that run already."""
    rules = policy(view)
    for kind, rule in rules.clocks.items() if rules else ():
        if rule.start == event and kind not in but and (not rule.kinds or conversation.kind in rule.kinds):
            clock = Clock(
                id=derive(conversation.id, kind, cause), conversation_id=conversation.id, kind=kind, started_at=now
            )
            view.put(_timed(view, conversation, clock))


def asked(view: View, conversation: Conversation) -> bool:
    """Whether some clock of a conversation tells that its customer has waited for an answer; one that is over counts too."""
    rules = policy(view)
    return rules is not None and any(
        _rule(rules, clock).start in ROUND for clock in view.where(Clock, "conversation_id", conversation.id)
    )


def close(view: View, conversation: Conversation, now: int, cause: str) -> None:
    """Ends every clock where nobody waits any more: what is late was not kept, the rest is void; the archive's begins."""
    for clock in running(view, conversation):
        stop(view, conversation, clock, now, void=clock.due_at is None or now <= clock.due_at)
    _begin(view, conversation, "resolved", now, cause)


def given_up(view: View, conversation: Conversation, event: str, now: int) -> None:
    """Nobody waits any longer for what an event began: its promises are breached where they are late already, else void."""
    rules = policy(view)
    for clock in running(view, conversation):
        if rules is not None and _rule(rules, clock).start == event:
            stop(view, conversation, clock, now, void=clock.due_at is None or now <= clock.due_at)


def stand(view: View, conversation: Conversation, now: int, cause: str) -> None:
    """Lets the clocks stand that this cause stops: snoozed by the customer's wish, an outage."""
    rules = policy(view)
    for clock in running(view, conversation):
        if rules is not None and cause in _rule(rules, clock).pause:
            pause(view, clock, now, cause)


def go_on(view: View, conversation: Conversation, now: int, cause: str) -> None:
    """Ends this cause; a clock that stands for another one still stands."""
    for clock in running(view, conversation):
        unpause(view, conversation, clock, now, cause)


def stop(view: View, subject: Subject, clock: Kept, now: int, *, void: bool = False) -> None:
    """Stops a clock: met, breached, or void where the promise no longer applies."""
    clock = unpause(view, subject, clock, now)
    late = clock.due_at is not None and now > clock.due_at
    view.change(clock, stopped_at=now, outcome="void" if void else "breached" if late else "met")


def resume_stopped(view: View, conversation: Conversation) -> None:
    """The clocks that resolving stopped run again as if they never had."""
    rules = policy(view)
    for clock in view.where(Clock, "conversation_id", conversation.id):
        if rules is not None and clock.outcome in ("met", "breached") and "resolved" in _rule(rules, clock).stop:
            view.put(_timed(view, conversation, msgspec.structs.replace(clock, stopped_at=None, outcome="running")))


def pause(view: View, clock: Kept, now: int, cause: str) -> None:
    """Lets a clock stand for a cause; twice is once."""
    pauses: list[list[Any]] = json.loads(clock.pauses)
    if not any(end is None and told[:1] == [cause] for _, end, *told in pauses):
        view.change(clock, pauses=json.dumps([*pauses, [now, None, cause]]), due_at=None, warn_at=None, soon_at=None)


def unpause(view: View, subject: Subject, clock: Kept, now: int, cause: str | None = None) -> Kept:
    """Ends a cause for which a clock stands, without one all; its due time is later by what they took together."""
    pauses: list[list[Any]] = json.loads(clock.pauses)
    ended = [
        [begin, max(now, begin) if end is None and cause in (None, *(told or [cause])) else end, *told]
        for begin, end, *told in pauses
    ]
    if ended == pauses:
        return clock
    return view.put(_timed(view, subject, msgspec.structs.replace(clock, pauses=json.dumps(ended))))


def retime(view: View, subject: Subject) -> tuple[int, int]:
    """Computes the running clocks anew by the policy in force; how many run, and how many fall due at another time now."""
    there = _running(view, subject)
    moved = 0
    for clock in there:
        fresh = _timed(view, subject, clock)  # type: ignore[type-var]
        if fresh != clock:
            view.put(fresh)
            moved += 1
    if moved:
        settle(view, subject)
    return len(there), moved


def settle(view: View, subject: Subject) -> Subject:
    """Repeats on its subject the running clock that is due first; a standing one only where nothing else runs."""
    over = not isinstance(subject, Ticket) and subject.status == "closed"  # its archive's clock is nobody's work
    first = min(
        [] if over else _running(view, subject),
        key=lambda clock: (clock.due_at is None, clock.due_at or 0, clock.id),
        default=None,
    )
    return view.change(
        subject,
        due_kind=first.kind if first else None,
        due_from=first.started_at if first else None,
        soon_at=first.soon_at if first else None,
        warn_at=first.warn_at if first else None,
        due_at=first.due_at if first else None,
    )


def _running(view: View, subject: Conversation | Ticket) -> "list[Clock | TicketClock]":
    if isinstance(subject, Ticket):
        return cast("list[Clock | TicketClock]", running_of_ticket(view, subject))
    return cast("list[Clock | TicketClock]", running(view, subject))


_NO_RULE = clocks.ClockRule(1, "wall")


def _rule(rules: clocks.Policy, clock: Clock) -> clocks.ClockRule:
    """The rule of a clock; one that the policy no longer has runs until somebody ends it."""
    return rules.clocks.get(clock.kind, _NO_RULE)


def _timed(view: View, subject: Conversation | Ticket, clock: Kept) -> Kept:
    rules = policy(view)
    if rules is None or clock.kind not in rules.clocks:
        return clock
    group = view.get(Group, subject.group_id) if rules.groups else None
    pauses = [(begin, end) for begin, end, *_ in json.loads(clock.pauses)]
    due = clocks.due(rules, clock.kind, clock.started_at, pauses, group.name if group else "")
    return msgspec.structs.replace(clock, soon_at=due.soon_at, warn_at=due.warn_at, due_at=due.due_at)

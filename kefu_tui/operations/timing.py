"""The clocks of a conversation: started, paused and stopped by operations, and what is due next."""

import json
from functools import lru_cache

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.rows import Clock, Conversation, Policy
from kefu_tui.operations.view import View
from kefu_tui.rules import clocks

RESPONSE = ("first_response_chat", "first_response_async", "next_response")
"""Clocks that a human reply stops."""


@lru_cache(maxsize=8)
def _parsed(body: str) -> clocks.Policy:
    return clocks.parse_policy(json.loads(body))


def policy(view: View) -> clocks.Policy | None:
    """The service policy in force, or None where none was replicated yet."""
    row = view.get(Policy, "default")
    return _parsed(row.body) if row else None


def running(view: View, conversation: Conversation, *kinds: str) -> list[Clock]:
    """The conversation's running clocks, of these kinds or of any."""
    found = view.where(Clock, "conversation_id", conversation.id)
    return [clock for clock in found if clock.outcome == "running" and (not kinds or clock.kind in kinds)]


def start(view: View, conversation: Conversation, kind: str, now: int, cause: str) -> None:
    """Starts a clock; its id derives from what caused it, so that every desk has the same one."""
    clock = Clock(id=derive(conversation.id, kind, cause), conversation_id=conversation.id, kind=kind, started_at=now)
    view.put(_timed(view, clock))


def stop(view: View, clock: Clock, now: int, *, void: bool = False) -> None:
    """Stops a clock: met, breached, or void where the promise no longer applies."""
    clock = _unpaused(view, clock, now)
    late = clock.due_at is not None and now > clock.due_at
    view.change(clock, stopped_at=now, outcome="void" if void else "breached" if late else "met")


def resume_stopped(view: View, clock: Clock) -> None:
    """Lets a clock run again as if it had never stopped."""
    view.change(clock, stopped_at=None, outcome="running")


def pause(view: View, clock: Clock, now: int) -> None:
    """Lets a clock stand; twice is once."""
    pauses = json.loads(clock.pauses)
    if not (pauses and pauses[-1][1] is None):
        view.change(clock, pauses=json.dumps([*pauses, [now, None]]), due_at=None, warn_at=None, soon_at=None)


def unpause(view: View, clock: Clock, now: int) -> None:
    """Lets a standing clock go on, its due time later by what the pause took."""
    _unpaused(view, clock, now)


def settle(view: View, conversation: Conversation) -> Conversation:
    """Repeats on the conversation the running clock that is due first; a standing one only where nothing else runs."""
    clocks_ = running(view, conversation)
    first = min(clocks_, key=lambda clock: (clock.due_at is None, clock.due_at or 0, clock.id), default=None)
    return view.change(
        conversation,
        due_kind=first.kind if first else None,
        due_from=first.started_at if first else None,
        soon_at=first.soon_at if first else None,
        warn_at=first.warn_at if first else None,
        due_at=first.due_at if first else None,
    )


def _unpaused(view: View, clock: Clock, now: int) -> Clock:
    pauses = json.loads(clock.pauses)
    if not (pauses and pauses[-1][1] is None):
        return clock
    pauses[-1][1] = max(now, pauses[-1][0])
    return view.put(_timed(view, msgspec.structs.replace(clock, pauses=json.dumps(pauses))))


def _timed(view: View, clock: Clock) -> Clock:
    rules = policy(view)
    if rules is None:
        return clock
    pauses = [(begin, end) for begin, end in json.loads(clock.pauses)]
    due = clocks.due(rules, clock.kind, clock.started_at, pauses)
    return msgspec.structs.replace(clock, soon_at=due.soon_at, warn_at=due.warn_at, due_at=due.due_at)

"""Automation at the backend: what happened and what time has come is held against the rules, and those that hold act."""

import json
import logging
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from kefu_tui.backend.service import Service
from kefu_tui.ids import derive
from kefu_tui.model.rows import Conversation, Message, Ticket
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import MINUTE, SECOND
from kefu_tui.operations import View, timing
from kefu_tui.operations.automation import HaltAutomation, RunAutomation
from kefu_tui.operations.automation_facts import facts_of
from kefu_tui.rules.automation import AutomationError, Rule, occurrences, parse, refuses
from kefu_tui.rules.automation_shape import SCHEDULE, SPANS

_log = logging.getLogger("kefu.backend")

HEARD = {
    "conversation.enter": "entered",
    "message.receive": "received", "conversation.reply": "replied", "conversation.claim": "claimed",
    "conversation.release": "released", "conversation.transfer": "transferred", "conversation.snooze": "snoozed",
    "conversation.wake": "woke", "conversation.resolve": "resolved", "conversation.reopen": "reopened",
    "conversation.tag": "tagged", "conversation.rate": "rated", "conversation.note": "noted", "message.delivered": "undelivered",
    "ticket.open": "ticket_opened", "ticket.move": "ticket_moved",
}  # fmt: skip
"""The events that operations are. What a rule does is one operation of its own and no event: rules set off no rules."""
AT_ONCE = 500
"""Operations that are heard in one look."""
TICK = SECOND
"""How often it is looked what time has come."""
KEPT = 5 * SECOND
"""How often it is written down how far it is; what is heard twice acts once."""
STORM = 10 * MINUTE
TRIES = 3
"""How often something is asked of the rules where that makes the backend fail; then the next one is."""

_AUDIT = (
    "SELECT id, at, op_id, kind, lane, args FROM audit WHERE id > ? AND at >= ? AND status = 'applied' "
    f"AND kind IN ({', '.join('?' * len(HEARD))}) ORDER BY id LIMIT {AT_ONCE}"
)
_SPANS = {
    "waited": "SELECT id, waiting_since FROM conversation WHERE waiting_since > ? AND waiting_since <= ? "
    "AND status IN ('waiting', 'open')",
    "silent": "SELECT id, last_at FROM conversation WHERE last_at > ? AND last_at <= ? AND status = 'open' "
    "AND waiting_since IS NULL",
    "stood": "SELECT id, opened_at FROM conversation WHERE opened_at > ? AND opened_at <= ? "
    "AND status IN ('waiting', 'open', 'snoozed')",
    "rested": "SELECT id, resolved_at FROM conversation WHERE resolved_at > ? AND resolved_at <= ? AND status = 'resolved'",
}
_CLOCKS = {"warned": "warn_at", "breached": "due_at"}
_LIVE = ("waiting", "open", "snoozed")


class On(NamedTuple):
    """A rule that is on. `since`: nothing that happened before sets it off."""

    id: str
    since: int
    rule: Rule


class Happened(NamedTuple):
    """Something that may set rules off. `only`: the one rule that it is for, '' all."""

    event: str
    at: int
    conversation_id: str
    cause: str
    text: str = ""
    clock: str = ""
    score: int = 0
    ticket_id: str | None = None
    only: str = ""


class Automation:
    """Looks for what happened since it looked last. Where the backend was down, from where it had come."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._heard: int | None = None
        """The last operation that was heard, None before the first look."""
        self._until = 0
        """Up to when (µs UTC) time was looked at."""
        self._kept_at = 0
        self._waiting: deque[Happened] = deque()
        """What was heard, or came, and was not asked of the rules yet: what fails is not lost."""
        self._failed = 0

    def look(self) -> None:
        """Looks once: lets every rule act that holds."""
        now = self._service.now()
        with self._service.database.read() as connection:
            heard = self._begin(connection, now)
            (top,) = connection.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()
            rules = _rules(connection)
            if not rules:
                self._heard, self._until = top, now
                self._waiting.clear()
                return
            if top > heard:
                happened, self._heard = _heard(connection, heard, top, min(one.since for one in rules))
                self._waiting += happened
            if now - self._until >= TICK:
                self._waiting += _came(connection, rules, self._until, now)
                self._until = now
        while self._waiting:
            self._try(rules, self._waiting[0], now)
            self._waiting.popleft()
        self._keep(now)

    def _try(self, rules: list[On], one: Happened, now: int) -> None:
        """Asks the rules; what makes that fail again and again is left, so that the others have their turn."""
        try:
            self._ask(rules, one, now)
        except Exception:
            self._failed += 1
            if self._failed < TRIES:
                raise
            _log.exception("automation: %s of %s is left", one.event, one.conversation_id)
        self._failed = 0

    def _begin(self, connection: Connection, now: int) -> int:
        if self._heard is None:
            kept = dict(connection.execute("SELECT name, at FROM job_cursor").fetchall())
            (top,) = connection.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()
            self._heard, self._until = kept.get("automation.heard", top), kept.get("automation.until", now)
        return self._heard

    def _keep(self, now: int) -> None:
        if now - self._kept_at < KEPT:
            return
        self._kept_at = now
        with self._service.database.write() as connection:
            for name, at in (("automation.heard", self._heard), ("automation.until", self._until)):
                connection.execute(
                    "INSERT INTO job_cursor VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at", (name, at)
                )

    def _ask(self, rules: list[On], one: Happened, now: int) -> None:
        """Asks the rules in their order; each sees what those before it did."""
        for on in list(rules):
            if one.at <= on.since or one.event not in on.rule.on or one.only not in ("", on.id):
                continue
            with self._service.database.read() as connection:
                if not _holds(connection, on, one):
                    continue
                (often,) = connection.execute(
                    "SELECT count(*) FROM automation_run WHERE rule_id = ? AND at > ?", (on.id, now - STORM)
                ).fetchone()
            if often >= on.rule.storm:
                halting = HaltAutomation(rule_id=on.id, often=often)
                self._service.commits.run(halting, derive("halt", on.id, str(on.since)))
                rules.remove(on)
                continue
            run = RunAutomation(
                conversation_id=one.conversation_id,
                rule_id=on.id,
                cause=one.cause,
                event=one.event,
                ticket_id=one.ticket_id,
            )
            outcome = self._service.commits.run(run, derive("automation", on.id, one.conversation_id, one.cause))
            if on.rule.stop and getattr(outcome, "status", "") == "applied":
                return


def _rules(connection: Connection) -> list[On]:
    """The rules that are on, in the order in which they are asked."""
    found = connection.execute(
        "SELECT id, since, body FROM automation WHERE since IS NOT NULL ORDER BY position, name"
    ).fetchall()
    rules = []
    for id, since, body in found:
        try:
            rules.append(On(id, since, parse(body)))
        except AutomationError:  # of another version of kefu: it acts no more, `kefu automation check` says why
            continue
    return rules


def _holds(connection: Connection, on: On, one: Happened) -> bool:
    view = View(Reader(connection))
    conversation = view.get(Conversation, one.conversation_id)
    if conversation is None or conversation.status == "archived":
        return False
    ticket = view.get(Ticket, one.ticket_id) if one.ticket_id else None
    facts = facts_of(view, conversation, one.event, one.at, ticket=ticket)
    return facts is not None and not refuses(on.rule, facts._replace(text=one.text, clock=one.clock, score=one.score))


def _heard(connection: Connection, after: int, top: int, since: int) -> tuple[list[Happened], int]:
    """What operations after a place in the audit were, and up to which place."""
    found = connection.execute(_AUDIT, (after, since, *HEARD)).fetchall()
    happened: list[Happened] = []
    for _, at, op_id, kind, lane, args in found:
        happened += _event(connection, HEARD[kind], at, op_id, lane, json.loads(args))
    return happened, found[-1][0] if len(found) == AT_ONCE else top


def _event(connection: Connection, event: str, at: int, op_id: str, lane: str, args: dict[str, Any]) -> list[Happened]:
    reader = Reader(connection)
    if event == "entered":
        return [Happened(event, at, args["conversation_id"], op_id)]
    text = args.get("text") or args.get("name") or args.get("comment") or ""
    ticket_id = None
    if event == "received":
        message = reader.get(Message, args["message_id"])
        if message is None:
            return []
        before = connection.execute(
            "SELECT 1 FROM message WHERE conversation_id = ? AND author = 'customer' AND conv_pos < ? LIMIT 1",
            (message.conversation_id, message.conv_pos),
        ).fetchone()
        both = ("received",) if before else ("opened", "received")
        return [Happened(one, at, message.conversation_id, op_id, message.text) for one in both]
    if event == "undelivered" and args.get("state") not in ("failed", "unknown"):
        return []
    conversation_id = lane.partition(":")[2]
    if lane.startswith("t:"):
        ticket = reader.get(Ticket, conversation_id)
        if ticket is None or ticket.conversation_id is None:
            return []
        ticket_id, conversation_id = ticket.id, ticket.conversation_id
    return [Happened(event, at, conversation_id, op_id, text, score=args.get("score", 0), ticket_id=ticket_id)]


def _came(connection: Connection, rules: list[On], after: int, now: int) -> list[Happened]:
    """What time has come in (after, now], in its order."""
    happened: list[Happened] = []
    for on in rules:
        begin = max(after, on.since)
        for event in on.rule.on:
            if event in SPANS:
                found = connection.execute(_SPANS[event], (begin - on.rule.after, now - on.rule.after))
                happened += [Happened(event, at + on.rule.after, id, f"{event} {at}", only=on.id) for id, at in found]
            elif event == SCHEDULE:
                happened += _scheduled(connection, on, begin, now)
    if any(on.rule.on & _CLOCKS.keys() for on in rules):
        happened += _clocks(connection, after, now)
    return sorted(happened, key=lambda one: (one.at, one.conversation_id))


def _scheduled(connection: Connection, on: On, after: int, now: int) -> list[Happened]:
    """The last time of a schedule that has come: whoever was down for days does not act for each of them."""
    policy = timing.policy(View(Reader(connection)))
    due = occurrences(on.rule, policy.calendar, after, now)[-1:] if policy else []
    if not due:
        return []
    status = on.rule.when.status or _LIVE
    found = connection.execute(
        f"SELECT id FROM conversation WHERE status IN ({', '.join('?' * len(status))}) ORDER BY id", status
    )
    return [Happened(SCHEDULE, due[0], id, f"{SCHEDULE} {due[0]}", only=on.id) for (id,) in found]


def _clocks(connection: Connection, after: int, now: int) -> Iterator[Happened]:
    for event, column in _CLOCKS.items():
        found = connection.execute(
            f"SELECT id, conversation_id, kind, {column}, NULL FROM clock WHERE outcome = 'running' "
            f"AND {column} > ? AND {column} <= ? UNION ALL "
            f"SELECT k.id, t.conversation_id, k.kind, k.{column}, t.id FROM ticket_clock k JOIN ticket t ON t.id = k.ticket_id "
            f"WHERE k.outcome = 'running' AND t.conversation_id IS NOT NULL AND k.{column} > ? AND k.{column} <= ?",
            (after, now, after, now),
        ).fetchall()
        for id, conversation_id, kind, at, ticket_id in found:
            yield Happened(event, at, conversation_id, f"{event} {id} {at}", clock=kind, ticket_id=ticket_id)

"""A rule rehearsed on what was: when it would have acted, on whom, and what kept it from acting."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kefu_tui.model.rows import Conversation, Ticket
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import DAY
from kefu_tui.operations import View, timing
from kefu_tui.operations.automation_facts import facts_of, of_the_past, timed
from kefu_tui.rules.automation import Facts, Rule, occurrences, refuses, unknown_of_the_past
from kefu_tui.rules.automation_shape import SCHEDULE
from kefu_tui.rules.automation_words import called
from kefu_tui.rules.calendar import day_of, local_us

SHOWN = 200
"""Cases that are told one by one."""
STEP = 500
"""Events between two words of progress."""
UNKNOWN = frozenset(("claimed", "released", "transferred", "snoozed", "woke", "reopened"))
"""Events of which a desk keeps no record."""


class Case(NamedTuple):
    """Once that a rule would have acted."""

    conversation_id: str
    customer: str
    event: str
    at: int
    text: str


class Rehearsal(NamedTuple):
    """What a rehearsal found. `by_day`: how often on each date (`2026-11-25`). `stopped`: it was not gone through whole."""

    since: int
    until: int
    events: int
    """What could have set it off."""
    fired: int
    conversations: int
    braked: int
    """What `most` would have kept it from."""
    by_day: dict[str, int]
    kept_by: dict[str, int]
    """How often each condition kept it from acting, the most frequent first."""
    cases: list[Case]
    taken_as_held: list[str]
    """Conditions on what nobody knows any more."""
    unknown: list[str]
    """Events of which nothing is kept here."""
    stopped: bool


class _Event(NamedTuple):
    event: str
    at: int
    conversation_id: str
    text: str = ""
    clock: str = ""
    ticket_id: str | None = None
    score: int = 0


def rehearse(
    connection: Connection, rule: Rule, now: int, days: int, progress: Callable[[int, int], bool]
) -> Rehearsal:
    """Goes through everything of the last days that could have set a rule off, in its order. Changes nothing."""
    since, reader = now - days * DAY, Reader(connection)
    policy = timing.policy(View(reader))
    events = sorted(_events(connection, rule, since, now), key=lambda one: (one.at, one.conversation_id))
    most, span = rule.most
    known: dict[str, Facts | None] = {}
    acted: dict[str, list[int]] = {}
    kept_by: Counter[str] = Counter()
    fired: list[_Event] = []
    braked = 0
    stopped = False
    for number, one in enumerate(events):
        if number % STEP == 0 and not progress(number, len(events)):
            stopped = True
            break
        if one.conversation_id not in known:
            known[one.conversation_id] = _known(reader, one)
        facts = known[one.conversation_id]
        if facts is None or policy is None:
            continue
        if one.ticket_id is not None:
            facts = _known(reader, one) or facts
        facts = timed(facts, policy, one.at)._replace(event=one.event, text=one.text, clock=one.clock, score=one.score)
        before = acted.setdefault(one.conversation_id, [])
        if kept := refuses(rule, facts):
            kept_by[kept] += 1
        elif sum(at > one.at - span for at in before) >= most:
            braked += 1
        else:
            before.append(one.at)
            fired.append(one)
    progress(len(events), len(events))
    zone = policy.zone if policy else "Asia/Shanghai"
    by_day = Counter(day_of(local_us(one.at, zone)).isoformat() for one in fired)
    return Rehearsal(
        since=since,
        until=now,
        events=len(events),
        fired=len(fired),
        conversations=len({one.conversation_id for one in fired}),
        braked=braked,
        by_day=dict(sorted(by_day.items())),
        kept_by=dict(kept_by.most_common()),
        cases=[_case(connection, one) for one in fired[:SHOWN]],
        taken_as_held=unknown_of_the_past(rule),
        unknown=sorted(rule.on & UNKNOWN),
        stopped=stopped,
    )


def _known(reader: Reader, one: _Event) -> Facts | None:
    view = View(reader)
    conversation = view.get(Conversation, one.conversation_id)
    if conversation is None:
        return None
    ticket = view.get(Ticket, one.ticket_id) if one.ticket_id else None
    facts = facts_of(view, conversation, one.event, one.at, ticket=ticket)
    return of_the_past(facts) if facts else None


def _case(connection: Connection, one: _Event) -> Case:
    found = connection.execute(
        "SELECT u.name FROM conversation c JOIN customer u ON u.id = c.customer_id WHERE c.id = ?",
        (one.conversation_id,),
    ).fetchone()
    return Case(one.conversation_id, found[0] if found else "", one.event, one.at, one.text)


def _events(connection: Connection, rule: Rule, since: int, now: int) -> Iterator[_Event]:
    on = rule.on
    if on & {"opened", "received", "replied", "noted", "undelivered", "waited", "silent"}:
        yield from _of_messages(connection, rule, since, now)
    plain = {
        "resolved": ("SELECT id, resolved_at, '' FROM conversation WHERE resolved_at BETWEEN ? AND ?", 0),
        "rested": ("SELECT id, resolved_at, '' FROM conversation WHERE resolved_at BETWEEN ? AND ?", rule.after),
        "stood": (
            "SELECT id, opened_at, '' FROM conversation WHERE opened_at BETWEEN ? AND ? "
            f"AND coalesce(resolved_at, {now}) >= opened_at + {rule.after}",
            rule.after,
        ),
        "tagged": ("SELECT conversation_id, at, name FROM tag WHERE at BETWEEN ? AND ?", 0),
    }
    for event, (sql, later) in plain.items():
        if event in on:
            for id, at, text in connection.execute(sql, (since - later, now - later)):
                yield _Event(event, at + later, id, text)
    if "rated" in on:
        rated = "SELECT conversation_id, rated_at, comment, score FROM close_out WHERE rated_at BETWEEN ? AND ?"
        for id, at, text, score in connection.execute(rated, (since, now)):
            yield _Event("rated", at, id, text, score=score)
    if "entered" in on:
        yield from _of_entering(connection, since, now)
    yield from _of_clocks(connection, on, since, now)
    yield from _of_tickets(connection, on, since, now)
    if SCHEDULE in on:
        yield from _of_schedule(connection, rule, since, now)


def _of_messages(connection: Connection, rule: Rule, since: int, now: int) -> Iterator[_Event]:
    rows = connection.execute(
        "SELECT m.conversation_id, m.author, m.kind, m.state, m.text, m.at, c.resolved_at FROM conversation c "
        "JOIN message m ON m.conversation_id = c.id WHERE c.last_at >= ? AND m.state NOT IN ('held', 'discarded') "
        "ORDER BY m.conversation_id, m.conv_pos IS NULL, m.conv_pos, m.at",
        (since - rule.after,),
    )
    for id, lines in itertools.groupby(rows, key=lambda row: str(row[0])):
        for one in _of_thread(id, lines, rule, now):
            if one.event in rule.on and since <= one.at <= now:
                yield one


def _of_thread(id: str, lines: Iterable[tuple[object, ...]], rule: Rule, now: int) -> Iterator[_Event]:
    waits: int | None = None
    spoke: int | None = None
    wrote = False
    """When the customer began to wait, and when an agent spoke last with nobody after."""
    end = now
    for _, author, kind, state, text, at, resolved in lines:
        end = resolved if isinstance(resolved, int) else now
        assert isinstance(at, int)
        words = str(text)
        if kind == "note":
            yield _Event("noted", at, id, words)
            continue
        if author == "customer":
            yield from _came(id, "silent", spoke, at, rule)
            waits, spoke = at if waits is None else waits, None
            if not wrote:
                yield _Event("opened", at, id, words)
            wrote = True
            yield _Event("received", at, id, words)
        elif author == "agent":
            yield from _came(id, "waited", waits, at, rule)
            waits, spoke = None, at
            yield _Event("replied", at, id, words)
            if state in ("failed", "unknown"):
                yield _Event("undelivered", at, id, words)
    yield from _came(id, "waited", waits, end, rule)
    yield from _came(id, "silent", spoke, end, rule)


def _came(id: str, event: str, begin: int | None, end: int, rule: Rule) -> Iterator[_Event]:
    if event in rule.on and begin is not None and begin + rule.after <= end:
        yield _Event(event, begin + rule.after, id)


def _of_entering(connection: Connection, since: int, now: int) -> Iterator[_Event]:
    """Who came in, as the clocks tell that begin with it."""
    policy = timing.policy(View(Reader(connection)))
    kinds = [kind for kind, rule in policy.clocks.items() if rule.start == "entered"] if policy else []
    found = connection.execute(
        f"SELECT DISTINCT conversation_id, started_at FROM clock WHERE kind IN ({', '.join('?' * len(kinds))}) "
        "AND started_at BETWEEN ? AND ?",
        (*kinds, since, now),
    )
    for id, at in found:
        yield _Event("entered", at, id)


def _of_clocks(connection: Connection, on: frozenset[str], since: int, now: int) -> Iterator[_Event]:
    subjects = (
        "SELECT conversation_id, kind, {0}, NULL FROM clock WHERE {0} BETWEEN ? AND ? AND outcome <> 'void' "
        "AND coalesce(stopped_at, ?) >= {0}",
        "SELECT t.conversation_id, k.kind, k.{0}, t.id FROM ticket_clock k JOIN ticket t ON t.id = k.ticket_id "
        "WHERE t.conversation_id IS NOT NULL AND k.{0} BETWEEN ? AND ? AND k.outcome <> 'void' "
        "AND coalesce(k.stopped_at, ?) >= k.{0}",
    )
    for event, column in (("warned", "warn_at"), ("breached", "due_at")):
        if event in on:
            for sql in subjects:
                for id, kind, at, ticket in connection.execute(sql.format(column), (since, now, now)):
                    yield _Event(event, at, id, clock=kind, ticket_id=ticket)


def _of_tickets(connection: Connection, on: frozenset[str], since: int, now: int) -> Iterator[_Event]:
    for event, kind in (("ticket_opened", "opened"), ("ticket_moved", "moved")):
        if event in on:
            found = connection.execute(
                "SELECT t.conversation_id, e.at, t.id FROM ticket_event e JOIN ticket t ON t.id = e.ticket_id "
                "WHERE e.kind = ? AND e.at BETWEEN ? AND ? AND t.conversation_id IS NOT NULL",
                (kind, since, now),
            )
            for id, at, ticket in found:
                yield _Event(event, at, id, ticket_id=ticket)


def _of_schedule(connection: Connection, rule: Rule, since: int, now: int) -> Iterator[_Event]:
    policy = timing.policy(View(Reader(connection)))
    for at in occurrences(rule, policy.calendar, since, now) if policy else []:
        found = connection.execute(
            "SELECT id FROM conversation WHERE opened_at <= ? AND coalesce(resolved_at, ?) >= ?", (at, now, at)
        )
        for (id,) in found:
            yield _Event(SCHEDULE, at, id)


def sentence(told: Rehearsal, days: int, lang: str) -> str:
    """What a rehearsal found, in words."""
    if lang == "en":
        said = f"In {days} days it would have acted {told.fired} times on {told.conversations} conversations"
        said += f", of {told.events} events" if told.events else ""
        said += f"; {told.braked} more were braked" if told.braked else ""
        said += (
            f". Taken as held: {', '.join(called(one, lang) for one in told.taken_as_held)}"
            if told.taken_as_held
            else ""
        )
        said += f". Not recorded here: {', '.join(called(one, lang) for one in told.unknown)}" if told.unknown else ""
        return said + "."
    said = f"最近 {days} 天会做 {told.fired} 次，涉及 {told.conversations} 个会话"
    said += f"（共 {told.events} 件事）" if told.events else ""
    said += f"；另有 {told.braked} 次被限住" if told.braked else ""
    said += (
        f"。按成立算的条件：{'、'.join(called(one, lang) for one in told.taken_as_held)}" if told.taken_as_held else ""
    )
    said += f"。本机没有记录：{'、'.join(called(one, lang) for one in told.unknown)}" if told.unknown else ""
    return said + "。"

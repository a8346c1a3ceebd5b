"""Deciding operations with authority: one batch, one transaction, one commit number; effects, index, results and audit together."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from kefu_tui.backend import chain, index, overruled
from kefu_tui.backend.database import SPACE, Conflict, Database, Raced, head
from kefu_tui.backend.remembered import Remembered
from kefu_tui.backend.visibility import personal
from kefu_tui.failpoints import reach
from kefu_tui.model.rows import Agent, Clock, Conversation, Message
from kefu_tui.model.sql import Connection
from kefu_tui.now import Now
from kefu_tui.operations import Basis, Context, Operation, Outcome, Refusal, View, decide
from kefu_tui.operations.base import SYSTEM, Actor, actor_of, arguments
from kefu_tui.operations.registry import parse
from kefu_tui.rules.calls import is_phone
from kefu_tui.wire import Envelope, Result

T = TypeVar("T")
TRIES = 3
BACKEND = "backend"
"""The device id under which the backend's own operations are audited."""


class News(NamedTuple):
    """What a commit is to those who wait for one: the new head, and the groups in which something changed."""

    seq: int
    groups: frozenset[str]


class PushRefused(Exception):
    """The batch was not looked at; `code` is one of wire.FAILURES."""

    def __init__(self, code: str, **facts: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Decided(NamedTuple):
    """One operation with what became of it, before it is written."""

    envelope: Envelope
    actor: Actor
    lane: str
    outcome: Outcome | Refusal
    quarantined: str | None
    stored: Result | None = None


class Commits:
    """The one road by which anything changes at the backend. `on_commit` hears the news after each commit."""

    def __init__(self, database: Database, now: Now, on_commit: Callable[[News], None] = lambda news: None) -> None:
        self.database = database
        self.now = now
        self.on_commit = on_commit
        self._links: dict[int, str] = {}
        """The chain's value at each commit that this process made or tried to make, until it is looked whether there are others."""

    def others(self, connection: Connection, since: int, seq: int) -> bool:
        """Whether commits after `since` up to `seq` are of other processes; or the head went back, as with an older copy."""
        if seq <= since:
            return seq < since
        found = connection.execute(
            "SELECT seq, chain FROM sync_commit WHERE seq > ? AND seq <= ?", (since, seq)
        ).fetchall()
        own: int = sum(self._links.get(number) == link for number, link in found)
        for number in [number for number in list(self._links) if number <= seq]:
            self._links.pop(number, None)
        return own < seq - since

    def push(self, device_id: str, agent_id: str, envelopes: Sequence[Envelope]) -> tuple[list[Result], int]:
        """Decides a device's operations in order and returns their results and the watermark.

        Raises PushRefused for a gap, a fork, a foreign author or an unknown device: nothing is changed then.
        """
        if any(envelope.actor != agent_id for envelope in envelopes):
            raise PushRefused("not-author")
        try:
            return _until_alone(lambda: self._transact(device_id, envelopes))
        except Conflict:
            if len(envelopes) == 1:
                return _until_alone(lambda: self._transact(device_id, envelopes, poison=True))
            alone = [self.push(device_id, agent_id, [envelope]) for envelope in envelopes]
            return [result for results, _ in alone for result in results], alone[-1][1]

    def run(self, operation: Operation, op_id: str, actor: Actor = SYSTEM) -> Outcome | Refusal:
        """Decides one operation of the backend itself: intake, jobs, administration."""

        def work() -> tuple[Outcome | Refusal, News | None]:
            with self.database.write() as connection:
                return self.within(connection, operation, op_id, actor)

        outcome, news = _until_alone(work)
        if news:
            self.on_commit(news)
        return outcome

    def within(
        self, connection: Connection, operation: Operation, op_id: str, actor: Actor = SYSTEM
    ) -> tuple[Outcome | Refusal, News | None]:
        """The same inside a write transaction that the caller holds; the caller tells `on_commit`."""
        now = self.now()
        reader = Remembered(connection)
        view = View(reader)
        outcome = decide(operation, view, Context(actor, now, op_id, Basis()))
        connection.executemany(_OWED, _assign(reader, view, now))
        envelope = Envelope(
            op_no=0,
            op_id=op_id,
            kind=operation.kind,
            v=operation.v,
            actor=actor.id,
            at=now,
            basis={},
            args=arguments(operation),
        )
        decided = Decided(envelope, actor, operation.lane(), outcome, None)
        news = self._write(connection, view, now, [op_id])
        connection.execute(_AUDIT, _audit(BACKEND, decided, news.seq if news else head(connection)[1], now))
        return outcome, news

    def _transact(
        self, device_id: str, envelopes: Sequence[Envelope], *, poison: bool = False
    ) -> tuple[list[Result], int]:
        with self.database.write() as connection:
            now = self.now()  # Under the write lock: times run with the order of commits.
            watermark = _watermark(connection, device_id)
            reader = Remembered(connection)
            view = View(reader)
            seen = _seen(connection, envelopes)
            if len(envelopes) > 1:
                _look_ahead(reader, envelopes)
            decided: list[Decided] = []
            owed: list[Owed] = []
            for envelope in envelopes:
                if envelope.op_no <= watermark:
                    decided.append(_known(connection, device_id, envelope))
                    continue
                if envelope.op_no != watermark + 1:
                    raise PushRefused("op-gap", expected_op_no=watermark + 1)
                watermark = envelope.op_no
                decided.append(_decide(view, envelope, now, seen, self.database.raises, poison=poison))
                seen[envelope.op_id] = Outcome("noop")
                owed += _assign(reader, view, now, envelope.delivery)
            connection.executemany(_OWED, owed)
            news = self._write(connection, view, now, [one.envelope.op_id for one in decided])
            results, fresh = [], []
            for one in decided:
                if one.stored:
                    results.append(one.stored)
                    continue
                changed = not isinstance(one.outcome, Refusal) and one.outcome.status != "noop"
                at = news.seq if news and changed else None
                result = _result(one, at or head(connection)[1])
                fresh.append((one, result))
                results.append(result)
            _record(connection, device_id, fresh, now)
            told = overruled.note(connection, ((one.envelope, one.lane, result) for one, result in fresh), now)
            connection.execute(
                "UPDATE device SET last_op_no = ?, seen_at = ? WHERE id = ?", (watermark, now, device_id)
            )
            reach("push.decided")
        reach("push.committed")
        if any(one.stored is None for one in decided):
            # Also after noop and rejected alone: their results wait to be pulled.
            groups = news.groups if news else frozenset()
            self.on_commit(News(results[-1].seq, groups | told | {personal(envelopes[0].actor)}))
        return results, watermark

    def _write(self, connection: Connection, view: View, now: int, op_ids: Sequence[str]) -> News | None:
        """Writes the view's rows under the next commit number, with their index; None when there is nothing to write."""
        if not view.written:
            return None
        seq, before = connection.execute(
            "UPDATE sync_head SET seq = seq + 1 WHERE space_id = ? RETURNING seq, chain", (SPACE,)
        ).fetchone()
        groups = index.write(connection, view, seq)
        link = chain.link(before, seq, now, op_ids, ((table.table, id) for table, id in view.written))
        connection.execute("UPDATE sync_head SET chain = ? WHERE space_id = ?", (link, SPACE))
        connection.execute("INSERT INTO sync_commit (seq, at, chain) VALUES (?, ?, ?)", (seq, now, link))
        self._links[seq] = (
            link  # known as one's own before anybody can see it; where it is undone, its number has another value
        )
        reach("backend.written")
        return News(seq, frozenset(groups))


def _until_alone(work: Callable[[], T]) -> T:
    """Does a whole transaction again where another one got in its way."""
    for _ in range(TRIES):
        with contextlib.suppress(Raced):
            return work()
    return work()


def _watermark(connection: Connection, device_id: str) -> int:
    found = connection.execute("SELECT last_op_no, revoked_at FROM device WHERE id = ?", (device_id,)).fetchone()
    if found is None or found[1] is not None:
        raise PushRefused("device-revoked")
    return int(found[0])


def fingerprint(envelope: Envelope) -> str:
    """What tells a resent operation from another one under the same number."""
    return hashlib.sha256(msgspec.json.encode(envelope, order="deterministic")).hexdigest()


def _known(connection: Connection, device_id: str, envelope: Envelope) -> Decided:
    found = connection.execute(
        "SELECT op_id, fingerprint, status, code, facts, seq FROM op_result WHERE device_id = ? AND op_no = ?",
        (device_id, envelope.op_no),
    ).fetchone()
    if found is None or found[1] != fingerprint(envelope):
        raise PushRefused("device-forked")
    op_id, _, status, code, facts, seq = found
    stored = Result(op_no=envelope.op_no, op_id=op_id, status=status, code=code, facts=json.loads(facts), seq=seq)
    return Decided(envelope, SYSTEM, "", Outcome("noop"), None, stored)


def _look_ahead(reader: Remembered, envelopes: Sequence[Envelope]) -> None:
    """Reads for a whole batch at once what nearly every operation of it reads: on PostgreSQL each question is a journey."""

    def named(argument: str) -> list[str]:
        found = (envelope.args.get(argument) for envelope in envelopes)
        return [id for id in found if isinstance(id, str)]

    conversations = named("conversation_id")
    reader.ahead(Conversation, "id", conversations)
    reader.ahead(Clock, "conversation_id", conversations)
    reader.ahead(Message, "id", named("message_id"))


def _seen(connection: Connection, envelopes: Sequence[Envelope]) -> dict[str, Outcome | Refusal]:
    """What is told of those that were decided before, under another number, of a device whose store was lost: nothing is done
    twice, and what was held or refused is said again to the agent who may not have heard of it.
    """
    ids = [envelope.op_id for envelope in envelopes]
    found: dict[str, Outcome | Refusal] = {}
    if not ids:
        return found
    marks = ", ".join("?" * len(ids))
    for op_id, status, code, told in connection.execute(
        f"SELECT op_id, status, code, facts FROM op_result WHERE op_id IN ({marks}) ORDER BY at DESC", ids
    ):
        if status in ("rejected", "quarantined"):
            found[op_id] = Refusal(code or status, json.loads(told))
        else:
            found[op_id] = Outcome("held", code, json.loads(told)) if status == "held" else Outcome("noop")
    return found


def _decide(
    view: View,
    envelope: Envelope,
    now: int,
    seen: Mapping[str, Outcome | Refusal],
    raises: type[Exception],
    *,
    poison: bool,
) -> Decided:
    agent = view.get(Agent, envelope.actor)
    actor = actor_of(view, agent) if agent else Actor(envelope.actor, "", "auditor", frozenset())
    if poison:
        return Decided(envelope, actor, "", Refusal("poisoned"), "integrity")
    if envelope.op_id in seen:
        return Decided(envelope, actor, "", seen[envelope.op_id], None)
    operation = parse(envelope.kind, envelope.args)
    if isinstance(operation, Refusal):
        return Decided(envelope, actor, "", operation, None)
    try:
        basis = msgspec.convert(envelope.basis, Basis)
    except msgspec.ValidationError as error:
        return Decided(envelope, actor, operation.lane(), Refusal("invalid", {"what": str(error)}), None)
    try:
        outcome = decide(operation, view, Context(actor, now, envelope.op_id, basis))
    except raises:
        raise
    except Exception as error:
        return Decided(envelope, actor, operation.lane(), Refusal("poisoned"), f"{type(error).__name__}: {error}")
    return Decided(envelope, actor, operation.lane(), outcome, None)


Owed = tuple[str, str, str, str, int, int, int]
_OWED = (
    "INSERT INTO outbound (message_id, conversation_id, channel, state, next_at, doubtful, at, attempts) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (message_id) DO NOTHING"
)
"""Replies on their way to a channel."""


def _assign(reader: Remembered, view: View, now: int, delivery: str = "") -> list[Owed]:
    """Gives new messages their place, and replies their delivery, which it returns.

    `delivery`: of replies that an older copy of this database has lost; one that was sent is never transmitted again, one of which
    nobody knows goes as one does whose answer was lost.
    """
    owed: list[Owed] = []
    for row in [view.written[key] for key in view.touched]:
        if not isinstance(row, Message) or row.state in ("held", "discarded") or row.conv_pos is not None:
            continue
        conversation = view.get(Conversation, row.conversation_id)
        if conversation is None:
            continue
        position = conversation.last_pos + 1
        view.change(conversation, last_pos=position)
        state = row.state
        if row.kind == "text" and row.state == "queued" and is_phone(conversation.channel):
            state = "failed"  # no operation writes to a caller; whatever would, goes nowhere
        elif row.kind == "text" and row.state == "queued":
            channel = reader.way(conversation.channel)
            # The chat page comes and reads: there the commit is the delivery. A channel without an address only brings.
            address = channel[1] if channel is not None and channel[0] != "web" and delivery != "sent" else None
            state = "sent" if address is None else "queued" if address else "failed"
            doubtful = int(delivery == "unknown")
            owed.append((row.id, conversation.id, conversation.channel, state, now, doubtful, now))
        view.change(row, conv_pos=position, state=state)
    return owed


def _result(decided: Decided, seq: int) -> Result:
    envelope, outcome = decided.envelope, decided.outcome
    if isinstance(outcome, Refusal):
        return Result(
            op_no=envelope.op_no,
            op_id=envelope.op_id,
            status="quarantined" if decided.quarantined else "rejected",
            seq=seq,
            code=outcome.code,
            facts=dict(outcome.facts),
        )
    return Result(
        op_no=envelope.op_no,
        op_id=envelope.op_id,
        status=outcome.status,
        seq=seq,
        code=outcome.code,
        facts=dict(outcome.facts),
    )


def _record(connection: Connection, device_id: str, fresh: Sequence[tuple[Decided, Result]], now: int) -> None:
    connection.executemany(
        "INSERT INTO op_result (device_id, op_no, op_id, fingerprint, status, code, facts, seq, at) VALUES (?,?,?,?,?,?,?,?,?)",
        [
            (
                device_id,
                decided.envelope.op_no,
                decided.envelope.op_id,
                fingerprint(decided.envelope),
                result.status,
                result.code,
                json.dumps(result.facts, ensure_ascii=False),
                result.seq,
                now,
            )
            for decided, result in fresh
        ],
    )
    for decided, _ in fresh:
        if decided.quarantined:
            connection.execute(
                "INSERT INTO op_quarantine VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    decided.envelope.op_id,
                    device_id,
                    msgspec.json.encode(decided.envelope).decode(),
                    decided.quarantined,
                    now,
                ),
            )
    connection.executemany(_AUDIT, [_audit(device_id, decided, result.seq, now) for decided, result in fresh])


_AUDIT = "INSERT INTO audit (at, actor_id, device_id, op_id, kind, lane, status, code, seq, args) VALUES (?,?,?,?,?,?,?,?,?,?)"


def _audit(device_id: str, decided: Decided, seq: int, now: int) -> tuple[int | str | None, ...]:
    envelope, outcome = decided.envelope, decided.outcome
    return (
        now,
        envelope.actor,
        device_id,
        envelope.op_id,
        envelope.kind,
        decided.lane,
        "rejected" if isinstance(outcome, Refusal) else outcome.status,
        outcome.code,
        seq,
        json.dumps(envelope.args, ensure_ascii=False),
    )

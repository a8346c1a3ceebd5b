"""Emergencies at the desk: what lasts, what was, begun and ended; who waits for the answer that was promised; a report."""

from concurrent.futures import Future
from typing import NamedTuple

from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.operations.emergency import BeginMode, EndMode, Kind
from kefu_tui.operations.refusals import Refusal


class Emergency(NamedTuple):
    """An emergency; `until` None while it lasts. Times in µs UTC."""

    id: str
    kind: str
    level: int
    reason: str
    since: int
    until: int | None
    by: str
    ended_by: str


class Report(NamedTuple):
    """What an emergency was, in conversations and messages of this desk's sight. Times in µs."""

    emergency: Emergency
    opened: int
    """Conversations that began in it."""
    messages: int
    """Messages of customers in it."""
    stood_in: int
    """Conversations that were told to wait."""
    kept: int
    """Of these answered within the promise, late, and not yet."""
    late: int
    waiting: int
    longest_us: int | None
    """The longest of these waits that ended."""


class CallBack(NamedTuple):
    """A customer who was told to wait and has no answer yet."""

    conversation_id: str
    name: str
    since: int
    due_at: int | None


def modes(desk: Desk, *, past: bool = False) -> list[Emergency]:
    """Emergencies that last, with `past` those before too, the newest first."""
    with desk.store.read() as connection:
        found = connection.execute(
            "SELECT m.id, m.kind, m.level, m.reason, m.since, m.until, a.name, b.name FROM mode m "
            "LEFT JOIN agent a ON a.id = m.by_id LEFT JOIN agent b ON b.id = m.ended_by "
            f"{'' if past else 'WHERE m.until IS NULL'} ORDER BY m.until IS NOT NULL, m.since DESC, m.id"
        )
        return [
            Emergency(id, kind, level, reason, since, until, by or "", ended or "")
            for id, kind, level, reason, since, until, by, ended in found
        ]


def begin(
    desk: Desk, kind: Kind, *, level: int = 0, reason: str = "", text_zh: str = "", text_en: str = ""
) -> "Future[Done | Refusal]":
    """An emergency begins, or one that lasts is changed."""
    return desk.do(BeginMode(of=kind, level=level, reason=reason, text_zh=text_zh, text_en=text_en))


def end(desk: Desk, kind: Kind) -> "Future[Done | Refusal]":
    """It is over."""
    return desk.do(EndMode(of=kind))


def call_backs(desk: Desk) -> list[CallBack]:
    """Customers who were told to wait and have no answer yet, the longest wait first."""
    with desk.store.read() as connection:
        found = connection.execute(
            "SELECT k.conversation_id, u.name, k.started_at, k.due_at FROM clock k JOIN conversation c ON c.id = k.conversation_id "
            "LEFT JOIN customer u ON u.id = c.customer_id WHERE k.kind = 'outage_promise' AND k.outcome = 'running' "
            "ORDER BY k.started_at, k.id"
        )
        return [CallBack(id, name or "", since, due) for id, name, since, due in found]


def report(desk: Desk, id: str) -> Report | None:
    """What an emergency was; None where there is none of this id."""
    found = next((one for one in modes(desk, past=True) if one.id == id), None)
    if found is None:
        return None
    until = found.until or desk.now()
    with desk.store.read() as connection:
        (opened,) = connection.execute(
            "SELECT count(*) FROM conversation c WHERE c.opened_at BETWEEN ? AND ? "
            "AND EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.author = 'customer')",
            (found.since, until),
        ).fetchone()
        (messages,) = connection.execute(
            "SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation_id "
            "WHERE c.last_at >= ? AND m.author = 'customer' AND m.at BETWEEN ? AND ?",
            (found.since, found.since, until),
        ).fetchone()
        promises = connection.execute(
            "SELECT outcome, started_at, stopped_at FROM clock WHERE kind = 'outage_promise' AND started_at BETWEEN ? AND ?",
            (found.since, until),
        ).fetchall()
    waits = [stopped - started for _, started, stopped in promises if stopped is not None]
    outcomes = [outcome for outcome, _, _ in promises]
    return Report(
        found,
        opened,
        messages,
        len(promises),
        outcomes.count("met"),
        outcomes.count("breached"),
        outcomes.count("running"),
        max(waits, default=None),
    )

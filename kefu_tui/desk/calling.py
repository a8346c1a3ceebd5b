"""Telephone calls at the desk: logged by hand, listed, and their lines said in words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from kefu_tui.desk import verbs
from kefu_tui.ids import derive
from kefu_tui.model.rows import Message
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import DAY
from kefu_tui.operations.call import LogCall
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules import calls
from kefu_tui.rules.calendar import local_us, utc_us
from kefu_tui.store import queries
from kefu_tui.store.shown import QueueRow, ThreadItem

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.desk.answers import Done
    from kefu_tui.desk.desk import Desk
    from kefu_tui.desk.reads import Reads

Way = Literal["in", "out"]


class Told(NamedTuple):
    """What an agent tells of a call. Times in µs UTC, where they are known."""

    phone: str
    text: str
    way: Way = "in"
    name: str = ""
    kind: str | None = None
    rang_at: int | None = None
    answered_at: int | None = None
    group_id: str | None = None
    """Of a new conversation; without, the first group of the agent."""


class Called(NamedTuple):
    """A call as it is listed. Times in µs UTC; `at` is when it rang, or was logged where that is not known."""

    id: str
    conversation_id: str
    way: str
    name: str
    phone: str
    """Masked."""
    at: int
    rang_at: int | None
    answered_at: int | None
    ended_at: int | None
    missed: bool
    agent: str
    """Login of who answered or logged it; '' nobody."""


def log(desk: "Desk", told: Told) -> "tuple[str, Future[Done | Refusal]]":
    """Logs a call that was had; the id of its note, and what became of it."""
    call_id, note_id, now = desk.ids(), desk.ids(), desk.now()  # in the order in which their lines stand

    def work(connection: Connection) -> verbs.Told | Refusal:
        group_id = told.group_id or _group(connection, desk.agent_id)
        if group_id is None:
            return Refusal("forbidden")
        if any(at is not None and at > now for at in (told.rang_at, told.answered_at)):
            return Refusal("call-times", {"what_zh": "还没有到", "what_en": "they are still to come"})
        operation = LogCall(
            group_id=group_id,
            customer_id=derive("customer", calls.PHONE, calls.number(told.phone)),
            conversation_id=desk.ids(),
            call_id=call_id,
            note_id=note_id,
            phone=told.phone,
            text=told.text,
            direction=told.way,
            name=told.name,
            of=told.kind,
            rang_at=told.rang_at,
            answered_at=told.answered_at,
            logged_at=now,
        )
        done = verbs.do(connection, desk, [operation])
        note = Reader(connection).get(Message, note_id)
        if isinstance(done, Refusal) or note is None:
            return done
        said = verbs.told_of(connection, desk, LogCall.kind, note.conversation_id)
        return done._replace(said=said, conversations=(note.conversation_id,))

    return note_id, desk.verb(work)


def conversation_of(desk: "Desk", message_id: str) -> str | None:
    """Where a line stands."""
    with desk.store.read() as connection:
        note = Reader(connection).get(Message, message_id)
        return note.conversation_id if note else None


def is_number(text: str) -> bool:
    """Whether a text is a telephone number."""
    return bool(calls.number(text))


def today(desk: "Reads") -> list[Called]:
    """The calls that were told of or logged today, the latest last."""
    from kefu_tui.text import mask_phone

    zone = desk.zone()
    midnight = utc_us(local_us(desk.now(), zone) // DAY * DAY, zone)
    with desk.store.read() as connection:
        found = connection.execute(
            "SELECT m.id, c.id, u.name, coalesce(u.phone, u.external_id), m.text, m.at, a.login FROM conversation c "
            "JOIN message m ON m.conversation_id = c.id JOIN customer u ON u.id = c.customer_id "
            "LEFT JOIN agent a ON a.id = m.author_id "
            "WHERE c.last_at >= ? AND (c.channel = 'phone' OR c.channel LIKE 'phone-%') "
            "AND m.kind = 'event' AND m.author = 'system' AND m.at >= ?",
            (midnight, midnight),
        ).fetchall()
    listed = []
    for id, conversation, name, phone, text, at, agent in found:
        call = calls.read(text)
        if call is None:
            continue
        listed.append(
            Called(
                id=id,
                conversation_id=conversation,
                way=call.way,
                name=name or "",
                phone=mask_phone(phone or ""),
                at=at if call.rang_at is None else call.rang_at,
                rang_at=call.rang_at,
                answered_at=call.answered_at,
                ended_at=call.ended_at,
                missed=call.missed,
                agent=agent or "",
            )
        )
    return sorted(listed, key=lambda one: (one.at, one.id))


def said_in_rows(rows: list[QueueRow], lang: str, zone: str) -> list[QueueRow]:
    """The same rows with the last word of a telephone conversation in words."""
    return [
        row._replace(preview=calls.words(call, lang, zone))
        if calls.is_phone(row.channel) and (call := calls.read(row.preview)) is not None
        else row
        for row in rows
    ]


def said_in_thread(items: Iterable[ThreadItem], lang: str, zone: str) -> list[ThreadItem]:
    """The same lines with calls in words."""
    return [
        item._replace(text=calls.words(call, lang, zone))
        if item.who == "system" and (call := calls.read(item.text)) is not None
        else item
        for item in items
    ]


def _group(connection: Connection, agent_id: str) -> str | None:
    """The first group that an agent works in, else, for who is in none, the first of all."""
    mine = connection.execute(
        "SELECT g.id FROM membership m JOIN agent_group g ON g.id = m.group_id WHERE m.agent_id = ? ORDER BY g.name",
        (agent_id,),
    ).fetchone()
    me = queries.me(connection, agent_id)
    if mine is None and me is not None and me.role == "admin":
        mine = connection.execute("SELECT id FROM agent_group ORDER BY name").fetchone()
    return mine[0] if mine else None

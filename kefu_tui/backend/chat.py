"""What a visitor of the chat page writes and sees: tokens, messages, and places in order without holes."""

import secrets
from typing import NamedTuple

from kefu_tui.backend.accounts import token_hash
from kefu_tui.backend.http import too_large
from kefu_tui.backend.problems import Refused, refused
from kefu_tui.backend.service import Service
from kefu_tui.backend.shapes import Accepted, ChatLine, ChatLines, ChatScore, ChatText, NewVisitor, VisitorToken
from kefu_tui.backend.words import moment
from kefu_tui.ids import derive
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations import Refusal, View, entering
from kefu_tui.operations.base import MAX_TEXT
from kefu_tui.operations.close_out import Rate
from kefu_tui.operations.entering import Enter
from kefu_tui.operations.intake import Receive

CHANNEL = "web"
PAGE = 500
"""Most messages in one answer."""

_VISIBLE = (
    "FROM conversation c JOIN message m ON m.conversation_id = c.id WHERE c.customer_id = ? "
    "AND m.kind = 'text' AND m.state IN ('received', 'sent')"
)
"""A customer's own messages and what was sent to it: no notes, no events, nothing held."""


class Visitor(NamedTuple):
    """A person on the chat page."""

    id: str
    name: str
    locale: str

    @property
    def customer_id(self) -> str:
        """The customer this visitor is to the agents."""
        return derive("customer", CHANNEL, self.id)


def welcome(service: Service, new: NewVisitor) -> VisitorToken:
    """A new visitor with its only key."""
    id, token = service.ids(), secrets.token_urlsafe(32)
    locale = "zh" if not new.locale or new.locale.lower().startswith("zh") else "en"
    with service.database.write() as connection:
        connection.execute(
            "INSERT INTO visitor (id, token_hash, name, locale, created_at, read_pos) VALUES (?, ?, ?, ?, ?, 0)",
            (id, token_hash(token), " ".join(new.name.split()), locale, service.now()),
        )
    return VisitorToken(visitor_id=id, token=token)


def visitor_by(connection: Connection, token: str) -> Visitor:
    """Whose token this is. Raises Refused `not-signed-in` when nobody's."""
    found = connection.execute("SELECT id, name, locale FROM visitor WHERE token_hash = ?", (token_hash(token),))
    row = found.fetchone()
    if row is None:
        raise Refused("not-signed-in", "The token is not known.")
    return Visitor(*row)


def greets(service: Service) -> bool:
    """Whether the shop wants to know of visitors who come in, before they write."""
    with service.database.read() as connection:
        return entering.policy(View(Reader(connection))).open


def enter(service: Service, visitor: Visitor) -> None:
    """Opens a conversation for a visitor who came in, where the shop wants it and none is there. Raises Refused."""
    if not greets(service):
        return
    with service.database.read() as connection:
        group_id = _group(connection)
    coming = Enter(
        channel=CHANNEL,
        group_id=group_id,
        external_id=visitor.id,
        customer_id=visitor.customer_id,
        conversation_id=service.ids(),
        name=visitor.name,
        locale=visitor.locale,
    )
    outcome = service.commits.run(coming, service.ids())
    if isinstance(outcome, Refusal):
        raise refused(outcome)


def _group(connection: Connection) -> str:
    """The group that the chat page's customers come to."""
    return str(connection.execute("SELECT group_id FROM channel WHERE name = ?", (CHANNEL,)).fetchone()[0])


def accept(service: Service, visitor: Visitor, said: ChatText) -> Accepted:
    """Stores a visitor's message once, however often it is sent, and tells its place."""
    text, name = said.text, visitor.name or " ".join(said.name.split())
    if len(text) > MAX_TEXT:
        raise too_large(len(text), MAX_TEXT, "characters")
    message_id = derive(visitor.id, said.client_id)
    with service.database.write() as connection:
        if name != visitor.name:
            connection.execute("UPDATE visitor SET name = ? WHERE id = ?", (name, visitor.id))
        group_id = _group(connection)
        receive = Receive(
            channel=CHANNEL,
            group_id=group_id,
            external_id=visitor.id,
            message_id=message_id,
            customer_id=visitor.customer_id,
            conversation_id=derive("conversation", message_id),
            text=text,
            name=name,
            locale=visitor.locale,
        )
        outcome, news = service.commits.within(connection, receive, derive("receive", message_id))
        if not isinstance(outcome, Refusal):
            number(connection, visitor)
            accepted = _accepted(connection, message_id)
    if news:
        service.metrics.received.labels(CHANNEL).inc()
        service.commits.on_commit(news)
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    return accepted


def _accepted(connection: Connection, message_id: str) -> Accepted:
    conversation_id, position = connection.execute(
        "SELECT m.conversation_id, l.position FROM message m JOIN chat_line l ON l.message_id = m.id WHERE m.id = ?",
        (message_id,),
    ).fetchone()
    return Accepted(message_id=message_id, conversation_id=conversation_id, position=position)


def number(connection: Connection, visitor: Visitor) -> None:
    """Gives every visible message that has none the next place; in a write transaction.

    A place never changes: a held reply that is sent later, also in an older conversation, comes after what was there.
    """
    connection.execute(
        "INSERT INTO chat_line (visitor_id, position, message_id) SELECT ?, "
        "(SELECT coalesce(max(position), 0) FROM chat_line WHERE visitor_id = ?) "
        f"+ row_number() OVER (ORDER BY c.opened_at, c.id, m.conv_pos), m.id {_VISIBLE} "
        "AND m.id NOT IN (SELECT message_id FROM chat_line WHERE visitor_id = ?)",
        (visitor.id, visitor.id, visitor.customer_id, visitor.id),
    )


def newest(connection: Connection, visitor: Visitor) -> int:
    """The place of the newest message that a visitor may see: places have no holes, so it is their count."""
    return int(connection.execute(f"SELECT count(*) {_VISIBLE}", (visitor.customer_id,)).fetchone()[0])


def lines(service: Service, visitor: Visitor, after: int) -> list[ChatLine]:
    """The messages behind a place, in order, at most `PAGE`; they count as read."""
    with service.database.read() as connection:
        found = _lines(connection, visitor, after)
        numbered, read = connection.execute(
            "SELECT (SELECT count(*) FROM chat_line WHERE visitor_id = v.id), read_pos FROM visitor v WHERE id = ?",
            (visitor.id,),
        ).fetchone()
        level = numbered == newest(connection, visitor)
    if not level or (found and found[-1].position > read):
        with service.database.write() as connection:
            number(connection, visitor)
            found = _lines(connection, visitor, after)
            connection.execute(
                "UPDATE visitor SET read_pos = ? WHERE id = ? AND read_pos < ?",
                (found[-1].position if found else 0, visitor.id, found[-1].position if found else 0),
            )
    return found


def page(service: Service, visitor: Visitor, after: int) -> ChatLines:
    """The messages behind a place, and what may be rated."""
    found = lines(service, visitor, after)
    with service.database.read() as connection:
        over = connection.execute(
            "SELECT c.id, c.status, o.score FROM conversation c LEFT JOIN close_out o ON o.conversation_id = c.id "
            "WHERE c.customer_id = ? "
            "AND EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.author = 'customer') "
            "ORDER BY c.opened_at DESC, c.id DESC LIMIT 1",
            (visitor.customer_id,),
        ).fetchone()
    rate = over[0] if over and over[1] in ("resolved", "closed") and over[2] is None else None
    return ChatLines(messages=found, rate=rate)


def rate(service: Service, visitor: Visitor, told: ChatScore) -> None:
    """Keeps a visitor's score of a conversation of their own. Raises Refused."""
    with service.database.read() as connection:
        own = connection.execute(
            "SELECT 1 FROM conversation WHERE id = ? AND customer_id = ?", (told.conversation_id, visitor.customer_id)
        ).fetchone()
    rating = Rate(conversation_id=told.conversation_id, score=told.score, comment=told.comment.strip())
    outcome = service.commits.run(rating, service.ids()) if own else Refusal("gone")
    if isinstance(outcome, Refusal):
        raise refused(outcome)


def _lines(connection: Connection, visitor: Visitor, after: int) -> list[ChatLine]:
    found = connection.execute(
        "SELECT l.position, m.id, m.author, m.text, m.at FROM chat_line l JOIN message m ON m.id = l.message_id "
        "WHERE l.visitor_id = ? AND l.position > ? ORDER BY l.position LIMIT ?",
        (visitor.id, after, PAGE),
    )
    return [
        ChatLine(position=position, message_id=id, party=author, text=text, sent_at=moment(at))
        for position, id, author, text, at in found
    ]

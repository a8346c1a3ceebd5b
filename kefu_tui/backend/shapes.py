"""What customers, channels and sign-in speak besides the sync protocol: the JSON of their requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Short = Annotated[str, Meta(max_length=200)]
Key = Annotated[str, Meta(min_length=1, max_length=200)]


class Me(msgspec.Struct, kw_only=True):
    """Who is signed in with this token, and until when (µs UTC)."""

    agent_id: str
    login: str
    name: str
    role: str
    device_id: str
    expires_at: int
    groups: list[str]


class NewVisitor(msgspec.Struct, kw_only=True):
    """A person who opens the chat; `locale` is a language tag."""

    name: Annotated[str, Meta(max_length=60)] = ""
    locale: Annotated[str, Meta(max_length=35)] = ""


class VisitorToken(msgspec.Struct, kw_only=True):
    """The visitor's only key; it is told once."""

    visitor_id: str
    token: str


class ChatText(msgspec.Struct, kw_only=True):
    """A customer's message, at most 10,000 characters; the same `client_id` is the same message.

    `name` is what to call a visitor who has not said it before.
    """

    client_id: Key
    text: str
    name: Annotated[str, Meta(max_length=60)] = ""


class Accepted(msgspec.Struct, kw_only=True):
    """The message is stored, at this position of what the visitor sees."""

    message_id: str
    conversation_id: str
    position: int


class ChatLine(msgspec.Struct, kw_only=True, rename={"party": "from"}):
    """A message as the visitor sees it. `position` counts from 1 without holes; `sent_at` is RFC 3339, UTC."""

    position: int
    message_id: str
    party: Literal["customer", "agent", "bot", "system"]
    text: str
    sent_at: str


class ChatLines(msgspec.Struct, kw_only=True):
    """Messages behind a position, in order, at most 500; ask again behind the last one for more.

    `rate` is the conversation that is over and has no score of the visitor's yet.
    """

    messages: list[ChatLine]
    rate: str | None = None


class ChatScore(msgspec.Struct, kw_only=True):
    """How satisfied a visitor was with a conversation that is over: 1 to 5, and a word if they like."""

    conversation_id: Key
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=500)] = ""


class IntakeCustomer(msgspec.Struct, kw_only=True):
    """The customer as the channel knows them."""

    external_id: Key
    name: Short = ""
    phone: Short | None = None
    email: Short | None = None
    tier: Literal["new", "regular", "returning", "vip"] | None = None


class Attachment(msgspec.Struct, kw_only=True):
    """A file of a message, where the channel keeps it."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    name: Short = ""


class IntakeMessage(msgspec.Struct, kw_only=True):
    """A customer's message on a channel. `message_id` is the channel's; `sent_at` is RFC 3339 with its zone.

    Attachments are kept as lines under the text.
    """

    message_id: Key
    customer: IntakeCustomer
    text: str
    sent_at: Annotated[datetime, Meta(tz=True)]
    order_no: Short | None = None
    attachments: Annotated[list[Attachment], Meta(max_length=50)] = []


class IntakeCall(msgspec.Struct, kw_only=True):
    """What an exchange tells of a call: it rang, was answered (by the agent of a login, where known), or is over.

    `call_id` is the exchange's; `at` is RFC 3339 with its zone; `customer` stands with `rang`. `missed`: without, a call is
    that nobody answered.
    """

    event: Literal["rang", "answered", "ended"]
    call_id: Key
    at: Annotated[datetime, Meta(tz=True)]
    customer: IntakeCustomer | None = None
    agent: Short = ""
    missed: bool | None = None


class TakenIn(msgspec.Struct, kw_only=True):
    """The conversation the message or the call belongs to."""

    conversation_id: str

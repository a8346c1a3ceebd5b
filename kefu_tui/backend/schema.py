"""The backend's own tables: commit order, change index, devices, results, deliveries, accounts, chat, audit."""

from sqlalchemy import BigInteger, Index, Integer, MetaData, text
from sqlmodel import Field, SQLModel

_FIELDS = text("kind IN ('conversation.priority', 'ticket.set')")
"""Operations that give fields a value, as `overruled.KINDS`."""


class Own(SQLModel):
    """A table that never leaves the backend."""

    metadata = MetaData()


class Head(Own, table=True):
    """One row per space: the last commit number, taken as the last write of a transaction."""

    __tablename__ = "sync_head"

    space_id: str = Field(primary_key=True)
    epoch: str
    seq: int = Field(sa_type=BigInteger)
    chain: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The chain's value at `seq`."""
    min_seq: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Up to this commit removals are forgotten."""


class Commit(Own, table=True):
    """One transaction that changed something, numbered without holes. Of old ones, one in a thousand is kept."""

    __tablename__ = "sync_commit"

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigInteger)
    chain: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Change(Own, table=True):
    """The change index: one row per entity and group. `op`: P put, D removed, X the lane left this group (type `lane`)."""

    __tablename__ = "sync_change"
    __table_args__ = (
        Index("sync_change_feed", "group_id", "seq"),
        Index("sync_change_lane", "lane", "group_id"),
        Index("sync_change_entity", "type", "id"),
    )

    group_id: str = Field(primary_key=True)
    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    lane: str
    seq: int = Field(sa_type=BigInteger)
    op: str


class Cursor(Own, table=True):
    """How far a job has come; of what, it knows by itself."""

    __tablename__ = "job_cursor"

    name: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)


class Device(Own, table=True):
    """A desk's store: the watermark of its operations. `token_hash` is SHA-256 of the device token."""

    __tablename__ = "device"

    id: str = Field(primary_key=True)
    agent_id: str
    name: str = ""
    app_version: str = ""
    last_op_no: int = Field(default=0, sa_type=BigInteger)
    token_hash: str | None = Field(default=None, index=True)
    token_expires_at: int = Field(default=0, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class OpResult(Own, table=True):
    """The durable result of one operation; it never expires."""

    __tablename__ = "op_result"
    __table_args__ = (Index("op_result_op", "op_id"), Index("op_result_seq", "device_id", "seq"))

    device_id: str = Field(primary_key=True)
    op_no: int = Field(primary_key=True, sa_type=BigInteger)
    op_id: str
    fingerprint: str
    status: str
    code: str | None = None
    facts: str = "{}"
    seq: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)


class Quarantine(Own, table=True):
    """An operation that made the backend fail; kept whole for a person."""

    __tablename__ = "op_quarantine"

    op_id: str = Field(primary_key=True)
    device_id: str
    payload: str
    error: str
    at: int = Field(sa_type=BigInteger)


class Audit(Own, table=True):
    """Who did what: one row with every operation that was decided."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_fields", "lane", "seq", sqlite_where=_FIELDS, postgresql_where=_FIELDS),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer, "sqlite"))
    at: int = Field(sa_type=BigInteger)
    actor_id: str = Field(index=True)
    device_id: str
    op_id: str
    kind: str
    lane: str
    status: str
    code: str | None = None
    seq: int = Field(sa_type=BigInteger)
    args: str


class Overruled(Own, table=True):
    """A field of which an agent is told that somebody else gave it another value, at commit `seq`, without knowing."""

    __tablename__ = "overruled"
    __table_args__ = (Index("overruled_agent", "agent_id", "seq"),)

    op_id: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    agent_id: str
    lane: str
    code: str
    facts: str
    seq: int = Field(sa_type=BigInteger, index=True)
    at: int = Field(sa_type=BigInteger)


class Outbound(Own, table=True):
    """A reply on its way to a channel, transmitted at most once unless the channel takes the message id as its idempotency key.

    State: queued, sending, sent, failed, unknown.
    """

    __tablename__ = "outbound"
    __table_args__ = (Index("outbound_due", "state", "next_at"),)

    message_id: str = Field(primary_key=True)
    conversation_id: str
    channel: str
    state: str = "queued"
    attempts: int = 0
    next_at: int = Field(default=0, sa_type=BigInteger)
    doubtful: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """1 once an attempt may have arrived although nobody said so."""
    error: str | None = None
    at: int = Field(sa_type=BigInteger)


class Account(Own, table=True):
    """How an agent signs in: Argon2id hash."""

    __tablename__ = "account"

    agent_id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    password_hash: str


class Brake(Own, table=True):
    """The brake against guessing. `key` is `login:<hash>`, whether there is such a login or not, or `address:<…>`."""

    __tablename__ = "brake"

    key: str = Field(primary_key=True)
    failures: int = 0
    locked_until: int = Field(default=0, sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)


class Channel(Own, table=True):
    """A way in and out. Kind: web, webhook, phone, email, chatwoot.

    `secret` signs what comes and goes; `address` is where replies go.
    """

    __tablename__ = "channel"

    name: str = Field(primary_key=True)
    kind: str
    group_id: str
    secret: str = ""
    address: str = ""
    created_at: int = Field(sa_type=BigInteger)


class ChatLine(Own, table=True):
    """The place a message has in what its visitor sees; given once, when somebody first looks, and never changed."""

    __tablename__ = "chat_line"

    visitor_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    message_id: str = Field(unique=True)


class Visitor(Own, table=True):
    """A person on the chat page, known by a token alone (stored as SHA-256). `read_pos` is the newest position it fetched."""

    __tablename__ = "visitor"

    id: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    name: str = ""
    locale: str = "zh"
    created_at: int = Field(sa_type=BigInteger)
    read_pos: int = Field(default=0)

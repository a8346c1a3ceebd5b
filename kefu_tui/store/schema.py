"""The desk's own tables: outbox, shadow rows, cursors, notices, drafts, pins, keys used, facts about the store."""

from sqlalchemy import BigInteger, Index, MetaData
from sqlmodel import Field, SQLModel


class Own(SQLModel):
    """A table that never leaves the desk."""

    metadata = MetaData()


class Meta(Own, table=True):
    """Facts about this store: whose it is, its device, backend, epoch, token, how sync stands."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True)
    value: str


class Outbox(Own, table=True):
    """Operations of this desk in order. State: pending, acked; acked rows are the journal.

    `tries` is counted before bytes leave: from then on nothing of the operation changes. `conflict` is why a replay of a
    pending operation no longer works (likely conflict). `inverse` is what would undo it. Until `hold_until` (µs UTC) it
    waits here for a change of mind, unless something was done after it.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_state", "state", "op_no"),)

    op_no: int = Field(primary_key=True, sa_type=BigInteger)
    op_id: str = Field(unique=True)
    verb: str = Field(index=True)
    """The first operation of those that were done, and are undone, together."""
    kind: str
    v: int
    actor_id: str
    lane: str
    basis: str
    args: str
    at: int = Field(sa_type=BigInteger)
    state: str = "pending"
    tries: int = 0
    status: str | None = None
    code: str | None = None
    facts: str = "{}"
    seq: int | None = Field(default=None, sa_type=BigInteger)
    acked_at: int | None = Field(default=None, sa_type=BigInteger)
    inverse: str | None = None
    undone: int = 0
    conflict: str | None = None
    hold_until: int | None = Field(default=None, sa_type=BigInteger)
    delivery: str | None = None
    """Of a reply that is offered again: sent, or unknown, as it stood when the backend lost it."""


class OutboxLane(Own, table=True):
    """The lanes a pending operation depends on; `wrote` marks those it changes."""

    __tablename__ = "outbox_lane"
    __table_args__ = (Index("outbox_lane_operation", "op_no"),)

    lane: str = Field(primary_key=True)
    op_no: int = Field(primary_key=True, sa_type=BigInteger)
    wrote: int


class Shadow(Own, table=True):
    """The backend's image of a row that pending operations changed here; NULL: it did not exist."""

    __tablename__ = "shadow"
    __table_args__ = (Index("shadow_lane", "lane"),)

    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    lane: str
    row: str | None = None


class Cursor(Own, table=True):
    """How far each group's feed has been applied; `complete` is 0 while catching up."""

    __tablename__ = "cursor"

    group_id: str = Field(primary_key=True)
    seq: int = Field(default=0, sa_type=BigInteger)
    complete: int = 0


class Loading(Own, table=True):
    """A group that is loaded before it is pulled. The next part begins at `after`; `seq` is the commit of the first part."""

    __tablename__ = "loading"

    group_id: str = Field(primary_key=True)
    after: str = ""
    seq: int = Field(default=0, sa_type=BigInteger)
    conversations: int = 0
    total: int = 0


class CursorMark(Own, table=True):
    """A commit that was seen, with the chain's value there: few, the closer together the newer they are."""

    __tablename__ = "cursor_mark"

    seq: int = Field(primary_key=True, sa_type=BigInteger)
    chain: str


class Unapplied(Own, table=True):
    """Rows that could not be taken, as of which commit, and why."""

    __tablename__ = "sync_unapplied"

    type: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    error: str


class Notice(Own, table=True):
    """What the agent must look at. Level: held, rejected, info. It stays until `seen_at`."""

    __tablename__ = "notice"

    id: str = Field(primary_key=True)
    op_id: str | None = None
    level: str
    code: str
    facts: str = "{}"
    body: str = ""
    conversation_id: str | None = None
    message_id: str | None = None
    at: int = Field(sa_type=BigInteger)
    seen_at: int | None = Field(default=None, sa_type=BigInteger)


class Draft(Own, table=True):
    """Text being written, with what was known when it was begun."""

    __tablename__ = "draft"

    conversation_id: str = Field(primary_key=True)
    text: str
    canned_id: str | None = None
    basis: str = "{}"
    at: int = Field(sa_type=BigInteger)


class Pin(Own, table=True):
    """A conversation that this agent keeps on top of the queue."""

    __tablename__ = "pin"

    conversation_id: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)


class KeyUse(Own, table=True):
    """How often a command was used on a day. Way: key, palette, mouse; or `long`, where a shorter way was there."""

    __tablename__ = "key_use"

    day: str = Field(primary_key=True)
    command: str = Field(primary_key=True)
    way: str = Field(primary_key=True)
    uses: int = 0


class Effort(Own, table=True):
    """What a conversation took this agent until it was resolved: keys pressed and seconds on screen, by day."""

    __tablename__ = "effort"
    __table_args__ = (Index("effort_resolved", "resolved_at"),)

    conversation_id: str = Field(primary_key=True)
    keys: int = 0
    seconds: int = 0
    resolved_at: int | None = Field(default=None, sa_type=BigInteger)

"""Conversations: one customer, one channel, from first message to close."""

from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Conversation(Replicated, table=True):
    """States: waiting, open, snoozed, resolved, closed, archived. Priority 1 (highest) to 5.

    `last_pos` is assigned by the backend. `due_at` and what follows it repeat the running clock that is due first, so that
    a queue can sort without a join; `warn_at` and `soon_at` are that clock's.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index("conversation_queue", "status", "assignee_id", "due_at", "id"),
        Index("conversation_group", "group_id", "status", "due_at", "id"),
        Index("conversation_due", "due_at", "id"),
    )
    lane: ClassVar[tuple[str, str]] = ("c", "id")

    customer_id: str = Field(index=True)
    channel: str
    group_id: str
    kind: str = "other"
    priority: int = 3
    status: str = "waiting"
    assignee_id: str | None = None
    owner_id: str | None = None
    """First-asked owner: who took the customer first."""
    offered_to_id: str | None = None
    """The colleague a transfer waits for; the assignee stays until it is taken."""
    language: str = "zh"
    opened_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
    last_pos: int = 0
    preview: str = ""
    unanswered: int = 0
    """Customer messages since the last human reply."""
    waiting_since: int | None = Field(default=None, sa_type=BigInteger)
    snoozed_until: int | None = Field(default=None, sa_type=BigInteger)
    resolved_at: int | None = Field(default=None, sa_type=BigInteger)
    due_kind: str | None = None
    due_from: int | None = Field(default=None, sa_type=BigInteger)
    soon_at: int | None = Field(default=None, sa_type=BigInteger)
    warn_at: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = Field(default=None, sa_type=BigInteger)

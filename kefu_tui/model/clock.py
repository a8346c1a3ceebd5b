"""Service clocks of a conversation."""

from typing import ClassVar

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Clock(Replicated, table=True):
    """A promise with a due time. Outcome: running, met, breached, void.

    `due_at` is NULL when the calendar is not announced yet. `pauses` is a JSON list of [from, to or null].
    """

    __tablename__ = "clock"
    __table_args__ = (
        Index("clock_runs", "conversation_id", "kind", "due_at", sqlite_where=text("outcome = 'running'")),
    )
    lane: ClassVar[tuple[str, str]] = ("c", "conversation_id")

    conversation_id: str = Field(index=True)
    kind: str
    started_at: int = Field(sa_type=BigInteger)
    soon_at: int | None = Field(default=None, sa_type=BigInteger)
    warn_at: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = Field(default=None, sa_type=BigInteger)
    pauses: str = "[]"
    stopped_at: int | None = Field(default=None, sa_type=BigInteger)
    outcome: str = "running"

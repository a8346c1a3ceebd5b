"""What an agent wants to be reminded of, and customers to be called back."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Reminder(Replicated, table=True):
    """One agent's reminder, of a conversation or of its own. Kind: reminder, call_back."""

    __tablename__ = "reminder"
    lane: ClassVar[tuple[str, str]] = ("b", "id")

    agent_id: str = Field(index=True)
    conversation_id: str | None = Field(default=None, index=True)
    kind: str = "reminder"
    text: str = ""
    due_at: int = Field(sa_type=BigInteger)
    set_at: int = Field(sa_type=BigInteger)
    done_at: int | None = Field(default=None, sa_type=BigInteger)

"""What stays of a conversation when it is over: its close-out record, and how satisfied the customer was."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class CloseOut(Replicated, table=True):
    """The record of one conversation. `fields` is the JSON of what was filled in; `score` 1 to 5 is the customer's own."""

    __tablename__ = "close_out"
    lane: ClassVar[tuple[str, str]] = ("c", "conversation_id")

    conversation_id: str = Field(unique=True)
    fields: str = "{}"
    by_id: str | None = None
    at: int | None = Field(default=None, sa_type=BigInteger)
    score: int | None = None
    comment: str = ""
    rated_at: int | None = Field(default=None, sa_type=BigInteger)

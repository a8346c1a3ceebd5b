"""Tags on conversations."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Tag(Replicated, table=True):
    """One word on one conversation; its id derives from both, so that adding it twice is adding it once."""

    __tablename__ = "tag"
    lane: ClassVar[tuple[str, str]] = ("c", "conversation_id")

    conversation_id: str = Field(index=True)
    name: str
    by_id: str
    at: int = Field(sa_type=BigInteger)

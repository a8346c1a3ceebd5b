"""Messages of a conversation: the customer's, the agents', notes and system lines."""

from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Message(Replicated, table=True):
    """One line of a conversation.

    Author: customer, agent, bot, system. Kind: text, note, event. State: received (from outside), kept (notes and events),
    queued, sending, sent, failed, unknown (on the way to the customer), held, discarded. `conv_pos` is assigned by the
    backend, dense from 1; NULL while a desk alone knows the message or while it is held, and sorts last.
    """

    __tablename__ = "message"
    __table_args__ = (Index("message_thread", "conversation_id", "conv_pos", unique=True),)
    lane: ClassVar[tuple[str, str]] = ("c", "conversation_id")

    conversation_id: str
    conv_pos: int | None = None
    author: str
    author_id: str | None = None
    kind: str = "text"
    text: str
    at: int = Field(sa_type=BigInteger)
    state: str
    reason: str | None = None
    """Code of the reason why a reply is held."""
    canned_id: str | None = None
    op_id: str = Field(index=True)

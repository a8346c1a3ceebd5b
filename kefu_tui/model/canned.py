"""Canned replies: stored text with a shortcut and variables."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class CannedReply(Replicated, table=True):
    """Text in Liquid. Scope: company, group (`scope_id` is the group) or agent (`scope_id` is the agent).

    `pinyin` and `initials` are computed when the reply is saved; `when_words` are words of a customer that it answers,
    separated by spaces.
    """

    __tablename__ = "canned_reply"
    lane: ClassVar[tuple[str, str]] = ("r", "id")

    scope: str = "company"
    scope_id: str | None = None
    stage: str
    scenario: str
    lang: str = "zh"
    title: str
    text: str
    shortcut: str = ""
    when_words: str = ""
    pinyin: str = ""
    initials: str = ""
    edited_at: int = Field(sa_type=BigInteger)
    edited_by: str | None = None

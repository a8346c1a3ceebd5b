"""Saved views: a filter of the queue under a name."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class SavedView(Replicated, table=True):
    """A view of the queue. Scope: company, group (`scope_id` is the group) or agent (`scope_id` is the agent).

    `filter` is written in the query language (rules/query.py); `group_by` names what its rows stand under, '' the sections
    of the queue; `place` orders views in the switch, the smallest first.
    """

    __tablename__ = "saved_view"
    lane: ClassVar[tuple[str, str]] = ("v", "id")

    scope: str = "agent"
    scope_id: str | None = None
    name: str
    filter: str
    group_by: str = ""
    place: int = 0
    edited_at: int = Field(sa_type=BigInteger)
    edited_by: str | None = None

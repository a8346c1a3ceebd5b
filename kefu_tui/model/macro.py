"""Macros: several steps under one name, run as one."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Macro(Replicated, table=True):
    """Steps that are done as one. Scope: company, group (`scope_id` is the group) or agent (`scope_id` is the agent).

    `steps` is a JSON list of [verb, arguments] (rules/macro.py); `key` is what runs it behind the macro key, '' nothing.
    """

    __tablename__ = "macro"
    lane: ClassVar[tuple[str, str]] = ("m", "id")

    scope: str = "agent"
    scope_id: str | None = None
    name: str
    key: str = ""
    steps: str
    edited_at: int = Field(sa_type=BigInteger)
    edited_by: str | None = None

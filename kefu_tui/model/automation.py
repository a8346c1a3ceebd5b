"""Automation: rules that act by themselves, and what each of them did."""

from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Automation(Replicated, table=True):
    """A rule, `body` being its TOML text; `position` is its place among those that hear the same event."""

    __tablename__ = "automation"
    lane: ClassVar[tuple[str, str]] = ("x", "id")

    name: str
    zh: str
    en: str
    position: int = 100
    body: str
    since: int | None = Field(default=None, sa_type=BigInteger)
    """From when on it acts; NULL while it is off."""
    halted_at: int | None = Field(default=None, sa_type=BigInteger)
    """When it was switched off because it acted too often; NULL after somebody switched it on again."""
    edited_at: int = Field(sa_type=BigInteger)
    edited_by: str


class AutomationRun(Replicated, table=True):
    """What a rule did to a conversation, once for each cause. State: done, refused (nothing was done), undone.

    `did` is a JSON list of [verb, argument, operations that take it back, each its kind and arguments]; `why` the JSON of the
    refusal: step, code, facts. Hook state: '' where nothing is to be posted, queued, sent, failed.
    """

    __tablename__ = "automation_run"
    __table_args__ = (
        Index("automation_run_conversation", "conversation_id"),
        Index("automation_run_rule", "rule_id", "at"),
        Index("automation_run_hook", "hook_state"),
    )
    lane: ClassVar[tuple[str, str]] = ("c", "conversation_id")

    rule_id: str
    conversation_id: str
    ticket_id: str | None = None
    event: str
    at: int = Field(sa_type=BigInteger)
    state: str
    did: str = "[]"
    why: str = ""
    by_id: str
    """Who made it act: the system, or the lead who ran it."""
    undone_by: str | None = None
    hook: str = ""
    """The channel to whose address it posts."""
    hook_text: str = ""
    hook_state: str = ""

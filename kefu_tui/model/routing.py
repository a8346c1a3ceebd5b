"""Routing: what agents are good at, and whom conversations were offered to."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Skill(Replicated, table=True):
    """One thing that an agent is good at: a kind of conversation, or a language; its id derives from both."""

    __tablename__ = "skill"
    lane: ClassVar[tuple[str, str]] = ("a", "agent_id")

    agent_id: str = Field(index=True)
    name: str


class Shift(Replicated, table=True):
    """An agent's own hours, as `rules/shifts.py` reads them; without one the group's hours are the agent's."""

    __tablename__ = "shift"
    lane: ClassVar[tuple[str, str]] = ("a", "agent_id")

    agent_id: str = Field(index=True)
    hours: str


class RoutingOffer(Replicated, table=True):
    """A conversation offered to an agent by routing. Answer: '' while it stands, taken, passed, expired.

    `reasons` is a JSON list of [agent, could have been, Chinese, English], the chosen one first.
    """

    __tablename__ = "routing_offer"
    lane: ClassVar[tuple[str, str]] = ("c", "conversation_id")

    conversation_id: str = Field(index=True)
    agent_id: str
    at: int = Field(sa_type=BigInteger)
    answer: str = ""
    answered_at: int | None = Field(default=None, sa_type=BigInteger)
    reasons: str = "[]"

"""Agents, the groups they work in, and who is in which."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Agent(Replicated, table=True):
    """A person who signs in. Roles: agent, lead, admin, auditor. Presence: online, busy, away, offline."""

    __tablename__ = "agent"
    lane: ClassVar[tuple[str, str]] = ("a", "id")

    login: str = Field(unique=True)
    name: str
    role: str = "agent"
    tier: str = "first"
    capacity: int = 8
    presence: str = "offline"
    left_at: int | None = Field(default=None, sa_type=BigInteger)


class Group(Replicated, table=True):
    """A team and its waiting line. Distribution: pull (agents take) or push (assigned). Reply policy: hold or send."""

    __tablename__ = "agent_group"
    lane: ClassVar[tuple[str, str]] = ("g", "id")

    name: str = Field(unique=True)
    title: str = ""
    distribution: str = "pull"
    reply_policy: str = "hold"


class Membership(Replicated, table=True):
    """One agent in one group."""

    __tablename__ = "membership"
    lane: ClassVar[tuple[str, str]] = ("a", "agent_id")

    agent_id: str = Field(index=True)
    group_id: str = Field(index=True)

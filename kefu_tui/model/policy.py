"""Service policies: the figures that rules are computed with, as data."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Policy(Replicated, table=True):
    """A service policy, `body` being the JSON of its TOML file; the one with the id `default` is in force."""

    __tablename__ = "policy"
    lane: ClassVar[tuple[str, str]] = ("p", "id")

    name: str
    body: str


class PolicyVersion(Replicated, table=True):
    """A policy that was or will be in force from a day on, and what it did to the clocks that ran then.

    `done_at` is NULL until it is in force. From then on clocks are computed anew, conversation by conversation in the order
    of their ids: `total` to be looked at, `retimed_to` the last one that was, `clocks` found running in them, `moved` of
    these due at another time since; `finished_at` when all were.
    """

    __tablename__ = "policy_version"
    lane: ClassVar[tuple[str, str]] = ("q", "id")

    name: str
    body: str
    effective_at: int = Field(sa_type=BigInteger)
    set_by: str
    set_at: int = Field(sa_type=BigInteger)
    done_at: int | None = Field(default=None, sa_type=BigInteger)
    total: int = 0
    retimed_to: str = ""
    clocks: int = 0
    moved: int = 0
    finished_at: int | None = Field(default=None, sa_type=BigInteger)

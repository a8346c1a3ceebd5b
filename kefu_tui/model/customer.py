"""Customers, as one channel knows them."""

from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Customer(Replicated, table=True):
    """A person who writes. Tier: new, regular, returning, vip. Risk: none, watch, blocked."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)
    lane: ClassVar[tuple[str, str]] = ("u", "id")

    channel: str
    external_id: str
    name: str = ""
    phone: str | None = None
    email: str | None = None
    locale: str = "zh"
    tier: str = "new"
    risk: str = "none"
    first_seen_at: int = Field(sa_type=BigInteger)

"""Emergencies of a shop: an outage, a promotion's surge, a public incident; what holds now, and what held before."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Mode(Replicated, table=True):
    """An emergency: `id` is its kind (outage, surge, incident) while it lasts, and derives from kind and beginning afterwards.

    `level` is of an incident (1 the gravest) and the capacity in per cent of a surge; `text_zh` and `text_en` are what
    stands in for an answer.
    """

    __tablename__ = "mode"
    lane: ClassVar[tuple[str, str]] = ("s", "id")

    kind: str
    level: int = 0
    text_zh: str = ""
    text_en: str = ""
    reason: str = ""
    since: int = Field(sa_type=BigInteger)
    by_id: str
    until: int | None = Field(default=None, sa_type=BigInteger)
    ended_by: str | None = None

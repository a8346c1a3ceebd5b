"""Service policies: the figures that rules are computed with, as data."""

from typing import ClassVar

from kefu_tui.model.base import Replicated


class Policy(Replicated, table=True):
    """A service policy, `body` being the JSON of its TOML file; the one with the id `default` is in force."""

    __tablename__ = "policy"
    lane: ClassVar[tuple[str, str]] = ("p", "id")

    name: str
    body: str

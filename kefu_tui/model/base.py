"""What every replicated table shares: its metadata, its id, its version and its lane."""

from typing import ClassVar

from sqlalchemy import BigInteger, MetaData
from sqlmodel import Field, SQLModel

SCHEMA = 5
"""Version of the replicated schema; pull pages and pushes name it."""


class Replicated(SQLModel):
    """A row that the backend owns and desks copy. Values are JSON-native: str, int, None.

    `lane` is (prefix, column): rows of one lane are rewound and replayed together (sync protocol, section 4).
    """

    metadata: ClassVar[MetaData] = MetaData()
    lane: ClassVar[tuple[str, str]]

    id: str = Field(primary_key=True)
    version: int = Field(default=0, sa_type=BigInteger)
    """Commit number of the last change; 0 at a desk until the backend has decided. Never read by an operation's apply."""

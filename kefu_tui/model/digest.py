"""What tells whether two stores have the same rows."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec


def digest(rows: Sequence[Sequence[Any]]) -> str:
    """Of rows as values in schema column order, in the order of their ids: 32 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode([list(row) for row in rows])).hexdigest()[:32]

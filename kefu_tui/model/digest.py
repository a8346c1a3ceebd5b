"""Digests: whether two stores have the same rows, and whether what arrived is what was sent."""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec


def content_digest(body: bytes) -> str:
    """The value of the header `Content-Digest` (RFC 9530) for the content of a message, as it is sent."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def undamaged(header: str, body: bytes) -> bool:
    """Whether content is what its `Content-Digest` says; without one of SHA-256 nothing speaks against it."""
    told = re.search(r"sha-256=(:[^:]*:)", header)
    return told is None or told[0] == content_digest(body)


def digest(rows: Sequence[Sequence[Any]]) -> str:
    """Of rows as values in schema column order, in the order of their ids: 32 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode([list(row) for row in rows])).hexdigest()[:32]

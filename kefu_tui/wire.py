"""Every shape that crosses HTTP between desk and backend, with its meaning. Protocol KSP/1."""

from typing import Any, Literal, NamedTuple

import msgspec

PROTOCOL = 1
MAX_OPERATIONS = 200
MAX_BYTES = 1 << 20
PAGE = 2000
"""Most rows in a pulled page, unless one commit is larger."""


class Failure(NamedTuple):
    """A code with its HTTP status, for problem+json."""

    status: int
    title: str


FAILURES: dict[str, Failure] = {
    "malformed-batch": Failure(400, "The request is not of the protocol's form."),
    "not-signed-in": Failure(401, "Sign in first."),
    "device-revoked": Failure(403, "This device was revoked."),
    "not-author": Failure(403, "Operations carry another author than the token."),
    "op-gap": Failure(409, "An operation before this one is missing."),
    "device-forked": Failure(409, "This number was used for something else: the store was copied."),
    "epoch-changed": Failure(409, "The backend began a new epoch."),
    "history-diverged": Failure(409, "An older copy of the backend came back: what was seen is not in its history."),
    "scope-changed": Failure(409, "The groups of this agent changed."),
    "cursor-too-old": Failure(410, "What was removed since then is not kept any more: begin anew."),
    "load-first": Failure(409, "A group is too large to be pulled from the start."),
    "bad-digest": Failure(400, "The body changed on its way."),
    "too-large": Failure(413, "Too large."),
    "upgrade-required": Failure(426, "This version is too old or too new for the backend."),
    "try-later": Failure(503, "Busy, try again later."),
}


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details; `type` is `urn:kefu:sync:<code>`."""

    type: str
    title: str
    status: int
    detail: str = ""
    expected_op_no: int | None = None
    added: list[str] = []
    removed: list[str] = []
    epoch: str | None = None
    retry_after_ms: int | None = None


class Mark(NamedTuple):
    """A commit that was seen: its number and the chain's value there."""

    seq: int
    chain: str


class Envelope(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """An operation on its way: two identities (op_no contiguous per device, op_id for ever), its author, its basis."""

    op_no: int
    op_id: str
    kind: str
    v: int
    actor: str
    at: int
    """When the agent did it, µs UTC by the desk's clock."""
    basis: dict[str, Any]
    args: dict[str, Any]
    delivery: Literal["", "sent", "unknown"] = ""
    """Of a reply that is offered again to an older copy of the backend: it has reached its customer, or may have."""


class Push(msgspec.Struct, kw_only=True):
    """Operations of one device in op_no order. `epoch` is empty on the first push."""

    protocol: int
    epoch: str
    device_id: str
    schema: int
    ops: list[Envelope]


class Result(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The durable outcome of one operation. `facts` fill the sentence of `code`."""

    op_no: int
    op_id: str
    status: Literal["applied", "noop", "held", "rejected", "quarantined"]
    seq: int
    code: str | None = None
    facts: dict[str, str] = {}


class PushAnswer(msgspec.Struct, kw_only=True):
    """What was decided. The desk takes nothing from it but that pulling is worth while: only a pull acknowledges."""

    epoch: str
    last_op_no: int
    head: int
    results: list[Result]


class Overruled(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody gave a field another value who did not know of the agent's. `facts` fill the sentence of `code`."""

    op_id: str
    """The later operation."""
    what: str
    lane: str
    code: str
    facts: dict[str, str]
    at: int


class Page(msgspec.Struct, kw_only=True):
    """A part of the change feed: all rows whose last change lies in (from, to] of the named groups; never ends inside a commit.

    `rows` maps a table to rows as values in schema column order. `gone` are removed rows (table, id, lane, seq); `left` are
    lanes that went out of sight (lane, seq). Results travel with the effects they belong to.
    """

    epoch: str
    schema: int
    begin: dict[str, int]
    """The cursor of every group this page starts from."""
    to: int
    head: int
    more: bool
    chain: str = ""
    """The chain's value at `to`."""
    rows: dict[str, list[list[Any]]]
    gone: list[tuple[str, str, str, int]]
    left: list[tuple[str, int]]
    last_op_no: int
    results: list[Result]
    overruled: list[Overruled] = []


class Part(msgspec.Struct, kw_only=True):
    """A part of a large group for a desk that is new: rows as they are at `seq`, all of them last changed at or before it.

    When the last part is applied (`after` is empty), the group's cursor is the `seq` of the first one.
    """

    epoch: str
    schema: int
    group: str
    seq: int
    chain: str = ""
    """The chain's value at `seq`."""
    begin: str
    """The place that was asked for."""
    after: str
    """The place of the next part."""
    total: int = 0
    """With the first part: how many conversations the group has, about."""
    whole: bool = True
    """Whether the lanes of its rows are whole: what else a desk has of them at `seq` is gone."""
    rows: dict[str, list[list[Any]]]


class Marks(msgspec.Struct, kw_only=True):
    """Commits that a desk saw, in any order; the first one of a history is common to all."""

    marks: list[Mark]


class Common(msgspec.Struct, kw_only=True):
    """Where a desk's history and the backend's part: the newest of the marks that is in both, 0 for none."""

    epoch: str
    seq: int
    at: int
    """When that commit was, µs UTC; 0 for none."""
    last_op_no: int
    """The newest operation of this device that the backend knows."""


class Stretch(msgspec.Struct, kw_only=True, frozen=True):
    """Rows of a table at a desk, to be compared: those with ids behind `after` up to and including `end`; '' is no end."""

    table: str
    after: str
    end: str
    digest: str
    """As of `model/digest.py`."""
    mark: Mark
    """The commit that all of the desk is as of."""


class Compared(msgspec.Struct, kw_only=True):
    """How a stretch compares. Where it is not the `same`, `rows` are what the desk should have up to `end`."""

    epoch: str
    schema: int
    level: bool
    """False: the desk has to pull first, nothing was compared."""
    same: bool
    end: str
    rows: list[list[Any]]


class OrdersFound(msgspec.Struct, kw_only=True):
    """Orders that a number names, with lines and parcels, as values in schema column order; not kept by the desk."""

    schema: int
    orders: list[list[Any]]
    lines: list[list[Any]]
    parcels: list[list[Any]]


class SignIn(msgspec.Struct, kw_only=True):
    """Sign-in of an agent on a device; the device is registered with it."""

    login: str
    password: str
    device_id: str
    device_name: str = ""
    app_version: str = ""


class SignedIn(msgspec.Struct, kw_only=True):
    """A device token (Bearer), good for `expires_at` (µs UTC) and this device alone."""

    token: str
    expires_at: int
    agent_id: str
    login: str
    name: str
    role: str
    space_id: str
    epoch: str
    groups: list[str]
    """Groups to pull: `all`, `agent:<id>` and those the agent works in."""
    last_op_no: int


class Hello(msgspec.Struct, kw_only=True):
    """What the backend is, before anything else is asked of it."""

    protocols: list[int]
    epoch: str
    head: int
    schema: int
    server_time: int
    limits: dict[str, int]
    features: list[str]

"""What a desk is told and tells: how a reply goes out, what a verb did, what may look different now."""

from typing import NamedTuple


class Sending(NamedTuple):
    """How a reply goes out: for how long it may be taken back, and what is done together with it."""

    hold_s: float = 0
    resolve: bool = False
    tag: str = ""
    record: tuple[tuple[str, str], ...] = ()
    """Fields of the close-out record."""


AT_ONCE = Sending()


class Done(NamedTuple):
    """A verb that is committed here. `said` is one sentence in the desk's language."""

    op_id: str
    status: str
    undoable: bool
    said: str


class Changed(NamedTuple):
    """What may look different now; None stands for anything."""

    conversations: frozenset[str] | None
    customers: frozenset[str] | None
    canned: bool
    notices: bool
    status: bool
    tickets: frozenset[str] | None = frozenset()


EVERYTHING = Changed(None, None, True, True, True, None)

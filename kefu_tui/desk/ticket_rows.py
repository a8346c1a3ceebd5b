"""What is shown of tickets: a row of a list, and a card with all that hangs on one."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from kefu_tui.store.shown import Due

Which = Literal["mine", "group", "open", "all"]
"""My open ones; open ones that nobody in my groups has; all open ones; closed ones too."""
Doing = Literal["reads", "writes", "leaves"]
"""What an agent does with a ticket that is on screen."""
CATEGORIES = ("todo", "doing", "waiting", "resolved", "closed")


class TicketRow(NamedTuple):
    """One ticket in a list."""

    id: str
    title: str
    workflow: str
    kind: str
    """What its workflow is called."""
    state: str
    """What its state is called."""
    category: str
    priority: int
    customer: str
    assignee: str
    group: str
    due: Due | None
    opened_at: int
    changed_at: int
    mine: bool


class FieldRow(NamedTuple):
    """A field of a ticket; `choices` are ids and names."""

    id: str
    name: str
    type: str
    value: str
    shown: str
    choices: tuple[tuple[str, str], ...]
    required: bool
    """Asked for by a move that leaves the present state."""


class StepRow(NamedTuple):
    """A step of the checklist."""

    id: str
    name: str
    owner: str
    done: bool
    by: str
    due: Due | None


class MoveRow(NamedTuple):
    """A move that leaves the state; `why` is '' where it may be taken, `text` what the customer would be told."""

    id: str
    name: str
    to: str
    why: str
    fields: tuple[str, ...]
    text: str


class EventRow(NamedTuple):
    """What happened."""

    kind: str
    who: str
    at: int
    text: str
    facts: Mapping[str, str]


class TicketCard(NamedTuple):
    """A ticket with all that hangs on it."""

    row: TicketRow
    conversation_id: str | None
    order_no: str
    merged_into: str | None
    fields: list[FieldRow]
    steps: list[StepRow]
    moves: list[MoveRow]
    clocks: list[tuple[str, str, Due | None, str]]
    """Kind, step, when it is due, outcome."""
    people: list[tuple[str, str]]
    links: list[tuple[str, str, str]]
    events: list[EventRow]
    readers: list[tuple[str, bool, int]]
    """Colleagues who are at it now: name, whether they write, when that was last told (µs UTC)."""

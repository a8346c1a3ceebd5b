"""What a desk shows: NamedTuples that queries return and screens hand to widgets.

Text in them is raw: whoever draws it cleans it.
"""

from typing import NamedTuple


class Due(NamedTuple):
    """A running clock: kind and its moments, µs UTC. `due_at` None: not known yet. `paused`: it stands."""

    kind: str
    started_at: int
    soon_at: int | None
    warn_at: int | None
    due_at: int | None
    paused: bool


class QueueRow(NamedTuple):
    """One conversation in a list."""

    id: str
    section: str
    """mine, offered (a transfer that waits for me), waiting (nobody has it), others."""
    kind: str
    name: str
    tier: str
    preview: str
    unanswered: int
    status: str
    assignee_id: str | None
    assignee: str | None
    """Display name."""
    due: Due | None
    last_at: int
    pending: int
    """Own operations on it that the backend has not decided."""
    held: int
    """Own replies held on it."""
    channel: str
    priority: int
    pinned: bool = False
    """This agent keeps it on top."""


class Head(NamedTuple):
    """The open conversation and its customer."""

    id: str
    customer_id: str
    name: str
    tier: str
    risk: str
    channel: str
    group: str
    kind: str
    status: str
    priority: int
    language: str
    assignee_id: str | None
    assignee: str | None
    mine: bool
    offered_to: str | None
    """Display name of the colleague a transfer waits for."""
    first_asked: bool
    """I took this customer first (首问负责)."""
    tags: tuple[str, ...]
    visits: int
    """Conversations of this customer, this one included."""
    orders: int
    opened_at: int
    snoozed_until: int | None
    due: Due | None
    last_pos: int
    phone: bool = False
    """Calls come on its channel: nothing can be written to the customer."""


class ThreadItem(NamedTuple):
    """One line of a thread, oldest first."""

    id: str
    who: str
    """customer, me, agent (a colleague), bot, system, note."""
    author: str
    text: str
    at: int
    mark: str
    """'' delivered and silent; pending, likely_conflict, held, rejected, failed, unknown."""
    reason: str | None
    """Code of why it is held, rejected or failed; text from `desk.reason`."""
    op_id: str


class Parcel(NamedTuple):
    """A shipment; trace newest first as (µs UTC, text). Status: packed, picked_up, in_transit, delivering, signed."""

    carrier: str
    tracking_no: str
    status: str
    trace: tuple[tuple[int, str], ...]


class OrderCard(NamedTuple):
    """An order with its lines (title, quantity, price of one) and parcels; money in minor units."""

    id: str
    order_no: str
    status: str
    total: int
    paid: int
    refund: int
    currency: str
    province: str
    placed_at: int
    paid_at: int | None
    lines: tuple[tuple[str, int, int], ...]
    parcels: tuple[Parcel, ...]
    version: int
    verdict: str = ""
    """What was decided about its return: approved, refused, '' nothing."""
    verdict_by: str = ""
    """Display name of who decided."""
    verdict_at: int = 0
    """µs UTC."""


class CannedLine(NamedTuple):
    """A canned reply in a list; `reason` says why it is offered ('' when it is just listed)."""

    id: str
    title: str
    text: str
    shortcut: str
    stage: str
    scenario: str
    scope: str
    lang: str
    uses: int
    reason: str


class Filled(NamedTuple):
    """A canned reply filled for a conversation: spans of filled values, names of missing values and of blanks to ask."""

    canned_id: str
    title: str
    text: str
    spans: tuple[tuple[int, int], ...]
    missing: tuple[str, ...]
    asks: tuple[str, ...]


class TimerRow(NamedTuple):
    """One clock in the timers pane, or a reminder (`reminder_id` and `text`; of no conversation: `conversation_id` is '')."""

    conversation_id: str
    name: str
    due: Due
    mine: bool = False
    """My conversation, or my own reminder."""
    reminder_id: str = ""
    text: str = ""


class NoticeRow(NamedTuple):
    """What the agent must look at; it stays until acted on. `actions`: send-anyway, edit, to-note, copy, discard, dismiss."""

    id: str
    op_id: str | None
    level: str
    """held, rejected, info."""
    code: str
    text: str
    """One sentence in the desk's language."""
    body: str
    """The words that did not leave ('' when there are none)."""
    conversation_id: str | None
    message_id: str | None
    name: str
    at: int
    actions: tuple[str, ...]


class SyncStatus(NamedTuple):
    """How sync stands. Times µs UTC.

    State: online, polling, offline, needs-auth, upgrade, forked, local (no backend); full, damaged: of the store here.
    """

    state: str
    since: int
    pending: int
    held: int
    rejected: int
    oldest_pending_at: int | None
    cursor: int
    head: int
    loaded: int = 100
    """Percent of what is loaded for the first time."""


class Me(NamedTuple):
    """The signed-in agent and the load: own open conversations of capacity."""

    id: str
    login: str
    name: str
    role: str
    load: int
    capacity: int


class Colleague(NamedTuple):
    """Somebody or some group to hand over to. Kind: agent or group."""

    kind: str
    id: str
    name: str
    presence: str
    load: int


class Draft(NamedTuple):
    """Text not yet sent, with what was known when it was begun (`basis`, JSON)."""

    conversation_id: str
    text: str
    canned_id: str | None
    basis: str
    at: int

"""Tickets: work that outlives a conversation or crosses departments, with steps, clocks, people, links and a history."""

from typing import ClassVar

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Workflow(Replicated, table=True):
    """How a kind of ticket is worked, `body` being the JSON of its TOML file (rules/workflow.py)."""

    __tablename__ = "workflow"
    lane: ClassVar[tuple[str, str]] = ("w", "id")

    name: str
    body: str


class Ticket(Replicated, table=True):
    """One piece of work. Category of its state: todo, doing, waiting, resolved, closed. Priority 1 (highest) to 5.

    `fields` is a JSON table of the workflow's fields; `merged_into` the ticket that goes on in its place.
    """

    __tablename__ = "ticket"
    __table_args__ = (Index("ticket_work", "category", "assignee_id", "due_at"),)
    lane: ClassVar[tuple[str, str]] = ("t", "id")

    workflow: str
    title: str
    state: str
    category: str = "todo"
    priority: int = 3
    customer_id: str | None = Field(default=None, index=True)
    conversation_id: str | None = Field(default=None, index=True)
    order_id: str | None = None
    group_id: str
    assignee_id: str | None = None
    opened_by: str
    opened_at: int = Field(sa_type=BigInteger)
    changed_at: int = Field(sa_type=BigInteger)
    resolved_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
    fields: str = "{}"
    merged_into: str | None = None
    due_kind: str | None = None
    due_from: int | None = Field(default=None, sa_type=BigInteger)
    soon_at: int | None = Field(default=None, sa_type=BigInteger)
    warn_at: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = Field(default=None, sa_type=BigInteger)


class TicketClock(Replicated, table=True):
    """A promise of a ticket, of the state it is in or of a step. Outcome: running, met, breached, void."""

    __tablename__ = "ticket_clock"
    __table_args__ = (
        Index("ticket_clock_runs", "ticket_id", "kind", "due_at", sqlite_where=text("outcome = 'running'")),
    )
    lane: ClassVar[tuple[str, str]] = ("t", "ticket_id")

    ticket_id: str = Field(index=True)
    kind: str
    step: str = ""
    started_at: int = Field(sa_type=BigInteger)
    soon_at: int | None = Field(default=None, sa_type=BigInteger)
    warn_at: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = Field(default=None, sa_type=BigInteger)
    pauses: str = "[]"
    stopped_at: int | None = Field(default=None, sa_type=BigInteger)
    outcome: str = "running"


class TicketStep(Replicated, table=True):
    """A line of a ticket's checklist; its id derives from both, so that opening it anew is the same row."""

    __tablename__ = "ticket_step"
    lane: ClassVar[tuple[str, str]] = ("t", "ticket_id")

    ticket_id: str = Field(index=True)
    step: str
    owner_id: str | None = None
    opened_at: int = Field(sa_type=BigInteger)
    done_at: int | None = Field(default=None, sa_type=BigInteger)
    done_by: str | None = None


class TicketEvent(Replicated, table=True):
    """What happened to a ticket. Kind: opened, moved, comment, assigned, set, step, linked, watched, merged.

    `text` is what was said; `data` a JSON table of facts.
    """

    __tablename__ = "ticket_event"
    lane: ClassVar[tuple[str, str]] = ("t", "ticket_id")

    ticket_id: str = Field(index=True)
    kind: str
    by_id: str | None = None
    at: int = Field(sa_type=BigInteger)
    text: str = ""
    data: str = "{}"


class TicketPerson(Replicated, table=True):
    """Somebody besides the assignee who has to do with a ticket. Part: watcher, collaborator."""

    __tablename__ = "ticket_person"
    lane: ClassVar[tuple[str, str]] = ("t", "ticket_id")

    ticket_id: str = Field(index=True)
    agent_id: str
    part: str = "watcher"
    at: int = Field(sa_type=BigInteger)


class TicketLink(Replicated, table=True):
    """What a ticket hangs together with. Of: conversation, order, ticket, file (`target` is where it lies)."""

    __tablename__ = "ticket_link"
    lane: ClassVar[tuple[str, str]] = ("t", "ticket_id")

    ticket_id: str = Field(index=True)
    of: str
    target: str = Field(index=True)
    title: str = ""
    at: int = Field(sa_type=BigInteger)


class TicketReader(Replicated, table=True):
    """Somebody who has a ticket before them, or writes to it, as last told; it counts for minutes and gives no sight."""

    __tablename__ = "ticket_reader"
    lane: ClassVar[tuple[str, str]] = ("t", "ticket_id")

    ticket_id: str = Field(index=True)
    agent_id: str
    writing: int = 0
    at: int = Field(sa_type=BigInteger, index=True)

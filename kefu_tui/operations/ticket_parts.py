"""Verbs on what hangs on a ticket: who has it, comments, steps of its checklist, people, links; two tickets made one."""

from typing import ClassVar, Literal

from kefu_tui.ids import derive
from kefu_tui.model.rows import (
    Agent,
    Conversation,
    Group,
    Order,
    Row,
    Ticket,
    TicketClock,
    TicketEvent,
    TicketLink,
    TicketPerson,
    TicketStep,
)
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, MAX_TEXT, NOOP, Context, Operation, Outcome
from kefu_tui.operations.message import unfit
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.ticket import TicketOperation, open_ticket, record, seen_ticket, workflow_of, works
from kefu_tui.operations.view import View

LONGEST = 500


class AssignTicket(TicketOperation, kw_only=True, frozen=True):
    """Hands it to an agent, or to a group or department, where nobody has it until somebody takes it."""

    kind: ClassVar[str] = "ticket.assign"
    to_agent_id: str | None = None
    to_group_id: str | None = None
    note: str = ""

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = open_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        if (self.to_agent_id is None) == (self.to_group_id is None):
            return Refusal("invalid", {"what": "to_agent_id, to_group_id"})
        if len(self.note) > MAX_TEXT:
            return Refusal("too-long", {"length": str(len(self.note)), "limit": str(MAX_TEXT)})
        if self.to_agent_id is not None:
            if not works(view, self.to_agent_id):
                return Refusal("no-such-target")
            if ticket.assignee_id == self.to_agent_id:
                return NOOP
            ticket = view.change(ticket, assignee_id=self.to_agent_id, changed_at=context.now)
        else:
            if view.get(Group, self.to_group_id or "") is None:
                return Refusal("no-such-target")
            if (ticket.group_id, ticket.assignee_id) == (self.to_group_id, None):
                return NOOP
            ticket = view.change(ticket, group_id=self.to_group_id, assignee_id=None, changed_at=context.now)
            timing.retime(view, ticket)
        record(view, context, ticket, "assigned", self.note, to=self.to_agent_id or self.to_group_id or "")
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        ticket = view.get(Ticket, self.ticket_id)
        if ticket is None:
            return None
        if ticket.assignee_id is not None and self.to_agent_id is not None:
            return AssignTicket(ticket_id=self.ticket_id, to_agent_id=ticket.assignee_id)
        return AssignTicket(ticket_id=self.ticket_id, to_group_id=ticket.group_id)


class CommentTicket(TicketOperation, kw_only=True, frozen=True):
    """A line for those who work on it; possible when it is closed, too."""

    kind: ClassVar[str] = "ticket.comment"
    event_id: str
    text: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = seen_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        refused = unfit(self.text)
        if refused is not None:
            return refused
        if view.get(TicketEvent, self.event_id) is not None:
            return NOOP
        view.change(ticket, changed_at=context.now)
        view.put(
            TicketEvent(
                id=self.event_id,
                ticket_id=ticket.id,
                kind="comment",
                by_id=context.actor.id,
                at=context.now,
                text=self.text,
            )
        )
        return APPLIED


class DoStep(TicketOperation, kw_only=True, frozen=True):
    """A step of the checklist was done, or was not after all; its clock is kept."""

    kind: ClassVar[str] = "ticket.step"
    step: str
    done: bool = True

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = open_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        there = view.get(TicketStep, derive(ticket.id, "step", self.step))
        flow = workflow_of(view, ticket.workflow)
        if there is None or flow is None:
            return Refusal("gone")
        if (there.done_at is not None) == self.done:
            return NOOP
        view.change(
            there,
            done_at=context.now if self.done else None,
            done_by=context.actor.id if self.done else None,
        )
        for clock in view.where(TicketClock, "ticket_id", ticket.id):
            if clock.step != self.step:
                continue
            if self.done and clock.outcome == "running":
                timing.stop(view, ticket, clock, context.now)
            elif not self.done and clock.outcome in ("met", "breached"):
                view.change(clock, stopped_at=None, outcome="running")
        ticket = timing.settle(view, view.change(ticket, changed_at=context.now))
        record(view, context, ticket, "step", step=self.step, done="yes" if self.done else "no")
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return DoStep(ticket_id=self.ticket_id, step=self.step, done=not self.done)


class OwnStep(TicketOperation, kw_only=True, frozen=True):
    """A step of the checklist is somebody's; None: the assignee's."""

    kind: ClassVar[str] = "ticket.own-step"
    step: str
    agent_id: str | None = None

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = open_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        there = view.get(TicketStep, derive(ticket.id, "step", self.step))
        if there is None:
            return Refusal("gone")
        agent = view.get(Agent, self.agent_id) if self.agent_id else None
        if self.agent_id is not None and (agent is None or agent.left_at is not None):
            return Refusal("no-such-target")
        if there.owner_id == self.agent_id:
            return NOOP
        view.change(there, owner_id=self.agent_id)
        if self.agent_id is not None:
            _add(view, context, ticket, self.agent_id, "collaborator")
        record(view, context, ticket, "step", step=self.step, owner=self.agent_id or "")
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(TicketStep, derive(self.ticket_id, "step", self.step))
        return OwnStep(ticket_id=self.ticket_id, step=self.step, agent_id=there.owner_id) if there else None


class WatchTicket(TicketOperation, kw_only=True, frozen=True):
    """Somebody watches a ticket or works on it with others, or no longer does."""

    kind: ClassVar[str] = "ticket.watch"
    agent_id: str
    part: Literal["watcher", "collaborator"] = "watcher"
    leave: bool = False

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = seen_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        agent = view.get(Agent, self.agent_id)
        if agent is None or agent.left_at is not None:
            return Refusal("no-such-target")
        there = view.get(TicketPerson, derive(ticket.id, "person", self.agent_id))
        if self.leave:
            if there is None:
                return NOOP
            view.delete(there)
        elif there is not None and there.part == self.part:
            return NOOP
        else:
            _add(view, context, ticket, self.agent_id, self.part)
        record(view, context, ticket, "watched", who=self.agent_id, part="" if self.leave else self.part)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(TicketPerson, derive(self.ticket_id, "person", self.agent_id))
        part: Literal["watcher", "collaborator"] = (
            "collaborator" if there is not None and there.part == "collaborator" else "watcher"
        )
        return WatchTicket(ticket_id=self.ticket_id, agent_id=self.agent_id, part=part, leave=there is None)


class LinkTicket(TicketOperation, kw_only=True, frozen=True):
    """A ticket hangs together with a conversation, an order, another ticket or a file; with `unlink` no longer."""

    kind: ClassVar[str] = "ticket.link"
    of: Literal["conversation", "order", "ticket", "file"]
    target: str
    title: str = ""
    unlink: bool = False

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = seen_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        if not self.target.strip() or max(len(self.target), len(self.title)) > LONGEST:
            return Refusal("invalid", {"what": "target"})
        if self.of == "ticket" and self.target == ticket.id:
            return Refusal("invalid", {"what": "target"})
        tables: dict[str, type[Row]] = {"conversation": Conversation, "order": Order, "ticket": Ticket}
        table = tables.get(self.of)
        if table is not None and not self.unlink and view.get(table, self.target) is None:
            return Refusal("gone")
        id = derive(ticket.id, "link", self.of, self.target)
        there = view.get(TicketLink, id)
        if (there is None) == self.unlink:
            return NOOP
        if there is not None:
            view.delete(there)
        else:
            _link(view, context, ticket.id, self.of, self.target, self.title)
        record(view, context, ticket, "linked", of=self.of, target=self.target, unlink="yes" if self.unlink else "")
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return LinkTicket(
            ticket_id=self.ticket_id, of=self.of, target=self.target, title=self.title, unlink=not self.unlink
        )


class MergeTicket(TicketOperation, kw_only=True, frozen=True):
    """The same work twice: this ticket is closed and goes on as another one, which is told; its people come along."""

    kind: ClassVar[str] = "ticket.merge"
    into_id: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket, into = (open_ticket(view, context, id) for id in (self.ticket_id, self.into_id))
        if isinstance(ticket, Refusal):
            return ticket
        if isinstance(into, Refusal):
            return into
        if ticket.id == into.id:
            return Refusal("invalid", {"what": "into_id"})
        for clock in timing.running_of_ticket(view, ticket):
            timing.stop(view, ticket, clock, context.now, void=True)
        for person in view.where(TicketPerson, "ticket_id", ticket.id):
            if view.get(TicketPerson, derive(into.id, "person", person.agent_id)) is None:
                _add(view, context, into, person.agent_id, person.part)
        if ticket.conversation_id is not None:
            _link(view, context, into.id, "conversation", ticket.conversation_id, "")
        _link(view, context, into.id, "ticket", ticket.id, ticket.title)
        _link(view, context, ticket.id, "ticket", into.id, into.title)
        ticket = view.change(
            ticket, category="closed", merged_into=into.id, closed_at=context.now, changed_at=context.now
        )
        timing.settle(view, ticket)
        record(view, context, ticket, "merged", into=into.id)
        view.change(into, changed_at=context.now)
        return APPLIED


def _add(view: View, context: Context, ticket: Ticket, agent_id: str, part: str) -> None:
    view.put(
        TicketPerson(
            id=derive(ticket.id, "person", agent_id), ticket_id=ticket.id, agent_id=agent_id, part=part, at=context.now
        )
    )


def _link(view: View, context: Context, ticket_id: str, of: str, target: str, title: str) -> None:
    view.put(
        TicketLink(
            id=derive(ticket_id, "link", of, target),
            ticket_id=ticket_id,
            of=of,
            target=target,
            title=title,
            at=context.now,
        )
    )

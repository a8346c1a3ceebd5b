"""Verbs on tickets: open, move along the workflow, assign, set, comment; what is asked of each is decided here."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

from kefu_tui.ids import derive
from kefu_tui.model.rows import (
    Agent,
    Conversation,
    Customer,
    Group,
    Message,
    Ticket,
    TicketEvent,
    TicketPerson,
    TicketStep,
    Workflow,
)
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, MAX_TEXT, NOOP, Actor, Context, Operation, Outcome
from kefu_tui.operations.message import answer, unfit
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules import workflow as flows

LONGEST_TITLE = 200
PRIORITIES = range(1, 6)
Values = Mapping[str, str]


class TicketOperation(Operation, kw_only=True, frozen=True):
    """A verb on one ticket."""

    ticket_id: str

    def lane(self) -> str:
        return f"t:{self.ticket_id}"


class OpenTicket(TicketOperation, kw_only=True, frozen=True):
    """A new ticket in the first state of its workflow, the actor's own where nobody else is named.

    `conversation_id` is the conversation it comes from: group, customer and order are its where they are not told.
    """

    kind: ClassVar[str] = "ticket.open"
    workflow: str
    title: str
    conversation_id: str | None = None
    customer_id: str | None = None
    order_id: str | None = None
    group_id: str | None = None
    assignee_id: str | None = None
    priority: int = 3
    fields: Mapping[str, str] = {}
    text: str = ""
    """What was found so far, for colleagues."""

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role == "auditor":
            return Refusal("forbidden")
        if view.get(Ticket, self.ticket_id) is not None:
            return NOOP
        flow = workflow_of(view, self.workflow)
        if flow is None:
            return Refusal("no-workflow", {"what": self.workflow})
        wrong = _wrong(self.title, self.priority, self.text) or _unfit_fields(flow, self.fields)
        if wrong is not None:
            return wrong
        conversation = view.get(Conversation, self.conversation_id) if self.conversation_id else None
        if self.conversation_id and conversation is None:
            return Refusal("gone")
        group = self.group_id or (conversation.group_id if conversation else min(context.actor.groups, default=""))
        if view.get(Group, group) is None:
            return Refusal("no-such-target")
        if self.assignee_id is not None and not works(view, self.assignee_id):
            return Refusal("no-such-target")
        system = context.actor.role == "system"
        ticket = view.put(
            Ticket(
                id=self.ticket_id,
                workflow=flow.name,
                title=self.title.strip(),
                state=flow.initial.id,
                category=flow.initial.category,
                priority=self.priority,
                customer_id=self.customer_id or (conversation.customer_id if conversation else None),
                conversation_id=self.conversation_id,
                order_id=self.order_id,
                group_id=group,
                assignee_id=self.assignee_id or (None if system else context.actor.id),
                opened_by=context.actor.id,
                opened_at=context.now,
                changed_at=context.now,
                fields=json.dumps(self.fields, ensure_ascii=False),
            )
        )
        _enter(view, context, flow, ticket, flow.initial.start, [step.id for step in flow.opened(flow.initial.id)])
        record(view, context, ticket, "opened", self.text)
        return APPLIED


class MoveTicket(TicketOperation, kw_only=True, frozen=True):
    """Along a transition of its workflow, with the fields that it asks for; `text` goes to the customer as a reply.

    `message_id` is used where there is a text and a conversation to say it in.
    """

    kind: ClassVar[str] = "ticket.move"
    transition: str
    fields: Mapping[str, str] = {}
    message_id: str = ""
    text: str = ""

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = open_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        flow = workflow_of(view, ticket.workflow)
        if flow is None:
            return Refusal("no-workflow", {"what": ticket.workflow})
        fields = {**told(ticket), **self.fields}
        wrong = _unfit_fields(flow, fields)
        if wrong is not None:
            return wrong
        move = _allowed(view, context.actor, flow, ticket, fields, self.transition)
        if isinstance(move, Refusal):
            return move
        conversation = view.get(Conversation, ticket.conversation_id) if self.text and ticket.conversation_id else None
        if self.text:
            unsaid = unfit(self.text)
            if unsaid is None and (conversation is None or conversation.status == "archived"):
                unsaid = Refusal("no-conversation")
            if unsaid is not None:
                return unsaid
        does = flows.effects(flow, ticket.state, move.transition)
        entered = flow.state(move.transition.to)
        before = ticket.state
        for clock in timing.running_of_ticket(view, ticket):
            if does.void:
                timing.stop(view, ticket, clock, context.now, void=True)
            elif not clock.step and clock.kind in does.stop:
                timing.stop(view, ticket, clock, context.now)
            elif not clock.step and clock.kind in does.pause:
                timing.pause(view, clock, context.now, "waiting")
        ticket = view.change(
            ticket,
            state=entered.id,
            category=entered.category,
            fields=json.dumps(fields, ensure_ascii=False),
            changed_at=context.now,
            resolved_at=context.now if entered.category == "resolved" else ticket.resolved_at,
            closed_at=context.now if entered.category == "closed" else None,
        )
        _enter(view, context, flow, ticket, does.start, does.steps)
        facts = {"from": before, "to": entered.id, "by": self.transition}
        record(view, context, ticket, "moved", self.text, **facts)
        if self.text and conversation is not None:
            _say(view, context, conversation, self.message_id, self.text)
        return APPLIED


class SetTicket(TicketOperation, kw_only=True, frozen=True):
    """Another title, priority, order, or fields filled; what is None or not named stays."""

    kind: ClassVar[str] = "ticket.set"
    title: str | None = None
    priority: int | None = None
    order_id: str | None = None
    fields: Mapping[str, str] = {}

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = open_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        flow = workflow_of(view, ticket.workflow)
        title = ticket.title if self.title is None else self.title.strip()
        priority = ticket.priority if self.priority is None else self.priority
        wrong = _wrong(title, priority, "") or (_unfit_fields(flow, self.fields) if flow else None)
        if wrong is not None:
            return wrong
        fields = {key: value for key, value in {**told(ticket), **self.fields}.items() if value.strip()}
        changed = {
            "title": title,
            "priority": priority,
            "order_id": self.order_id or ticket.order_id,
            "fields": json.dumps(fields, ensure_ascii=False),
        }
        unlike = {key: value for key, value in changed.items() if value != getattr(ticket, key)}
        if not unlike:
            return NOOP
        ticket = view.change(ticket, **unlike, changed_at=context.now)
        record(view, context, ticket, "set", **{key: str(value) for key, value in unlike.items()})
        return APPLIED

    def sets(self) -> Mapping[str, str]:
        named = {"title": self.title, "priority": self.priority, "order": self.order_id}
        fields = {f"field:{key}": value for key, value in self.fields.items()}
        return {key: str(value) for key, value in named.items() if value is not None} | fields

    def inverse(self, view: View, context: Context) -> Operation | None:
        ticket = view.get(Ticket, self.ticket_id)
        if ticket is None:
            return None
        before = told(ticket)
        return SetTicket(
            ticket_id=self.ticket_id,
            title=ticket.title,
            priority=ticket.priority,
            fields={key: before.get(key, "") for key in self.fields},
        )


@lru_cache(maxsize=64)
def _parsed(body: str) -> flows.Workflow:
    return flows.parse_workflow(json.loads(body))


def workflow_of(view: View, name: str) -> flows.Workflow | None:
    """The workflow of a name, None where there is none."""
    row = view.get(Workflow, derive("workflow", name))
    return _parsed(row.body) if row else None


def told(ticket: Ticket) -> dict[str, str]:
    """The fields of a ticket that are filled."""
    values: dict[str, str] = json.loads(ticket.fields)
    return values


def seen_ticket(view: View, context: Context, id: str) -> Ticket | Refusal:
    """The ticket when the actor may see it, or why not."""
    if context.actor.role == "auditor":
        return Refusal("forbidden")
    ticket = view.get(Ticket, id)
    if ticket is None:
        return Refusal("gone")
    actor = context.actor
    if actor.role in ("admin", "system") or ticket.group_id in actor.groups or actor.id == ticket.assignee_id:
        return ticket
    people = view.where(TicketPerson, "ticket_id", ticket.id)
    return ticket if any(one.agent_id == actor.id for one in people) else Refusal("forbidden")


def open_ticket(view: View, context: Context, id: str) -> Ticket | Refusal:
    """The ticket when the actor may work on it, or why not."""
    ticket = seen_ticket(view, context, id)
    if isinstance(ticket, Refusal):
        return ticket
    return Refusal("ticket-closed") if ticket.category == "closed" else ticket


def record(view: View, context: Context, ticket: Ticket, kind: str, text: str = "", **facts: str) -> None:
    """Keeps what happened to a ticket."""
    view.put(
        TicketEvent(
            id=derive(context.op_id, "event", kind),
            ticket_id=ticket.id,
            kind=kind,
            by_id=context.actor.id,
            at=context.now,
            text=text,
            data=json.dumps(facts, ensure_ascii=False),
        )
    )


def done_steps(view: View, ticket: Ticket) -> set[str]:
    """Steps of the checklist that are done."""
    return {row.step for row in view.where(TicketStep, "ticket_id", ticket.id) if row.done_at is not None}


def roles_of(view: View, actor: Actor) -> list[str]:
    """What an actor may act as in a workflow: its role, and the departments that its groups are, by their names."""
    groups = [view.get(Group, id) for id in sorted(actor.groups)]
    role = "admin" if actor.role == "system" else actor.role
    return [role, *(group.name for group in groups if group is not None)]


def _allowed(
    view: View, actor: Actor, flow: flows.Workflow, ticket: Ticket, fields: Values, transition: str
) -> flows.Move | Refusal:
    done = done_steps(view, ticket)
    found: flows.Move | None = None
    for role in roles_of(view, actor):
        for move in flows.moves(flow, ticket.state, fields, done, role):
            if move.transition.id == transition and (found is None or move.allowed):
                found = move
        if found is not None and found.allowed:
            return found
    if found is None or found.why is None:
        return Refusal(
            "no-move",
            {"what": transition, "state_zh": flow.state(ticket.state).zh, "state_en": flow.state(ticket.state).en},
        )
    return Refusal("move-refused", {"why_zh": found.why.zh, "why_en": found.why.en})


def _enter(
    view: View, context: Context, flow: flows.Workflow, ticket: Ticket, start: Sequence[str], steps: Sequence[str]
) -> None:
    """Starts the clocks and opens the steps of the state that a ticket came into."""
    for kind in start:
        timing.start_of_ticket(view, ticket, kind, context.now, context.op_id)
    by_id = {step.id: step for step in flow.steps}
    for id in steps:
        view.put(TicketStep(id=derive(ticket.id, "step", id), ticket_id=ticket.id, step=id, opened_at=context.now))
        if by_id[id].clock:
            timing.start_of_ticket(view, ticket, by_id[id].clock, context.now, context.op_id, id)
    timing.settle(view, ticket)


def _say(view: View, context: Context, conversation: Conversation, message_id: str, text: str) -> None:
    """The customer is told, as a reply of whoever moved the ticket."""
    if view.get(Message, message_id) is not None:
        return
    customer = view.get(Customer, conversation.customer_id)
    if customer is None or customer.risk == "blocked":
        return
    message = Message(
        id=message_id,
        conversation_id=conversation.id,
        author="agent",
        author_id=context.actor.id,
        text=text,
        at=context.now,
        state="queued",
        op_id=context.op_id,
    )
    answer(view, context, conversation, message)


def works(view: View, agent_id: str) -> bool:
    """Whether an agent is here and works on customers."""
    agent = view.get(Agent, agent_id)
    return agent is not None and agent.left_at is None and agent.role != "auditor"


def _wrong(title: str, priority: int, text: str) -> Refusal | None:
    if not title.strip():
        return Refusal("empty")
    if len(title) > LONGEST_TITLE or len(text) > MAX_TEXT:
        return Refusal("too-long", {"length": str(max(len(title), len(text))), "limit": str(LONGEST_TITLE)})
    if priority not in PRIORITIES:
        return Refusal("invalid", {"what": f"priority {priority}"})
    return None


def _unfit_fields(flow: flows.Workflow, fields: Values) -> Refusal | None:
    known = {field.id: field for field in flow.fields}
    for name, value in fields.items():
        if name not in known:
            return Refusal("invalid", {"what": f"fields.{name}"})
        wrong = flows.unfit(known[name], value)
        if wrong is not None:
            return Refusal("move-refused", {"why_zh": wrong.zh, "why_en": wrong.en})
    return None

"""Tickets at the desk: lists and one whole, with what can be done next; and the verbs on them."""

import json
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.offers import values
from kefu_tui.desk.ticket_rows import Doing, EventRow, FieldRow, MoveRow, StepRow, TicketCard, TicketRow, Which
from kefu_tui.model.rows import Agent, Conversation, Ticket, TicketEvent, TicketStep
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations import View
from kefu_tui.operations.base import actor_of
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.ticket import MoveTicket, OpenTicket, SetTicket, done_steps, roles_of, told
from kefu_tui.operations.ticket_parts import (
    AssignTicket,
    CommentTicket,
    DoStep,
    LinkTicket,
    MergeTicket,
    OwnStep,
    WatchTicket,
)
from kefu_tui.operations.ticket_reading import COUNTS, LookAtTicket
from kefu_tui.rules import workflow as flows
from kefu_tui.store.shown import Due


@lru_cache(maxsize=64)
def _parsed(body: str) -> flows.Workflow:
    return flows.parse_workflow(json.loads(body))


class Tickets:
    """The tickets of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # Reads

    def workflows(self) -> list[tuple[str, str]]:
        """Names of the workflows, and what they are called."""
        with self._desk.store.read() as connection:
            found = [_parsed(body) for (body,) in connection.execute("SELECT body FROM workflow ORDER BY name")]
        return [(flow.name, flow.title(self._desk.lang)) for flow in found]

    def rows(
        self,
        which: Which = "mine",
        words: str = "",
        conversation_id: str | None = None,
        among: Collection[str] | None = None,
    ) -> list[TicketRow]:
        """Tickets, the next due first, then by priority; those that hold all of the words in title or customer.

        With `among` only those of these ids.
        """
        me = self._desk.agent_id
        where = {
            "mine": "t.category <> 'closed' AND t.assignee_id = :me",
            "group": "t.category <> 'closed' AND t.assignee_id IS NULL",
            "open": "t.category <> 'closed'",
            "all": "1",
        }[which]
        if conversation_id is not None:
            where = (
                "(t.conversation_id = :conversation OR t.id IN "
                "(SELECT ticket_id FROM ticket_link WHERE target = :conversation))"
            )
        if among is not None:
            where = f"({where}) AND t.id IN (SELECT value FROM json_each(:among))"
        with self._desk.store.read() as connection:
            found = connection.execute(
                f"{_ROW} WHERE {where} ORDER BY t.category = 'closed', t.due_at IS NULL, t.due_at, t.priority, t.id",
                {"me": me, "conversation": conversation_id, "among": json.dumps(list(among or ()))},
            ).fetchall()
            named = self._named(connection)
        rows = [self._row(values, named) for values in found]
        wanted = words.lower().split()
        return [row for row in rows if all(word in f"{row.title} {row.customer} {row.kind}".lower() for word in wanted)]

    def one(self, id: str) -> TicketCard | None:
        """A ticket whole; None where it is not here."""
        desk, lang = self._desk, self._desk.lang
        with desk.store.read() as connection:
            found = connection.execute(f"{_ROW} WHERE t.id = ?", (id,)).fetchone()
            if found is None:
                return None
            reader = Reader(connection)
            view = View(reader)
            ticket = view.get(Ticket, id)
            assert ticket is not None
            named = self._named(connection)
            names = dict(connection.execute("SELECT id, name FROM agent").fetchall())
            flow = named.get(ticket.workflow)
            fields, done = told(ticket), done_steps(view, ticket)
            moves = self._moves(connection, view, flow, ticket, fields, done) if flow else []
            asked = {name for move in moves for name in move.fields}
            order = connection.execute("SELECT order_no FROM shop_order WHERE id = ?", (ticket.order_id,)).fetchone()
            clocks = [
                (
                    kind,
                    step,
                    Due(kind, started, soon, warn, due, due is None) if outcome == "running" else None,
                    outcome,
                )
                for kind, step, started, soon, warn, due, outcome in connection.execute(
                    "SELECT kind, step, started_at, soon_at, warn_at, due_at, outcome FROM ticket_clock WHERE ticket_id = ? "
                    "ORDER BY outcome <> 'running', due_at IS NULL, due_at, id",
                    (id,),
                )
            ]
            steps = self._steps(reader, flow, ticket, names, clocks) if flow else []
            people = [
                (names.get(agent, ""), part)
                for agent, part in connection.execute(
                    "SELECT agent_id, part FROM ticket_person WHERE ticket_id = ? ORDER BY at, id", (id,)
                )
            ]
            links = connection.execute(
                "SELECT of, target, title FROM ticket_link WHERE ticket_id = ? ORDER BY at, id", (id,)
            ).fetchall()
            now = self._desk.now()
            readers = [
                (names.get(agent, ""), bool(writing), at)
                for agent, writing, at in connection.execute(
                    "SELECT agent_id, writing, at FROM ticket_reader WHERE ticket_id = ? AND agent_id <> ? AND at > ? "
                    "ORDER BY agent_id",
                    (id, self._desk.agent_id, now - COUNTS),
                )
            ]
            events = sorted(reader.where(TicketEvent, "ticket_id", id), key=lambda one: (one.at, one.id))
        told_fields = [
            FieldRow(
                field.id,
                field.title(lang),
                field.type,
                fields.get(field.id, ""),
                flows.shown(field, fields.get(field.id, ""), lang),
                tuple((choice.id, choice.title(lang)) for choice in field.choices),
                field.id in asked,
            )
            for field in (flow.fields if flow else ())
        ]
        return TicketCard(
            self._row(found, named),
            ticket.conversation_id,
            order[0] if order else "",
            ticket.merged_into,
            told_fields,
            steps,
            moves,
            clocks,
            people,
            [(of, target, title) for of, target, title in links],
            [
                EventRow(one.kind, names.get(one.by_id or "", ""), one.at, one.text, json.loads(one.data))
                for one in events
            ],
            readers,
        )

    def _named(self, connection: Connection) -> dict[str, flows.Workflow]:
        return {name: _parsed(body) for name, body in connection.execute("SELECT name, body FROM workflow")}

    def _row(self, found: Sequence[Any], named: Mapping[str, flows.Workflow]) -> TicketRow:
        (
            id,
            title,
            workflow,
            state,
            category,
            priority,
            customer,
            assignee_id,
            assignee,
            group,
            opened,
            changed,
            *due,
        ) = found
        flow, lang = named.get(workflow), self._desk.lang
        shown = state
        if flow is not None:
            shown = next((one.title(lang) for one in flow.states if one.id == state), state)
        kind, started_at, soon_at, warn_at, due_at = due
        return TicketRow(
            id,
            title,
            workflow,
            flow.title(lang) if flow is not None else workflow,
            shown,
            category,
            priority,
            customer or "",
            assignee or "",
            group or "",
            Due(kind, started_at, soon_at, warn_at, due_at, due_at is None) if kind else None,
            opened,
            changed,
            assignee_id == self._desk.agent_id,
        )

    def _moves(
        self,
        connection: Connection,
        view: View,
        flow: flows.Workflow,
        ticket: Ticket,
        fields: Mapping[str, str],
        done: set[str],
    ) -> list[MoveRow]:
        desk, lang = self._desk, self._desk.lang
        me = view.get(Agent, desk.agent_id)
        best: dict[str, flows.Move] = {}
        for role in roles_of(view, actor_of(view, me)) if me else []:
            for move in flows.moves(flow, ticket.state, fields, done, role):
                if move.transition.id not in best or move.allowed:
                    best[move.transition.id] = move
        return [
            MoveRow(
                move.transition.id,
                move.transition.title(lang),
                flow.state(move.transition.to).title(lang),
                move.why.say(lang) if move.why is not None else "",
                tuple(field.id for field in flow.required(move.transition)),
                self._words(connection, flow, move.transition, ticket, fields),
            )
            for move in best.values()
        ]

    def _words(
        self,
        connection: Connection,
        flow: flows.Workflow,
        transition: flows.Transition,
        ticket: Ticket,
        fields: Mapping[str, str],
    ) -> str:
        """What the customer would be told, in the language of the conversation; '' where there is none or nothing."""
        there = Reader(connection).get(Conversation, ticket.conversation_id) if ticket.conversation_id else None
        if there is None or there.status == "archived":
            return ""
        lang = "zh" if there.language.startswith("zh") else "en"
        if not transition.text(lang):
            return ""
        return flows.told(
            flow, transition, fields, lang, values(connection, there, self._desk.agent_id, self._desk.now())
        )

    def _steps(
        self,
        reader: Reader,
        flow: flows.Workflow,
        ticket: Ticket,
        names: Mapping[str, str],
        clocks: Sequence[tuple[str, str, Due | None, str]],
    ) -> list[StepRow]:
        lang = self._desk.lang
        there = {row.step: row for row in reader.where(TicketStep, "ticket_id", ticket.id)}
        due = {step: one for _, step, one, _ in clocks if step}
        return [
            StepRow(
                step.id,
                step.title(lang),
                names.get(there[step.id].owner_id or "", "") or flow.who(step.owner).say(lang),
                there[step.id].done_at is not None,
                names.get(there[step.id].done_by or "", ""),
                due.get(step.id),
            )
            for step in flow.steps
            if step.id in there
        ]

    # Verbs

    def open(self, workflow: str, title: str, **told: Any) -> "tuple[str, Future[Done | Refusal]]":
        """A new ticket: its id, and what was decided here. `told`: the further arguments of OpenTicket."""
        id = self._desk.ids()
        return id, self._desk.do(OpenTicket(ticket_id=id, workflow=workflow, title=title, **told))

    def words(self, id: str, transition: str, fields: Mapping[str, str] | None = None) -> str:
        """What the customer would be told by a move with these fields filled; '' nothing."""
        with self._desk.store.read() as connection:
            ticket = Reader(connection).get(Ticket, id)
            flow = self._named(connection).get(ticket.workflow) if ticket is not None else None
            found = next((one for one in flow.transitions if one.id == transition), None) if flow is not None else None
            if ticket is None or flow is None or found is None:
                return ""
            return self._words(connection, flow, found, ticket, {**told(ticket), **(fields or {})})

    def move(
        self, id: str, transition: str, fields: Mapping[str, str] | None = None, *, text: str | None = None
    ) -> "Future[Done | Refusal]":
        """Along its workflow; the customer is told in the words of the workflow, or in others; '' nothing."""
        desk, given = self._desk, dict(fields or {})
        if text is None:
            text = self.words(id, transition, given)
        return desk.do(
            MoveTicket(
                ticket_id=id, transition=transition, fields=given, message_id=desk.ids() if text else "", text=text
            )
        )

    def set(self, id: str, **told: Any) -> "Future[Done | Refusal]":
        """Another title, priority, order or fields."""
        return self._desk.do(SetTicket(ticket_id=id, **told))

    def assign(
        self, id: str, *, agent_id: str | None = None, group_id: str | None = None, note: str = ""
    ) -> "Future[Done | Refusal]":
        """Hand it over."""
        return self._desk.do(AssignTicket(ticket_id=id, to_agent_id=agent_id, to_group_id=group_id, note=note))

    def comment(self, id: str, text: str) -> "Future[Done | Refusal]":
        """A line for colleagues."""
        return self._desk.do(CommentTicket(ticket_id=id, event_id=self._desk.ids(), text=text))

    def step(self, id: str, step: str, *, done: bool = True) -> "Future[Done | Refusal]":
        """A step was done, or not after all."""
        return self._desk.do(DoStep(ticket_id=id, step=step, done=done))

    def own(self, id: str, step: str, agent_id: str | None) -> "Future[Done | Refusal]":
        """A step is somebody's."""
        return self._desk.do(OwnStep(ticket_id=id, step=step, agent_id=agent_id))

    def watch(
        self, id: str, agent_id: str | None = None, *, part: Any = "watcher", leave: bool = False
    ) -> "Future[Done | Refusal]":
        """Somebody (without a name the agent) watches it, works on it too, or no longer."""
        return self._desk.do(
            WatchTicket(ticket_id=id, agent_id=agent_id or self._desk.agent_id, part=part, leave=leave)
        )

    def link(self, id: str, of: Any, target: str, title: str = "", *, unlink: bool = False) -> "Future[Done | Refusal]":
        """It hangs together with something."""
        return self._desk.do(LinkTicket(ticket_id=id, of=of, target=target, title=title, unlink=unlink))

    def look(self, id: str, doing: Doing) -> "Future[Done | Refusal]":
        """Colleagues see that I read it, write to it, or have left it. No act: nobody waits for it, nothing is said."""
        return self._desk.do(LookAtTicket(ticket_id=id, doing=doing))

    def merge(self, id: str, into_id: str) -> "Future[Done | Refusal]":
        """It goes on as another one."""
        return self._desk.do(MergeTicket(ticket_id=id, into_id=into_id))


_ROW = (
    "SELECT t.id, t.title, t.workflow, t.state, t.category, t.priority, u.name, t.assignee_id, a.name, g.name, "
    "t.opened_at, t.changed_at, t.due_kind, t.due_from, t.soon_at, t.warn_at, t.due_at FROM ticket t "
    "LEFT JOIN customer u ON u.id = t.customer_id LEFT JOIN agent a ON a.id = t.assignee_id "
    "LEFT JOIN agent_group g ON g.id = t.group_id"
)

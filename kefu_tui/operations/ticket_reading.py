"""Verbs on who is at a ticket right now: it is looked at, written to, left; and those who said nothing for long are forgotten."""

from typing import ClassVar, Literal

from kefu_tui.ids import derive
from kefu_tui.model.rows import TicketReader
from kefu_tui.now import MINUTE
from kefu_tui.operations.base import APPLIED, NOOP, Context, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.ticket import TicketOperation, seen_ticket
from kefu_tui.operations.view import View

RENEWED = MINUTE
"""So long the same need not be told again."""
COUNTS = 3 * MINUTE
"""So long somebody counts as being there."""
FORGOTTEN = 10 * MINUTE
"""After so long it is deleted."""


class LookAtTicket(TicketOperation, kw_only=True, frozen=True):
    """Somebody has it before them, writes to it, or has left it; told to those who see it.

    Closed or not. Nothing that an agent does with a key: it is no act (store/acts.py) and has no way back.
    """

    kind: ClassVar[str] = "ticket.look"
    doing: Literal["reads", "writes", "leaves"]

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        ticket = seen_ticket(view, context, self.ticket_id)
        if isinstance(ticket, Refusal):
            return ticket
        id = derive(ticket.id, "reader", context.actor.id)
        there = view.get(TicketReader, id)
        if self.doing == "leaves":
            if there is None:
                return NOOP
            view.delete(there)
            return APPLIED
        writing = int(self.doing == "writes")
        if there is not None and there.writing == writing and 0 <= context.now - there.at < RENEWED:
            return NOOP
        view.put(TicketReader(id=id, ticket_id=ticket.id, agent_id=context.actor.id, writing=writing, at=context.now))
        return APPLIED


class ForgetReaders(TicketOperation, kw_only=True, frozen=True):
    """Those who were at it long ago and never said that they left."""

    kind: ClassVar[str] = "ticket.forget-readers"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        gone = [
            one for one in view.where(TicketReader, "ticket_id", self.ticket_id) if one.at < context.now - FORGOTTEN
        ]
        for one in gone:
            view.delete(one)
        return APPLIED if gone else NOOP

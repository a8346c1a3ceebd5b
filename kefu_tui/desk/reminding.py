"""Reminders and call-backs at the desk: set, done, taken off, listed."""

from concurrent.futures import Future
from typing import Literal, NamedTuple

from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.reminder import DoneReminder, RemoveReminder, SetReminder

Of = Literal["reminder", "call_back"]


class Reminded(NamedTuple):
    """A reminder as it is kept. Times in µs UTC."""

    id: str
    kind: str
    text: str
    due_at: int
    conversation_id: str | None
    customer: str
    done_at: int | None


def remind(
    desk: Desk,
    due_at: int,
    text: str = "",
    conversation_id: str | None = None,
    of: Of = "reminder",
    agent_id: str | None = None,
) -> "Future[Done | Refusal]":
    """Sets a reminder, of a conversation or of its own, for oneself or (a lead) for a colleague."""
    return desk.do(
        SetReminder(
            reminder_id=desk.ids(),
            agent_id=agent_id or desk.agent_id,
            due_at=due_at,
            conversation_id=conversation_id,
            of=of,
            text=text,
        )
    )


def done(desk: Desk, id: str) -> "Future[Done | Refusal]":
    """It was done."""
    return desk.do(DoneReminder(reminder_id=id))


def remove(desk: Desk, id: str) -> "Future[Done | Refusal]":
    """It is no longer wanted."""
    return desk.do(RemoveReminder(reminder_id=id))


def reminders(desk: Desk, *, done: bool = False) -> list[Reminded]:
    """The agent's own reminders, next due first; with `done` those that were done too."""
    with desk.store.read() as connection:
        found = connection.execute(
            "SELECT r.id, r.kind, r.text, r.due_at, r.conversation_id, u.name, r.done_at FROM reminder r "
            "LEFT JOIN conversation c ON c.id = r.conversation_id LEFT JOIN customer u ON u.id = c.customer_id "
            f"WHERE r.agent_id = ? {'' if done else 'AND r.done_at IS NULL'} ORDER BY r.due_at, r.id",
            (desk.agent_id,),
        )
        return [
            Reminded(id, kind, text, due_at, conversation, name or "", done_at)
            for id, kind, text, due_at, conversation, name, done_at in found
        ]

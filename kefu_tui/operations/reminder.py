"""Verbs on reminders and call-backs: set (or set otherwise), done."""

from typing import ClassVar, Literal

from kefu_tui.model.rows import Agent, Reminder
from kefu_tui.operations.base import APPLIED, MAX_TEXT, NOOP, Context, Operation, Outcome, leads, open_conversation
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View


class SetReminder(Operation, kw_only=True, frozen=True):
    """Something to be reminded of at `due_at` (µs UTC), or a customer to be called back; a lead may set one for a colleague."""

    kind: ClassVar[str] = "reminder.set"
    reminder_id: str
    agent_id: str
    due_at: int
    conversation_id: str | None = None
    of: Literal["reminder", "call_back"] = "reminder"
    text: str = ""

    def lane(self) -> str:
        return f"b:{self.reminder_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role == "auditor" or (self.agent_id != context.actor.id and not leads(context.actor)):
            return Refusal("forbidden")
        if len(self.text) > MAX_TEXT:
            return Refusal("too-long", {"length": str(len(self.text)), "limit": str(MAX_TEXT)})
        if self.conversation_id is None and not self.text.strip():
            return Refusal("empty")
        agent = view.get(Agent, self.agent_id)
        if agent is None or agent.left_at is not None:
            return Refusal("no-such-target")
        if self.conversation_id is not None:
            conversation = open_conversation(view, context, self.conversation_id)
            if isinstance(conversation, Refusal) and conversation.code != "archived":
                return conversation
        there = view.get(Reminder, self.reminder_id)
        row = Reminder(
            id=self.reminder_id,
            agent_id=self.agent_id,
            conversation_id=self.conversation_id,
            kind=self.of,
            text=self.text,
            due_at=self.due_at,
            set_at=there.set_at if there else context.now,
        )
        if there is not None:
            if there.agent_id != context.actor.id and not leads(context.actor):
                return Refusal("forbidden")
            if there == row:
                return NOOP
        view.put(row)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Reminder, self.reminder_id)
        return _restored(there) if there else RemoveReminder(reminder_id=self.reminder_id)


class DoneReminder(Operation, kw_only=True, frozen=True):
    """It was done; it stays in the record."""

    kind: ClassVar[str] = "reminder.done"
    reminder_id: str

    def lane(self) -> str:
        return f"b:{self.reminder_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        there = _own(view, context, self.reminder_id)
        if isinstance(there, Refusal):
            return there
        if there.done_at is not None:
            return NOOP
        view.change(there, done_at=context.now)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Reminder, self.reminder_id)
        return _restored(there) if there and there.done_at is None else None


class RemoveReminder(Operation, kw_only=True, frozen=True):
    """It is no longer wanted."""

    kind: ClassVar[str] = "reminder.remove"
    reminder_id: str

    def lane(self) -> str:
        return f"b:{self.reminder_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        there = _own(view, context, self.reminder_id)
        if isinstance(there, Refusal):
            return NOOP if there.code == "gone" else there
        view.delete(there)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Reminder, self.reminder_id)
        return _restored(there) if there else None


def _own(view: View, context: Context, id: str) -> Reminder | Refusal:
    there = view.get(Reminder, id)
    if there is None:
        return Refusal("gone")
    if there.agent_id != context.actor.id and not leads(context.actor):
        return Refusal("forbidden")
    return there


def _restored(row: Reminder) -> SetReminder:
    return SetReminder(
        reminder_id=row.id,
        agent_id=row.agent_id,
        due_at=row.due_at,
        conversation_id=row.conversation_id,
        of="call_back" if row.kind == "call_back" else "reminder",
        text=row.text,
    )

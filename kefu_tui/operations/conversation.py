"""Verbs on a conversation: claim, release, transfer, snooze, wake, resolve, reopen."""

from collections.abc import Mapping
from typing import ClassVar

from kefu_tui.model.rows import Agent, Conversation, Group, Message
from kefu_tui.operations import close_out, timing
from kefu_tui.operations.base import (
    APPLIED,
    ENDED,
    MAX_TEXT,
    NOOP,
    Context,
    ConversationOperation,
    Operation,
    Outcome,
    leads,
    name_of,
    open_conversation,
)
from kefu_tui.operations.pick_up import picked_up, ringing
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View


class Claim(ConversationOperation, kw_only=True, frozen=True):
    """The actor becomes the one who answers. Free or offered to the actor: applied; a lead may also take over.

    A call that rings in it is picked up by that, also in a conversation that the actor has already.
    """

    kind: ClassVar[str] = "conversation.claim"
    take_over: bool = False

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        me = context.actor.id
        if conversation.assignee_id == me:
            calls = ringing(view, conversation)
            if not calls:
                return NOOP
            picked_up(view, context, conversation, calls, context.now, me)
            return APPLIED
        if conversation.status in ENDED:
            return Refusal("conversation-closed")
        free = conversation.assignee_id is None or conversation.offered_to_id == me
        if not free and not (self.take_over and leads(context.actor)):
            return Refusal("already-claimed", {"by": name_of(view, conversation.assignee_id)})
        conversation = claimed(view, conversation, me)
        picked_up(view, context, conversation, ringing(view, conversation), context.now, me)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or conversation.assignee_id is not None:
            return None
        return Release(conversation_id=self.conversation_id)


class Release(ConversationOperation, kw_only=True, frozen=True):
    """Puts the actor's conversation back into the queue."""

    kind: ClassVar[str] = "conversation.release"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if conversation.assignee_id is None:
            return NOOP
        if conversation.assignee_id != context.actor.id and not leads(context.actor):
            return NOOP
        if conversation.status in ENDED:
            return Refusal("conversation-closed")
        view.change(conversation, assignee_id=None, offered_to_id=None, status="waiting", snoozed_until=None)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or conversation.assignee_id != context.actor.id:
            return None
        return Claim(conversation_id=self.conversation_id)


class Transfer(ConversationOperation, kw_only=True, frozen=True):
    """Hands over to an agent (the assignee stays until it is taken) or to a group (nobody has it until taken).

    Handing over to the assignee itself takes an offer back. A note goes along when there is one.
    """

    kind: ClassVar[str] = "conversation.transfer"
    to_agent_id: str | None = None
    to_group_id: str | None = None
    note: str = ""
    note_id: str = ""

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if conversation.status in ENDED:
            return Refusal("conversation-closed")
        if len(self.note) > MAX_TEXT:
            return Refusal("too-long", {"length": str(len(self.note)), "limit": str(MAX_TEXT)})
        if (self.to_agent_id is None) == (self.to_group_id is None):
            return Refusal("invalid", {"what": "to_agent_id, to_group_id"})
        if self._there_already(conversation):
            return NOOP
        if conversation.assignee_id is None and not leads(context.actor):
            return Refusal("not-taken")
        if conversation.assignee_id != context.actor.id and not leads(context.actor):
            return Refusal("not-owner", {"by": name_of(view, conversation.assignee_id)})
        if self.to_agent_id is not None:
            colleague = view.get(Agent, self.to_agent_id)
            if colleague is None or colleague.left_at is not None or colleague.role == "auditor":
                return Refusal("no-such-target")
            back = self.to_agent_id == conversation.assignee_id
            view.change(conversation, offered_to_id=None if back else self.to_agent_id)
        else:
            group = view.get(Group, self.to_group_id or "")
            if group is None:
                return Refusal("no-such-target")
            moved = view.change(
                conversation,
                group_id=group.id,
                assignee_id=None,
                offered_to_id=None,
                status="waiting",
                snoozed_until=None,
            )
            timing.retime(view, moved)  # the hours of another group
        if self.note:
            view.put(
                Message(
                    id=self.note_id,
                    conversation_id=self.conversation_id,
                    author="agent",
                    author_id=context.actor.id,
                    kind="note",
                    text=self.note,
                    at=context.now,
                    state="kept",
                    op_id=context.op_id,
                )
            )
        return APPLIED

    def _there_already(self, conversation: Conversation) -> bool:
        if self.to_agent_id is not None:
            if self.to_agent_id == conversation.assignee_id:
                return conversation.offered_to_id is None
            return self.to_agent_id == conversation.offered_to_id
        return conversation.group_id == self.to_group_id and conversation.assignee_id is None

    def inverse(self, view: View, context: Context) -> Operation | None:
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or self.to_agent_id is None or conversation.assignee_id is None:
            return None
        back = conversation.offered_to_id or conversation.assignee_id
        return Transfer(conversation_id=self.conversation_id, to_agent_id=back)


class Snooze(ConversationOperation, kw_only=True, frozen=True):
    """Off the queue until `until` (µs UTC) or the customer's next message; by the customer's wish, promises stand meanwhile."""

    kind: ClassVar[str] = "conversation.snooze"
    until: int
    by_customer: bool = False

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = owned(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if self.until <= context.now:
            return Refusal("invalid", {"what": "until"})
        if conversation.status == "snoozed" and conversation.snoozed_until == self.until:
            return NOOP
        if self.by_customer:
            timing.stand(view, conversation, context.now, "snoozed")
        conversation = view.change(conversation, status="snoozed", snoozed_until=self.until)
        timing.settle(view, conversation)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None:
            return None
        if conversation.status == "snoozed" and conversation.snoozed_until:
            return Snooze(conversation_id=self.conversation_id, until=conversation.snoozed_until)
        return Wake(conversation_id=self.conversation_id)


class Wake(ConversationOperation, kw_only=True, frozen=True):
    """Back on the queue before or at the time a snooze was set to."""

    kind: ClassVar[str] = "conversation.wake"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if conversation.status != "snoozed":
            return NOOP
        wake(view, conversation, context.now)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or not conversation.snoozed_until or conversation.snoozed_until <= context.now:
            return None
        return Snooze(conversation_id=self.conversation_id, until=conversation.snoozed_until)


class Resolve(ConversationOperation, kw_only=True, frozen=True):
    """Solved: response promises end, the resolution clock is met or breached; `record` is its close-out record, or more of it."""

    kind: ClassVar[str] = "conversation.resolve"
    record: Mapping[str, str] = {}

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if conversation.status in ENDED:
            return NOOP
        conversation_or_no = owned(view, context, self.conversation_id)
        if isinstance(conversation_or_no, Refusal):
            return conversation_or_no
        lacks = close_out.fill(view, context, conversation, self.record)
        if lacks is not None:
            return lacks
        timing.happened(view, conversation, "resolved", context.now, context.op_id)
        conversation = view.change(
            conversation,
            status="resolved",
            resolved_at=context.now,
            snoozed_until=None,
            offered_to_id=None,
            unanswered=0,
            waiting_since=None,
        )
        timing.settle(view, conversation)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return Reopen(conversation_id=self.conversation_id)


class Reopen(ConversationOperation, kw_only=True, frozen=True):
    """Work goes on: to the agent who had it, or to whoever reopens it."""

    kind: ClassVar[str] = "conversation.reopen"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if conversation.status not in ENDED:
            return NOOP
        by = None if context.actor.role == "system" else context.actor.id
        reopen(view, context, conversation, conversation.assignee_id or by)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return Resolve(conversation_id=self.conversation_id)


class SetPriority(ConversationOperation, kw_only=True, frozen=True):
    """How urgent it is: 1 (highest) to 5."""

    kind: ClassVar[str] = "conversation.priority"
    priority: int

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if not 1 <= self.priority <= 5:
            return Refusal("invalid", {"what": f"priority {self.priority}"})
        if conversation.priority == self.priority:
            return NOOP
        view.change(conversation, priority=self.priority)
        return APPLIED

    def sets(self) -> Mapping[str, str]:
        return {"priority": str(self.priority)}

    def inverse(self, view: View, context: Context) -> Operation | None:
        conversation = view.get(Conversation, self.conversation_id)
        return (
            SetPriority(conversation_id=self.conversation_id, priority=conversation.priority) if conversation else None
        )


def owned(view: View, context: Context, id: str) -> Conversation | Refusal:
    """The conversation when it is open and the actor's own (a lead may act on a colleague's), or why not."""
    conversation = open_conversation(view, context, id)
    if isinstance(conversation, Refusal):
        return conversation
    if conversation.status in ENDED:
        return Refusal("conversation-closed")
    if conversation.assignee_id == context.actor.id or leads(context.actor):
        return conversation
    if conversation.assignee_id is None:
        return Refusal("not-taken")
    return Refusal("not-owner", {"by": name_of(view, conversation.assignee_id)})


def claimed(view: View, conversation: Conversation, agent_id: str) -> Conversation:
    """The conversation with an agent as the one who answers."""
    return view.change(
        conversation,
        assignee_id=agent_id,
        owner_id=conversation.owner_id or agent_id,
        offered_to_id=None,
        status="open" if conversation.status == "waiting" else conversation.status,
    )


def wake(view: View, conversation: Conversation, now: int) -> Conversation:
    """Puts a snoozed conversation back to work."""
    timing.go_on(view, conversation, now, "snoozed")
    status = "open" if conversation.assignee_id else "waiting"
    return timing.settle(view, view.change(conversation, status=status, snoozed_until=None))


def reopen(view: View, context: Context, conversation: Conversation, assignee_id: str | None) -> Conversation:
    """Puts a resolved conversation back to work; its resolution clock runs on as if it had not stopped."""
    timing.happened(view, conversation, "reopened", context.now, context.op_id)
    timing.resume_stopped(view, conversation)
    if conversation.status == "closed":  # without a question: nothing of it was kept running that could go on
        timing.happened(view, conversation, "opened", context.now, context.op_id)
    status = "open" if assignee_id else "waiting"
    owner = conversation.owner_id or assignee_id
    changed = view.change(conversation, status=status, resolved_at=None, assignee_id=assignee_id, owner_id=owner)
    return timing.settle(view, changed)

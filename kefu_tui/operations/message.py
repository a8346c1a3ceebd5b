"""Verbs that add lines to a conversation: reply, note, and the decision about a held reply."""

from typing import ClassVar, Literal

from kefu_tui.model.rows import Conversation, Group, Message, Order
from kefu_tui.operations import timing, windows
from kefu_tui.operations.base import (
    APPLIED,
    ENDED,
    MAX_TEXT,
    NOOP,
    Context,
    ConversationOperation,
    Outcome,
    leads,
    name_of,
    open_conversation,
)
from kefu_tui.operations.conversation import reopen
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.automation_words import span_text
from kefu_tui.rules.calls import is_phone

STANDS_IN = "stands-in"
"""The reason of a line that only tells to wait: no answer, so that an agent's reply beside it is not held."""
PREVIEW = 120
"""Characters of a message that the queue repeats."""


class Reply(ConversationOperation, kw_only=True, frozen=True):
    """An answer to the customer. When its premise is lost it is held: kept for a person to decide, never sent silently."""

    kind: ClassVar[str] = "conversation.reply"
    message_id: str
    text: str
    canned_id: str | None = None

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal) and conversation.code != "forbidden":
            return conversation
        refused = unfit(self.text)
        if refused:
            return refused
        seen = view.get(Message, self.message_id)
        if seen is not None:
            return NOOP if seen.op_id == context.op_id else Refusal("invalid", {"what": "message_id"})
        if isinstance(conversation, Refusal):
            # Out of sight since: the words of one who had it are held; of anybody else, refused.
            hidden = view.get(Conversation, self.conversation_id)
            if hidden is None or context.basis.claim != context.actor.id or context.actor.role == "auditor":
                return conversation
            conversation = hidden
        if is_phone(conversation.channel):
            return Refusal("no-text-here")
        held = self._premise(view, context, conversation)
        if isinstance(held, Refusal):
            return held
        message = Message(
            id=self.message_id,
            conversation_id=self.conversation_id,
            author="agent",
            author_id=context.actor.id,
            text=self.text,
            at=context.now,
            state="held" if held else "queued",
            reason=held.code if held else None,
            canned_id=self.canned_id,
            op_id=context.op_id,
        )
        if held:
            view.put(message)
            return held
        answer(view, context, conversation, message)
        return APPLIED

    def _premise(self, view: View, context: Context, conversation: Conversation) -> Outcome | Refusal | None:
        """Whether what the agent knew still holds: None, a held outcome, or a refusal where there never was a premise."""
        basis, me = context.basis, context.actor.id
        if conversation.assignee_id != me:
            if basis.claim != me:
                by = name_of(view, conversation.assignee_id)
                return Refusal("not-owner", {"by": by}) if conversation.assignee_id else Refusal("not-taken")
            if conversation.assignee_id is None:
                return Outcome("held", "claim-freed")
            return Outcome("held", "claim-lost", {"by": name_of(view, conversation.assignee_id)})
        # What was closed as the customer had gone is answered: nobody decided that it was over.
        if conversation.status == "resolved" and basis.status not in ENDED:
            return Outcome("held", "closed")
        group = view.get(Group, conversation.group_id)
        if group is None or group.reply_policy == "hold":
            for message in view.messages_after(self.conversation_id, basis.last_pos):
                if message.reason == STANDS_IN:
                    continue
                if message.kind == "text" and message.author in ("agent", "bot") and message.author_id != me:
                    return Outcome("held", "answered", {"by": name_of(view, message.author_id)})
        for order_id, version in basis.orders.items():
            order = view.get(Order, order_id)
            if order is not None and order.version != version:
                return Outcome("held", "order-changed", {"order": order.order_no, "status": order.status})
        window = windows.shut(view, conversation, context.now)
        if window is None:
            return None
        return Outcome("held", "window-closed", {f"window_{lang}": span_text(window, lang) for lang in ("zh", "en")})


class Note(ConversationOperation, kw_only=True, frozen=True):
    """A line for colleagues; the customer never sees it. Possible on any conversation in sight, closed or not."""

    kind: ClassVar[str] = "conversation.note"
    message_id: str
    text: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        refused = unfit(self.text)
        if refused:
            return refused
        if view.get(Message, self.message_id) is not None:
            return NOOP
        view.put(
            Message(
                id=self.message_id,
                conversation_id=self.conversation_id,
                author="bot" if context.actor.role == "system" else "agent",
                author_id=None if context.actor.role == "system" else context.actor.id,
                kind="note",
                text=self.text,
                at=context.now,
                state="kept",
                op_id=context.op_id,
            )
        )
        return APPLIED


class SettleHeld(ConversationOperation, kw_only=True, frozen=True):
    """What becomes of a held reply: sent as it is or edited (it keeps its message id), kept as a note, or discarded."""

    kind: ClassVar[str] = "held.settle"
    message_id: str
    action: Literal["send", "note", "discard"]
    text: str | None = None

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        message = view.get(Message, self.message_id)
        if message is None or message.conversation_id != self.conversation_id:
            return Refusal("gone")
        if message.state != "held":
            return NOOP
        if context.actor.id != message.author_id and not leads(context.actor):
            return Refusal("forbidden")
        if self.action == "discard":
            view.change(message, state="discarded")
            return APPLIED
        text = message.text if self.text is None else self.text
        refused = unfit(text)
        if refused:
            return refused
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or conversation.status == "archived":
            return Refusal("gone" if conversation is None else "archived")
        if self.action == "note":
            view.change(message, kind="note", state="kept", text=text, reason=None, at=context.now)
            return APPLIED
        if is_phone(conversation.channel):
            return Refusal("no-text-here")
        answer(view, context, conversation, message, text)
        return APPLIED


def unfit(text: str) -> Refusal | None:
    """Why a text cannot be a message, or None when it can."""
    if not text.strip():
        return Refusal("empty")
    if len(text) > MAX_TEXT:
        return Refusal("too-long", {"length": str(len(text)), "limit": str(MAX_TEXT)})
    return None


def answer(view: View, context: Context, conversation: Conversation, message: Message, text: str | None = None) -> None:
    """Puts a reply on its way to the customer: the round is answered, response clocks stop."""
    body = message.text if text is None else text
    view.change(message, state="queued", reason=None, text=body, at=context.now)
    if conversation.status in ENDED:
        conversation = reopen(view, context, conversation, conversation.assignee_id or context.actor.id)
    timing.happened(view, conversation, "replied", context.now, message.id)
    status = "open" if conversation.status == "snoozed" else conversation.status
    conversation = view.change(
        conversation,
        status=status,
        snoozed_until=None,
        preview=body[:PREVIEW],
        last_at=context.now,
        unanswered=0,
        waiting_since=None,
    )
    timing.settle(view, conversation)

"""The verb that ends the record of a conversation: archived, and read-only from then on."""

from typing import ClassVar

from kefu_tui.model.rows import Conversation
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, NOOP, Context, ConversationOperation, Outcome, leads
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View


class Archive(ConversationOperation, kw_only=True, frozen=True):
    """A resolved conversation becomes a record that nothing changes any more. There is no way back."""

    kind: ClassVar[str] = "conversation.archive"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None:
            return Refusal("gone")
        if conversation.status == "archived":
            return NOOP
        if conversation.status not in ("resolved", "closed"):
            return Refusal("not-resolved")
        timing.happened(view, conversation, "archived", context.now, context.op_id)
        timing.settle(view, view.change(conversation, status="archived"))
        return APPLIED

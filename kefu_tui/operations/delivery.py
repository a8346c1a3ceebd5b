"""The verb of the outbound worker: a reply has reached its customer, or has not."""

from typing import ClassVar, Literal

from kefu_tui.model.rows import Message
from kefu_tui.operations.base import APPLIED, NOOP, Context, ConversationOperation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View


class Delivered(ConversationOperation, kw_only=True, frozen=True):
    """How the delivery of a reply ended: sent, failed, or unknown where it may have arrived and nobody can tell."""

    kind: ClassVar[str] = "message.delivered"
    message_id: str
    state: Literal["sent", "failed", "unknown"]

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        message = view.get(Message, self.message_id)
        if message is None or message.conversation_id != self.conversation_id:
            return Refusal("gone")
        if message.state == self.state:
            return NOOP
        if message.state not in ("queued", "sending", "failed", "unknown"):
            return Refusal("wrong-state", {"status": message.state})
        view.change(message, state=self.state)
        return APPLIED

"""Verbs on returns: the review of what a customer asked to send back."""

from typing import ClassVar, Literal

from kefu_tui.ids import derive
from kefu_tui.model.rows import Order, Return
from kefu_tui.operations import timing
from kefu_tui.operations.base import (
    APPLIED,
    NOOP,
    Context,
    ConversationOperation,
    Operation,
    Outcome,
    leads,
    name_of,
    open_conversation,
)
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

Verdict = Literal["approved", "refused", "open"]


class ReviewReturn(ConversationOperation, kw_only=True, frozen=True):
    """Approves or refuses the return of an order whose buyer asked for the money back; `open` takes the verdict back."""

    kind: ClassVar[str] = "order.review-return"
    order_id: str
    verdict: Verdict
    reason: str = ""

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        order = view.get(Order, self.order_id)
        if order is None or order.customer_id != conversation.customer_id:
            return Refusal("gone")
        if conversation.assignee_id != context.actor.id and not leads(context.actor):
            by = name_of(view, conversation.assignee_id)
            return Refusal("not-owner", {"by": by}) if conversation.assignee_id else Refusal("not-taken")
        there = view.get(Return, _id(self.order_id))
        if there is None and (self.verdict == "open" or order.status != "refunding"):
            return NOOP if self.verdict == "open" else Refusal("no-return", {"status": order.status})
        if self.verdict == "open":
            assert there is not None
            view.delete(there)
            return APPLIED
        if there is not None and (there.verdict, there.reason) == (self.verdict, self.reason):
            return NOOP
        view.put(
            Return(
                id=_id(self.order_id),
                order_id=self.order_id,
                conversation_id=self.conversation_id,
                verdict=self.verdict,
                reason=self.reason,
                by_id=context.actor.id,
                at=context.now,
            )
        )
        timing.happened(view, conversation, "return_reviewed", context.now, context.op_id)
        timing.settle(view, conversation)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Return, _id(self.order_id))
        before: Verdict = "open" if there is None else "approved" if there.verdict == "approved" else "refused"
        reason = there.reason if there is not None else ""
        return ReviewReturn(conversation_id=self.conversation_id, order_id=self.order_id, verdict=before, reason=reason)


def _id(order_id: str) -> str:
    return derive(order_id, "return")

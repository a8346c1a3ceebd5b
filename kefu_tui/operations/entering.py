"""Verbs of those who only look in: a customer enters and has not written; one who never wrote is gone."""

import json
from functools import lru_cache
from typing import ClassVar

from kefu_tui.model.rows import Conversation, Policy
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, NOOP, Context, ConversationOperation, Outcome
from kefu_tui.operations.intake import Coming, goes_on, wrote
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.entering import Entering, parse_entering


@lru_cache(maxsize=8)
def _parsed(body: str) -> Entering:
    return parse_entering(json.loads(body).get("entering", {}))


def policy(view: View) -> Entering:
    """What the service policy in force says of customers who enter."""
    row = view.get(Policy, "default")
    return _parsed(row.body) if row else Entering()


class Enter(Coming, kw_only=True, frozen=True):
    """A customer has come in on a live channel and has not written: a conversation waits for them, to be greeted.

    Nothing where the policy does not ask for it, and where the customer's next message goes on in a conversation that is
    there: nobody is greeted twice.
    """

    kind: ClassVar[str] = "conversation.enter"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if not policy(view).open or view.get(Conversation, self.conversation_id) is not None:
            return NOOP
        customer = self.customer(view, context.now)
        if customer.risk == "blocked":
            return Refusal("forbidden")
        if goes_on(view, customer, context.now) is not None:
            return NOOP
        conversation = self.begin(view, context, customer)
        for event in ("opened", "entered"):
            timing.happened(view, conversation, event, context.now, self.conversation_id)
        timing.settle(view, conversation)
        return APPLIED


class Leave(ConversationOperation, kw_only=True, frozen=True):
    """The backend's own: a customer who came in and never wrote is gone. Closed, not resolved: nobody asked anything."""

    kind: ClassVar[str] = "conversation.leave"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None:
            return Refusal("gone")
        if conversation.status not in ("waiting", "open") or wrote(view, conversation):
            return NOOP
        timing.close(view, conversation, context.now, context.op_id)
        timing.settle(view, view.change(conversation, status="closed", offered_to_id=None))
        return APPLIED

"""The verb of channels: receive a customer's message."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from kefu_tui.model.rows import Conversation, Customer, Message, Order
from kefu_tui.now import HOUR
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, NOOP, Context, Operation, Outcome
from kefu_tui.operations.conversation import reopen, wake
from kefu_tui.operations.emergency import stand_in
from kefu_tui.operations.message import PREVIEW, unfit
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules import recognise, suggest
from kefu_tui.rules.calls import is_phone

REOPEN_WITHIN = 24 * HOUR
"""A message within this time of resolving reopens the conversation; a later one begins a new one."""


class Receive(Operation, kw_only=True, frozen=True):
    """A customer wrote on a channel: appended to the conversation that is alive, or the first of a new one.

    `customer_id` and `conversation_id` are used only where new ones are needed. Orders of the same buyer, and orders that are
    nobody's yet and whose number stands in the text, are linked to the customer; who that is, the agent verifies.
    """

    kind: ClassVar[str] = "message.receive"
    channel: str
    group_id: str
    external_id: str
    message_id: str
    customer_id: str
    conversation_id: str
    text: str
    name: str = ""
    phone: str | None = None
    email: str | None = None
    tier: str | None = None
    locale: str | None = None
    order_no: str | None = None
    asynchronous: bool = False
    """Mail and messages left: promises are longer."""

    def lane(self) -> str:
        return f"u:{self.customer_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if is_phone(self.channel):
            return Refusal("invalid", {"what": "channel"})
        refused = unfit(self.text)
        if refused:
            return refused
        if view.get(Message, self.message_id) is not None:
            return NOOP
        customer = self._customer(view, context.now)
        if customer.risk == "blocked":
            return Refusal("forbidden")
        conversation = self._conversation(view, context, customer)
        view.put(
            Message(
                id=self.message_id,
                conversation_id=conversation.id,
                author="customer",
                author_id=customer.id,
                text=self.text,
                at=context.now,
                state="received",
                op_id=context.op_id,
            )
        )
        first = "left" if self.asynchronous else "asked"
        timing.happened(view, conversation, "round" if conversation.last_pos else first, context.now, self.message_id)
        conversation = view.change(
            conversation,
            preview=self.text[:PREVIEW],
            last_at=context.now,
            kind=suggest.classify(self.text) if conversation.kind == "other" else conversation.kind,
            unanswered=conversation.unanswered + 1,
            waiting_since=conversation.waiting_since or context.now,
        )
        conversation = stand_in(view, context, conversation, self.message_id)
        timing.settle(view, conversation)
        self._link_orders(view, customer)
        return APPLIED

    def _customer(self, view: View, now: int) -> Customer:
        told = {key: value for key in ("name", "phone", "email", "tier", "locale") if (value := getattr(self, key))}
        return customer_of(view, now, self.channel, self.external_id, self.customer_id, told)

    def _conversation(self, view: View, context: Context, customer: Customer) -> Conversation:
        past = view.where(Conversation, "customer_id", customer.id)
        alive = living(past)
        if alive:
            latest = alive[-1]
            return wake(view, latest, context.now) if latest.status == "snoozed" else latest
        fresh_enough = [
            row for row in past if row.status == "resolved" and context.now - (row.resolved_at or 0) <= REOPEN_WITHIN
        ]
        if fresh_enough:
            latest = max(fresh_enough, key=lambda row: (row.resolved_at or 0, row.id))
            return reopen(view, context, latest, latest.assignee_id)
        kind = suggest.classify(self.text)
        return opened(view, context, customer, self.conversation_id, self.group_id, kind, self.message_id)

    def _link_orders(self, view: View, customer: Customer) -> None:
        for order in view.where(Order, "buyer", customer.external_id):
            if order.customer_id is None:
                view.change(order, customer_id=customer.id)
        numbers = [found.value for found in recognise.recognise(self.text) if found.kind == "order_no"]
        if self.order_no:
            numbers.append(self.order_no)
        for number in dict.fromkeys(numbers):
            for order in view.where(Order, "order_no", number):
                if order.customer_id is None:
                    view.change(order, customer_id=customer.id)


def customer_of(
    view: View, now: int, channel: str, external_id: str, id: str, told: Mapping[str, str], name: str = ""
) -> Customer:
    """The customer whom a channel knows by this id, with what was told of them; a new one (`name` where none was told)."""
    known = [row for row in view.where(Customer, "external_id", external_id) if row.channel == channel]
    if not known:
        fresh = Customer(id=id, channel=channel, external_id=external_id, name=name, first_seen_at=now)
        return view.put(msgspec.structs.replace(fresh, **told))
    if any(getattr(known[0], key) != value for key, value in told.items()):
        return view.change(known[0], **told)
    return known[0]


def living(conversations: Sequence[Conversation]) -> list[Conversation]:
    """Those of a customer's conversations that are not over, the latest last."""
    alive = [row for row in conversations if row.status in ("waiting", "open", "snoozed")]
    return sorted(alive, key=lambda row: (row.opened_at, row.id))


def opened(
    view: View, context: Context, customer: Customer, id: str, group_id: str, kind: str, cause: str
) -> Conversation:
    """A new conversation of a customer, waiting in a group."""
    conversation = view.put(
        Conversation(
            id=id,
            customer_id=customer.id,
            channel=customer.channel,
            group_id=group_id,
            kind=kind,
            priority=2 if customer.tier == "vip" else 3,
            language=customer.locale,
            opened_at=context.now,
            last_at=context.now,
        )
    )
    timing.happened(view, conversation, "opened", context.now, cause)
    return conversation

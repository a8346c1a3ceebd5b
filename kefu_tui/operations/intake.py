"""The verb of channels: receive a customer's message; and how the conversation is found or begun that it belongs to."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from kefu_tui.model.rows import Conversation, Customer, Message, Order
from kefu_tui.now import HOUR
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, ENDED, NOOP, Context, Operation, Outcome
from kefu_tui.operations.conversation import reopen, wake
from kefu_tui.operations.emergency import stand_in
from kefu_tui.operations.message import PREVIEW, unfit
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules import recognise, suggest
from kefu_tui.rules.calls import is_phone

REOPEN_WITHIN = 24 * HOUR
"""A message within this time of resolving reopens the conversation; a later one begins a new one."""


class Coming(Operation, kw_only=True, frozen=True):
    """A customer comes on a channel. `customer_id` and `conversation_id` are used only where new ones are needed."""

    channel: str
    group_id: str
    external_id: str
    customer_id: str
    conversation_id: str
    name: str = ""
    phone: str | None = None
    email: str | None = None
    tier: str | None = None
    locale: str | None = None

    def lane(self) -> str:
        return f"u:{self.customer_id}"

    def customer(self, view: View, now: int) -> Customer:
        """Who comes: known, or new."""
        told = {key: value for key in ("name", "phone", "email", "tier", "locale") if (value := getattr(self, key))}
        return customer_of(view, now, self.channel, self.external_id, self.customer_id, told)

    def begin(self, view: View, context: Context, customer: Customer) -> Conversation:
        """A new conversation with a customer, waiting."""
        return begun(view, context, customer, self.conversation_id, self.group_id)


class Receive(Coming, kw_only=True, frozen=True):
    """A customer wrote on a channel: appended to the conversation that is alive, or the first of a new one.

    Orders of the same buyer, and orders that are nobody's yet and whose number stands in the text, are linked to the
    customer; who that is, the agent verifies.
    """

    kind: ClassVar[str] = "message.receive"
    message_id: str
    text: str
    order_no: str | None = None
    asynchronous: bool = False
    """Mail and messages left: promises are longer."""

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
        customer = self.customer(view, context.now)
        if customer.risk == "blocked":
            return Refusal("forbidden")
        conversation = self._conversation(view, context, customer)
        first = not wrote(view, conversation)
        if conversation.kind == "other":
            conversation = view.change(conversation, kind=suggest.classify(self.text))
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
        if first:  # also where they had come in before: its kind was not known then
            timing.happened(view, conversation, "opened", context.now, self.message_id)
        event = "round" if not first else "left" if self.asynchronous else "asked"
        timing.happened(view, conversation, event, context.now, self.message_id)
        conversation = view.change(
            conversation,
            preview=self.text[:PREVIEW],
            last_at=context.now,
            unanswered=conversation.unanswered + 1,
            waiting_since=conversation.waiting_since or context.now,
        )
        conversation = stand_in(view, context, conversation, self.message_id)
        timing.settle(view, conversation)
        self._link_orders(view, customer)
        return APPLIED

    def _conversation(self, view: View, context: Context, customer: Customer) -> Conversation:
        there = goes_on(view, customer, context.now)
        if there is None:
            return self.begin(view, context, customer)
        if there.status in ENDED:
            return reopen(view, context, there, there.assignee_id)
        return wake(view, there, context.now) if there.status == "snoozed" else there

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


def begun(
    view: View, context: Context, customer: Customer, id: str, group_id: str, kind: str = "other"
) -> Conversation:
    """A new conversation of a customer, waiting in a group."""
    return view.put(
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


def living(conversations: Sequence[Conversation]) -> list[Conversation]:
    """Those of a customer's conversations that are not over, the latest last."""
    alive = [row for row in conversations if row.status in ("waiting", "open", "snoozed")]
    return sorted(alive, key=lambda row: (row.opened_at, row.id))


def goes_on(view: View, customer: Customer, now: int) -> Conversation | None:
    """The conversation in which a customer's words go on: one that is alive, else the last that a message still reopens."""
    past = view.where(Conversation, "customer_id", customer.id)
    if alive := living(past):
        return alive[-1]
    ended = {row.id: at for row in past if (at := _ended_at(view, row)) is not None and now - at <= REOPEN_WITHIN}
    return max((row for row in past if row.id in ended), key=lambda row: (ended[row.id], row.id), default=None)


def _ended_at(view: View, conversation: Conversation) -> int | None:
    """When a conversation ended that a message may reopen: resolved, or closed because the customer never wrote."""
    if conversation.status == "resolved":
        return conversation.resolved_at or 0
    if conversation.status == "closed" and not wrote(view, conversation):
        return conversation.last_at
    return None


def wrote(view: View, conversation: Conversation) -> bool:
    """Whether the customer has ever written in a conversation, whoever else has."""
    if conversation.unanswered:
        return True
    if not conversation.last_pos:
        return False
    return timing.asked(view, conversation) or any(
        message.author == "customer" for message in view.messages_after(conversation.id, 0)
    )

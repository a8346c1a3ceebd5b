"""Verbs on orders: import them from a shop's export or its interface."""

from typing import ClassVar

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.rows import Conversation, Customer, Order, OrderLine, Shipment
from kefu_tui.now import HOUR
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, NOOP, Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

STATUSES = ("unpaid", "paid", "shipped", "done", "closed", "refunding", "refunded")
MOST = 100
"""Most orders in one operation: a commit stays small."""


class Line(msgspec.Struct, kw_only=True, frozen=True):
    """An item as imported; price of one piece in minor units."""

    title: str
    sku: str = ""
    quantity: int = 1
    price: int = 0


class Parcel(msgspec.Struct, kw_only=True, frozen=True):
    """A shipment as imported; trace as (µs UTC, text), oldest first."""

    carrier: str
    tracking_no: str
    status: str = "packed"
    trace: tuple[tuple[int, str], ...] = ()
    updated_at: int = 0


class ShopOrder(msgspec.Struct, kw_only=True, frozen=True):
    """An order as the shop tells it. Money in minor units, times µs UTC."""

    order_no: str
    status: str
    total: int
    placed_at: int
    shop: str = ""
    buyer: str = ""
    paid: int = 0
    refund: int = 0
    currency: str = "CNY"
    province: str = ""
    paid_at: int | None = None
    lines: tuple[Line, ...] = ()
    parcels: tuple[Parcel, ...] = ()


FRESH = ("unpaid", "paid")
"""States of an order that was just placed."""
LIVE = ("waiting", "open", "snoozed")


def order_id(shop: str, order_no: str) -> str:
    """The id that one order of one shop has everywhere."""
    return derive("order", shop, order_no)


class ImportOrders(Operation, kw_only=True, frozen=True):
    """Writes up to 100 orders of a shop; one that is there already is brought up to date, an unchanged one is left alone."""

    kind: ClassVar[str] = "order.import"
    orders: tuple[ShopOrder, ...]

    def lane(self) -> str:
        return f"o:{order_id(self.orders[0].shop, self.orders[0].order_no)}" if self.orders else "o:"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role == "auditor":
            return Refusal("forbidden")
        if not self.orders or len(self.orders) > MOST:
            return Refusal("invalid", {"what": f"1..{MOST} orders"})
        for order in self.orders:
            if not order.order_no or order.status not in STATUSES:
                return Refusal("invalid", {"what": f"order {order.order_no!r}, status {order.status!r}"})
        changed = [self._write(view, context, order) for order in self.orders]
        return APPLIED if any(changed) else NOOP

    def _write(self, view: View, context: Context, order: ShopOrder) -> bool:
        id = order_id(order.shop, order.order_no)
        there = view.get(Order, id)
        fields = {key: getattr(order, key) for key in Order.__struct_fields__ if hasattr(order, key)}
        customer_id = there.customer_id if there else None
        if customer_id is None and order.buyer:
            known = view.where(Customer, "external_id", order.buyer)
            customer_id = known[0].id if len(known) == 1 else None
        rows: list[Order | OrderLine | Shipment] = [Order(id=id, customer_id=customer_id, **fields)]
        for number, line in enumerate(order.lines):
            values = msgspec.structs.asdict(line)
            rows.append(OrderLine(id=derive(id, "line", str(number)), order_id=id, **values))
        for parcel in order.parcels:
            rows.append(
                Shipment(
                    id=derive(id, "parcel", parcel.tracking_no),
                    order_id=id,
                    carrier=parcel.carrier,
                    tracking_no=parcel.tracking_no,
                    status=parcel.status,
                    trace=msgspec.json.encode(parcel.trace).decode(),
                    updated_at=parcel.updated_at or order.placed_at,
                )
            )
        wrote = False
        for row in rows:
            old = view.get(type(row), row.id)
            if old is None or msgspec.structs.replace(old, version=0) != row:
                view.put(row)
                wrote = True
        if customer_id is not None:
            if order.status == "refunding" and (there is None or there.status != "refunding"):
                _tell_clocks(view, context, customer_id, "return_requested", id)
            if there is None and order.status in FRESH and context.now - order.placed_at < HOUR:
                _tell_clocks(view, context, customer_id, "ordered", id)
        return wrote


def _tell_clocks(view: View, context: Context, customer_id: str, event: str, cause: str) -> None:
    """The customer's live conversation, where there is one, hears of what happened to an order."""
    live = [row for row in view.where(Conversation, "customer_id", customer_id) if row.status in LIVE]
    if live:
        conversation = max(live, key=lambda row: (row.opened_at, row.id))
        timing.happened(view, conversation, event, context.now, f"{cause} {event}")
        timing.settle(view, conversation)

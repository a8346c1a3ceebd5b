"""Taking a shop's export in: thousands of orders in one transaction, told as it goes, given up cleanly."""

import threading
from collections.abc import Callable, Sequence

from kefu_tui.desk import verbs
from kefu_tui.desk.answers import EVERYTHING, Done
from kefu_tui.desk.desk import Desk
from kefu_tui.model.sql import Connection
from kefu_tui.operations.order import MOST, ImportOrders, Line, Parcel, ShopOrder
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules.orders_file import ParsedOrder

PARCEL_STATUS = {"shipped": "in_transit", "done": "signed"}
"""What an order's state says of its parcel."""


class GivenUp(Exception):
    """The import was told to stop before its commit: nothing was written."""


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def import_orders(
    desk: Desk, orders: Sequence[ParsedOrder], shop: str, progress: Callable[[int], None], stop: threading.Event
) -> Done | Refusal:
    """Writes orders of a shop, all or none, and waits for it; `progress` hears how many are through.

    Raises GivenUp, nothing written, once `stop` is set or Ctrl-C was pressed before the commit.
    """

    def work(connection: Connection) -> verbs.Told:
        told: verbs.Told | None = None
        for begin in range(0, len(orders), MOST):
            if stop.is_set():
                raise GivenUp
            some = tuple(_order(order, shop) for order in orders[begin : begin + MOST])
            one = verbs.do(connection, desk, [ImportOrders(orders=some)])
            if isinstance(one, Refusal):
                raise _Refused(one)
            told = one if told is None or told.status == "noop" else told
            progress(begin + len(some))
        if stop.is_set():
            raise GivenUp
        assert told is not None
        return told

    job = desk.store.write(work)
    while True:
        try:
            told = job.result()
            break
        except KeyboardInterrupt:
            stop.set()
        except _Refused as refused:
            return refused.refusal
    desk.publish(EVERYTHING)
    desk.wake_sync()
    return Done(told.op_id, told.status, told.undoable, told.said)


def _order(order: ParsedOrder, shop: str) -> ShopOrder:
    parcels: tuple[Parcel, ...] = ()
    if order.tracking_no:
        status = PARCEL_STATUS.get(order.status, "packed")
        parcels = (Parcel(carrier=order.carrier, tracking_no=order.tracking_no, status=status),)
    return ShopOrder(
        order_no=order.order_no,
        shop=shop,
        status=order.status,
        total=order.total,
        paid=order.paid,
        refund=order.refund,
        currency=order.currency,
        province=order.province,
        buyer=order.buyer,
        placed_at=order.created_at,
        paid_at=order.paid_at,
        lines=tuple(
            Line(title=item.title, sku=item.sku, quantity=item.quantity, price=item.price) for item in order.items
        ),
        parcels=parcels,
    )

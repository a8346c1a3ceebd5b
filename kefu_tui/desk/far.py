"""The backend as seen without syncing: how it fails, what it is, and orders that no desk has yet."""

import json
from typing import NamedTuple

from kefu_tui.desk.desk import Desk
from kefu_tui.model.rows import SCHEMA, Order, OrderLine, Shipment
from kefu_tui.model.sql import build
from kefu_tui.store import facts
from kefu_tui.store.shown import OrderCard, Parcel
from kefu_tui.sync.transport import HttpTransport, Refused, Unreachable

__all__ = ["Backend", "Refused", "Unreachable", "find_orders", "hello"]


class Backend(NamedTuple):
    """What a backend said about itself; `time` is its clock, µs UTC."""

    protocols: tuple[int, ...]
    schema: int
    time: int


def hello(backend: str, timeout_s: float = 5.0) -> Backend:
    """Asks a backend what it is. Raises Unreachable, Refused."""
    transport = HttpTransport(backend, timeout_s=timeout_s)
    try:
        told = transport.hello()
    finally:
        transport.close()
    return Backend(tuple(told.protocols), told.schema, told.server_time)


def find_orders(desk: Desk, text: str, timeout_s: float = 5.0) -> list[OrderCard]:
    """Orders with exactly this number, tracking number or buyer, asked of the backend. Raises Unreachable, Refused.

    An imported order is on no desk until a conversation names it; this is the way to look it up all the same.
    """
    with desk.store.read() as connection:
        backend, token = facts.get(connection, "backend"), facts.get(connection, "token")
    if not (backend and token):
        return []
    transport = HttpTransport(backend, token, timeout_s=timeout_s)
    try:
        found = transport.find_orders(text)
    finally:
        transport.close()
    if found.schema != SCHEMA:
        raise Unreachable(f"{backend}: schema {found.schema}")
    lines = [build(OrderLine, values) for values in found.lines]
    parcels = [build(Shipment, values) for values in found.parcels]
    return [_card(build(Order, values), lines, parcels) for values in found.orders]


def _card(order: Order, lines: list[OrderLine], parcels: list[Shipment]) -> OrderCard:
    return OrderCard(
        id=order.id,
        order_no=order.order_no,
        status=order.status,
        total=order.total,
        paid=order.paid,
        refund=order.refund,
        currency=order.currency,
        province=order.province,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        lines=tuple((line.title, line.quantity, line.price) for line in lines if line.order_id == order.id),
        parcels=tuple(
            Parcel(
                parcel.carrier, parcel.tracking_no, parcel.status, tuple(map(tuple, reversed(json.loads(parcel.trace))))
            )
            for parcel in parcels
            if parcel.order_id == order.id
        ),
        version=order.version,
    )

"""Orders from the shop, with their lines and shipments."""

from typing import ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field

from kefu_tui.model.base import Replicated


class Order(Replicated, table=True):
    """An order. Status: unpaid, paid, shipped, done, closed, refunding, refunded. Money in minor units of `currency`.

    `buyer` is the shop's own name of the buyer; `customer_id` is NULL until a conversation has linked the order.
    """

    __tablename__ = "shop_order"
    lane: ClassVar[tuple[str, str]] = ("o", "id")

    order_no: str = Field(index=True)
    shop: str = ""
    customer_id: str | None = Field(default=None, index=True)
    buyer: str = Field(default="", index=True)
    status: str
    total: int = Field(sa_type=BigInteger)
    paid: int = Field(default=0, sa_type=BigInteger)
    refund: int = Field(default=0, sa_type=BigInteger)
    currency: str = "CNY"
    province: str = ""
    placed_at: int = Field(sa_type=BigInteger)
    paid_at: int | None = Field(default=None, sa_type=BigInteger)


class OrderLine(Replicated, table=True):
    """One item of an order; price for one piece."""

    __tablename__ = "order_line"
    lane: ClassVar[tuple[str, str]] = ("o", "order_id")

    order_id: str = Field(index=True)
    title: str
    sku: str = ""
    quantity: int = 1
    price: int = Field(default=0, sa_type=BigInteger)


class Shipment(Replicated, table=True):
    """One parcel. Status: packed, picked_up, in_transit, delivering, signed. `trace` is a JSON list of [µs UTC, text]."""

    __tablename__ = "shipment"
    lane: ClassVar[tuple[str, str]] = ("o", "order_id")

    order_id: str = Field(index=True)
    carrier: str
    tracking_no: str = Field(index=True)
    status: str = "packed"
    trace: str = "[]"
    updated_at: int = Field(sa_type=BigInteger)


class Return(Replicated, table=True):
    """What was decided about the return of an order. Verdict: approved or refused; `reason` is for the customer."""

    __tablename__ = "order_return"
    lane: ClassVar[tuple[str, str]] = ("o", "order_id")

    order_id: str = Field(index=True)
    conversation_id: str
    verdict: str
    reason: str = ""
    by_id: str
    at: int = Field(sa_type=BigInteger)

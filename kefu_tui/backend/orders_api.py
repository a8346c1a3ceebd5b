"""The look-up of orders that no conversation has linked yet: they are on no desk, but an agent may name one."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from kefu_tui.backend.auth import Desk, Signed
from kefu_tui.backend.http import reply
from kefu_tui.backend.openapi import described
from kefu_tui.backend.service import Here, Service
from kefu_tui.backend.visibility import lane_groups, scope
from kefu_tui.model.rows import SCHEMA, Order, OrderLine, Shipment
from kefu_tui.model.sql import Reader
from kefu_tui.operations.base import actor_of
from kefu_tui.operations.view import View
from kefu_tui.wire import OrdersFound

MOST = 20

router = APIRouter(prefix="/sync/v1", tags=["sync"])


@router.get("/orders", **described(OrdersFound, problems=(401, 403, 422)))
async def orders(
    desk: Desk,
    service: Here,
    text: Annotated[
        str, Query(min_length=1, max_length=64, description="a whole order number, tracking number or buyer")
    ],
) -> Response:
    """Orders that the text names exactly: those of customers in sight, and those that are nobody's yet."""
    return reply(await service.reading.run(_found, service, desk, text))


def _found(service: Service, desk: Signed, text: str) -> OrdersFound:
    with service.database.read() as connection:
        reader = Reader(connection)
        seen = scope(connection, actor_of(View(reader), desk.agent))
        named = {row.id: row for column in ("order_no", "buyer") for row in reader.where(Order, column, text)}
        for parcel in reader.where(Shipment, "tracking_no", text):
            order = reader.get(Order, parcel.order_id)
            if order is not None:
                named[order.id] = order
        found = [row for row in named.values() if row.customer_id is None or lane_groups(connection, row.lane) & seen][
            :MOST
        ]
        lines = [line for row in found for line in reader.where(OrderLine, "order_id", row.id)]
        parcels = [parcel for row in found for parcel in reader.where(Shipment, "order_id", row.id)]
    return OrdersFound(
        schema=SCHEMA,
        orders=[list(msgspec.structs.astuple(row)) for row in found],
        lines=[list(msgspec.structs.astuple(row)) for row in lines],
        parcels=[list(msgspec.structs.astuple(row)) for row in parcels],
    )

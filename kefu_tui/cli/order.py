"""order: find and show orders."""

import contextlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk, OrderCard

order = Commands("订单。", "Orders.")

COLUMNS = (
    column(both("订单号", "order"), "order_no"),
    column(both("状态", "status"), "status"),
    column(both("金额", "total"), "total", right=True),
    column(both("币种", "currency"), "currency"),
    column(both("下单", "placed"), "placed_at"),
    column(both("省份", "province"), "province"),
)
TITLES = {
    "order_no": both("订单号", "order"),
    "status": both("状态", "status"),
    "total": both("金额", "total"),
    "paid": both("实付", "paid"),
    "refund": both("退款", "refund"),
    "currency": both("币种", "currency"),
    "placed_at": both("下单", "placed"),
    "paid_at": both("付款", "paid at"),
    "province": both("省份", "province"),
    "items": both("商品", "items"),
    "shipments": both("物流", "parcels"),
}


def _cards(desk: "Desk", text: str, limit: int) -> "list[OrderCard]":
    """The orders here, or else what the backend knows by this very number; offline, what is here."""
    from kefu_tui.desk import far

    found = desk.find_orders(text, limit)
    if not found and text:
        with contextlib.suppress(far.Unreachable, far.Refused):
            found = far.find_orders(desk, text)[:limit]
    return found


@order.verb(
    "find",
    "按订单号（或开头）、运单号、买家找订单。",
    "Find orders by number or its beginning, tracking number, or buyer.",
)
def find(
    ctx: typer.Context,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help=both("订单号、运单号或买家", "order number, tracking number or buyer"))
    ],
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help=both("最多几个", "at most"))] = 50,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        found = [order_row(desk, card) for card in _cards(desk, text.strip(), limit)]
        call.rows(found, COLUMNS, empty=(f"没有找到 {text}。", f"Nothing found for {text}."))


@order.verb("show", "看一个订单：商品、金额、物流。", "Show an order: items, money, parcels.")
def show(
    ctx: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help=both("订单号或运单号", "order number or tracking number"))
    ],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        asked = number.strip()
        found = _cards(desk, asked, 20)
        exact = [card for card in found if card.order_no == asked or any(p.tracking_no == asked for p in card.parcels)]
        cards = exact or found
        if len(cards) != 1:
            raise not_found(
                f"这里没有订单 {number}。" if not cards else f"{number} 对得上 {len(cards)} 个订单，写全一点。",
                f"There is no order {number} here."
                if not cards
                else f"{number} fits {len(cards)} orders. Write more of it.",
            )
        told = order_row(desk, cards[0])
        lines = [f"{line['title']} ×{line['quantity']} {line['price']}" for line in told["lines"]]
        parcels = [
            " ".join(
                [
                    parcel["carrier"],
                    parcel["tracking_no"],
                    parcel["status"],
                    *[step["text"] for step in parcel["trace"][:1]],
                ]
            )
            for parcel in told["parcels"]
        ]
        titled = {**told, "items": "\n".join(lines), "shipments": "\n".join(parcels)}
        call.one(titled if call.format == "table" else told, TITLES)


@order.verb(
    "approve-return", "同意退货；--refuse 是不同意。", "Approve the return of an order; --refuse turns it down."
)
def approve_return(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help=both("会话编号", "the conversation"))],
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("订单号", "order number"))],
    refuse: Annotated[
        str, typer.Option("--refuse", metavar="REASON", help=both("不同意，和原因", "turn it down, and why"))
    ] = "",
) -> None:
    from kefu_tui.cli import finding

    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        head = desk.head(conversation)
        orders = desk.orders(head.customer_id) if head is not None else []
        chosen = next((card for card in orders if card.order_no == number.strip()), None)
        if chosen is None:
            raise not_found(f"这位客户没有订单 {number}。", f"This customer has no order {number}.")
        answer = desk.review_return(conversation, chosen.id, approve=not refuse, reason=refuse)
        call.outcome(answer.result(), ("order_no", chosen.order_no))


def order_row(desk: "Desk", card: "OrderCard") -> dict[str, Any]:
    """An order as programs read it: money as string plus currency, times with zone."""
    from kefu_tui.cli.times import iso

    zone = desk.zone()
    return {
        "id": card.id,
        "order_no": card.order_no,
        "status": card.status,
        "total": amount(card.total, card.currency),
        "paid": amount(card.paid, card.currency),
        "refund": amount(card.refund, card.currency),
        "currency": card.currency,
        "province": card.province,
        "placed_at": iso(card.placed_at, zone),
        "paid_at": iso(card.paid_at, zone),
        "return": card.verdict or None,
        "lines": [
            {"title": title, "quantity": quantity, "price": amount(price, card.currency)}
            for title, quantity, price in card.lines
        ],
        "parcels": [
            {
                "carrier": parcel.carrier,
                "tracking_no": parcel.tracking_no,
                "status": parcel.status,
                "trace": [{"at": iso(at, zone), "text": text} for at, text in parcel.trace],
            }
            for parcel in card.parcels
        ],
    }


def amount(minor: int, currency: str) -> str:
    """Money as a plain figure: `128.00`."""
    from kefu_tui.text import money

    return money(minor, currency).replace("¥", "").rpartition(" ")[2]

"""The demo shop: what it sells, and orders in every state with their parcels."""

import random
import tomllib
from typing import NamedTuple

from kefu_tui.config import box
from kefu_tui.now import DAY, HOUR, MINUTE
from kefu_tui.operations.order import Line, Parcel, ShopOrder

STATUSES = ("shipped", "shipped", "shipped", "done", "done", "paid", "refunding", "unpaid", "refunded", "closed")
"""States of orders, as often as they are asked about."""

ABOUT = {
    "logistics": "shipped", "order": "paid", "aftersale": "done", "return": "done", "complaint": "done",
    "technical": "done", "invoice": "done", "praise": "done",
}  # fmt: skip
"""The state of an order that a conversation of this kind is about."""

CARRIERS = (
    ("顺丰", "SF", 13),
    ("圆通", "YT", 13),
    ("极兔", "JT", 13),
    ("京东", "JDVA", 11),
    ("中通", "78", 12),
    ("申通", "77", 13),
)
"""Carriers with the beginning of their tracking numbers and how many digits follow."""

HUBS = ("杭州", "广州", "义乌", "武汉", "郑州", "成都", "苏州", "天津")


class Product(NamedTuple):
    """An article; price in minor units."""

    title: str
    title_en: str
    sku: str
    price: int


class Shop(NamedTuple):
    """What data/demo/shop.toml says."""

    name: str
    agents: tuple[str, ...]
    provinces: tuple[str, ...]
    products: tuple[Product, ...]


def open_shop() -> Shop:
    """The shop in the box."""
    told = tomllib.loads(box("demo", "shop.toml").read_text(encoding="utf-8"))
    products = tuple(Product(one["title"], one["title_en"], one["sku"], one["price"]) for one in told["product"])
    return Shop(told["name"], tuple(told["agents"]), tuple(told["provinces"]), products)


def order_number(chance: random.Random) -> str:
    """An order number of 18 digits, never one that reads as a card or a citizen's number."""
    return f"126{chance.randrange(1000):03d}8{chance.randrange(10**11):011d}"


def orders_for(
    shop: Shop, chance: random.Random, buyer: str, now: int, *, kind: str = "", count: int = 1, lang: str = "zh"
) -> list[ShopOrder]:
    """A customer's orders, newest first: what was bought, how far it is at `now` (µs UTC). Older ones are done."""
    statuses = [ABOUT.get(kind) or chance.choice(STATUSES), *["done"] * (count - 1)]
    return [_order(shop, chance, buyer, now - place * 10 * DAY, status, lang) for place, status in enumerate(statuses)]


def _order(shop: Shop, chance: random.Random, buyer: str, now: int, status: str, lang: str) -> ShopOrder:
    bought = chance.sample(shop.products, chance.choice((1, 1, 1, 2, 3)))
    lines = tuple(
        Line(
            title=product.title if lang == "zh" else product.title_en,
            sku=product.sku,
            quantity=chance.choice((1, 1, 1, 2)),
            price=product.price,
        )
        for product in bought
    )
    total = sum(line.price * line.quantity for line in lines)
    placed_at = now - chance.randrange(2 * HOUR, 9 * DAY)
    has_paid = status not in ("unpaid", "closed")
    province = chance.choice(shop.provinces)
    number = order_number(chance)
    return ShopOrder(
        order_no=number,
        status=status,
        total=total,
        placed_at=placed_at,
        shop=shop.name,
        buyer=buyer,
        paid=total if has_paid else 0,
        refund=total if status == "refunded" else 0,
        province=province,
        paid_at=placed_at + chance.randrange(1, 20) * MINUTE if has_paid else None,
        lines=lines,
        parcels=_parcels(chance, status, province, placed_at, now),
    )


def _parcels(chance: random.Random, status: str, province: str, placed_at: int, now: int) -> tuple[Parcel, ...]:
    if status in ("unpaid", "closed") or (status == "paid" and chance.random() < 0.6):
        return ()
    carrier, beginning, digits = chance.choice(CARRIERS)
    number = beginning + f"{chance.randrange(10**digits):0{digits}d}"
    hub = chance.choice(HUBS)
    steps = [
        ("packed", f"{hub} 仓库已打包，等待揽收"),
        ("picked_up", f"{hub} 已揽收"),
        ("in_transit", f"快件已到 {hub} 转运中心"),
        ("in_transit", f"快件离开 {hub}，发往 {province}"),
        ("in_transit", f"快件已到 {province} 转运中心"),
        ("delivering", f"{province} 派送中，请保持电话畅通"),
        ("signed", f"{province} 已签收，签收人：本人"),
    ]
    reached = 1 if status == "paid" else chance.randrange(2, len(steps)) if status == "shipped" else len(steps)
    begun = placed_at + 30 * MINUTE
    each = max(MINUTE, (now - begun) // (reached + 1))
    trace = tuple((begun + each * place, text) for place, (_, text) in enumerate(steps[:reached]))
    parcel = Parcel(
        carrier=carrier, tracking_no=number, status=steps[reached - 1][0], trace=trace, updated_at=trace[-1][0]
    )
    return (parcel,)

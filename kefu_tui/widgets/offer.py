"""An offered reply as the composer shows it: its gaps in words of the trade, the places of what was filled."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.text import one_line
from kefu_tui.widgets.ink import say

if TYPE_CHECKING:
    from kefu_tui.store.shown import Filled

NAMES = {
    "customer.name": ("客户名", "customer name"),
    "customer.tier": ("客户等级", "customer tier"),
    "order.no": ("订单号", "order number"),
    "order.status": ("订单状态", "order status"),
    "order.total": ("订单金额", "order total"),
    "order.item": ("商品", "item"),
    "order.paid_at": ("付款时间", "time of payment"),
    "order.province": ("收货省份", "province"),
    "shipment.carrier": ("快递公司", "carrier"),
    "shipment.tracking_no": ("运单号", "tracking number"),
    "shipment.latest": ("物流进度", "latest scan"),
    "shipment.status": ("物流状态", "parcel status"),
    "agent.name": ("客服名", "agent name"),
    "shop.name": ("店名", "shop name"),
}
"""Variables of canned replies, as an agent calls them."""

Span = tuple[int, int]

_VARIABLE = re.compile(r"\{\{-?\s*(?:ask\.)?([^\s|{}]{1,80})[^{}]{0,200}\}\}")
_TAG = re.compile(r"\{%[^{}]{0,200}%\}")


class Offer(NamedTuple):
    """A reply that is offered or was taken: its text, the filled spans, and what is missing, shown as `[name]`."""

    raw: str
    """The text as it was filled."""
    title: str
    text: str
    marks: tuple[Span, ...]
    lacks: tuple[str, ...]

    def gaps(self, text: str) -> list[Span]:
        """Where what is missing still stands in a text that began as this one."""
        spans = [span for name in self.lacks for span in _places(text, f"[{name}]")]
        return sorted(spans)

    def still_lacks(self, text: str) -> list[str]:
        """What is still missing in a text that began as this one."""
        return [name for name in self.lacks if f"[{name}]" in text or text == self.text]


def offer_of(filled: "Filled", lang: str) -> Offer:
    """A filled reply with its gaps named in the desk's language."""
    text, marks = filled.text, filled.spans
    for name in filled.missing:
        words = say(lang, *NAMES.get(name, (name, name)))
        text, marks = _renamed(text, marks, f"[{name}]", f"[{words}]")
    lacks = (*(say(lang, *NAMES.get(name, (name, name))) for name in filled.missing), *filled.asks)
    return Offer(filled.text, one_line(filled.title), text, marks, lacks)


def in_words(template: str, lang: str) -> str:
    """A canned reply as it is stored, its variables in words of the trade: `[运单号]`."""
    named = _VARIABLE.sub(lambda found: f"[{say(lang, *NAMES.get(found[1], (found[1], found[1])))}]", template)
    return _TAG.sub("", named)


def gaps_of(text: str) -> Offer | None:
    """What a draft still lacks of the reply that it once was, as far as its gaps have names of the trade."""
    words = {name for raw, pair in NAMES.items() for name in (raw, *pair)}
    lacks = tuple(sorted((name for name in words if f"[{name}]" in text), key=lambda name: text.index(f"[{name}]")))
    return Offer("", "", "", (), lacks) if lacks else None


def _renamed(text: str, marks: Sequence[Span], old: str, new: str) -> tuple[str, tuple[Span, ...]]:
    shift = len(new) - len(old)
    places = [start for start, _ in _places(text, old)]

    def moved(at: int) -> int:
        return at + shift * sum(place < at for place in places)

    return text.replace(old, new), tuple((moved(start), moved(end)) for start, end in marks)


def _places(text: str, part: str) -> list[Span]:
    found: list[Span] = []
    start = text.find(part)
    while start >= 0:
        found.append((start, start + len(part)))
        start = text.find(part, start + len(part))
    return found

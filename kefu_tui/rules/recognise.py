"""Order, tracking, refund and phone numbers in what a customer writes."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

from kefu_tui.rules.numbers import (
    Candidate,
    is_bank_card,
    is_identity_number,
    is_moment,
    likely_order,
    likely_tracking,
    strong_tracking,
    sure_order,
    sure_tracking,
)

__all__ = ["Candidate", "Found", "Kind", "recognise"]

Kind = Literal["order_no", "tracking_no", "phone", "refund_no"]


class Found(NamedTuple):
    """A number in a text. `value` is its plain form (`SF1385628716739`), `start` and `end` where it stands.

    `candidates` are the carriers, for an order number the platforms, that it may belong to, best first; empty for
    phones and where only the words before it say what it is.
    """

    kind: Kind
    value: str
    start: int
    end: int
    candidates: tuple[Candidate, ...]


_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms, one for one
_DIGITS = re.compile("[0-9]{4}")
_WORD = re.compile(r"[0-9A-Za-z_./:?=&%#@~+\-]+")
_LINK = re.compile(
    r"://|^www\.|@|\.(?:com|cn|net|org|cc|top|vip|shop|hk|tw|html?|aspx?|php|jpe?g|png)(?![0-9A-Za-z])", re.I
)
_PREFIX = "(?:SF|YT|JT|DPK|JD[A-Z]{0,3})"
_TOKEN = re.compile(
    r"(?<![0-9A-Za-z_])(?:"
    rf"(?:{_PREFIX} )?[0-9]{{4}}(?: [0-9]{{4}}){{2,4}}(?: [0-9]{{1,3}})?(?![0-9A-Za-z_-]| [0-9])"  # in groups of four
    r"|1[3-9][0-9] [0-9]{4} [0-9]{4}(?![0-9A-Za-z_-])"
    rf"|{_PREFIX} [0-9]{{11,15}}(?![0-9A-Za-z_-])"
    r"|[0-9A-Za-z_]+(?:-[0-9A-Za-z_]+)*)",
    re.I,
)
_GLUED = re.compile("(?:tel|phone|mobile|order|no|id|sku|qq|wx|vx)(?=[0-9]+$)", re.I)
_PHONE = re.compile("(?:(?:00)?86)?(1[3-9][0-9]{9})")
_DAY = re.compile("20[0-9]{2}-?[01]?[0-9]-?[0-3]?[0-9]")
_MIXED = re.compile("[0-9A-Z][0-9A-Z-]{5,31}")
_LETTERED_TRACKING = re.compile("[A-Z]{1,5}[0-9]{8,18}(?:CN)?")

_CARRIERS = {
    "顺丰": "顺丰", "圆通": "圆通", "中通": "中通", "申通": "申通", "韵达": "韵达", "极兔": "极兔", "德邦": "德邦",
    "京东快递": "京东", "京东物流": "京东", "ems": "EMS", "邮政": "邮政", "百世": "百世", "汇通": "百世",
    "天天快递": "天天", "宅急送": "宅急送", "优速": "优速",
}  # fmt: skip

Label = Literal["refund", "tracking", "order", "phone", "other"]
_LABELS: tuple[tuple[Label, str], ...] = (
    ("refund", "退款编号|退款单|退货单|退货编号|售后单|售后编号|服务单|refund"),
    ("other", "订单金额|商品(?:编号|id|号)|宝贝id|货号|款号|型号|条码|编码|sku(?:id)?|item|身份证|银行卡|卡号|id|qq"
              "|imei|sn|金额|价格|¥|￥|邮编|税号|识别号|时间|日期|序列号"),
    ("phone", "快递员|快递小哥|手机|电话|联系|热线|tel|phone|mobile|call"),
    ("tracking", "快递|运单|物流|包裹|面单|邮件号|tracking|waybill|parcel|express|" + "|".join(_CARRIERS)),
    ("order", "订单|交易号|order"),
)  # fmt: skip
_LABEL = re.compile(
    "(?<![a-z])(?:" + "|".join(f"(?P<{label}>{words})" for label, words in _LABELS) + ")(?![a-z])", re.I
)
_CARRIER = re.compile("|".join(_CARRIERS), re.I)
_BETWEEN = frozenset(" \t\n:=#是为的,，、()（）[]【】「」“”\"'.;；-单号码编nNoO")
_LISTED = frozenset(" \t\n,，、;；/和与及跟还有")
_LEFT, _RIGHT = 16, 8
_SHORTEST = 6


class _Context(NamedTuple):
    """What the words around a number say that it is."""

    label: Label | None
    """Said directly before it."""
    near: Label | None
    """Spoken of nearby."""
    numbered: bool
    """Whether the label speaks of a number (订单号) and not only of the thing (订单)."""
    carrier: str | None


def recognise(text: str) -> list[Found]:
    """The numbers of a text that can be looked up, in order. What stands in links and mail addresses is none."""
    plain = text.translate(_WIDE)
    if not _DIGITS.search(plain):
        return []
    links = [match.span() for match in _WORD.finditer(plain) if _LINK.search(match[0])]
    found: list[Found] = []
    for start, end in _tokens(plain):
        inside = any(begin < end and start < stop for begin, stop in links)
        one = None if inside else _recognised(plain, start, end, found[-1] if found else None)
        if one:
            found.append(one)
    return found


def _tokens(plain: str) -> Iterator[tuple[int, int]]:
    """Where a number may stand: runs of letters and digits, also joined by dashes or grouped by spaces."""
    for match in _TOKEN.finditer(plain):
        if _DIGITS.search(match[0]):
            glued = _GLUED.match(match[0])
            yield match.start() + (glued.end() if glued else 0), match.end()


def _context(plain: str, start: int, end: int, before: Found | None) -> _Context:
    left = plain[max(0, start - _LEFT) : start].replace("&nbsp;", " ")
    right = plain[end : end + _RIGHT]
    label = near = None
    numbered = False
    labels = list(_LABEL.finditer(left))
    if labels:
        near = _named(labels[-1])
        between = left[labels[-1].end() :]
        if set(between) <= _BETWEEN:
            label = near
            numbered = any(sign in labels[-1][0] + between.lower() for sign in ("号", "编", "#", "no"))
    if label is None and before and before.kind != "phone" and set(plain[before.end : start]) <= _LISTED:
        label = _LABEL_OF[before.kind] if len(before.value) == end - start else None
    if near not in ("order", "tracking"):
        after = _LABEL.search(right)
        near = _named(after) if after else None
    carriers = [*_CARRIER.finditer(left)][-1:] or [*_CARRIER.finditer(right)][:1]
    return _Context(label, near, numbered, _CARRIERS[carriers[0][0].lower()] if carriers else None)


_LABEL_OF: dict[Kind, Label] = {
    "order_no": "order", "tracking_no": "tracking", "refund_no": "refund", "phone": "phone"
}  # fmt: skip


def _named(match: re.Match[str]) -> Label | None:
    return cast("Label | None", match.lastgroup)


def _recognised(plain: str, start: int, end: int, before: Found | None) -> Found | None:
    token = plain[start:end]
    value = token.replace(" ", "").upper()
    if "_" in value or len(value) < _SHORTEST:
        return None
    sure = sure_tracking(value)
    if sure:
        return Found("tracking_no", value, start, end, sure)
    sure = sure_order(value)
    if sure:
        return Found("order_no", value, start, end, sure)
    context = _context(plain, start, end, before)
    digits = value.replace("-", "")
    if digits.isdigit():
        one = _recognised_digits(value, digits, start, end, context)
    else:
        one = _recognised_by_label(value, start, end, context)
    return one or (_recognised_part(plain, start, end, before) if "-" in token else None)


def _recognised_part(plain: str, start: int, end: int, before: Found | None) -> Found | None:
    """The first number among what dashes join: `13812341234-王小美`, `VIP-328740912344`."""
    for part in plain[start:end].split("-"):
        one = _recognised(plain, start, start + len(part), before)
        if one:
            return one
        start += len(part) + 1
    return None


def _recognised_by_label(value: str, start: int, end: int, context: _Context) -> Found | None:
    """A number with letters is only what the words before it say."""
    if sum(char.isdigit() for char in value) < _SHORTEST or not _MIXED.fullmatch(value):
        return None
    if context.label == "order" and context.numbered:
        return Found("order_no", value, start, end, ())
    if context.label == "tracking" and _LETTERED_TRACKING.fullmatch(value):
        return Found("tracking_no", value, start, end, likely_tracking(value, context.carrier))
    return None


def _recognised_digits(value: str, digits: str, start: int, end: int, context: _Context) -> Found | None:
    size = len(digits)
    label = context.label
    if label == "other":
        return None
    if label == "refund":
        return Found("refund_no", digits, start, end, ()) if 12 <= size <= 30 else None
    phone = _PHONE.fullmatch(digits)
    if phone and not (label in ("order", "tracking") and context.numbered):
        return Found("phone", phone[1], start, end, ())
    if label == "phone":
        return None
    if label == "order":
        fits = (_SHORTEST if context.numbered else 8) <= size <= 32 and (context.numbered or not _DAY.fullmatch(value))
        return Found("order_no", value, start, end, likely_order(value)) if fits else None
    tracking = likely_tracking(digits, context.carrier if label or context.near == "tracking" else None)
    if label == "tracking":
        return Found("tracking_no", digits, start, end, tracking) if 8 <= size <= 20 else None
    if value != digits or is_moment(digits) or is_identity_number(digits) or is_bank_card(digits):
        return None
    return _recognised_bare(digits, start, end, context, tracking)


def _recognised_bare(
    digits: str, start: int, end: int, context: _Context, tracking: tuple[Candidate, ...]
) -> Found | None:
    """Digits that nothing directly before them explains: the shape decides, then what is spoken of nearby.

    "我的快递怎么还没到 328740912344" gives the order, since carriers hardly use such numbers any more.
    """
    size = len(digits)
    if not 11 <= size <= 19 or (size == 11 and context.near != "order"):
        return None
    if context.near == "order":
        is_parcel = False
    elif context.near == "tracking":
        is_parcel = size in (13, 14, 15) or (size == 12 and context.carrier is not None)
    else:
        is_parcel = size in (13, 14) or (size == 15 and strong_tracking(tracking))
    if is_parcel:
        return Found("tracking_no", digits, start, end, tracking)
    return Found("order_no", digits, start, end, likely_order(digits))

"""Orders as platforms export them: headers, quirks and state words, row by row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kefu_tui.now import SECOND

CURRENCY = "CNY"
ZONE = ZoneInfo("Asia/Shanghai")


class ParsedItem(NamedTuple):
    """One line of an order; price of one piece in minor units, 0 where the file does not say."""

    title: str
    sku: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class ParsedOrder:
    """An order of a file. Status as in the model; money in minor units of `currency`; times in microseconds UTC."""

    order_no: str
    status: str
    total: int
    paid: int
    refund: int
    currency: str
    province: str
    buyer: str
    phone: str
    created_at: int
    paid_at: int | None
    items: tuple[ParsedItem, ...]
    tracking_no: str
    carrier: str


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that cannot be taken: line in the file (the header is 1), column, and what is wrong in both languages."""

    line: int
    column: str
    message: str
    zh: str


_COLUMNS: dict[str, tuple[str, ...]] = {  # what we read, and how platforms head it, the best first
    "order_no": ("主订单编号", "订单编号", "订单号", "交易编号", "order number", "order_no"),
    "status": ("订单状态", "交易状态", "order status", "status"),
    "refund_status": ("退款状态", "售后状态"),
    "total": ("总金额", "买家应付货款", "订单应付金额", "应付金额", "商品总价", "订单金额", "total"),
    "paid": ("买家实际支付金额", "用户实付金额", "实付金额", "支付金额", "paid"),
    "refund": ("退款金额", "refund"),
    "address": ("收货地址", "收货人地址", "省", "省份", "province"),
    "buyer": ("买家会员名", "买家昵称", "买家账号", "下单账号", "buyer"),
    "phone": ("联系手机", "收货人手机", "手机", "手机号", "联系电话", "phone"),
    "created_at": ("订单创建时间", "创建时间", "下单时间", "订单提交时间", "订单成交时间", "created"),
    "paid_at": ("订单付款时间", "付款时间", "支付时间", "paid at"),
    "title": ("宝贝标题", "标题", "商品名称", "商品", "title"),
    "sku": ("外部系统编号", "商家编码", "商家编码-规格维度", "sku"),
    "quantity": ("购买数量", "宝贝总数量", "商品数量", "数量", "quantity"),
    "price": ("价格", "商品单价", "单价", "price"),
    "tracking_no": ("物流单号", "快递单号", "运单号", "tracking number"),
    "carrier": ("物流公司", "快递公司", "carrier"),
}
_PARTS = "子订单编号"

_STATES = {
    "等待买家付款": "unpaid", "待付款": "unpaid", "等待付款": "unpaid", "待支付": "unpaid", "wait_buyer_pay": "unpaid",
    "买家已付款,等待卖家发货": "paid", "待发货": "paid", "等待发货": "paid", "等待出库": "paid", "备货中": "paid",
    "已付款": "paid", "卖家部分发货": "paid", "wait_seller_send_goods": "paid", "seller_consigned_part": "paid",
    "卖家已发货,等待买家确认": "shipped", "已发货": "shipped", "已发货,待签收": "shipped", "待收货": "shipped",
    "等待确认收货": "shipped", "wait_buyer_confirm_goods": "shipped", "交易成功": "done", "已签收": "done",
    "已完成": "done", "完成": "done", "trade_finished": "done", "trade_buyer_signed": "done", "交易关闭": "closed",
    "已取消": "closed", "已关闭": "closed", "取消": "closed", "trade_closed": "closed",
    "trade_closed_by_taobao": "closed", "退款中": "refunding", "退款成功": "refunded", "已退款": "refunded",
    **{state: state for state in ("unpaid", "paid", "shipped", "done", "closed", "refunding", "refunded")},
}  # fmt: skip
_PROGRESS = ("unpaid", "paid", "shipped", "done")

_LONGEST_CELL = 5_000
_NOTHING = frozenset(("", "null", "none", "nan", "-", "--", "/"))
_EXCEL_TEXT = re.compile(r'="(.*)"', re.S)
_ORDER_NO = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_AMOUNT = re.compile(r"[¥￥]? ?([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,2})0*)? ?元?")
_COUNT = re.compile(r"([0-9]{1,6})(?:\.0+)?(?:件|个)?")
_MOMENT = re.compile(
    r"(20[0-9]{2}|19[789][0-9])[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?"
)
_PROVINCE = re.compile(r"[^\s,，]{2,7}?(?:省|自治区|特别行政区|市)|[^\s,，]{2,8}")
_PHONE = re.compile(r"[0-9*+() -]{5,20}")
_NUMBERED = re.compile(r"no[.:：]\s*", re.I)


class _Unreadable(Exception):
    """A cell that does not hold what its column promises."""

    def __init__(self, name: str, message: str, zh: str) -> None:
        super().__init__(message)
        self.name, self.message, self.zh = name, message, zh


def read_orders(header: list[str], rows: Iterable[list[str]]) -> Iterator[ParsedOrder | RowError]:
    """The orders of an export in file order, and an error for each row that cannot be taken; empty rows are skipped.

    A file of sub-orders gives one order for each main order, after all rows; none where one of its rows is wrong.
    """
    names = [_plain_header(name) for name in header]
    columns = {key: [names.index(head) for head in heads if head in names] for key, heads in _COLUMNS.items()}
    for key, column in (("order_no", "订单编号"), ("created_at", "订单创建时间"), ("total", "总金额")):
        if not columns[key] and not (key == "total" and columns["paid"]):
            yield RowError(1, column, f"the column {column} is missing", f"缺少“{column}”这一列")
            return
    in_parts = _PARTS in names and "主订单编号" in names
    merged: dict[str, ParsedOrder] = {}
    broken: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells: dict[str, str] = {}
        try:
            cells = _cells(row, columns, len(names))
            order = _order(cells)
        except _Unreadable as error:
            places = columns.get(error.name)
            yield RowError(line, header[places[0]].strip() if places else "", error.message, error.zh)
            broken.add(cells.get("order_no", ""))
            continue
        if in_parts:
            known = merged.get(order.order_no)
            merged[order.order_no] = _together(known, order) if known else order
        else:
            yield order
    yield from (order for order in merged.values() if order.order_no not in broken)


def _plain_header(name: str) -> str:
    return re.sub(r"[(（].*[)）]$", "", name.strip("\ufeff \t\r\n\u3000")).strip().lower()


def _cells(row: list[str], columns: Mapping[str, list[int]], width: int) -> dict[str, str]:
    """The cells that are read, by our names, each from the first of its columns that holds something."""
    if any(len(cell) > _LONGEST_CELL for cell in row):
        raise _Unreadable("", f"a cell has more than {_LONGEST_CELL} characters", f"有单元格超过 {_LONGEST_CELL} 字")
    if any(cell.strip() for cell in row[width:]):
        raise _Unreadable("", "the row has more cells than the header", "这一行比表头多出单元格")
    cells: dict[str, str] = {}
    for key, places in columns.items():
        found = [_plain_cell(row[place]) for place in places if place < len(row)]
        cells[key] = next((cell for cell in found if cell), "")
    return cells


def _plain_cell(cell: str) -> str:
    """A cell without what spreadsheets and exporters put around it: `="…"`, a leading apostrophe, null words."""
    cell = cell.strip("\ufeff \t\r\n\u3000")
    quoted = _EXCEL_TEXT.fullmatch(cell)
    cell = (quoted[1] if quoted else cell).removeprefix("'").strip()
    return "" if cell.lower() in _NOTHING else cell


def _order(cells: dict[str, str]) -> ParsedOrder:
    order_no = _order_no(cells.get("order_no", ""))
    paid_at = _moment(cells.get("paid_at", ""), "paid_at")
    created_at = _moment(cells.get("created_at", ""), "created_at")
    if created_at is None:
        raise _Unreadable("created_at", "the time of the order is missing", "缺少下单时间")
    paid = _amount(cells.get("paid", ""), "paid")
    total = _amount(cells.get("total", ""), "total") if cells.get("total") else paid
    refund = _amount(cells.get("refund", ""), "refund")
    return ParsedOrder(
        order_no=order_no,
        status=_status(cells, paid, refund, paid_at),
        total=total,
        paid=paid,
        refund=refund,
        currency=CURRENCY,
        province=_first(_PROVINCE, cells.get("address", "")),
        buyer=cells.get("buyer", ""),
        phone=_first(_PHONE, cells.get("phone", "")).strip(),
        created_at=created_at,
        paid_at=paid_at,
        items=_items(cells),
        tracking_no=_NUMBERED.sub("", cells.get("tracking_no", "")),
        carrier=cells.get("carrier", ""),
    )


def _order_no(text: str) -> str:
    if not text:
        raise _Unreadable("order_no", "the order number is missing", "缺少订单编号")
    if _ROUNDED.fullmatch(text):
        raise _Unreadable(
            "order_no",
            f"{text} was rounded by a spreadsheet; export again as text",
            f"{text} 被表格软件取整了，请以文本格式重新导出",
        )
    if not _ORDER_NO.fullmatch(text):
        raise _Unreadable("order_no", f"{text[:40]!r} is no order number", f"“{text[:40]}”不是订单编号")
    return text


def _amount(text: str, name: str) -> int:
    if not text:
        return 0
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise _Unreadable(name, f"{text[:40]!r} is no amount (128.00)", f"“{text[:40]}”不是金额（128.00）")
    return int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))


def _moment(text: str, name: str) -> int | None:
    if not text:
        return None
    found = _MOMENT.fullmatch(text)
    if found:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        with suppress(ValueError):
            return round(datetime(year, month, day, hour, minute, second, tzinfo=ZONE).timestamp()) * SECOND
    raise _Unreadable(
        name, f"{text[:40]!r} is no time (2020-02-21 00:00:00)", f"“{text[:40]}”不是时间（2020-02-21 00:00:00）"
    )


def _status(cells: dict[str, str], paid: int, refund: int, paid_at: int | None) -> str:
    """The state from the platform's word and its refund state; without a word, from what was paid and refunded."""
    refunding = cells.get("refund_status", "")
    if "退款成功" in refunding or "已退款" in refunding:
        return "refunded"
    word = cells.get("status", "")
    if word:
        status = _STATES.get(re.sub(r"\s*[，,]\s*", ",", word).lower())
        if status is None:
            raise _Unreadable(
                "status", f"the order status {word[:40]!r} is not known", f"不认识的订单状态“{word[:40]}”"
            )
        asked = refunding.startswith(("退款中", "买家已经申请退款", "等待卖家", "售后处理中"))
        return "refunding" if asked and status in _PROGRESS else status
    if refund and refund >= paid:
        return "refunded"
    return "unpaid" if paid_at is None else "paid"


def _items(cells: dict[str, str]) -> tuple[ParsedItem, ...]:
    if not cells.get("title"):
        return ()
    found = _COUNT.fullmatch(cells.get("quantity") or "1")
    if not found:
        text = cells["quantity"][:40]
        raise _Unreadable("quantity", f"{text!r} is no number of pieces", f"“{text}”不是数量")
    return (ParsedItem(cells["title"], cells.get("sku", ""), int(found[1]), _amount(cells.get("price", ""), "price")),)


def _first(shape: re.Pattern[str], text: str) -> str:
    found = shape.match(text)
    return found[0] if found else ""


def _together(order: ParsedOrder, part: ParsedOrder) -> ParsedOrder:
    """A main order with one more sub-order: money adds up, the part that is least far decides the state."""
    return replace(
        order,
        status=_joint_status(order.status, part.status),
        total=order.total + part.total,
        paid=order.paid + part.paid,
        refund=order.refund + part.refund,
        paid_at=order.paid_at or part.paid_at,
        items=order.items + part.items,
        tracking_no=order.tracking_no or part.tracking_no,
        carrier=order.carrier or part.carrier,
    )


def _joint_status(one: str, other: str) -> str:
    if "refunding" in (one, other):
        return "refunding"
    running = [status for status in (one, other) if status in _PROGRESS]
    return min(running, key=_PROGRESS.index) if running else one

"""Orders as platforms export them."""

import csv
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules.orders_file import ParsedItem, ParsedOrder, RowError, read_orders

from . import SHARED

HEADER = [
    "订单编号",
    "买家应付货款",
    "买家实际支付金额",
    "订单状态",
    "收货地址 ",
    "联系手机",
    "订单创建时间",
    "订单付款时间 ",
]
ROW = ["328740912344", "128.00", "128.00", "交易成功", "浙江省 杭州市", "13812341234", "2020-02-21 00:00:00", ""]


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()) * 1_000_000


def read(header: list[str], rows: Iterable[list[str]]) -> tuple[list[ParsedOrder], list[RowError]]:
    found = list(read_orders(header, rows))
    orders = [one for one in found if isinstance(one, ParsedOrder)]
    return orders, [one for one in found if isinstance(one, RowError)]


def with_cell(column: str, cell: str) -> list[str]:
    return [cell if name.strip() == column else old for name, old in zip(HEADER, ROW, strict=True)]


FULL_ROW = {
    "\ufeff订单编号": '="126036803257340376"',
    "买家会员名": "tb_小美",
    "买家支付宝账号": "a@b.c",
    "买家应付货款": "118.00",
    "买家应付邮费": "10.00",
    "总金额": "128元",
    "买家实际支付金额": "¥1,128.5",
    "订单状态": "买家已付款，等待卖家发货",
    "收货人姓名": "王小美",
    "收货地址 ": "广西壮族自治区 南宁市 某路1号",
    "联系电话 ": "'021-12345678",
    "联系手机": "'13812341234",
    "订单创建时间": "2016/5/23 22:02",
    "订单付款时间 ": "2016-05-23 22:03:07",
    "宝贝标题 ": "精粹水 120ml",
    "宝贝种类 ": "1",
    "物流单号 ": "No:SF1385628716739",
    "物流公司": "顺丰速运",
    "订单备注": "null",
    "宝贝总数量": "2",
    "退款金额": "--",
}


def test_a_full_row_of_taobao() -> None:
    (order,), errors = read(list(FULL_ROW), [list(FULL_ROW.values())])
    assert errors == []
    assert order == ParsedOrder(
        order_no="126036803257340376",
        status="paid",
        total=12800,
        paid=112850,
        refund=0,
        currency="CNY",
        province="广西壮族自治区",
        buyer="tb_小美",
        phone="13812341234",
        created_at=at("2016-05-23 22:02"),
        paid_at=at("2016-05-23 22:03:07"),
        items=(ParsedItem("精粹水 120ml", "", 2, 0),),
        tracking_no="SF1385628716739",
        carrier="顺丰速运",
    )


def test_sub_orders_make_one_order() -> None:
    header = ["子订单编号", "主订单编号", "标题", "价格", "购买数量", "外部系统编号", "订单状态", "买家应付货款"]
    header += ["买家实际支付金额", "退款状态", "退款金额", "订单创建时间"]
    rows = [
        ["11", "1", "水", "50.00", "2", "A-1", "交易成功", "100", "100", "没有申请退款", "", "2020-02-21 10:00:00"],
        ["21", "2", "霜", "30.00", "1", "B-1", "交易成功", "30", "30", "退款成功", "30", "2020-02-21 11:00:00"],
        ["12", "1", "乳", "80.00", "1", "A-2", "卖家已发货，等待买家确认", "80", "80", "", "", "2020-02-21 10:00:00"],
        ["31", "3", "膜", "x", "1", "C-1", "交易成功", "9", "9", "", "", "2020-02-21 12:00:00"],
        ["32", "3", "膜", "9.00", "1", "C-1", "交易成功", "9", "9", "", "", "2020-02-21 12:00:00"],
        ["41", "4", "膏", "9.00", "1", "D-1", "交易成功", "9", "9", "退款中", "", "2020-02-21 12:00:00"],
        ["42", "4", "膏", "9.00", "1", "D-1", "交易成功", "9", "9", "", "", "2020-02-21 12:00:00"],
    ]
    orders, errors = read(header, rows)
    assert [(one.order_no, one.status, one.total, one.refund) for one in orders] == [
        ("1", "shipped", 18000, 0),
        ("2", "refunded", 3000, 3000),
        ("4", "refunding", 1800, 0),
    ]
    assert orders[0].items == (ParsedItem("水", "A-1", 2, 5000), ParsedItem("乳", "A-2", 1, 8000))
    assert [(one.line, one.column) for one in errors] == [(5, "价格")]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("等待买家付款", "unpaid"),
        ("买家已付款，等待卖家发货", "paid"),
        ("买家已付款, 等待卖家发货", "paid"),
        ("卖家已发货，等待买家确认", "shipped"),
        ("交易成功", "done"),
        ("交易关闭", "closed"),
        ("WAIT_BUYER_PAY", "unpaid"),
        ("WAIT_SELLER_SEND_GOODS", "paid"),
        ("WAIT_BUYER_CONFIRM_GOODS", "shipped"),
        ("TRADE_FINISHED", "done"),
        ("TRADE_CLOSED", "closed"),
        ("refunding", "refunding"),
    ],
)
def test_states(word: str, status: str) -> None:
    (order,), _ = read(HEADER, [with_cell("订单状态", word)])
    assert order.status == status


@pytest.mark.parametrize(
    ("paid", "refund", "paid_at", "status"),
    [
        ("0.0", "0.0", "", "unpaid"),
        ("21.0", "0.0", "2020-02-21 00:00:00", "paid"),
        ("21.0", "20.0", "2020-02-21 00:00:00", "paid"),
        ("21.0", "21.0", "2020-02-21 00:00:00", "refunded"),
        ("0.0", "21.0", "2020-02-21 00:00:00", "refunded"),
    ],
)
def test_without_a_state_the_money_tells(paid: str, refund: str, paid_at: str, status: str) -> None:
    header = ["订单编号", "总金额", "买家实际支付金额", "退款金额", "订单创建时间", "订单付款时间"]
    (order,), _ = read(header, [["1", "21.0", paid, refund, "2020-02-20 23:59:54", paid_at]])
    assert order.status == status


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("128", 12800),
        ("128.5", 12850),
        ("128.00元", 12800),
        ("￥ 1,234,567.89", 123456789),
        ("0.1000", 10),
        ("", 12800),
    ],
)
def test_amounts(cell: str, minor: int) -> None:
    (order,), _ = read(HEADER, [with_cell("买家应付货款", cell)])
    assert order.total == minor


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2016/5/23 22:02", "2016-05-23 22:02"),
        ("2020-02-21 00:00:00", "2020-02-21 00:00"),
        ("2020-02-21T08:09:10.0", "2020-02-21 08:09:10"),
        ("2020年2月1日 8:05", "2020-02-01 08:05"),
        ("2020.02.01", "2020-02-01 00:00"),
    ],
)
def test_times(cell: str, moment: str) -> None:
    (order,), _ = read(HEADER, [with_cell("订单创建时间", cell)])
    assert order.created_at == at(moment)


@pytest.mark.parametrize(
    ("address", "province"),
    [
        ("上海", "上海"),
        ("内蒙古自治区", "内蒙古自治区"),
        ("浙江省杭州市西湖区某路", "浙江省"),
        ("北京市朝阳区", "北京市"),
        ("香港特别行政区 某区", "香港特别行政区"),
        ("", ""),
    ],
)
def test_only_the_province_of_an_address_is_kept(address: str, province: str) -> None:
    (order,), _ = read(HEADER, [with_cell("收货地址", address)])
    assert order.province == province


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("订单编号", "", "the order number is missing"),
        ("订单编号", "1.26037E+17", "1.26037E+17 was rounded by a spreadsheet; export again as text"),
        ("订单编号", "=cmd|'/c'!A0", "\"=cmd|'/c'!A0\" is no order number"),
        ("买家应付货款", "12.345", "'12.345' is no amount (128.00)"),
        ("买家应付货款", "-5", "'-5' is no amount (128.00)"),
        ("买家实际支付金额", "$5", "'$5' is no amount (128.00)"),
        ("订单状态", "飞走了", "the order status '飞走了' is not known"),
        ("订单创建时间", "", "the time of the order is missing"),
        ("订单创建时间", "2020-02-30 00:00:00", "'2020-02-30 00:00:00' is no time (2020-02-21 00:00:00)"),
        ("订单付款时间", "昨天", "'昨天' is no time (2020-02-21 00:00:00)"),
    ],
)
def test_errors(column: str, cell: str, message: str) -> None:
    orders, (error,) = read(HEADER, [[], with_cell(column, cell)])
    assert orders == []
    assert (error.line, error.column, error.message) == (3, column, message)
    assert error.zh


def test_rows_of_another_width() -> None:
    orders, errors = read(HEADER, [[*ROW, "", " "], [*ROW, "x"], ROW[:-1], ["", " "], [*ROW[:-1], "x" * 5_001]])
    assert len(orders) == 2
    assert [(error.line, error.message) for error in errors] == [
        (3, "the row has more cells than the header"),
        (6, "a cell has more than 5000 characters"),
    ]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        (["总金额", "订单创建时间"], "订单编号"),
        (["订单编号", "总金额"], "订单创建时间"),
        (["订单编号", "订单创建时间"], "总金额"),
    ],
)
def test_a_missing_column_ends_it(header: list[str], column: str) -> None:
    orders, (error,) = read(header, [["1", "2"]] * 3)
    assert orders == []
    assert (error.line, error.column, error.message) == (1, column, f"the column {column} is missing")


@given(st.lists(st.lists(st.one_of(st.sampled_from(ROW), st.text(max_size=12)), max_size=9), max_size=4))
def test_every_row_is_an_order_or_an_error(rows: list[list[str]]) -> None:
    orders, errors = read(HEADER, rows)
    assert len(orders) + len(errors) == sum(any(cell.strip() for cell in row) for row in rows)


def test_a_real_export_in_full() -> None:
    path = SHARED / "orders" / "tmall_order_report.csv"
    if not path.exists():
        pytest.skip("the shared data is not here")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        header = next(rows)
        whole = list(rows)
    orders, errors = read(header, whole)
    assert errors == []
    assert len(orders) == len({order.order_no for order in orders}) == 28_010
    assert sum(order.total for order in orders) == round(sum(float(row[1]) for row in whole) * 100)
    assert {order.status for order in orders} == {"unpaid", "paid", "refunded"}
    assert sum(order.paid_at is None for order in orders) == 3_923
    assert all(order.paid_at is None or order.paid_at >= order.created_at for order in orders)
    assert orders[0].created_at == at("2020-02-21 00:00:00")

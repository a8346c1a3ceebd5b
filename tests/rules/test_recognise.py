"""Numbers in what a customer writes."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules.numbers import is_bank_card, is_identity_number, likely_tracking, sure_tracking
from kefu_tui.rules.recognise import recognise

from . import SHARED


def kinds(text: str) -> list[tuple[str, str]]:
    return [(found.kind, found.value) for found in recognise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("在吗", []),
        ("我的快递怎么还没到 328740912344", [("order_no", "328740912344")]),
        ("我的快递到哪了126036803257340376", [("order_no", "126036803257340376")]),
        ("你好12345678901234在吗", [("tracking_no", "12345678901234")]),
        ("快递单号12345678901234怎么还没到", [("tracking_no", "12345678901234")]),
        ("单号SF1385628716739谢谢", [("tracking_no", "SF1385628716739")]),
        ("sf 1385628716739", [("tracking_no", "SF1385628716739")]),
        ("SF 1385 6287 1673 9", [("tracking_no", "SF1385628716739")]),
        ("ＳＦ１３８５６２８７１６７３９", [("tracking_no", "SF1385628716739")]),
        ("顺丰单号 123456789012", [("tracking_no", "123456789012")]),
        ("运单：123456789", [("tracking_no", "123456789")]),
        ("EE123456785CN", [("tracking_no", "EE123456785CN")]),
        ("EE123456784CN", []),
        ("快递单号:D123456789012", [("tracking_no", "D123456789012")]),
        ("D123456789012", []),
        ("3287 4091 2344", [("order_no", "328740912344")]),
        ("订单编号：260305-123456789012345，", [("order_no", "260305-123456789012345")]),
        ("269905-123456789", []),
        ("P123456789012345678", [("order_no", "P123456789012345678")]),
        ("My order 123-1234567-1234567", [("order_no", "123-1234567-1234567")]),
        ("order 00123842 please, cancel order #732201349959", [("order_no", "00123842"), ("order_no", "732201349959")]),
        ("订单编号:KF20240101-0007", [("order_no", "KF20240101-0007")]),
        ("KF20240101-0007", []),
        ("订单2020-02-20的", []),
        ("订单 20200220 那天的", []),
        ("订单号:&nbsp;236810123456 中的二支笔", [("order_no", "236810123456")]),
        (
            "订单号: 328740912344、328740912345和 328740912346",
            [("order_no", f"32874091234{last}") for last in "456"],
        ),
        ("咨询订单号：15539539631 商品ID：15539539631", [("order_no", "15539539631")]),
        ("查询订单号：236810123456，商品号：15539539631", [("order_no", "236810123456")]),
        ("[订单编号:236810123456，订单金额:12800000，下单时间:20200220235954]", [("order_no", "236810123456")]),
        ("退款编号：123456789012345678", [("refund_no", "123456789012345678")]),
        ("退款单号 1234567890", []),
        ("电话13812341234", [("phone", "13812341234")]),
        ("13812341234", [("phone", "13812341234")]),
        ("+86 138-1234-1234", [("phone", "13812341234")]),
        ("8613812341234", [("phone", "13812341234")]),
        ("138 1234 1234 王小美", [("phone", "13812341234")]),
        ("13812341234-王小美-广东", [("phone", "13812341234")]),
        ("tel13812341234", [("phone", "13812341234")]),
        ("快递员13812341234", [("phone", "13812341234")]),
        ("订单号13812341234", [("order_no", "13812341234")]),
        ("我下的订单 13812341234", [("phone", "13812341234")]),
        ("13812341234 328740912344", [("phone", "13812341234"), ("order_no", "328740912344")]),
        ("商品ID：13812341234", []),
        ("sku13812341234 QQ:13812341234 ¥13812341234", []),
        ("https://item.jd.com/15539539631.html 这款", []),
        ("看item.jd.com/15539539631.html", []),
        ("www.x.com/p?id=15539539631&order=328740912344", []),
        ("13812341234@163.com", []),
        ("VF13812341234 快递员电话打不通", []),
        ("[ORDERID_10005629]", []),
        ("12812341234", []),
        ("客服热线4006065500，400-606-5500", []),
        ("20200220235954", []),
        ("1234567890123456789012345", []),
        ("11010519491231002X 和 6222021234567890128", []),
    ],
)
def test_table(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_where_it_stands() -> None:
    text = "您好，单号ＳＦ 1385628716739，电话tel13812341234"
    assert [text[found.start : found.end] for found in recognise(text)] == ["ＳＦ 1385628716739", "13812341234"]


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("SF1385628716739", [("顺丰", 1.0)]),
        ("73610555582883", ["中通", "百世", "圆通"]),
        ("1207119765021", ["邮政", "EMS", "韵达", "百世", "圆通"]),
        ("申通 1207119765021", ["申通", "邮政", "EMS", "韵达", "百世", "圆通"]),
        ("126036803257340376", [("淘宝", 0.9)]),
        ("1260368032573403765", ["淘宝", "抖音"]),
        ("236810123456", [("京东", 0.7)]),
        ("260305-123456789012345", [("拼多多", 1.0)]),
        ("订单号 KF-123456", []),
        ("13812341234", []),
    ],
)
def test_candidates(text: str, candidates: list[object]) -> None:
    (found,) = recognise(text)
    named = candidates and isinstance(candidates[0], str)
    assert [one.carrier if named else tuple(one) for one in found.candidates] == candidates


def test_published_tracking_numbers() -> None:
    path = SHARED / "recognise" / "tracking_numbers.tsv"
    if not path.exists():
        pytest.skip("the shared data is not here")
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            (found,) = recognise(f"快递{row['number']}到哪了")
            assert (found.kind, found.value) == ("tracking_no", row["number"])
            assert found.candidates[0].carrier == row["carrier"]


chinese = st.text(st.sampled_from("你好我的怎么还没到，。！在吗谢谢亲 \n"), max_size=12)
sure = st.one_of(
    st.from_regex("(SF|YT|JT)[0-9]{13}|DPK[0-9]{12}|JD[A-Z]{1,3}[0-9]{11,15}|sf[0-9]{12}", fullmatch=True),
    st.from_regex("P[0-9]{18}|[0-9]{3}-[0-9]{7}-[0-9]{7}", fullmatch=True),
    st.from_regex("2[0-9]0[1-9]1[0-9]-[0-9]{15}", fullmatch=True),
)


@given(chinese, sure, chinese)
def test_a_sure_number_is_found_wherever_it_is_glued(before: str, number: str, after: str) -> None:
    (found,) = recognise(before + number + after)
    assert (found.value, found.start, found.end) == (number.upper(), len(before), len(before) + len(number))
    assert found.candidates[0].score == 1


@given(chinese, st.from_regex("1[3-9][0-9]{9}", fullmatch=True), chinese)
def test_a_phone_is_found(before: str, number: str, after: str) -> None:
    assert kinds(before + number + after) == [("phone", number)]


@given(st.from_regex("[0-9]{8,20}", fullmatch=True), st.sampled_from(["https://a.cn/", "x.com/p?id=", "item.jd.com/"]))
def test_nothing_is_found_in_links(number: str, link: str) -> None:
    assert recognise(f"看{link}{number} 这个") == []
    assert recognise(f"看 {link}{number}.html，这个") == []


@given(st.text(st.one_of(st.sampled_from("0123456789 -_:SFJDPK订单号快递退款电话.@/"), st.characters()), max_size=80))
def test_spans_are_in_order_and_hold_the_value(text: str) -> None:
    end = 0
    for found in recognise(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
        digits = [char for char in found.value if char.isdigit()]
        shown = [str(int(char)) for char in text[found.start : found.end] if char.isdecimal()]
        assert shown[-len(digits) :] == digits
        assert all(0 < one.score <= 1 for one in found.candidates)


@pytest.mark.parametrize("piece", ["1", "a", "1-", "1234-", "1234 ", "订单号", "SF ", ".com", "http://", "138 1234 "])
def test_long_repetitions_are_read_once(piece: str) -> None:
    assert isinstance(recognise(piece * (100_000 // len(piece))), list)


def test_check_digits() -> None:
    assert is_identity_number("11010519491231002X")
    assert not is_identity_number("110105194912310021")
    assert not is_identity_number("11010519491331002X")
    assert is_bank_card("6222021234567890128")
    assert not is_bank_card("6222021234567890129")
    assert sure_tracking("RR473124829CN")[0].carrier == "EMS"
    assert likely_tracking("123456789012", "宅急送")[0].carrier == "宅急送"

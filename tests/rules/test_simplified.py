"""Traditional and simplified characters: a search in one finds the other."""

import pytest

from kefu_tui.rules.search import PhraseKey, rank
from kefu_tui.rules.simplified import _SIMPLIFIED, MOST, simplified, ways
from kefu_tui.store.fulltext import expression, spans


def test_the_table_is_one_for_one_and_ends_in_simplified_characters() -> None:
    assert len(_SIMPLIFIED) > 2_500
    for old, new in _SIMPLIFIED.items():
        assert isinstance(new, str)
        assert len(new) == 1
        assert simplified(new) == new, chr(old)
        new.encode("gb2312")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("請問什麼時候發貨", "请问什么时候发货"),
        ("訂單退款還沒到賬", "订单退款还没到账"),
        ("頭髮護理、乾淨、裡面", "头发护理、干净、里面"),
        ("已經幾天了還沒發貨", "已经几天了还没发货"),
        ("Order 328740912344, ok?", "Order 328740912344, ok?"),
    ],
)
def test_text_of_an_order_desk(old: str, new: str) -> None:
    assert simplified(old) == new
    assert simplified(new) == new


@pytest.mark.parametrize(
    ("asked", "written"),
    [("發貨", "什么时候发货"), ("发货", "請問什麼時候發貨"), ("头发", "頭髮護理"), ("里面", "裡面少了一件"),
     ("裡面", "里面少了一件"), ("后台", "後台看得到"), ("快遞", "快递"), ("什么时候", "什麼時候到"), ("台", "臺灣"),
     ("退款", "我要退款")],
)  # fmt: skip
def test_asked_in_one_and_written_in_the_other(asked: str, written: str) -> None:
    (span,) = spans(written, (asked,)) or ((0, 0),)
    assert simplified(written[span[0] : span[1]]) == simplified(asked)
    assert any(
        " ".join(way[at : at + 2] for at in range(max(1, len(way) - 1))) in expression((asked,)) for way in ways(asked)
    )


def test_the_ways_of_a_long_word_are_few() -> None:
    for word in ("里面后台干净", "只是了解一下准确" * 5, "abc", "", "好"):
        found = ways(word)
        assert found[0] == word
        assert len(found) <= MOST + 2
        assert len(set(found)) == len(found)
        assert {simplified(way) for way in found} == {simplified(word)}


def test_canned_replies_are_found_in_both() -> None:
    phrases = [
        PhraseKey("物流查询", "您好，包裹在路上", "", "wuliuchaxun", "wlcx"),
        PhraseKey("發貨時間", "48 小時內發貨", "", "fahuoshijian", "fhsj"),
    ]
    assert rank("查詢", phrases) == [0]
    assert rank("发货", phrases) == [1]
    assert rank("發貨", phrases) == [1]
    assert rank("退货", phrases) == []

"""Calls in words, numbers as they are told, and which channels are telephones."""

import pytest

from kefu_tui.now import SECOND
from kefu_tui.rules.calls import Call, is_phone, kept, masked, number, read, words

RANG = 1_780_000_000 * SECOND  # 04:26:40 in Shanghai
ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("call", "zh", "en"),
    [
        (Call(way="in", rang_at=RANG), "来电 04:26:40", "Rang 04:26:40"),
        (
            Call(way="in", rang_at=RANG, answered_at=RANG + 7 * SECOND),
            "来电 04:26:40，04:26:47 接起",
            "Rang 04:26:40, answered 04:26:47",
        ),
        (
            Call(way="in", rang_at=RANG, answered_at=RANG + 7 * SECOND, ended_at=RANG + 60 * SECOND),
            "来电 04:26:40，04:26:47 接起，04:27:40 挂断",
            "Rang 04:26:40, answered 04:26:47, ended 04:27:40",
        ),
        (
            Call(way="in", rang_at=RANG, ended_at=RANG + 29 * SECOND, missed=True),
            "来电 04:26:40，没有接到，04:27:09 挂断",
            "Rang 04:26:40, missed, ended 04:27:09",
        ),
        (Call(way="in"), "来电", "Call came in"),
        (Call(way="out"), "去电", "Called out"),
        (Call(way="out", rang_at=RANG, missed=True), "去电 04:26:40，没有人接", "Called 04:26:40, no answer"),
        (
            Call(way="out", rang_at=RANG, answered_at=RANG + SECOND),
            "去电 04:26:40，04:26:41 接通",
            "Called 04:26:40, answered 04:26:41",
        ),
        (Call(way="in", rang_at=1 << 70), "来电 --:--:--", "Rang --:--:--"),
    ],
)
def test_words(call: Call, zh: str, en: str) -> None:
    assert words(call, "zh", ZONE) == zh
    assert words(call, "en", ZONE) == en
    assert call.rang_at == 1 << 70 or read(kept(call)) == call


@pytest.mark.parametrize(
    "text", ["", "来电", "{", "{}", '{"way":"up"}', '{"way":"in","rang_at":"x"}', "[1]", "{\ud800"]
)
def test_what_keeps_no_call(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("13800001111", "13800001111"),
        ("+86 138-0000-1111", "13800001111"),
        ("008613800001111", "13800001111"),
        ("(021) 5555 1234", "02155551234"),
        ("+49 30 901820", "+4930901820"),
        ("8086", "8086"),
        ("", ""),
        ("12", ""),
        ("***", ""),
        ("anonymous", ""),
        ("1" * 21, ""),
        ("１３８", ""),
    ],
)
def test_numbers(told: str, expected: str) -> None:
    assert number(told) == expected


def test_masked() -> None:
    assert [masked(one) for one in ("13800001111", "55551234", "8086")] == ["138****1111", "****1234", "****"]


def test_which_channels() -> None:
    assert [is_phone(one) for one in ("phone", "phone-400", "phones", "web", "")] == [True, True, False, False, False]

"""How times, money, numbers and names are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.text import (
    clock_of_day,
    count,
    countdown,
    day,
    duration_words,
    fold_key,
    group_number,
    mask_name,
    mask_phone,
    money,
    signed_countdown,
    urgency,
    urgency_at,
)


class TestWords:
    @pytest.mark.parametrize(
        ("seconds", "zh", "en"),
        [
            (158, "2:38", "2:38"),
            (599, "9:59", "9:59"),
            (599.2, "10分", "10m"),
            (0.4, "0:01", "0:01"),
            (18 * 60 + 59, "18分", "18m"),
            (7199, "119分", "119m"),
            (7200, "2时", "2h"),
            (5 * 3600 + 1, "5时", "5h"),
            (3 * 86400, "3天", "3d"),
            (47 * 3600, "47时", "47h"),
            (0, "+0:00", "+0:00"),
            (-72.9, "+1:12", "+1:12"),
            (-7200, "+2时", "+2h"),
        ],
    )
    def test_countdown(self, seconds: float, zh: str, en: str) -> None:
        assert countdown(seconds) == zh
        assert countdown(seconds, lang="en") == en

    def test_paused(self) -> None:
        assert countdown(-5, paused=True) == "停"
        assert countdown(5, paused=True, lang="en") == "held"
        assert signed_countdown(5, "now", paused=True) == "停"

    @given(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
    def test_less_time_never_reads_as_more(self, one: float, other: float) -> None:
        less, more = sorted((one, other))
        assert _seconds(countdown(less)) <= _seconds(countdown(more))

    def test_urgency(self) -> None:
        assert [urgency(now, 0, 300) for now in (0, 149, 150, 239, 240, 299, 300, 999)] == [
            "calm",
            "calm",
            "soon",
            "soon",
            "now",
            "now",
            "over",
            "over",
        ]
        assert urgency(10, 0, 100, soon=0.05, warn=0.1) == "now"
        assert urgency_at(10, None, None, None) == "calm"
        assert urgency_at(10, 5, 20, 30) == "soon"

    def test_signs(self) -> None:
        assert signed_countdown(85, "soon") == "*1:25"
        assert signed_countdown(41, "now") == "!0:41"
        assert signed_countdown(-72, "over") == "+1:12"
        assert signed_countdown(18 * 60, "calm") == "18分"

    def test_clock_and_day(self) -> None:
        us = 1_763_730_245_999_999  # 2025-11-21 21:04:05 in Shanghai
        assert clock_of_day(us, "Asia/Shanghai") == "21:04"
        assert clock_of_day(us, "Asia/Shanghai", seconds=True) == "21:04:05"
        assert clock_of_day(us, "UTC") == "13:04"
        a_day = 86_400_000_000
        assert day(us, us, "Asia/Shanghai") == "今天"
        assert day(us, us, "Asia/Shanghai", "en") == "today"
        assert day(us - a_day, us, "Asia/Shanghai") == "昨天"
        assert day(us - a_day, us, "Asia/Shanghai", "en") == "yesterday"
        assert day(us - 3 * a_day, us, "Asia/Shanghai") == "11-18"
        assert day(us - 400 * a_day, us, "Asia/Shanghai") == "2024-10-17"

    @pytest.mark.parametrize(
        ("seconds", "zh", "en"),
        [
            (134, "2 分 14 秒", "2 min 14 s"),
            (120, "2 分", "2 min"),
            (0, "0 秒", "0 s"),
            (59.9, "59 秒", "59 s"),
            (3600, "1 小时", "1 h"),
            (3900, "1 小时 5 分", "1 h 5 min"),
            (86400 + 61, "1 天", "1 d"),
            (3 * 86400 + 4 * 3600 + 59, "3 天 4 小时", "3 d 4 h"),
        ],
    )
    def test_duration(self, seconds: float, zh: str, en: str) -> None:
        assert duration_words(seconds) == zh
        assert duration_words(seconds, "en") == en

    def test_money(self) -> None:
        assert money(12800) == "¥128.00"
        assert money(5) == "¥0.05"
        assert money(-12850) == "-¥128.50"
        assert money(1200, "EUR") == "EUR 12.00"
        assert money(1200, "JPY") == "JPY 1200"
        assert money(-1234, "KWD") == "KWD -1.234"

    def test_numbers(self) -> None:
        assert group_number("328740912344") == "3287 4091 2344"
        assert group_number("126036803257340376") == "1260 3680 3257 3403 76"
        assert group_number("SF1385628716739") == "SF 1385 6287 1673 9"
        assert group_number("260305-123456789012345") == "260305-1234 5678 9012 345"
        assert group_number("10086") == "10086"
        assert [count(n) for n in (99_999, 100_000, 102_000, 102_999, 123_456_789)] == [
            "99999",
            "10万",
            "10.2万",
            "10.2万",
            "1.2亿",
        ]
        assert [count(n, "en") for n in (102_000, 1_250_000, 2_000_000)] == ["102k", "1.2M", "2M"]

    @pytest.mark.parametrize(
        ("name", "masked"),
        [
            ("王小美", "王**"),
            ("王美", "王*"),
            ("王", "王*"),
            ("欧阳锋", "欧阳*"),
            ("欧阳锋雪", "欧阳**"),
            ("欧阳", "欧*"),
            ("John Smith", "John**"),
            ("阿依古丽·买买提", "阿**"),
            ("王**", "王**"),
            (" ", ""),
            ("👩‍👧abc", "👩‍👧**"),
        ],
    )
    def test_mask_name(self, name: str, masked: str) -> None:
        assert mask_name(name) == masked

    @pytest.mark.parametrize(
        ("phone", "masked"),
        [
            ("13812341234", "138****1234"),
            ("+86 138-1234-1234", "138****1234"),
            ("0086 13812341234", "138****1234"),
            ("021-12345678", "021****5678"),
            ("12345678", "****5678"),
            ("12345", "****"),
            ("", "****"),
            ("138****1234", "138****1234"),
        ],
    )
    def test_mask_phone(self, phone: str, masked: str) -> None:
        assert mask_phone(phone) == masked

    @given(st.from_regex(r"[0-9+ -]{0,20}", fullmatch=True))
    def test_at_most_seven_digits_of_a_phone_are_shown(self, phone: str) -> None:
        assert sum(char.isdigit() for char in mask_phone(phone)) <= 7

    def test_fold_key(self) -> None:
        pairs = {
            "？": "?",
            "／": "/",
            "ａ": "a",
            "１": "1",
            "　": " ",
            "。": ".",
            "、": "/",
            "【": "[",
            "a": "a",
            "中": "中",
        }
        assert {key: fold_key(key) for key in pairs} == pairs
        assert fold_key("㎞") == "㎞"


def _seconds(words: str) -> int:
    sign = -1 if words.startswith("+") else 1
    words = words.lstrip("+")
    if ":" in words:
        minutes, seconds = words.split(":")
        return sign * (int(minutes) * 60 + int(seconds))
    return sign * int(words[:-1]) * {"分": 60, "时": 3600, "天": 86400}[words[-1]]

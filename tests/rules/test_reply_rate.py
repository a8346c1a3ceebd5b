"""The reply rate in tables to be checked by hand, for each platform's unit and window; the budget by its definition."""

import tomllib
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.config import box
from kefu_tui.now import SECOND
from kefu_tui.rules.reply_rate import Platform, PlatformError, Round, budget, counts, parse_platform, rate

ZONE = "Asia/Shanghai"


def shipped(name: str) -> Platform:
    return parse_platform(tomllib.loads(box("platforms", f"{name}.toml").read_text(encoding="utf-8")))


def at(text: str) -> int:
    return round(datetime.fromisoformat(f"2026-11-26 {text}").replace(tzinfo=ZoneInfo(ZONE)).timestamp()) * SECOND


def asked(conversation: str, begun: str, took: int | None, *, first: bool = False) -> Round:
    """A round of a customer of the same name; `took` seconds, None: nobody answered yet."""
    start = at(begun)
    return Round(conversation, conversation[0], start, None if took is None else start + took * SECOND, first)


DAY = [
    asked("a1", "10:00:00", 20, first=True),
    asked("a1", "10:10:00", 180),  # to the second: in time
    asked("a2", "11:00:00", 181, first=True),  # a second late
    asked("b1", "12:00:00", 31, first=True),
    asked("c1", "20:59:00", None, first=True),  # waits since a minute
    asked("d1", "20:50:00", None, first=True),  # and since ten
]
NOW = at("21:00:00")


@pytest.mark.parametrize(
    ("name", "in_time", "late", "waiting"),
    [
        ("standard", 3, 2, 1),
        ("taobao", 3, 2, 1),
        ("douyin", 2, 2, 1),  # conversations: a1, b1 in time, a2 and d1 late
        ("kuaishou", 1, 2, 1),  # customers: b in time, a and d late
        ("pinduoduo", 1, 2, 1),
        ("jd", 1, 4, 0),  # first answers within 30 s: a1 alone
    ],
)
def test_a_day(name: str, in_time: int, late: int, waiting: int) -> None:
    found = rate(shipped(name), DAY, NOW, ZONE)
    assert (found.in_time, found.late, found.waiting) == (in_time, late, waiting)
    assert found.total == in_time + late
    assert found.share == in_time / (in_time + late)


def test_what_will_be_late_first() -> None:
    assert rate(shipped("standard"), DAY, NOW, ZONE).next_breach == ("c1", at("21:02:00"))
    assert rate(shipped("standard"), [], NOW, ZONE) == (0, 0, 0, 0, None)
    assert rate(shipped("standard"), [], NOW, ZONE).share is None


@pytest.mark.parametrize(
    ("name", "begun", "inside"),
    [
        ("taobao", "07:59:59", False), ("taobao", "08:00:00", True), ("taobao", "23:59:59", True), ("taobao", "00:00:00", False),
        ("douyin", "08:00:00", True), ("douyin", "22:59:59", True), ("douyin", "23:00:00", False),
        ("jd", "08:59:59", False), ("jd", "09:00:00", True), ("standard", "03:00:00", True),
    ],
)  # fmt: skip
def test_the_window(name: str, begun: str, inside: bool) -> None:
    assert counts(shipped(name), at(begun), ZONE) == inside


@pytest.mark.parametrize(
    ("target", "in_time", "total", "more"),
    [("0.9", 9, 10, 0), ("0.9", 90, 90, 10), ("0.9", 8, 10, -2), ("0.95", 19, 19, 1), ("1", 5, 5, 0), ("0.9", 0, 0, 0)],
)
def test_how_many_more_may_be_late(target: str, in_time: int, total: int, more: int) -> None:
    assert budget(Fraction(target), in_time, total) == more
    assert budget(None, in_time, total) is None


@given(st.integers(0, 5000), st.integers(0, 500), st.fractions(Fraction(1, 2), 1))
def test_after_so_many_the_target_holds_and_after_one_more_not(in_time: int, late: int, target: Fraction) -> None:
    more = budget(target, in_time, in_time + late)
    assert more is not None
    if in_time and in_time + late + more > 0:
        assert Fraction(in_time, in_time + late + more) >= target
        assert Fraction(in_time, in_time + late + more + 1) < target


@given(st.lists(st.sampled_from(DAY), max_size=12))
def test_a_late_round_never_raises_the_rate(rounds: list[Round]) -> None:
    for name in ("standard", "douyin", "kuaishou", "jd"):
        before = rate(shipped(name), rounds, NOW, ZONE)
        after = rate(shipped(name), [*rounds, asked("z9", "13:00:00", 999, first=True)], NOW, ZONE)
        assert after.late == before.late + 1
        assert after.in_time == before.in_time


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"unit": "word"}, "unit"), ({"threshold": "3m"}, "threshold"), ({"warn": "200s"}, "warn"), ({"target": 2.0}, "target"),
        ({"window": []}, "window"), ({"window": ["9-10"]}, "window"), ({"window": ["10:00-09:00"]}, "window"),
        ({"days": 0}, "days"), ({"colour": 1}, "colour"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_told_in_one_line(change: dict[str, object], told: str) -> None:
    data = tomllib.loads(box("platforms", "standard.toml").read_text(encoding="utf-8"))
    with pytest.raises(PlatformError, match=told) as caught:
        parse_platform({**data, **change})
    assert "\n" not in str(caught.value)


def test_presets_say_that_nobody_confirmed_them() -> None:
    presets = [shipped(path.stem) for path in box("platforms").glob("*.toml")]
    assert {one.name for one in presets if one.confirmed} == {"standard"}
    assert {one.name for one in presets if one.target is not None} == {"standard"}

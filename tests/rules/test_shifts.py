"""An agent's own hours: read from a line, and whether a moment lies in them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from kefu_tui.now import SECOND
from kefu_tui.rules.calendar import Calendar
from kefu_tui.rules.policy import PolicyError
from kefu_tui.rules.shifts import parse_shift, within

CALENDAR = Calendar("Asia/Shanghai", (((540, 1260),),) * 7, frozenset({2026}), frozenset(), frozenset())


def at(day: int, hour: int, minute: int = 0) -> int:
    """A moment of June 2026, where the shop is; the first is a Monday."""
    moment = dt.datetime(2026, 6, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))
    return round(moment.timestamp()) * SECOND


def test_hours_by_weekday() -> None:
    hours = parse_shift("daily 09:00-12:00, 13:00-17:00; sat off; sun 22:00-06:00")
    assert hours[1] == ((540, 720), (780, 1020))
    assert hours[5] == ()
    assert hours[6] == ((1320, 1440),)
    assert hours[0] == ((0, 360), (540, 720), (780, 1020)), "the night of Sunday ends on Monday"


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(2, 8, 59), False),
        (at(2, 9), True),
        (at(2, 11, 59), True),
        (at(2, 12), False),
        (at(2, 16, 59), True),
        (at(2, 17), False),
        (at(6, 10), False),
    ],
)
def test_whether_a_moment_lies_in_them(moment: int, there: bool) -> None:
    assert within("daily 09:00-12:00, 13:00-17:00; sat off", CALENDAR, moment) is there


def test_who_has_none_is_there_as_long_as_the_group() -> None:
    assert within("", CALENDAR, at(2, 3))


@pytest.mark.parametrize(
    "text", ["09:00-17:00", "daily", "monday 09:00-17:00", "mon 9-5", "mon 09:00-09:00", "mon off; mon off", ";"]
)
def test_what_is_no_shift(text: str) -> None:
    with pytest.raises(PolicyError):
        parse_shift(text)

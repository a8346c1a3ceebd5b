"""Calendars of a policy by hand: overrides, groups with hours of their own, year ends; and what a policy says of clocks."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.now import MINUTE
from kefu_tui.rules.clocks import Policy, PolicyError, due, on_shift, parse_policy
from kefu_tui.rules.policy import TRIGGERS, lacks

SHANGHAI = ZoneInfo("Asia/Shanghai")
DATA: dict[str, object] = {
    "name": "ours",
    "shift": {"daily": ["09:00-12:00", "13:00-21:00"]},
    "overrides": {
        "2026-11-11": ["00:00-24:00"],  # the sale
        "2026-11-12": ["10:00-12:00"],
        "2026-02-17": [],  # New Year's Day of the moon
    },
    "calendar": {"announced": [2026], "holidays": ["2026-01-01", "2026-01-02"], "make_up_days": ["2026-01-04"]},
    "group": {
        "night": {"shift": {"daily": ["21:00-09:00"]}},
        "web": {"overrides": {"2026-11-11": ["08:00-10:00"]}},
    },
    "clock": {
        "answer": {"target": "30m", "calendar": "shift"},
        "refund": {"target": "1wd", "calendar": "working"},
        "close": {"target": "5wd", "calendar": "working"},
    },
}


def policy(**changes: object) -> Policy:
    return parse_policy(DATA | changes)


OURS = policy()


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("clock", "started", "group", "falls_due"),
    [
        ("answer", "2026-11-10 11:50", "", "2026-11-10 13:20"),  # over lunch
        ("answer", "2026-11-10 20:45", "", "2026-11-11 00:15"),  # the sale opens at midnight
        ("answer", "2026-11-11 23:45", "", "2026-11-12 10:15"),  # and the day after it at ten
        ("answer", "2026-11-12 11:45", "", "2026-11-13 09:15"),  # which closes at noon
        ("answer", "2026-02-16 20:45", "", "2026-02-18 09:15"),  # closed on New Year's Day
        ("answer", "2026-11-10 20:45", "night", "2026-11-10 21:30"),  # the night shift begins at nine
        ("answer", "2026-11-13 08:45", "night", "2026-11-13 21:15"),
        ("answer", "2026-11-10 20:45", "web", "2026-11-11 08:15"),  # a date of the group's own
        ("answer", "2026-11-10 20:45", "nobody", "2026-11-11 00:15"),  # a group that the policy does not name
        ("refund", "2026-01-03 10:00", "", "2026-01-05 09:00"),  # a Saturday counts from the make-up Sunday's opening
        ("refund", "2026-01-04 10:00", "", "2026-01-05 10:00"),  # the make-up Sunday
        ("refund", "2026-11-12 10:30", "night", "2026-11-13 10:30"),
        ("close", "2026-12-24 15:00", "", "2026-12-31 15:00"),  # to the last day that is known
    ],
)
def test_due(clock: str, started: str, group: str, falls_due: str) -> None:
    assert due(OURS, clock, at(started), group=group).due_at == at(falls_due)


@pytest.mark.parametrize(
    ("moment", "group", "open_"),
    [
        ("2026-11-10 09:00", "", True),
        ("2026-11-10 12:00", "", False),
        ("2026-11-10 12:59:59", "", False),
        ("2026-11-10 20:59:59", "", True),
        ("2026-11-10 21:00", "", False),
        ("2026-11-11 03:00", "", True),
        ("2026-02-17 10:00", "", False),
        ("2026-11-10 03:00", "night", True),
        ("2026-11-10 12:00", "night", False),
    ],
)
def test_on_shift(moment: str, group: str, open_: bool) -> None:
    assert on_shift(OURS, at(moment), group) == open_


@given(st.integers(at("2026-01-05 00:00"), at("2026-12-01 00:00")), st.sampled_from(["", "night", "web"]))
def test_shift_time_is_used_only_on_shift(start: int, group: str) -> None:
    found = due(OURS, "answer", start, group=group).due_at
    assert found is not None
    assert on_shift(OURS, found - 1, group)
    opened = sum(on_shift(OURS, moment, group) for moment in range(start, found, MINUTE))
    assert abs(opened - 30) <= 1


def test_after_the_last_day_of_its_overrides_a_shop_without_hours_is_closed_for_good() -> None:
    fair = policy(
        shift={},
        group={},
        overrides={"2026-11-11": ["10:00-10:40"]},
        clock={"refund": {"target": "1wd", "calendar": "working"}},
    )
    assert on_shift(fair, at("2026-11-11 10:20"))
    assert not on_shift(fair, at("2026-11-12 10:20"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"overrides": {"2026-11-11": ["22:00-02:00"]}}, "overrides.2026-11-11: hours of one date"),
        ({"overrides": {"11-11": []}}, "'11-11' is no date"),
        ({"overrides": {"2026-11-11": "closed"}}, "overrides.2026-11-11: a list"),
        ({"group": {"night": {"shift": {}}}}, "group.night.shift: no shift"),
        ({"group": {"night": {"hours": []}}}, "group.night.hours: not known"),
        ({"clock": {"a": {"target": "1h", "calendar": "wall", "start": "sneezed"}}}, "clock.a.start: 'sneezed'"),
        ({"clock": {"a": {"target": "1h", "calendar": "wall", "stop": ["sneezed"]}}}, "clock.a.stop: 'sneezed'"),
        ({"clock": {"a": {"target": "1h", "calendar": "wall", "pause": ["tea"]}}}, "clock.a.pause: 'tea'"),
        ({"clock": {"a": {"target": "1h", "calendar": "wall", "kinds": ["x"]}}}, "clock.a.kinds: 'x'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, object], told: str) -> None:
    with pytest.raises(PolicyError, match=told) as caught:
        policy(**change)
    assert "\n" not in str(caught.value)


def test_clocks_of_every_shop_start_and_stop_as_usual_unless_the_policy_says_otherwise() -> None:
    usual = policy(clock={"resolution": {"target": "24h", "calendar": "wall"}}).clocks["resolution"]
    assert (usual.start, usual.stop) == ("opened", frozenset({"resolved"}))
    own = policy(clock={"resolution": {"target": "24h", "calendar": "wall", "start": "asked"}}).clocks["resolution"]
    assert (own.start, own.stop, own.pause) == ("asked", frozenset(), frozenset())


def test_what_a_policy_lacks() -> None:
    assert lacks(policy(clock={}), at("2026-06-01 00:00"))[0][1].count(",") == len(TRIGGERS) - 1
    full = policy(clock={name: {"target": "1h", "calendar": "wall"} for name in TRIGGERS})
    assert lacks(full, at("2026-06-01 00:00")) == []
    assert [zh for zh, _ in lacks(full, at("2026-12-01 00:00"))] == ["2027 年的放假安排没有写进来"]
    assert date(2026, 11, 11) in full.calendar.overrides

"""Service clocks: calendars, pauses, working days, and policies that are refused."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kefu_tui.now import DAY, HOUR, MINUTE
from kefu_tui.rules.clocks import Policy, PolicyError, due, parse_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")


def policy(**changes: object) -> Policy:
    data: dict[str, object] = {
        "name": "standard",
        "zone": "Asia/Shanghai",
        "shift": {"daily": ["09:00-12:00", "13:00-21:00"], "sun": []},
        "calendar": {
            "announced": [2025],
            "holidays": ["2025-10-01", "2025-10-02", "2025-10-03", "2025-10-06", "2025-10-07", date(2025, 10, 8)],
            "make_up_days": ["2025-09-28", "2025-10-11"],
        },
        "clock": {
            "first_response": {"target": "5m", "calendar": "shift"},
            "dispute": {"target": "4h", "calendar": "shift", "warn": 0.75, "soon": 0.25},
            "resolution": {"target": "24h", "calendar": "wall"},
            "close": {"target": "5wd", "calendar": "working"},
            "refund": {"target": "1wd", "calendar": "working"},
        },
    }
    return parse_policy(data | changes)


POLICY = policy()
ROUND_THE_CLOCK = policy(shift={"daily": ["00:00-24:00"]})


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000


def clock_of_day(us: int) -> str:
    return datetime.fromtimestamp(us // 1_000_000, SHANGHAI).strftime("%H:%M")


@pytest.mark.parametrize(
    ("clock", "started", "falls_due"),
    [
        ("first_response", "2025-11-21 10:00", "2025-11-21 10:05"),
        ("first_response", "2025-11-21 11:58", "2025-11-21 13:03"),  # over lunch
        ("first_response", "2025-11-21 11:55", "2025-11-21 12:00"),  # used up at closing
        ("first_response", "2025-11-21 20:58", "2025-11-22 09:03"),  # overnight
        ("first_response", "2025-11-22 23:00", "2025-11-24 09:05"),  # Sunday is closed
        ("first_response", "2025-11-22 12:30", "2025-11-22 13:05"),
        ("dispute", "2025-11-21 18:00", "2025-11-22 10:00"),
        ("resolution", "2025-11-22 23:00", "2025-11-23 23:00"),
        ("close", "2025-11-17 15:30", "2025-11-24 15:30"),
        ("close", "2025-11-17 23:30", "2025-11-24 23:30"),  # a working day after hours is still one
        ("close", "2025-11-22 15:30", "2025-12-01 09:00"),  # from a Saturday
        ("refund", "2025-09-27 10:00", "2025-09-29 09:00"),  # the make-up Sunday has no shift: 09:00
        ("refund", "2025-09-30 10:00", "2025-10-09 10:00"),  # over the holidays
        ("refund", "2025-10-10 10:00", "2025-10-11 10:00"),  # into a make-up Saturday
        ("refund", "2025-11-21 00:00", "2025-11-24 00:00"),
    ],
)
def test_due(clock: str, started: str, falls_due: str) -> None:
    assert due(POLICY, clock, at(started)).due_at == at(falls_due)


def test_all_points() -> None:
    found = due(POLICY, "dispute", at("2025-11-21 19:00"))
    assert found.started_at == at("2025-11-21 19:00")
    assert found.soon_at == at("2025-11-21 20:00")
    assert found.warn_at == at("2025-11-22 10:00")
    assert found.due_at == at("2025-11-22 11:00")
    assert (found.calendar, found.known) == ("shift", True)


def test_microseconds_are_kept() -> None:
    assert due(POLICY, "refund", at("2025-11-20 10:00") + 7).due_at == at("2025-11-21 10:00") + 7
    assert due(POLICY, "first_response", at("2025-11-20 10:00") + 7).due_at == at("2025-11-20 10:05") + 7


def test_a_year_not_announced_is_not_guessed() -> None:
    found = due(POLICY, "close", at("2025-12-29 10:00"))
    assert (found.due_at, found.known) == (None, False)
    assert found.soon_at == at("2025-12-31 22:00")
    assert due(POLICY, "close", at("2026-01-05 10:00")).known is False
    assert due(POLICY, "close", at("2025-12-24 10:00")).due_at == at("2025-12-31 10:00")
    assert due(POLICY, "first_response", at("2026-01-05 10:00")).known is True


def test_no_closing_at_midnight() -> None:
    assert due(ROUND_THE_CLOCK, "first_response", at("2025-11-21 23:58")).due_at == at("2025-11-22 00:03")


def test_a_shift_past_midnight() -> None:
    night = policy(shift={"fri": ["20:00-02:00"], "sat": ["01:00-03:00"]})
    assert due(night, "dispute", at("2025-11-21 21:00")).due_at == at("2025-11-22 01:00")
    assert due(night, "dispute", at("2025-11-22 01:00")).due_at == at("2025-11-28 22:00")


def test_daylight_saving() -> None:
    berlin = policy(zone="Europe/Berlin", shift={"daily": ["00:00-24:00"]}, calendar={"announced": [2026]})
    zone = ZoneInfo("Europe/Berlin")
    spring = at("2026-03-28 23:00", zone)  # the hour from 02:00 is missing
    assert due(berlin, "dispute", spring).due_at == at("2026-03-29 04:00", zone) == spring + 4 * HOUR
    assert due(berlin, "resolution", spring).due_at == at("2026-03-30 00:00", zone)
    assert due(berlin, "refund", at("2026-03-27 10:00", zone)).due_at == at("2026-03-30 10:00", zone)


class TestPauses:
    def test_shift_time_stands_still(self) -> None:
        start = at("2025-11-21 10:00")
        pause = (at("2025-11-21 10:02"), at("2025-11-21 11:59"))
        assert due(POLICY, "first_response", start, [pause]).due_at == at("2025-11-21 13:02")

    def test_only_the_shift_within_a_pause_counts(self) -> None:
        start = at("2025-11-21 20:58")
        pause = (at("2025-11-21 21:30"), at("2025-11-22 08:00"))
        assert due(POLICY, "first_response", start, [pause]).due_at == at("2025-11-22 09:03")

    def test_wall_and_working_days(self) -> None:
        start = at("2025-11-20 10:00")
        pause = (at("2025-11-20 12:00"), at("2025-11-20 15:00"))
        assert due(POLICY, "resolution", start, [pause]).due_at == at("2025-11-21 13:00")
        assert due(POLICY, "refund", start, [pause]).due_at == at("2025-11-21 13:00")

    def test_one_that_lasts_holds_what_is_not_reached(self) -> None:
        start = at("2025-11-21 10:00")
        found = due(POLICY, "first_response", start, [(at("2025-11-21 10:03"), None)])
        assert (found.soon_at, found.warn_at, found.due_at) == (at("2025-11-21 10:02:30"), None, None)
        assert found.known is True
        for clock in ("resolution", "refund"):
            assert due(POLICY, clock, start, [(start + MINUTE, None)]).due_at is None

    @pytest.mark.parametrize("clock", ["first_response", "dispute", "resolution", "refund"])
    def test_one_that_begins_when_all_is_due_changes_nothing(self, clock: str) -> None:
        plain = due(POLICY, clock, at("2025-11-20 10:00"))
        assert plain.due_at is not None
        assert due(POLICY, clock, at("2025-11-20 10:00"), [(plain.due_at, None)]) == plain


moments = st.integers(at("2025-02-01 00:00"), at("2025-11-30 00:00"))
clocks_ = st.sampled_from(["first_response", "dispute", "resolution", "refund", "close"])


def near(start: int, offsets: list[tuple[int, int]]) -> list[tuple[int, int | None]]:
    return [(start + offset, start + offset + length) for offset, length in offsets]


offsets_ = st.lists(st.tuples(st.integers(-DAY, 4 * DAY), st.integers(0, 2 * DAY)), max_size=5)


@given(clocks_, moments, offsets_)
def test_points_are_in_order_and_not_before_the_start(clock: str, start: int, offsets: list[tuple[int, int]]) -> None:
    found = due(POLICY, clock, start, near(start, offsets))
    if found.known:
        assert found.soon_at is not None
        assert found.warn_at is not None
        assert found.due_at is not None
        assert start <= found.soon_at <= found.warn_at <= found.due_at


@given(clocks_, moments, offsets_)
def test_pausing_twice_is_pausing_once(clock: str, start: int, offsets: list[tuple[int, int]]) -> None:
    pauses = near(start, offsets)
    assert due(POLICY, clock, start, pauses + pauses[::-1]) == due(POLICY, clock, start, pauses)


@given(clocks_, moments, offsets_)
def test_a_pause_never_makes_a_clock_due_earlier(clock: str, start: int, offsets: list[tuple[int, int]]) -> None:
    plain, paused = due(POLICY, clock, start), due(POLICY, clock, start, near(start, offsets))
    if plain.due_at is not None and paused.due_at is not None:
        assert paused.due_at >= plain.due_at


@given(clocks_, moments, st.integers(0, 3 * DAY))
def test_a_clock_never_runs_backwards(clock: str, start: int, later: int) -> None:
    # a start on a day off counts from 09:00, one in the small hours of a working day from then: these two may cross
    assume(POLICY.clocks[clock].calendar != "working" or clock_of_day(start + later) >= "09:00")
    first, second = due(POLICY, clock, start).due_at, due(POLICY, clock, start + later).due_at
    if first is not None and second is not None:
        assert first <= second


@given(st.integers(0, 14 * 24 * 60), st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 2000)), max_size=3))
def test_shift_time_is_what_counting_minutes_gives(start: int, breaks: list[tuple[int, int]]) -> None:
    monday = datetime(2025, 11, 3)
    held = [(start + offset, start + offset + length) for offset, length in breaks]
    left, minute = 240, start
    while left:
        wall = monday + timedelta(minutes=minute)
        inside = 9 <= wall.hour < 12 or 13 <= wall.hour < 21
        if inside and wall.weekday() != 6 and not any(begin <= minute < end for begin, end in held):
            left -= 1
        minute += 1
    base = at("2025-11-03 00:00")
    pauses = [(base + begin * MINUTE, base + end * MINUTE) for begin, end in held]
    assert due(POLICY, "dispute", base + start * MINUTE, pauses).due_at == base + minute * MINUTE


@given(moments)
def test_working_days_end_at_the_same_local_time(start: int) -> None:
    found = due(POLICY, "refund", start)
    assert found.due_at is not None
    if POLICY.calendar.working(datetime.fromtimestamp(start / 1e6, SHANGHAI).date()):
        assert (found.due_at - start) % DAY == 0
    assert POLICY.calendar.working(datetime.fromtimestamp(found.due_at // 1_000_000, SHANGHAI).date())


class TestPolicy:
    def test_fields(self) -> None:
        assert (POLICY.name, POLICY.zone) == ("standard", "Asia/Shanghai")
        assert POLICY.clocks["first_response"].target == 5 * MINUTE
        assert POLICY.clocks["close"].target == 5 * DAY
        assert (POLICY.clocks["close"].warn, POLICY.clocks["close"].soon) == (0.8, 0.5)
        assert POLICY.calendar.shift[6] == ()

    def test_intervals_that_touch_are_one(self) -> None:
        assert policy(shift={"daily": ["13:00-21:00", "09:00-13:00", "12:00 - 14:00"]}).calendar.shift[0] == (
            (540, 1260),
        )

    def test_sections_of_other_rules_are_left_alone(self) -> None:
        assert policy(reply_rate={"anything": 1}).name == "standard"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"name": ""}, "name: a text is needed, not ''"),
            ({"zone": "Moon/Base"}, "zone: 'Moon/Base' is no time zone (Asia/Shanghai, Europe/Berlin)"),
            ({"zone": "../etc"}, "zone: '../etc' is no time zone (Asia/Shanghai, Europe/Berlin)"),
            ({"shift": {"daily": ["9-21"]}}, "shift.daily: '9-21' is no interval (09:00-21:00)"),
            ({"shift": {"daily": "09:00-21:00"}}, "shift.daily: a list is needed, not '09:00-21:00'"),
            ({"shift": {"mon": ["24:00-09:00"]}}, "shift.mon: '24:00-09:00' is no interval (09:00-21:00)"),
            ({"shift": {"mon": ["09:00-09:00"]}}, "shift.mon: '09:00-09:00' is empty; a whole day is 00:00-24:00"),
            (
                {"shift": {"monday": []}},
                "shift.monday: not known here (daily, fri, mon, sat, sun, thu, tue, wed)",
            ),
            ({"calendar": {"announced": ["2026"]}}, "calendar.announced: '2026' is no year"),
            ({"calendar": {"holidays": ["01-01"]}}, "calendar.holidays: '01-01' is no date (2026-01-01)"),
            ({"calendar": []}, "calendar: a table is needed, not []"),
            (
                {"clock": {"x": {"target": "5 m", "calendar": "wall"}}},
                "clock.x.target: '5 m' is no duration of up to a year (30s, 5m, 24h, 3d, 5wd)",
            ),
            (
                {"clock": {"x": {"target": "0s", "calendar": "wall"}}},
                "clock.x.target: '0s' is no duration of up to a year (30s, 5m, 24h, 3d, 5wd)",
            ),
            (
                {"clock": {"x": {"target": "367wd", "calendar": "working"}}},
                "clock.x.target: '367wd' is no duration of up to a year (30s, 5m, 24h, 3d, 5wd)",
            ),
            ({"clock": {"x": {"target": "5m"}}}, "clock.x.calendar: None is none of shift, wall, working"),
            (
                {"clock": {"x": {"target": "5wd", "calendar": "wall"}}},
                "clock.x: a target of working days (5wd) and the working calendar go together",
            ),
            (
                {"clock": {"x": {"target": "5m", "calendar": "wall", "warn": 80}}},
                "clock.x.warn: 80 is no share of the target (0.8)",
            ),
            (
                {"clock": {"x": {"target": "5m", "calendar": "wall", "soon": 0.9}}},
                "clock.x.soon: 0.9 is after warn 0.8",
            ),
            (
                {"clock": {"x": {"target": "5m", "calendar": "wall", "wran": 1}}},
                "clock.x.wran: not known here (calendar, kinds, pause, soon, start, stop, target, void, warn)",
            ),
            ({"shift": {}}, "clock.first_response: runs in the shift, but no shift is planned"),
        ],
    )
    def test_refused(self, changes: dict[str, object], message: str) -> None:
        with pytest.raises(PolicyError) as caught:
            policy(**changes)
        assert str(caught.value) == message

    def test_a_clock_that_is_not_there(self) -> None:
        with pytest.raises(PolicyError, match="policy standard has no clock 'greeting'"):
            due(POLICY, "greeting", 0)

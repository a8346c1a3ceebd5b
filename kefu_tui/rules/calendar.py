"""When time counts: the shift's intervals, working days with make-up days, in a zone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kefu_tui.now import DAY, MINUTE, SECOND

Hours = tuple[tuple[int, int], ...]
"""Opening hours of a day: from and to in minutes of the day, in order and apart."""
Span = tuple[int, int]
"""From and to, in microseconds; the end does not belong to it."""

_EPOCH = date(1970, 1, 1).toordinal()
_USUAL_OPENING = 9 * 60


class NotAnnounced(Exception):
    """Working days were asked of a year whose holidays are not announced yet."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours and days off.

    `shift` holds for each weekday from Monday its intervals in minutes of the day, in order and apart.
    """

    zone: str
    shift: tuple[Hours, ...]
    announced: frozenset[int]
    holidays: frozenset[date]
    make_up_days: frozenset[date]
    overrides: Mapping[date, Hours] = field(default_factory=dict)
    """Dates with hours of their own, whatever their weekday; () for closed."""

    def hours(self, day: date) -> Hours:
        """The shift's intervals on a date, in minutes of the day."""
        return self.overrides.get(day, self.shift[day.weekday()])

    def working(self, day: date) -> bool:
        """Whether a date is a working day. Raises NotAnnounced."""
        if day.year not in self.announced:
            raise NotAnnounced(day.year)
        return day in self.make_up_days or (day.weekday() < 5 and day not in self.holidays)

    def opening(self, day: date) -> int:
        """The minute of the day when the shift opens on a working date, 09:00 where no shift is planned."""
        hours = self.hours(day)
        return hours[0][0] if hours else _USUAL_OPENING


@lru_cache(32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_us(us: int, zone: str) -> int:
    """A moment in microseconds UTC as microseconds of the zone's wall clock."""
    offset = datetime.fromtimestamp(us // SECOND, _zone(zone)).utcoffset()
    assert offset is not None
    return us + offset // timedelta(microseconds=1)


def utc_us(local: int, zone: str) -> int:
    """Microseconds of the zone's wall clock as a moment in microseconds UTC, the earlier one in a doubled hour."""
    day, rest = divmod(local, DAY)
    wall = datetime.combine(_date(day), datetime.min.time(), _zone(zone)) + timedelta(seconds=rest // SECOND)
    return round(wall.timestamp()) * SECOND + local % SECOND


def _date(day: int) -> date:
    return date.fromordinal(day + _EPOCH)


def day_of(local: int) -> date:
    """The date of a moment of the wall clock, µs."""
    return _date(local // DAY)


def wall_spans(start: int) -> Iterator[Span]:
    """All time from a moment on."""
    yield start, 1 << 62


def shift_spans(calendar: Calendar, start: int) -> Iterator[Span]:
    """The shift's intervals from a moment on, in microseconds UTC, without end; nothing after the last that is planned."""
    day = local_us(start, calendar.zone) // DAY
    last = max((one.toordinal() - _EPOCH for one in calendar.overrides), default=-1)
    while any(calendar.shift) or day <= last:
        for opens, closes in calendar.hours(_date(day)):
            end = utc_us(day * DAY + closes * MINUTE, calendar.zone)
            if end > start:
                yield max(start, utc_us(day * DAY + opens * MINUTE, calendar.zone)), end
        day += 1


def working_spans(calendar: Calendar, start: int) -> Iterator[Span]:
    """The working days from a moment on, whole, in microseconds of the wall clock as `start` is.

    A start on a day off counts from the opening of the next working day. Raises NotAnnounced where knowledge ends.
    """
    day = start // DAY
    while not calendar.working(_date(day)):
        day += 1
        start = day * DAY + calendar.opening(_date(day)) * MINUTE
    while True:
        if calendar.working(_date(day)):
            yield max(start, day * DAY), (day + 1) * DAY
        day += 1

"""Service policies: the figures of clocks and calendars, read from data and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast
from zoneinfo import ZoneInfo

from kefu_tui.now import DAY, HOUR, MINUTE, SECOND
from kefu_tui.rules.calendar import Calendar

CalendarName = Literal["shift", "wall", "working"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d|wd)")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "wd": DAY}
_LONGEST = 366 * DAY
_INTERVAL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))")


class PolicyError(Exception):
    """A service policy that cannot be used; the message is one line: where, and what is wrong."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """How one kind of clock runs. `target` is microseconds; on the working calendar a day is a working day."""

    target: int
    calendar: CalendarName
    warn: float = 0.8
    soon: float = 0.5


@dataclass(frozen=True, slots=True)
class Policy:
    """A service policy as the clocks need it."""

    name: str
    calendar: Calendar
    clocks: Mapping[str, ClockRule]

    @property
    def zone(self) -> str:
        """The IANA zone in which its hours and days are meant."""
        return self.calendar.zone


def parse_policy(data: Mapping[str, object]) -> Policy:
    """A policy from its TOML or JSON form; sections of other rules are left alone. Raises PolicyError.

    `name`, `zone`, `shift` (weekday `mon` to `sun`, or `daily` for those not named: `["09:00-12:00", "13:00-21:00"]`,
    an interval may pass midnight), `calendar` (`announced` years, `holidays`, `make_up_days`), `clock.<name>` (`target`
    as `30s`, `5m`, `24h`, `3d` or `5wd`; `calendar`: shift, wall or working; `warn`, `soon`: shares of the target).
    """
    name = _text(data.get("name"), "name")
    zone = _zone(data.get("zone", "Asia/Shanghai"))
    days = _section(data.get("calendar", {}), "calendar", {"announced", "holidays", "make_up_days"})
    shift = _shift(_section(data.get("shift", {}), "shift", {*WEEKDAYS, "daily"}))
    calendar = Calendar(
        zone=zone,
        shift=shift,
        announced=_years(days.get("announced", [])),
        holidays=_dates(days.get("holidays", []), "calendar.holidays"),
        make_up_days=_dates(days.get("make_up_days", []), "calendar.make_up_days"),
    )
    clocks = {key: _clock(value, f"clock.{key}") for key, value in _section(data.get("clock", {}), "clock").items()}
    for key, rule in clocks.items():
        if rule.calendar == "shift" and not any(shift):
            raise PolicyError(f"clock.{key}: runs in the shift, but no shift is planned")
    return Policy(name, calendar, clocks)


def _section(value: object, where: str, known: set[str] | None = None) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where}: a table is needed, not {value!r}")
    for key in value:
        if known is not None and key not in known:
            raise PolicyError(f"{where}.{key}: not known here ({', '.join(sorted(known))})")
    return cast("Mapping[str, object]", value)


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise PolicyError(f"{where}: a list is needed, not {value!r}")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{where}: a text is needed, not {value!r}")
    return value


def _zone(value: object) -> str:
    zone = _text(value, "zone")
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError):
        raise PolicyError(f"zone: {zone!r} is no time zone (Asia/Shanghai, Europe/Berlin)") from None
    return zone


def _years(value: object) -> frozenset[int]:
    years = _list(value, "calendar.announced")
    for year in years:
        if not isinstance(year, int) or not 1970 <= year <= 9998:
            raise PolicyError(f"calendar.announced: {year!r} is no year")
    return frozenset(cast("list[int]", years))


def _dates(value: object, where: str) -> frozenset[date]:
    found: set[date] = set()
    for item in _list(value, where):
        try:
            found.add(item if type(item) is date else date.fromisoformat(_text(item, where)))
        except ValueError:
            raise PolicyError(f"{where}: {item!r} is no date (2026-01-01)") from None
    return frozenset(found)


def _shift(data: Mapping[str, object]) -> tuple[tuple[tuple[int, int], ...], ...]:
    days: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for index, name in enumerate(WEEKDAYS):
        key = name if name in data else "daily"
        for text in _list(data.get(key, []), f"shift.{key}"):
            opens, closes = _interval(text, f"shift.{key}")
            if closes > opens:
                days[index].append((opens, closes))
            else:  # past midnight
                days[index].append((opens, 24 * 60))
                days[(index + 1) % 7].append((0, closes))
    return tuple(_joined(hours) for hours in days)


def _interval(value: object, where: str) -> tuple[int, int]:
    found = _INTERVAL.fullmatch(_text(value, where).strip())
    if not found:
        raise PolicyError(f"{where}: {value!r} is no interval (09:00-21:00)")
    hours, minutes = int(found[1]), int(found[2])
    opens, closes = hours * 60 + minutes, int(found[3] or found[5]) * 60 + int(found[4] or found[6])
    if opens == closes:
        raise PolicyError(f"{where}: {value!r} is empty; a whole day is 00:00-24:00")
    return opens, closes


def _joined(hours: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(hours):
        if opens == closes:
            continue
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)


def _clock(value: object, where: str) -> ClockRule:
    data = _section(value, where, {"target", "calendar", "warn", "soon"})
    calendar = data.get("calendar")
    if calendar not in ("shift", "wall", "working"):
        raise PolicyError(f"{where}.calendar: {calendar!r} is none of shift, wall, working")
    target, unit = _duration(data.get("target"), f"{where}.target")
    if (unit == "wd") != (calendar == "working"):
        raise PolicyError(f"{where}: a target of working days (5wd) and the working calendar go together")
    warn = _share(data.get("warn", 0.8), f"{where}.warn")
    soon = _share(data.get("soon", min(0.5, warn)), f"{where}.soon")
    if soon > warn:
        raise PolicyError(f"{where}.soon: {soon} is after warn {warn}")
    return ClockRule(target, calendar, warn, soon)


def _duration(value: object, where: str) -> tuple[int, str]:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    target = int(found[1]) * _UNITS[found[2]] if found else 0
    if not found or not 0 < target <= _LONGEST:
        raise PolicyError(f"{where}: {value!r} is no duration of up to a year (30s, 5m, 24h, 3d, 5wd)")
    return target, found[2]


def _share(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise PolicyError(f"{where}: {value!r} is no share of the target (0.8)")
    return float(value)

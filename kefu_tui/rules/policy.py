"""Service policies: the figures of clocks and calendars, read from data and checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfo

from kefu_tui.now import DAY, HOUR, MINUTE, SECOND
from kefu_tui.rules.calendar import Calendar, Hours

CalendarName = Literal["shift", "wall", "working"]

AHEAD_DAYS = 45
"""Days before a year within which its holidays should be known: they are announced in November."""
EVENTS = (
    "opened", "asked", "left", "round", "replied", "stood_in", "resolved", "reopened", "archived", "ordered",
    "order_confirmed", "return_requested", "return_reviewed", "rang", "picked_up", "entered", "said",
)  # fmt: skip
"""What happens to a conversation, in words that clocks start and stop by.

opened; first message on a live channel (asked) or left behind on a slow one (left); the first message of a later round; a
person replied; a stand-in reply went out; a customer came in and has not written (entered); a line of the shop itself, no
person's, went out (said); …
"""
CAUSES = ("snoozed", "waiting", "outage")
"""Why a clock stands: snoozed by the customer's wish, waiting for the customer, outage of ours."""
KINDS = (
    "presale", "order", "logistics", "aftersale", "return", "complaint", "technical", "invoice", "suggestion", "praise", "other",
)  # fmt: skip
"""Kinds of conversation."""
TOLD = ("start", "stop", "void", "pause", "kinds")
TRIGGERS: Mapping[str, Mapping[str, object]] = {
    "greeting": {"start": "entered", "stop": ["replied", "stood_in", "said"], "void": ["resolved"]},
    "first_response_chat": {"start": "asked", "stop": ["replied"], "void": ["resolved"], "pause": ["outage"]},
    "first_response_async": {"start": "left", "stop": ["replied"], "void": ["resolved"], "pause": ["outage"]},
    "next_response": {"start": "round", "stop": ["replied"], "void": ["resolved"], "pause": ["outage"]},
    "phone_pick_up": {"start": "rang", "stop": ["picked_up", "replied"], "void": ["resolved"]},
    "resolution": {"start": "opened", "stop": ["resolved"], "pause": ["snoozed", "waiting", "outage"]},
    "order_confirmation": {"start": "ordered", "stop": ["order_confirmed", "replied"], "void": ["resolved"]},
    "return_review": {"start": "return_requested", "stop": ["return_reviewed"], "void": ["resolved"]},
    "outage_promise": {"start": "stood_in", "stop": ["replied"], "void": ["resolved"]},
    "archive": {"start": "resolved", "stop": ["archived"], "void": ["reopened"]},
}
"""What starts and stops the clocks that every shop has; a policy may say otherwise. Those of workflows are started there."""

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
    start: str = ""
    """The event that starts it, '' where only a workflow does."""
    stop: frozenset[str] = frozenset()
    """The events that keep the promise."""
    void: frozenset[str] = frozenset()
    """The events after which it no longer applies."""
    pause: frozenset[str] = frozenset()
    """The causes for which it stands still."""
    kinds: frozenset[str] = frozenset()
    """Kinds of conversation that have it; empty: all."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A service policy as the clocks need it."""

    name: str
    calendar: Calendar
    clocks: Mapping[str, ClockRule]
    groups: Mapping[str, Calendar] = field(default_factory=dict)
    """Groups that have hours of their own, by name."""

    def calendar_of(self, group: str) -> Calendar:
        """The calendar that a group works by."""
        return self.groups.get(group, self.calendar)

    @property
    def zone(self) -> str:
        """The IANA zone in which its hours and days are meant."""
        return self.calendar.zone


def parse_policy(data: Mapping[str, object]) -> Policy:
    """A policy from its TOML or JSON form; sections of other rules are left alone. Raises PolicyError.

    `name`, `zone`, `shift` (weekday `mon` to `sun`, or `daily` for those not named: `["09:00-12:00", "13:00-21:00"]`,
    an interval may pass midnight), `overrides` (dates with hours of their own, `[]` for closed), `calendar` (`announced`
    years, `holidays`, `make_up_days`), `group.<name>` (`shift`, `overrides` of its own), `clock.<name>` (`target` as `30s`,
    `5m`, `24h`, `3d` or `5wd`; `calendar`: shift, wall or working; `warn`, `soon`: shares of the target; `start`, `stop`,
    `void`, `pause`, `kinds`: what happens to it when; where none of these is told, as in TRIGGERS).
    """
    name = _text(data.get("name"), "name")
    zone = _zone(data.get("zone", "Asia/Shanghai"))
    days = _section(data.get("calendar", {}), "calendar", {"announced", "holidays", "make_up_days"})
    shift = weekly_hours(_section(data.get("shift", {}), "shift", {*WEEKDAYS, "daily"}))
    calendar = Calendar(
        zone=zone,
        shift=shift,
        announced=_years(days.get("announced", [])),
        holidays=_dates(days.get("holidays", []), "calendar.holidays"),
        make_up_days=_dates(days.get("make_up_days", []), "calendar.make_up_days"),
        overrides=_overrides(data.get("overrides", {}), "overrides"),
    )
    groups = {
        key: _group(calendar, value, f"group.{key}") for key, value in _section(data.get("group", {}), "group").items()
    }
    clocks = {key: _clock(key, value) for key, value in _section(data.get("clock", {}), "clock").items()}
    for key, rule in clocks.items():
        if rule.calendar == "shift" and not any(shift):
            raise PolicyError(f"clock.{key}: runs in the shift, but no shift is planned")
    return Policy(name, calendar, clocks, groups)


def _group(calendar: Calendar, value: object, where: str) -> Calendar:
    """The calendar of a group: what it does not say is everybody's."""
    data = _section(value, where, {"shift", "overrides"})
    if "shift" in data:
        shift = weekly_hours(_section(data["shift"], f"{where}.shift", {*WEEKDAYS, "daily"}))
        if not any(shift):
            raise PolicyError(f"{where}.shift: no shift is planned")
        calendar = replace(calendar, shift=shift)
    return replace(
        calendar, overrides={**calendar.overrides, **_overrides(data.get("overrides", {}), f"{where}.overrides")}
    )


def _overrides(value: object, where: str) -> dict[date, Hours]:
    found: dict[date, Hours] = {}
    for key, hours in _section(value, where).items():
        (day,) = _dates([key], where)
        pairs = [_interval(text, f"{where}.{key}") for text in _list(hours, f"{where}.{key}")]
        if any(closes <= opens for opens, closes in pairs):
            raise PolicyError(f"{where}.{key}: hours of one date do not pass midnight; write both dates")
        found[day] = _joined(pairs)
    return found


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


def weekly_hours(data: Mapping[str, object]) -> tuple[Hours, ...]:
    """The hours of each weekday from Monday, of lists of intervals by day. Raises PolicyError."""
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


def _clock(name: str, value: object) -> ClockRule:
    where = f"clock.{name}"
    data = _section(value, where, {"target", "calendar", "warn", "soon", *TOLD})
    calendar = data.get("calendar")
    if calendar not in ("shift", "wall", "working"):
        raise PolicyError(f"{where}.calendar: {calendar!r} is none of shift, wall, working")
    target, unit = duration(data.get("target"), f"{where}.target")
    if (unit == "wd") != (calendar == "working"):
        raise PolicyError(f"{where}: a target of working days (5wd) and the working calendar go together")
    warn = _share(data.get("warn", 0.8), f"{where}.warn")
    soon = _share(data.get("soon", min(0.5, warn)), f"{where}.soon")
    if soon > warn:
        raise PolicyError(f"{where}.soon: {soon} is after warn {warn}")
    told = data if any(key in data for key in TOLD) else TRIGGERS.get(name, {})
    start = told.get("start", "")
    if start and start not in EVENTS:
        raise PolicyError(f"{where}.start: {start!r} is none of {', '.join(EVENTS)}")
    return ClockRule(
        target,
        calendar,
        warn,
        soon,
        start=str(start),
        stop=_words(told.get("stop", []), f"{where}.stop", EVENTS),
        void=_words(told.get("void", []), f"{where}.void", EVENTS),
        pause=_words(told.get("pause", []), f"{where}.pause", CAUSES),
        kinds=_words(told.get("kinds", []), f"{where}.kinds", KINDS),
    )


def _words(value: object, where: str, known: Sequence[str]) -> frozenset[str]:
    words = _list(value, where)
    for word in words:
        if word not in known:
            raise PolicyError(f"{where}: {word!r} is none of {', '.join(known)}")
    return frozenset(cast("list[str]", words))


def duration(value: object, where: str) -> tuple[int, str]:
    """A time such as `30s` or `5wd` in microseconds, and its unit. Raises PolicyError."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    target = int(found[1]) * _UNITS[found[2]] if found else 0
    if not found or not 0 < target <= _LONGEST:
        raise PolicyError(f"{where}: {value!r} is no duration of up to a year (30s, 5m, 24h, 3d, 5wd)")
    return target, found[2]


def _share(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise PolicyError(f"{where}: {value!r} is no share of the target (0.8)")
    return float(value)


def lacks(policy: Policy, now_us: int) -> list[tuple[str, str]]:
    """What a policy that can be used still lacks, in Chinese and English: clocks that every shop has, years not announced."""
    told = []
    missing = [name for name in TRIGGERS if name not in policy.clocks]
    if missing:
        names = ", ".join(missing)
        told.append((f"没有这些钟：{names}", f"no clocks {names}"))
    this = datetime.fromtimestamp(now_us / SECOND, ZoneInfo(policy.zone))
    years = {this.year, (this + timedelta(days=AHEAD_DAYS)).year}
    for year in sorted(years - policy.calendar.announced):
        told.append((f"{year} 年的放假安排没有写进来", f"the holidays of {year} are not in it"))
    return told

"""An agent's own shift: hours by weekday as a line of text, and whether a moment lies in them."""

from dataclasses import replace
from functools import lru_cache

from kefu_tui.rules.calendar import Calendar, Hours, shift_spans
from kefu_tui.rules.policy import WEEKDAYS, PolicyError, weekly_hours

OFF = "off"
_NEVER = 1 << 62


@lru_cache(256)
def parse_shift(text: str) -> tuple[Hours, ...]:
    """Hours by weekday of a line such as `daily 09:00-12:00, 13:00-17:00; sat off`. Raises PolicyError.

    Parts are apart by `;`, each a day (mon … sun, or daily for those not named) and its intervals, or `off`.
    """
    data: dict[str, object] = {}
    for part in text.split(";"):
        day, _, hours = part.strip().partition(" ")
        if day not in (*WEEKDAYS, "daily"):
            raise PolicyError(f"shift: {day!r} is none of {', '.join(WEEKDAYS)}, daily")
        if day in data:
            raise PolicyError(f"shift: {day} stands twice")
        if not hours.strip():
            raise PolicyError(f"shift: {day} needs its hours (09:00-17:00), or off")
        data[day] = [] if hours.strip() == OFF else [one.strip() for one in hours.split(",")]
    return weekly_hours(data)


def within(text: str, calendar: Calendar, now: int) -> bool:
    """Whether a moment (µs UTC) lies in a shift, by the zone of a calendar; a shift that is not told has no end."""
    if not text:
        return True
    own = replace(calendar, shift=parse_shift(text), overrides={})
    begin, _ = next(shift_spans(own, now), (_NEVER, _NEVER))
    return begin <= now

"""Times as people and programs write them on the command line, and as answers tell them: ISO 8601 with zone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kefu_tui.now import SECOND

_DURATION = re.compile(r"(\d{1,5})\s*(s|m|h|d|秒|分钟|分|小时|时|天)")
_UNITS = {"s": 1, "秒": 1, "m": 60, "分": 60, "分钟": 60, "h": 3600, "时": 3600, "小时": 3600, "d": 86400, "天": 86400}
_CLOCK = re.compile(r"(?:(today|tomorrow|今天|明天)\s*)?(\d{1,2})[:：](\d{2})")
_PAST = re.compile(r"(?:(yesterday|昨天)\s*)?(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(us: int | None, zone: str) -> str | None:
    """A moment (µs UTC) in ISO 8601 with the zone's offset, to the second, or the millisecond where there is a part."""
    if us is None:
        return None
    moment = (_EPOCH + timedelta(microseconds=us)).astimezone(ZoneInfo(zone))
    return moment.isoformat(timespec="milliseconds" if us % SECOND >= 1000 else "seconds")


def moment(text: str, zone: str) -> int | None:
    """A time in ISO 8601 as µs UTC, meant in this zone where it names none; None when it is no time."""
    try:
        read = datetime.fromisoformat(text.strip())
        return _us(read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError):
        return None


def later(text: str, now: int, zone: str) -> int | None:
    """When `30m`, `2h`, `18:30`, `tomorrow 9:00` or an ISO time will be, as µs UTC; None when it is no time.

    A time of day that is over today is tomorrow's.
    """
    told = text.strip().lower()
    if span := _DURATION.fullmatch(told):
        return now + int(span[1]) * _UNITS[span[2]] * SECOND
    if clock := _CLOCK.fullmatch(told):
        here = datetime.fromtimestamp(now // SECOND, ZoneInfo(zone))
        try:
            then = here.replace(hour=int(clock[2]), minute=int(clock[3]), second=0, microsecond=0)
        except ValueError:
            return None
        if clock[1] in ("tomorrow", "明天") or (clock[1] is None and then <= here):
            then += timedelta(days=1)
        return _us(then)
    return moment(text, zone)


def earlier(text: str, now: int, zone: str) -> int | None:
    """When `10:02:11` or `10:02` is today, `yesterday 23:50`, `2m` ago, or an ISO time, as µs UTC; None when it is no time."""
    told = text.strip().lower()
    if span := _DURATION.fullmatch(told):
        return now - int(span[1]) * _UNITS[span[2]] * SECOND
    if clock := _PAST.fullmatch(told):
        here = datetime.fromtimestamp(now // SECOND, ZoneInfo(zone))
        try:
            then = here.replace(hour=int(clock[2]), minute=int(clock[3]), second=int(clock[4] or 0), microsecond=0)
        except ValueError:
            return None
        return _us(then - timedelta(days=1) if clock[1] else then)
    return moment(text, zone)


def _us(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)

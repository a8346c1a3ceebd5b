"""The reply rate as a platform counts it, and how many more rounds may be late: definitions are data."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

import msgspec

from kefu_tui.now import DAY, SECOND
from kefu_tui.rules.calendar import local_us

Unit = Literal["round", "conversation", "customer", "first_answer"]
"""What is counted; a conversation or a customer is late where any of its rounds was."""


class PlatformError(Exception):
    """A definition that cannot be used; the message is one line."""


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    zh: str
    en: str
    unit: Unit
    window: list[str]
    days: int
    threshold: str
    warn: str
    human_only: bool
    source: str
    confirmed: bool
    target: float | None = None


class Platform(NamedTuple):
    """A definition. `window`: intervals of the day in minutes in which rounds begin that count; times in µs."""

    name: str
    zh: str
    en: str
    unit: Unit
    window: tuple[tuple[int, int], ...]
    days: int
    threshold: int
    warn: int
    target: Fraction | None
    source: str
    confirmed: bool

    def title(self, lang: str) -> str:
        """What the figure is called."""
        return self.en if lang == "en" else self.zh


class Round(NamedTuple):
    """A customer waiting for an answer: from the first unanswered message to the reply of a person, if there was one."""

    conversation_id: str
    customer_id: str
    asked_at: int
    answered_at: int | None
    first: bool
    """The first one of its conversation."""


class Rate(NamedTuple):
    """The figure. Units that are still waiting and not late yet count nowhere but in `waiting`."""

    in_time: int
    late: int
    waiting: int
    may_be_late: int | None
    """How many more may be late and the target is still met; below 0: so many are missing. None without a target."""
    next_breach: tuple[str, int] | None
    """Conversation and moment (µs UTC) of what will be late first."""

    @property
    def total(self) -> int:
        """Units that count."""
        return self.in_time + self.late

    @property
    def share(self) -> float | None:
        """Share of those in time; None where nothing counts yet."""
        return self.in_time / self.total if self.total else None


def parse_platform(data: Mapping[str, object]) -> Platform:
    """A definition from the TOML form of its file. Raises PlatformError."""
    try:
        told = msgspec.convert(data, _Told)
    except msgspec.ValidationError as error:
        raise PlatformError(str(error)) from None
    target = None if told.target is None else Fraction(str(told.target))
    if target is not None and not 0 < target <= 1:
        raise PlatformError(f"target: {told.target} is no share (0.9)")
    if not 1 <= told.days <= 366:
        raise PlatformError(f"days: {told.days} is not 1 to 366")
    threshold, warn = _seconds(told.threshold, "threshold"), _seconds(told.warn, "warn")
    if warn > threshold:
        raise PlatformError(f"warn: {told.warn} is after the threshold {told.threshold}")
    window = tuple(_interval(one) for one in told.window)
    if not window:
        raise PlatformError("window: no interval")
    return Platform(
        told.name, told.zh, told.en, told.unit, window, told.days, threshold, warn, target, told.source, told.confirmed
    )


def counts(platform: Platform, asked_at: int, zone: str) -> bool:
    """Whether a round that began then lies in the window of the day."""
    minute = local_us(asked_at, zone) % DAY // (60 * SECOND)
    return any(begin <= minute < end for begin, end in platform.window)


def rate(platform: Platform, rounds: Iterable[Round], now: int, zone: str) -> Rate:
    """The figure of some rounds at a moment (µs UTC), by the platform's unit and window."""
    units: dict[str, list[Round]] = {}
    for number, one in enumerate(rounds):
        if not counts(platform, one.asked_at, zone) or (platform.unit == "first_answer" and not one.first):
            continue
        key = {"conversation": one.conversation_id, "customer": one.customer_id}.get(platform.unit, str(number))
        units.setdefault(key, []).append(one)
    in_time = late = waiting = 0
    breaches: list[tuple[int, str]] = []
    for some in units.values():
        if any(_late(platform, one, now) for one in some):
            late += 1
            continue
        still = [one for one in some if one.answered_at is None]
        if still:
            waiting += 1
            breaches += [(one.asked_at + platform.threshold, one.conversation_id) for one in still]
        else:
            in_time += 1
    first = min(breaches, default=None)
    return Rate(
        in_time,
        late,
        waiting,
        budget(platform.target, in_time, in_time + late),
        (first[1], first[0]) if first else None,
    )


def budget(target: Fraction | None, in_time: int, total: int) -> int | None:
    """The largest number of further late units with which the target is still met; negative where it is missed."""
    return None if target is None else floor(Fraction(in_time) / target) - total


def _late(platform: Platform, one: Round, now: int) -> bool:
    end = now if one.answered_at is None else one.answered_at
    return end - one.asked_at > platform.threshold


def _seconds(text: str, where: str) -> int:
    if not (text.endswith("s") and text[:-1].isdecimal() and int(text[:-1]) > 0):
        raise PlatformError(f"{where}: {text!r} is no time in seconds (180s)")
    return int(text[:-1]) * SECOND


def _interval(text: str) -> tuple[int, int]:
    parts: Sequence[str] = text.replace("-", ":").split(":")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) == 2 for part in parts):
        raise PlatformError(f"window: {text!r} is no interval (08:00-24:00)")
    begin, end = int(parts[0]) * 60 + int(parts[1]), int(parts[2]) * 60 + int(parts[3])
    if not 0 <= begin < end <= 24 * 60:
        raise PlatformError(f"window: {text!r} is no interval of a day")
    return begin, end

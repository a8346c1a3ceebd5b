"""Service clocks: when a promise falls due, by its policy, its calendar and its pauses."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kefu_tui.rules.calendar import NotAnnounced, Span, local_us, shift_spans, utc_us, wall_spans, working_spans
from kefu_tui.rules.policy import CalendarName, ClockRule, Policy, PolicyError, parse_policy

__all__ = ["CalendarName", "ClockRule", "Due", "Policy", "PolicyError", "due", "parse_policy"]

Pause = tuple[int, int | None]
"""From and to in microseconds UTC; None while it lasts."""

_NEVER = 1 << 62


class Due(NamedTuple):
    """The points of a running clock, microseconds UTC.

    A point is None while a pause that still lasts holds it back, and where the calendar ends: then `known` is False.
    """

    started_at: int
    warn_at: int | None
    due_at: int | None
    calendar: CalendarName
    known: bool
    soon_at: int | None


def due(policy: Policy, clock: str, started_us: int, pauses: Sequence[Pause] = (), group: str = "") -> Due:
    """When a clock that started is soon, warned of and due, by the hours of a group. Pauses may overlap.

    Working days are counted on the zone's wall clock, so that N of them end at the same local time. Raises PolicyError
    for a clock that the policy does not have.
    """
    rule = policy.clocks.get(clock)
    if rule is None:
        raise PolicyError(f"policy {policy.name} has no clock {clock!r}")
    steps = (round(rule.soon * rule.target), round(rule.warn * rule.target), rule.target)
    calendar = policy.calendar_of(group)
    held = _union(pauses, started_us) if pauses else []
    points: list[int | None] = []
    known = True
    if rule.calendar == "wall":
        points.extend(_reached(wall_spans(started_us), held, steps))
    elif rule.calendar == "shift":
        points.extend(_reached(shift_spans(calendar, started_us), held, steps))
    else:
        zone = policy.zone
        walls = [(local_us(begin, zone), end if end == _NEVER else local_us(end, zone)) for begin, end in held]
        spans = working_spans(calendar, local_us(started_us, zone))
        try:
            points.extend(utc_us(point, zone) for point in _reached(spans, walls, steps, over_midnight=True))
        except NotAnnounced:
            known = False
    soon_at, warn_at, due_at = points + [None] * (len(steps) - len(points))
    return Due(started_us, warn_at, due_at, rule.calendar, known, soon_at)


def on_shift(policy: Policy, now_us: int, group: str = "") -> bool:
    """Whether a moment lies in the hours of a group."""
    begin, _ = next(shift_spans(policy.calendar_of(group), now_us), (_NEVER, _NEVER))
    return begin <= now_us


def _union(pauses: Iterable[Pause], start: int) -> list[Span]:
    """The pauses after the start, in order and apart; one that still lasts never ends."""
    union: list[Span] = []
    for begin, end in sorted((begin, _NEVER if end is None else end) for begin, end in pauses):
        if end <= max(begin, start):
            continue
        if union and begin <= union[-1][1]:
            union[-1] = union[-1][0], max(union[-1][1], end)
        else:
            union.append((begin, end))
    return union


def _reached(
    spans: Iterable[Span], held: list[Span], steps: Sequence[int], *, over_midnight: bool = False
) -> Iterator[int]:
    """The moments at which each of the rising steps is used up while spans run and pauses stand still.

    A step that is used up with its span falls on the end of it, or `over_midnight` on the start of the next.
    """
    used = done = 0
    for start, end in spans:
        for begin, stop in _running(start, end, held):
            while done < len(steps):
                left = steps[done] - used
                if left > stop - begin or (over_midnight and left == stop - begin and stop == end):
                    break
                yield begin + left
                done += 1
            used += stop - begin
        if done == len(steps) or (held and held[-1][1] == _NEVER and held[-1][0] <= end):
            return


def _running(start: int, end: int, held: list[Span]) -> Iterator[Span]:
    """What is left of a span without the pauses."""
    for begin, stop in held:
        if begin >= end:
            break
        if stop > start:
            if begin > start:
                yield start, begin
            start = stop
    if start < end:
        yield start, end

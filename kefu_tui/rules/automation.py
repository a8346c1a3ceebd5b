"""Automation rules held against facts, and when a schedule falls due."""

from collections.abc import Collection
from datetime import date, timedelta

from kefu_tui.now import DAY, MINUTE
from kefu_tui.rules.automation_parse import parse
from kefu_tui.rules.automation_shape import AutomationError, Facts, Rule
from kefu_tui.rules.calendar import Calendar, NotAnnounced, local_us, utc_us
from kefu_tui.rules.policy import WEEKDAYS

__all__ = ["AutomationError", "Facts", "Rule", "occurrences", "parse", "refuses", "unknown_of_the_past", "works"]


def refuses(rule: Rule, facts: Facts) -> str:
    """The name of the first condition that does not hold; '' where the rule acts."""
    when = rule.when
    if facts.event not in rule.on:
        return "on"
    text = facts.text.casefold()
    listed: tuple[tuple[str, Collection[object], object], ...] = (
        ("kinds", when.kinds, facts.kind),
        ("channels", when.channels, facts.channel),
        ("groups", when.groups, facts.group),
        ("tiers", when.tiers, facts.tier),
        ("languages", when.languages, "zh" if facts.language.startswith("zh") else "en"),
        ("status", when.status, facts.status),
        ("priorities", when.priorities, facts.priority),
        ("clocks", when.clocks, facts.clock),
        ("scores", when.scores, facts.score),
        ("workflows", when.workflows, facts.workflow),
        ("states", when.states, facts.state),
    )
    for name, wanted, there in listed:
        if wanted and there is not None and there not in wanted:
            return name
    if when.tags and not facts.tags.intersection(when.tags):
        return "tags"
    if facts.tags.intersection(when.without_tags):
        return "without_tags"
    if when.words and not any(word.casefold() in text for word in when.words):
        return "words"
    if any(word.casefold() in text for word in when.without_words):
        return "without_words"
    if rule.pattern is not None and not rule.pattern.search(facts.text):  # type: ignore[attr-defined]
        return "pattern"
    if when.assigned is not None and facts.assigned not in (None, when.assigned):
        return "assigned"
    if facts.unanswered is not None and facts.unanswered < when.unanswered:
        return "unanswered"
    return _time_refuses(rule, facts)


def _time_refuses(rule: Rule, facts: Facts) -> str:
    when = rule.when
    if when.hours and (when.hours == "open") != facts.open:
        return "hours"
    if rule.between is not None:
        begin, end = rule.between
        inside = begin <= facts.minute < end if begin < end else facts.minute >= begin or facts.minute < end
        if not inside:
            return "between"
    if when.days:
        names = {WEEKDAYS[facts.day.weekday()]}
        if facts.working is not None:
            names.add("working" if facts.working else "off")
        if not names.intersection(when.days):
            return "days"
    return ""


def unknown_of_the_past(rule: Rule) -> list[str]:
    """Conditions that a rehearsal on what was has to take for held."""
    when = rule.when
    told = {"status": when.status, "assigned": when.assigned is not None, "unanswered": when.unanswered}
    return [name for name, asked in told.items() if asked]


def occurrences(rule: Rule, calendar: Calendar, after: int, until: int) -> list[int]:
    """When a schedule falls due in (after, until], µs UTC, in order."""
    zone = calendar.zone
    first = local_us(after, zone) // DAY
    last = local_us(until, zone) // DAY
    found = (
        utc_us(day * DAY + minute * MINUTE, zone)
        for day in range(first, last + 1)
        if _falls(rule, calendar, date(1970, 1, 1) + timedelta(days=day))
        for minute in rule.at
    )
    return [at for at in found if after < at <= until]


def _falls(rule: Rule, calendar: Calendar, day: date) -> bool:
    if not rule.when.days:
        return True
    names = {WEEKDAYS[day.weekday()]}
    working = works(calendar, day)
    if working is not None:
        names.add("working" if working else "off")
    return bool(names.intersection(rule.when.days))


def works(calendar: Calendar, day: date) -> bool | None:
    """Whether a date is a working day; None in a year that is not announced."""
    try:
        return calendar.working(day)
    except NotAnnounced:
        return None

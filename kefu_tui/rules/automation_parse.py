"""Automation rules read from data and checked: nothing unknown, nothing that could not be done."""

import re
import tomllib
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import get_args

import msgspec

from kefu_tui.now import DAY, HOUR, MINUTE
from kefu_tui.rules.automation_shape import CLOCKS, SCHEDULE, SPANS, TRIGGERS, VERBS, AutomationError, Rule, When
from kefu_tui.rules.kinds import Kind
from kefu_tui.rules.macro import Step, Trouble, read
from kefu_tui.rules.policy import WEEKDAYS

LONGEST = 20_000
"""Characters of a rule."""
MOST_STEPS = 20
LONGEST_SPAN = 90 * DAY
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SPAN = re.compile(r"([0-9]{1,4})\s*(s|m|h|d)")
_UNITS = {"s": MINUTE // 60, "m": MINUTE, "h": HOUR, "d": DAY}
_MOST = re.compile(r"([0-9]{1,3})\s+in\s+(.+)")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
STATUSES = ("waiting", "open", "snoozed", "resolved")
TIERS = ("new", "regular", "returning", "vip")
ALLOWED = ("conversation.", "ticket.", "order.review-return", "reminder.", "mode.begin", "mode.end")
"""Beginnings of the operations that a rule may name: work on customers, not administration."""
NEVER = frozenset(
    ("conversation.reply", "conversation.claim", "conversation.rate", "conversation.enter", "conversation.leave")
)
"""Only a person answers as a person and takes a conversation; only the customer comes, goes and gives a score."""


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it stands in a file."""

    name: str
    zh: str
    en: str
    on: str | tuple[str, ...]
    do: tuple[str, ...]
    when: When = When()
    after: str = ""
    at: tuple[str, ...] = ()
    most: str = "3 in 1h"
    storm: int = 1000
    order: int = 100
    stop: bool = False


@lru_cache(256)
def parse(body: str) -> Rule:
    """A rule from its TOML text; data/README.md tells the format. Raises AutomationError."""
    if len(body) > LONGEST:
        raise AutomationError(f"{len(body)} characters, at most {LONGEST}")
    try:
        told = msgspec.convert(tomllib.loads(body), _Told)
    except tomllib.TOMLDecodeError as error:
        raise AutomationError(f"no TOML: {error}") from None
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        raise AutomationError(f"{path.lstrip('.').rstrip('`') or 'rule'}: {_plain(what)}") from None
    return _ready(told)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def _ready(told: _Told) -> Rule:
    if not _NAME.fullmatch(told.name):
        raise AutomationError(f"name: {told.name!r} is no name (small letters, digits, _)")
    for field, title in (("zh", told.zh), ("en", told.en)):
        if not title.strip() or len(title) > 40 or not title.isprintable():
            raise AutomationError(f"{field}: a title of at most 40 characters is needed")
    on = (told.on,) if isinstance(told.on, str) else told.on
    _among("on", on, TRIGGERS, needed=True)
    after = _after(told, on)
    if (SCHEDULE in on) != bool(told.at):
        raise AutomationError("at: times of the day and on = schedule go together")
    if not 1 <= told.storm <= 100_000:
        raise AutomationError(f"storm: {told.storm} is not between 1 and 100000")
    if not 0 <= told.order <= 10_000:
        raise AutomationError(f"order: {told.order} is not between 0 and 10000")
    return Rule(
        name=told.name,
        zh=told.zh,
        en=told.en,
        on=frozenset(on),
        when=_checked(told.when, on),
        steps=_steps(told.do),
        after=after,
        at=tuple(sorted(_minute("at", one) for one in told.at)),
        most=_most(told.most),
        storm=told.storm,
        order=told.order,
        stop=told.stop,
        pattern=_compiled(told.when.pattern),
        between=_between(told.when.between),
    )


def _after(told: _Told, on: Sequence[str]) -> int:
    needs = [one for one in on if one in SPANS]
    if bool(needs) != bool(told.after):
        raise AutomationError(f"after: needed for {', '.join(SPANS)}, and for nothing else")
    return _span("after", told.after) if told.after else 0


def _checked(when: When, on: Sequence[str]) -> When:
    _among("when.kinds", when.kinds, get_args(Kind))
    _among("when.tiers", when.tiers, TIERS)
    _among("when.languages", when.languages, ("zh", "en"))
    _among("when.status", when.status, STATUSES)
    _among("when.days", when.days, (*WEEKDAYS, "working", "off"))
    if any(not 1 <= one <= 5 for one in when.priorities):
        raise AutomationError("when.priorities: 1 (highest) to 5")
    if when.unanswered < 0:
        raise AutomationError("when.unanswered: at least 0")
    speaks = {"opened", "received", "replied", "noted", "tagged", "rated"}
    if (when.words or when.without_words or when.pattern) and not set(on) <= speaks:
        raise AutomationError(f"when: words and pattern need an event with a text: {', '.join(sorted(speaks))}")
    if any(not one.strip() for one in (*when.words, *when.without_words)):
        raise AutomationError("when.words: an empty word")
    if when.scores and (set(on) != {"rated"} or any(not 1 <= one <= 5 for one in when.scores)):
        raise AutomationError("when.scores: 1 to 5, only with on = rated")
    if when.clocks and not set(on) <= set(CLOCKS):
        raise AutomationError(f"when.clocks: only with on = {', '.join(CLOCKS)}")
    if (when.workflows or when.states) and not set(on) <= {"ticket_opened", "ticket_moved", *CLOCKS}:
        raise AutomationError("when.workflows, when.states: only with events and clocks of tickets")
    return when


def _among(where: str, told: Sequence[str], known: Collection[str], *, needed: bool = False) -> None:
    if needed and not told:
        raise AutomationError(f"{where}: nothing is named. There are: {', '.join(known)}")
    for one in told:
        if one not in known:
            raise AutomationError(f"{where}: no {_plain(one)!r}. There are: {', '.join(known)}")


def _span(where: str, told: str) -> int:
    found = _SPAN.fullmatch(told.strip())
    span = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < span <= LONGEST_SPAN:
        raise AutomationError(f"{where}: {_plain(told)!r} is no time such as 30s, 10m, 24h, 7d (at most 90d)")
    return span


def _minute(where: str, told: str) -> int:
    found = _TIME.fullmatch(told)
    if not found:
        raise AutomationError(f"{where}: {_plain(told)!r} is no time of the day such as 09:00")
    return int(found[1]) * 60 + int(found[2])


def _between(told: str) -> tuple[int, int] | None:
    if not told:
        return None
    begin, dash, end = told.partition("-")
    if not dash:
        raise AutomationError(f"when.between: {_plain(told)!r} is no span such as 21:00-09:00")
    return _minute("when.between", begin.strip()), _minute("when.between", end.strip())


def _most(told: str) -> tuple[int, int]:
    found = _MOST.fullmatch(told.strip())
    if not found or not int(found[1]):
        raise AutomationError(f"most: {_plain(told)!r} is not such as `1 in 12h`")
    return int(found[1]), _span("most", found[2])


def _compiled(pattern: str) -> object | None:
    if not pattern:
        return None
    import re2  # takes its time, and most rules have no pattern

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    try:
        compiled: object = re2.compile(pattern, options=options)
    except re2.error as error:
        raise AutomationError(f"when.pattern: {_plain(pattern)!r} cannot be used: {error}") from None
    return compiled


def _steps(lines: Sequence[str]) -> tuple[Step, ...]:
    if len(lines) > MOST_STEPS:
        raise AutomationError(f"do: {len(lines)} steps, at most {MOST_STEPS}")
    steps, troubles = read("\n".join(line.replace("\n", "\\n") for line in lines), VERBS)
    wrong = troubles[0] if troubles else next((no for n, step in enumerate(steps, 1) if (no := _no(n, step))), None)
    if wrong is not None:
        raise AutomationError(f"do: {wrong.en.rstrip('.')}")
    return tuple(steps)


def _no(number: int, step: Step) -> Trouble | None:
    """What is wrong with a step besides what macros ask of theirs."""
    first, _, rest = step.argument.partition(" ")
    wrong = ""
    if step.verb == "priority" and step.argument not in ("1", "2", "3", "4", "5"):
        wrong = "priority is 1 (highest) to 5"
    elif step.verb == "notify" and not rest.strip():
        wrong = "notify needs whom and what: notify leads text"
    elif step.verb == "operation":
        wrong = _operation_wrong(first, rest)
    elif step.verb in ("tag", "untag", "resolve") and len(step.argument) > 40:
        wrong = "a tag has at most 40 characters"
    return Trouble(wrong, f"Step {number}: {wrong}") if wrong else None


def _operation_wrong(kind: str, arguments: str) -> str:
    if not any(kind == one or (one.endswith(".") and kind.startswith(one)) for one in ALLOWED) or kind in NEVER:
        return f"a rule may not do {_plain(kind)!r}"
    try:
        if not isinstance(msgspec.json.decode(arguments.strip() or "{}"), dict):
            raise ValueError
    except ValueError:
        return f"{kind} needs a JSON object behind it"
    return ""

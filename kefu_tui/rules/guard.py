"""The guard: words that must not reach a customer, as rules that are data, each with its source and what to say instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

import msgspec
import re2

Severity = Literal["block", "warn", "note"]
"""Never leaves as it is; leaves with a reason; is only pointed at."""

LONGEST = 20_000
"""Characters of a text that are looked at."""


class GuardError(Exception):
    """Rules that cannot be used; the message is one line: which rule, and what is wrong with it."""


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it stands in a file."""

    id: str
    severity: Severity
    zh: str
    en: str
    source: str
    match: list[str]
    fires: list[str]
    passes: list[str]
    unless: list[str] = []
    advice_zh: str = ""
    advice_en: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: RE2 patterns that hit unless what they hit lies in the words of an exception."""

    told: _Told
    patterns: tuple[object, ...]
    exceptions: tuple[object, ...]

    @property
    def id(self) -> str:
        """Its name, stable over versions."""
        return self.told.id

    @property
    def severity(self) -> Severity:
        """What happens to a text that breaks it."""
        return self.told.severity

    @property
    def source(self) -> str:
        """The law or the platform's rule that it stands on."""
        return self.told.source

    def name(self, lang: str) -> str:
        """What it is called."""
        return self.told.en if lang == "en" else self.told.zh

    def advice(self, lang: str) -> str:
        """What to say instead."""
        return self.told.advice_en if lang == "en" else self.told.advice_zh


class Hit(NamedTuple):
    """Characters [start, end) of a text that break a rule."""

    rule: Rule
    start: int
    end: int
    words: str


def parse_rules(data: Mapping[str, object]) -> tuple[Rule, ...]:
    """Rules from the TOML or JSON form of a file, `rule` being their list.

    Raises GuardError for a field that is wrong, a pattern that RE2 does not take, and for a rule whose own examples
    prove it wrong: each of `fires` must hit, none of `passes` may.
    """
    rules: list[Rule] = []
    for place, value in enumerate(cast("Sequence[object]", data.get("rule", []))):
        try:
            told = msgspec.convert(value, _Told)
        except msgspec.ValidationError as error:
            raise GuardError(f"rule {place + 1}: {error}") from None
        rule = Rule(told, _compiled(told, told.match), _compiled(told, told.unless))
        for example in told.fires:
            if not check(example, (rule,)):
                raise GuardError(f"{told.id}: does not hit its example {example!r}")
        for example in told.passes:
            if hits := check(example, (rule,)):
                raise GuardError(f"{told.id}: hits {hits[0].words!r} in {example!r}, which should pass")
        if told.id in {other.id for other in rules}:
            raise GuardError(f"{told.id}: stands twice")
        rules.append(rule)
    return tuple(rules)


def check(text: str, rules: Sequence[Rule]) -> list[Hit]:
    """Where a text breaks rules, in the order of the text; at one place the gravest rule first."""
    text = text[:LONGEST]
    found: list[Hit] = []
    for rule in rules:
        spans = sorted({span for pattern in rule.patterns for span in _spans(pattern, text)})
        if not spans:
            continue
        spared = [span for pattern in rule.exceptions for span in _spans(pattern, text)]
        end = -1
        for start, stop in spans:
            if start >= end and not any(start < last and first < stop for first, last in spared):
                found.append(Hit(rule, start, stop, text[start:stop]))
                end = stop
    order = ("block", "warn", "note")
    return sorted(found, key=lambda hit: (hit.start, order.index(hit.rule.severity), hit.end))


def _spans(pattern: object, text: str) -> list[tuple[int, int]]:
    return [hit.span() for hit in pattern.finditer(text) if hit.end() > hit.start()]  # type: ignore[attr-defined]


def _compiled(told: _Told, patterns: Sequence[str]) -> tuple[object, ...]:
    options = re2.Options()
    options.log_errors = False
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re2.compile(pattern, options=options))
        except re2.error as error:
            raise GuardError(f"{told.id}: the pattern {pattern!r} cannot be used: {error}") from None
    return tuple(compiled)

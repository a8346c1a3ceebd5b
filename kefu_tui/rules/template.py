"""Canned replies filled with values: Liquid without what could hurt, and without silent holes."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from kefu_tui.rules.liquid_engine import ASKED, END, FILLED, MARKERS, MISSING, placed, rendered, shown

__all__ = ["Filled", "TemplateError", "fill"]

LONGEST_TEMPLATE = 10_000
LONGEST_RESULT = 20_000
_LONGEST_TAG = 500

_NAME = r"[^\x00-@\[-^`{-\x7f][^\x00-,./:-@\[-^`{-\x7f]*"  # Liquid's own, but for what lies beyond U+FFFF
_PLAIN = re.compile(r"\{\{ *(" + _NAME + r"(?:\." + _NAME + r")+) *\}\}")
_OWN_MEANING = re.compile(
    r"(?:^|\.)(?:true|false|nil|null|none|empty|blank|and|or|not|contains|in|with|if|else|as|size|first|last)(?:\.|$)"
    r"|^(?:now|today)\.|-$|\s"
)
_OPENING = re.compile(r"\{\{|\{%")
_MARK = re.compile(f"[{FILLED}{MISSING}{ASKED}{END}]")


class TemplateError(Exception):
    """A template that cannot be filled; the message is one line and says where."""


class Filled(NamedTuple):
    """A filled template. A reply may go out only when `missing` and `asks` are empty.

    `spans` are the places of filled values in `text`, `gaps` those of what is not there, shown as `[shipment.carrier]`.
    `missing` names each of them once, `asks` what the agent is asked for (`{{ ask.reason }}`, shown as `[reason]`).
    """

    text: str
    spans: list[tuple[int, int]]
    missing: list[str]
    asks: list[str]
    gaps: list[tuple[int, int]]


def fill(text: str, values: Mapping[str, object]) -> Filled:
    """Fill a Liquid template with plain values: nested mappings, lists, texts, numbers.

    A value that is missing, empty or no text is a gap, unless the template gives a `default`. Raises TemplateError for
    a template that is wrong, too long, or does too much.
    """
    text = text.translate(MARKERS)
    if len(text) > LONGEST_TEMPLATE:
        raise TemplateError(f"the template has {len(text)} characters, more than {LONGEST_TEMPLATE}")
    marked = _filled_plainly(text, values)
    if marked is None:
        _check_tags(text)
        try:
            marked = rendered(text, values)
        except Exception as error:  # the engine lets through whatever Python raises on hostile input
            raise TemplateError(_one_line(error)) from None
    return _unmarked(marked)


def _filled_plainly(text: str, values: Mapping[str, object]) -> str | None:
    """The marked result of a template that holds nothing but `{{ a.b }}`; None for any other."""
    if "{%" in text:
        return None
    parts: list[str] = []
    done = 0
    for match in _PLAIN.finditer(text):
        between = text[done : match.start()]
        if _OWN_MEANING.search(match[1]) or max(match[1]) > "\uffff" or "{{" in between or between.endswith("{"):
            return None
        parts += (between, placed(match[1], shown(_looked_up(values, match[1].split(".")))))
        done = match.end()
    if "{{" in text[done:]:
        return None
    return "".join(parts) + text[done:]


def _looked_up(values: object, path: list[str]) -> object:
    for name in path:
        if not isinstance(values, Mapping):
            return None
        values = values.get(name)
    return values


def _check_tags(text: str) -> None:
    """Refuse tags that are long or not closed before the engine's patterns see them: they take their square in time."""
    done = 0
    while opening := _OPENING.search(text, done):
        closing = "}}" if opening[0] == "{{" else "%}"
        end = text.find(closing, opening.end(), opening.end() + _LONGEST_TAG)
        if end < 0:
            line = text.count("\n", 0, opening.start()) + 1
            raise TemplateError(
                f"line {line}: {opening[0]} is not closed with {closing} within {_LONGEST_TAG} characters"
            )
        done = end + len(closing)


def _one_line(error: Exception) -> str:
    message = str(error.args[0] if error.args else type(error).__name__).split("\n", 1)[0]
    message = "".join(char if char.isprintable() else "?" for char in message)[:120]
    token = getattr(error, "token", None)
    index, source = getattr(token, "start_index", -1), getattr(token, "source", "")
    return f"line {source.count(chr(10), 0, index) + 1}: {message}" if index >= 0 else message


def _unmarked(marked: str) -> Filled:
    parts: list[str] = []
    filled = Filled("", [], [], [], [])
    size = opened = 0
    done = 0
    sign = ""
    for match in _MARK.finditer(marked):
        part = marked[done : match.start()]
        parts.append(part)
        size += len(part)
        done = match.end()
        if match[0] != END:
            opened, sign = size, match[0]
        elif sign == FILLED:
            filled.spans.append((opened, size))
        else:
            filled.gaps.append((opened, size))
            names = filled.missing if sign == MISSING else filled.asks
            if part[1:-1] not in names:
                names.append(part[1:-1])
    parts.append(marked[done:])
    text = "".join(parts)
    if len(text) > LONGEST_RESULT:
        raise TemplateError(f"the filled text has {len(text)} characters, more than {LONGEST_RESULT}")
    return filled._replace(text=text)

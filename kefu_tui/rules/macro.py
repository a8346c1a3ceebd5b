"""Macros as they are written: one step a line, such as `标签 催件` or `tag urgent`."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

VERBS: dict[str, tuple[str, str]] = {
    "take": ("接待", ""),
    "reply": ("回复", "text"),
    "canned": ("话术", "shortcut"),
    "note": ("备注", "text"),
    "tag": ("标签", "name"),
    "untag": ("去标签", "name"),
    "transfer": ("转接", "to"),
    "snooze": ("稍后", "for"),
    "resolve": ("结束", "tag"),
    "reopen": ("重开", ""),
    "release": ("放回", ""),
    "approve-return": ("同意退货", ""),
}
"""What a step can do: its Chinese name, and the argument it takes ('' none)."""
MAY_BE_EMPTY = frozenset(("resolve",))
NOTE = " | "
"""Between whom a transfer goes to and its note."""
MOST = 20
"""Steps of a macro."""

_ASKS = re.compile(r"\{\{-?\s*ask\.([^\s|{}]{1,40})")
_SPAN = re.compile(r"(\d{1,4})\s*(m|分|分钟|h|时|小时|d|天)")
_MINUTES = {"m": 1, "分": 1, "分钟": 1, "h": 60, "时": 60, "小时": 60, "d": 1440, "天": 1440}


class Step(NamedTuple):
    """One step: a verb and its argument; a transfer's note behind ` | `."""

    verb: str
    argument: str = ""


class Trouble(NamedTuple):
    """What in a macro cannot be, one sentence in Chinese and English."""

    zh: str
    en: str

    def say(self, lang: str) -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.zh


def read(text: str, verbs: Mapping[str, tuple[str, str]] = VERBS) -> tuple[list[Step], list[Trouble]]:
    """The steps of a text, and what in it cannot be. Empty lines count for nothing; `\\n` in a line is a line end."""
    by_name = {name: verb for verb, (zh, _) in verbs.items() for name in (verb, zh)}
    steps: list[Step] = []
    troubles: list[Trouble] = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), 1):
        name, _, rest = line.strip().partition(" ")
        verb = by_name.get(name)
        if verb is None:
            known = "、".join(zh for zh, _ in verbs.values())
            troubles.append(
                Trouble(
                    f"第 {number} 步不认识 {name}，有：{known}。",
                    f"Step {number}: no {name}. There are: {', '.join(verbs)}.",
                )
            )
            continue
        step = Step(verb, re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], rest.strip()))
        steps.append(step)
        if (trouble := _wrong(number, step, verbs)) is not None:
            troubles.append(trouble)
    if not steps and not troubles:
        troubles.append(Trouble("还没有步骤。", "There are no steps yet."))
    if len(steps) > MOST:
        troubles.append(Trouble(f"最多 {MOST} 步。", f"At most {MOST} steps."))
    return steps, troubles


def _wrong(number: int, step: Step, verbs: Mapping[str, tuple[str, str]]) -> Trouble | None:
    zh, argument = verbs[step.verb]
    if argument and not step.argument and step.verb not in MAY_BE_EMPTY:
        return Trouble(f"第 {number} 步 {zh} 后面要有内容。", f"Step {number}: {step.verb} needs something behind it.")
    if not argument and step.argument:
        return Trouble(f"第 {number} 步 {zh} 后面不带内容。", f"Step {number}: {step.verb} takes nothing behind it.")
    if step.verb == "snooze" and minutes(step.argument) is None:
        return Trouble(f"第 {number} 步 稍后多久：30分、2h、1天。", f"Step {number}: snooze for how long: 30m, 2h, 1d.")
    return None


def write(steps: Sequence[Step], lang: str = "zh", verbs: Mapping[str, tuple[str, str]] = VERBS) -> str:
    """The steps as text that `read` gives back."""
    lines = []
    for step in steps:
        name = verbs[step.verb][0] if lang == "zh" else step.verb
        argument = step.argument.replace("\\", "\\\\").replace("\n", "\\n")
        lines.append(f"{name} {argument}".rstrip())
    return "\n".join(lines)


def packed(steps: Sequence[Step]) -> str:
    """The steps as they are stored."""
    return json.dumps([list(step) for step in steps], ensure_ascii=False)


def unpacked(stored: str) -> list[Step]:
    """The steps of what is stored; what cannot be understood is no step."""
    try:
        found: Any = json.loads(stored)
    except ValueError:
        return []
    return [
        Step(*one)
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one) and one[0] in VERBS
    ]


def asks(texts: Sequence[str]) -> list[str]:
    """The blanks that are asked for before a macro runs, in order, each once."""
    return list(dict.fromkeys(name for text in texts for name in _ASKS.findall(text)))


def minutes(span: str) -> int | None:
    """How long a snooze lasts: `30m`, `2h`, `1天`; None for anything else."""
    found = _SPAN.fullmatch(span.strip().lower())
    return int(found[1]) * _MINUTES[found[2]] if found and int(found[1]) else None

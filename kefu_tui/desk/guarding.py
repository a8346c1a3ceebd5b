"""The guard at the desk: a text held against the rules that ship, in the text's language."""

import tomllib
from functools import lru_cache

from kefu_tui.config import box
from kefu_tui.rules.guard import Hit, Rule, check, parse_rules


@lru_cache
def _rules(lang: str) -> tuple[Rule, ...]:
    return parse_rules(tomllib.loads(box("guard", f"{lang}.toml").read_text(encoding="utf-8")))


def breaches(text: str, lang: str) -> list[Hit]:
    """Where a text in a language breaks the guard's rules."""
    return check(text, _rules("en" if lang.startswith("en") else "zh"))


def told(text: str, lang: str, told_in: str) -> list[str]:
    """The same as sentences: what is wrong, with the words, and what to say instead."""
    return [
        f"{hit.rule.name(told_in)} {hit.words!r}: {hit.rule.advice(told_in)}"
        if told_in == "en"
        else f"{hit.rule.name(told_in)}「{hit.words}」：{hit.rule.advice(told_in)}"
        for hit in breaches(text, lang)
    ]

"""Both languages of the command line: which one a call speaks, and texts that hold both."""

import os
from collections.abc import Mapping, Sequence

LANGS = ("zh", "en")
VALUED = frozenset(("--home", "--backend", "--lang", "-o", "--output"))
"""Global options with a value behind them."""

_BETWEEN = "\x1f"


def both(zh: str, en: str) -> str:
    """One text that holds both languages, as help texts are kept until it is known who asks."""
    return f"{zh}{_BETWEEN}{en}"


def pick(text: str, lang: str) -> str:
    """The half of `both` in a language; a text without halves as it is."""
    zh, between, en = text.partition(_BETWEEN)
    return en if between and lang == "en" else zh


def language(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> tuple[str, bool]:
    """The language before a store is open, and whether somebody chose it: by --lang, KEFU_LANG, the locale, else zh."""
    words = iter(argv)
    for word in words:
        if not word.startswith("-") or word == "--":
            break
        value = next(words, "") if word in VALUED else word.partition("=")[2]
        if word.startswith("--lang") and value in LANGS:
            return value, True
    chosen = environ.get("KEFU_LANG", "")
    if chosen in LANGS:
        return chosen, True
    place = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    spoken = place.partition(".")[0].partition("_")[0].lower()
    return ("zh" if spoken in ("", "c", "posix", "zh") else "en"), False

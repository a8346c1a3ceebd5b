"""What a terminal draws otherwise than it is counted, in as many cells of something certain.

Characters of uncertain width, where the terminal draws them two cells wide; emoji of several characters, where it draws
these beside each other.
"""

import re
import unicodedata
from functools import lru_cache

from kefu_tui.text_cells import cells, clusters
from kefu_tui.text_clean import FOLDS, MAY_BE_AMBIGUOUS, fold_ambiguous

_LINES = {"\u2500": "-", "\u2501": "-", "\u2502": "|", "\u2503": "|"}
_LETTERS = {
    **dict(zip("αβγδεζηθικλμνξοπρστυφχψω", "abgdezhqiklmnxoprstufcyw", strict=True)),
    **dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", "abvgdejziiklmnoprstufhccssqyqeua", strict=True)),
    "ё": "e", "æ": "a", "œ": "o", "ð": "d", "þ": "t", "ß": "s", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ĳ": "j", "ĸ": "k",
    "ŀ": "l", "ł": "l", "ŉ": "n", "ŋ": "n", "ŧ": "t", "ɑ": "a", "ɡ": "g",
}  # fmt: skip
_SIGNS = {"№": "#", "™": "T", "℡": "T", "€": "E", "®": "R", "§": "S"}
_JOINED = re.compile("[\u200d\ufe0f\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff]")
_READS_THE_SAME = frozenset("…‥“”„‘’·•—–―‐→←↑↓⇒×÷′″∶─━│┃")
"""What is as plain when it is folded."""


def narrowed(text: str) -> str:
    """Clean text in as many cells without a character of uncertain width: `…` is `.`, `“` is `"`, `①` is `1`, `Ж` is `J`.

    What one cell cannot say is `*`: `½` is no `1`, `≥` no `>`. Of a joined emoji such a part goes.
    """
    if not any(map(uncertain, MAY_BE_AMBIGUOUS.findall(text))):
        return text
    return "".join(_narrow(text[start:end], size) for start, end, size in clusters(text))


def parted(text: str) -> str:
    """Clean text in as many cells without emoji of several characters: of each the first is left, a flag is its letters."""
    if not _JOINED.search(text):
        return text
    return "".join(_first(text[start:end], size) for start, end, size in clusters(text))


def lost(text: str) -> bool:
    """Whether a text says less when its characters of uncertain width are folded."""
    return any(uncertain(char) and char not in _READS_THE_SAME for char in MAY_BE_AMBIGUOUS.findall(text))


@lru_cache(4096)
def uncertain(char: str) -> bool:
    """Whether some terminals draw a character one cell wide and some two."""
    return unicodedata.east_asian_width(char) == "A" and unicodedata.category(char)[0] != "M"


@lru_cache(4096)
def _narrow(cluster: str, size: int) -> str:
    """One character with all that belongs to it, in so many cells."""
    if not any(map(uncertain, cluster)):
        return cluster
    if uncertain(cluster[0]):
        return _single(cluster[0]).ljust(size)
    kept = re.sub("\u200d(.)\ufe0f?", lambda found: "" if uncertain(found[1]) else found[0], cluster)
    return kept + " " * (size - cells(kept))


@lru_cache(4096)
def _first(cluster: str, size: int) -> str:
    if not _JOINED.search(cluster):
        return cluster
    letters = "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in cluster if "\U0001f1e6" <= char <= "\U0001f1ff")
    kept = letters or cluster[0]
    return kept + " " * (size - cells(kept))


def _single(char: str) -> str:
    lower = char.lower()
    if lower in _LETTERS:
        return _LETTERS[lower] if lower == char else _LETTERS[lower].upper()
    if char in _SIGNS:
        return _SIGNS[char]
    if "\u2500" <= char <= "\u257f":
        return _LINES.get(char, "+")
    folded = FOLDS.get(char) or fold_ambiguous(char)
    said = [part for part in folded if part.isascii() and part.isalnum()] or sorted(set(folded))
    return said[0] if len(said) == 1 and said[0].isascii() else "*"

"""Characters of uncertain width, each replaced by one of a single cell: for terminals that draw them two cells wide."""

import re
import unicodedata
from functools import lru_cache

from kefu_tui.text_clean import FOLDS

_MAY_BE_AMBIGUOUS = re.compile("[^ -~\u3000-\u3247\u3250-\ua48c\uac00-\ud7a3\uff01-\uffdc\U0001f300-\U0001faff]")
_LINES = {"\u2500": "-", "\u2501": "-", "\u2502": "|", "\u2503": "|"}
_LETTERS = {
    **dict(zip("αβγδεζηθικλμνξοπρστυφχψω", "abgdezhqiklmnxoprstufcyw", strict=True)),
    **dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", "abvgdejziiklmnoprstufhccssqyqeua", strict=True)),
    "ё": "e", "æ": "a", "œ": "o", "ð": "d", "þ": "t", "ß": "s", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ĳ": "j", "ĸ": "k",
    "ŀ": "l", "ł": "l", "ŉ": "n", "ŋ": "n", "ŧ": "t", "ɑ": "a", "ɡ": "g",
}  # fmt: skip


def narrowed(text: str) -> str:
    """Clean text with as many characters, none of uncertain width: `…` is `.`, `“` is `"`, `①` is `1`, `Ж` is `J`."""
    return _MAY_BE_AMBIGUOUS.sub(lambda found: _narrow(found[0]), text)


@lru_cache(4096)
def _narrow(char: str) -> str:
    kind = unicodedata.category(char)
    if unicodedata.east_asian_width(char) != "A" or kind[0] == "M":
        return char
    if char in FOLDS:
        return FOLDS[char][0]
    lower = char.lower()
    if lower in _LETTERS:
        return _LETTERS[lower] if lower == char else _LETTERS[lower].upper()
    plain = unicodedata.normalize("NFKD", char)
    letters = [part for part in plain if part.isascii() and part.isalnum()]
    if letters:
        return letters[0]
    if "\u2500" <= char <= "\u257f":
        return _LINES.get(char, "+")
    return "*"

"""Making text from outside harmless on a terminal, and visible."""

import re
import unicodedata
from functools import lru_cache

from kefu_tui.text_cells import EMOJI_STYLE, SHOWN_FORMAT, ZWJ, char_cells

LOST = "\ufffd"
"""Stands where a character cannot be shown."""

_HARMLESS = (
    " -~\u00a0-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f\u2000-\u200a\u2010-\u2027\u202f-\u205f"
    "\u20a0-\u20c0\u2100-\u218b\u2190-\u2426\u2460-\u2b73\u3000-\u3029\u3030-\u303f\u3041-\u3096\u309b-\u30ff"
    "\u3131-\u3163\u3165-\u318e\u3220-\ua48c\uac00-\ud7a3\uf900-\ufa6d\ufe30-\ufe52\uff01-\uff9f\uffe0-\uffe6\ufffd"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f6d7\U0001f900-\U0001fa53\U00020000-\U0002a6dd"
)
_HARMFUL = re.compile(f"[^\n{_HARMLESS}]")

_TAB = "    "
_NAMED = {
    "\u00ad": "<SHY>", "\u034f": "<CGJ>", "\u061c": "<ALM>", "\u180e": "<MVS>", "\u200b": "<ZWSP>", "\u200c": "<ZWNJ>",
    "\u200e": "<LRM>", "\u200f": "<RLM>", "\u202a": "<LRE>", "\u202b": "<RLE>", "\u202c": "<PDF>", "\u202d": "<LRO>",
    "\u202e": "<RLO>", "\u2060": "<WJ>", "\u2066": "<LRI>", "\u2067": "<RLI>", "\u2068": "<FSI>", "\u2069": "<PDI>",
    "\ufeff": "<BOM>",
}  # fmt: skip
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_NO_BASE = "\u25cc"
_MARKS = 3
_JOINS = 3
_JOINABLE = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)


def clean(text: str, *, newlines: bool = False) -> str:
    """Make text from outside harmless on a terminal, with everything dangerous or hidden in it made visible.

    Controls become pictures (`␛`) or escapes (`\\x9b`), direction and zero-width characters become names (`<RLO>`),
    what has no glyph becomes U+FFFD, floods of marks and joined emoji are cut, tabs become spaces. Newlines stay only
    with `newlines`, else they become spaces. Cleaning twice is cleaning once.
    """
    shown = text
    if _HARMFUL.search(text):
        shown = _tamed("".join(map(_shown, text.replace("\r\n", "\n"))))
    return shown if newlines else shown.replace("\n", " ")


@lru_cache(8192)
def _shown(char: str) -> str:
    """One character as it is shown whatever stands around it; those that depend on it are left to `_tamed`."""
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if char in _BLANK_LETTERS:
        return f"<U+{code:04X}>"
    category = unicodedata.category(char)
    if category == "Cc":
        return _shown_control(char)
    if category in ("Zl", "Zp"):
        return "\n"
    if category in ("Cs", "Co"):
        return LOST
    if category == "Cn":
        newer = char_cells(char) == 2 and code & 0xFFFE != 0xFFFE  # ideographs and emoji that this Python does not know
        return char if newer else LOST
    if category == "Cf" and char != ZWJ and char not in SHOWN_FORMAT:
        return LOST if 0xE0000 <= code <= 0xE007F else f"<U+{code:04X}>"
    return char


def _shown_control(char: str) -> str:
    code = ord(char)
    if char == "\n":
        return char
    if char == "\t":
        return _TAB
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\x{code:02x}"


def _tamed(text: str) -> str:
    """Cut what is harmless alone but not in its place or number: marks, skin tones, joiners."""
    out: list[str] = []
    base = False  # whether a mark has something to stand on
    marks = joins = 0
    joinable = toned = joined = False
    for index, char in enumerate(text):
        if char == ZWJ:
            joined = joinable and joins < _JOINS and _JOINABLE.match(text, index + 1) is not None
            joins += joined
            out.append(ZWJ if joined else "<ZWJ>")
            base, marks, joinable = True, 0, False
        elif char == "\n":
            out.append(char)
            base = joinable = False
        elif "\U0001f3fb" <= char <= "\U0001f3ff":
            keep = joinable and not toned
            out.append(char if keep else LOST)
            base, toned, joinable = True, True, keep
        elif char_cells(char) == 0:
            if not base:
                out.append(_NO_BASE)
                base, marks = True, 0
            marks += 1
            if marks <= _MARKS:
                out.append(char)
                joinable = joinable and char == EMOJI_STYLE
            else:
                joinable = False
                if marks == _MARKS + 1:
                    out.append(LOST)
        else:
            out.append(char)
            joins = joins if joined else 0
            base, marks, toned, joined = True, 0, False, False
            joinable = _JOINABLE.match(char) is not None
    return "".join(out)


FOLDS = {
    "…": "..", "‥": "..", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "·": ".", "•": ".", "—": "-", "–": "-",
    "―": "-", "‐": "-", "‖": "|", "→": ">", "←": "<", "↑": "^", "↓": "v", "⇒": ">", "×": "x", "÷": "/", "±": "+-",
    "°": "o", "℃": "C", "′": "'", "″": '"', "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∶": ":", "─": "-", "━": "-",
    "│": "|", "┃": "|", "¡": "!", "¿": "?", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "ı": "i",
    "ł": "l", "đ": "d", "Ð": "D", "ð": "d", "þ": "th", "Þ": "Th", "½": "1/2", "¼": "1/4", "¾": "3/4", LOST: "?",
    "≮": "!<", "≯": "!>", "√": "v", "€": "EUR", "®": "(R)", "№": "No.",
}  # fmt: skip
"""What characters of uncertain width are written as."""
_JOINED = re.compile("\u200d.[\ufe0f\U0001f3fb-\U0001f3ff]?|[\ufe0f\U0001f3fb-\U0001f3ff]")
MAY_BE_AMBIGUOUS = re.compile("[^ -~\u3000-\u3247\u3250-\ua48c\uac00-\ud7a3\uff01-\uffdc\U0001f300-\U0001faff]")
"""One character of which the width may be uncertain; quick to look for."""


def fold_ambiguous(text: str) -> str:
    """Fold clean text to characters that are as wide on every terminal: `…` to `..`, `“` to `"`, `é` to `e`.

    Of a joined emoji the first stays, without its tone. Letters without a narrow form (Greek, Cyrillic) stay.
    """
    return MAY_BE_AMBIGUOUS.sub(lambda found: _folded(found[0]), _JOINED.sub("", text))


@lru_cache(4096)
def _folded(char: str) -> str:
    if char in FOLDS:
        return FOLDS[char]
    kind = unicodedata.category(char)[0]
    if unicodedata.east_asian_width(char) != "A" or kind == "M":
        return char
    plain = "".join(part for part in unicodedata.normalize("NFKD", char) if unicodedata.category(part)[0] != "M")
    if kind == "N" and (value := unicodedata.numeric(char)) and plain == char:
        return str(int(value))  # a circled number that is no letter's variant
    plain = plain.replace("\u2044", "/")
    if plain and all(unicodedata.east_asian_width(part) != "A" for part in plain):
        return plain
    return "*" if kind in "SP" else char


def one_line(text: str) -> str:
    """A preview of text from outside: clean, on one line, without doubled spaces, of certain width."""
    line = " ".join(fold_ambiguous(clean(text)).split())
    return clean(line)  # a mark whose blank base is gone gets a visible one

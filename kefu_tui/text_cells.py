"""How many terminal cells a text takes: the same count as Textual's, without Textual."""

import re
import unicodedata
from functools import lru_cache

ZWJ = "\u200d"
EMOJI_STYLE = "\ufe0f"

_NARROW = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff]*")
"""Text of which every character takes one cell."""

_ZERO = frozenset(("Mn", "Me", "Mc", "Cf", "Cc", "Zl", "Zp"))
SHOWN_FORMAT = frozenset(  # the few format characters that terminals draw
    "\u00ad\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)

_WIDE_RANGES = (  # wide in Unicode 16 and 17, or newer than the tables of the oldest Python
    (0x2630, 0x2637), (0x268A, 0x268F), (0x2FFC, 0x2FFF), (0x31E4, 0x31E5), (0x31EF, 0x31EF),
    (0x4DC0, 0x4DFF), (0x16FF2, 0x16FF6), (0x187F8, 0x187FF), (0x18CFF, 0x18CFF), (0x18D09, 0x18D1E),
    (0x18D80, 0x18DF2), (0x1D300, 0x1D356), (0x1D360, 0x1D376), (0x1F6D8, 0x1F6D8), (0x1F6DC, 0x1F6DC),
    (0x1FA75, 0x1FA77), (0x1FA87, 0x1FA8A), (0x1FA8E, 0x1FA8F), (0x1FAAD, 0x1FAAF), (0x1FABB, 0x1FABF),
    (0x1FAC6, 0x1FAC6), (0x1FAC8, 0x1FAC8), (0x1FACD, 0x1FACF), (0x1FADA, 0x1FADC), (0x1FADF, 0x1FADF),
    (0x1FAE8, 0x1FAEA), (0x1FAEF, 0x1FAEF), (0x1FAF7, 0x1FAF8),
)  # fmt: skip

_WIDENED = re.compile(  # one cell by themselves, two before U+FE0F
    "[#*0-9©®‼⁉™ℹ↔-↙↩↪⌨⏏⏭-⏯⏱⏲⏸-⏺Ⓜ▪▫▶◀◻◼☀-☄☎☑☘☝☠☢☣☦☪☮☯☸-☺♀♂♟♠♣♥♦♨♻♾⚒⚔-⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷-⛹✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❣❤"
    "➡⤴⤵⬅-⬇🅰🅱🅾🅿🌡🌤-🌬🌶🍽🎖🎗🎙-🎛🎞🎟🏋-🏎🏔-🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳-🕹🖇🖊-🖍🖐🖥🖨🖱🖲🖼🗂-🗄🗑-🗓🗜-🗞🗡🗣🗨🗯🗳🗺🛋🛍-🛏🛠-🛥🛩🛰🛳]"
)


@lru_cache(8192)
def char_cells(char: str) -> int:
    """Cells of one character by itself: 0, 1 or 2."""
    code = ord(char)
    category = unicodedata.category(char)
    if category in _ZERO:
        return 1 if char in SHOWN_FORMAT else 0
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FB or code in (0x3164, 0xFFA0) or 0x1F3FB <= code <= 0x1F3FF:
        return 0  # conjoining or filling Hangul, skin tones
    if any(first <= code <= last for first, last in _WIDE_RANGES):
        return 2
    if category == "Cn":
        return 2 if 0x20000 <= code <= 0x3FFFD else 1
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cells(text: str) -> int:
    """Width of one line of text in terminal cells."""
    if _NARROW.fullmatch(text):
        return len(text)
    if ZWJ not in text and EMOJI_STYLE not in text:
        return sum(map(char_cells, text))
    return sum(width for _, _, width in clusters(text))


def clusters(text: str) -> list[tuple[int, int, int]]:
    """The pieces of a text that must stay together, as (start, end, cells), without gaps.

    A base with its marks, an emoji with what modifies or joins it, the two letters of a flag.
    """
    if _NARROW.fullmatch(text):
        return [(index, index + 1, 1) for index in range(len(text))]
    found: list[tuple[int, int, int]] = []
    widened = False  # whether U+FE0F may still add a cell to the last piece
    flag = False  # whether the last piece is the first letter of a flag
    index = 0
    while index < len(text):
        char = text[index]
        after = index + 1
        if char == ZWJ:
            width = 0
            after = min(index + 2, len(text))  # what is joined takes no room of its own
        elif char == EMOJI_STYLE:
            width = int(widened)
            widened = False
        else:
            width = char_cells(char)
        second = flag and "\U0001f1e6" <= char <= "\U0001f1ff"
        if found and (second or char in (ZWJ, EMOJI_STYLE) or not width):
            start, _, before = found[-1]
            found[-1] = (start, after, before + width)
        else:
            found.append((index, after, width))
        if width and char != EMOJI_STYLE:
            widened = _WIDENED.fullmatch(char) is not None
            flag = not second and "\U0001f1e6" <= char <= "\U0001f1ff"
        index = after
    return found

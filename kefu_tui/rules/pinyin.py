"""Pinyin keys of a canned reply, made when it is saved."""

import re
import unicodedata

_LONGEST = 200
_PIECES = re.compile("[a-z0-9]|[^\\x00-\\x7f]+")


def keys(text: str) -> tuple[str, str]:
    """Full pinyin without spaces, and initials: `物流查询` gives `wuliuchaxun` and `wlcx`.

    Letters and digits stay, in lower case; everything else goes. Loads pypinyin, which is big.
    """
    import pypinyin

    syllables: list[str] = []
    for piece in _PIECES.findall(unicodedata.normalize("NFKC", text[:_LONGEST]).lower()):
        syllables += [piece] if piece.isascii() else pypinyin.lazy_pinyin(piece, errors="ignore")
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


if __name__ == "__main__":
    import sys

    print(*keys(sys.stdin.buffer.read().decode()))

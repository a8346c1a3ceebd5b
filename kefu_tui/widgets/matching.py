"""Which characters of a title a search found, so that they can be underlined: by its words or by their initials."""

from functools import lru_cache

_FIRST = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"),
    (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"),
    (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"),
    (0xD1B9, "y"), (0xD4D1, "z"),
)  # fmt: skip
"""GB 2312 orders its first-level characters by pinyin: where each initial begins."""
_LAST = 0xD7F9


@lru_cache(4096)
def initial(char: str) -> str:
    """The first letter of a common character's pinyin; a letter or digit is its own; '' for anything else."""
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    try:
        code = int.from_bytes(char.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    if not _FIRST[0][0] <= code <= _LAST:
        return ""
    return next(letter for start, letter in reversed(_FIRST) if code >= start)


def found(title: str, query: str) -> list[tuple[int, int]]:
    """Spans of a title that the words of a query stand in, else that their initials stand for."""
    spans: list[tuple[int, int]] = []
    lower = title.lower()
    for word in query.lower().split():
        start = lower.find(word) if len(lower) == len(title) else -1
        span = (start, start + len(word)) if start >= 0 else _by_initials(title, word)
        if span:
            spans.append(span)
    spans.sort()
    apart: list[tuple[int, int]] = []
    for start, end in spans:
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def _by_initials(title: str, word: str) -> tuple[int, int] | None:
    places = [index for index, char in enumerate(title) if initial(char)]
    start = "".join(initial(title[index]) for index in places).find(word)
    return (places[start], places[start + len(word) - 1] + 1) if start >= 0 else None

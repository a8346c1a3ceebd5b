"""Cutting, padding and wrapping by cells, with the rules of Chinese line breaking (kinsoku)."""

import string
from collections.abc import Iterator, Sequence

from kefu_tui.text_cells import cells, clusters

Span = tuple[int, int]
Piece = tuple[int, int, int]

NEVER_FIRST = frozenset("，。！？、：；）」』》】〉〕〗］｝〞．…～·—’”％‰℃々ー,.!?:;)]}%")
"""What no line may start with."""

NEVER_LAST = frozenset("（「『《【〈〔〖［｛〝‘“￥＄([{")
"""What no line may end with."""

_SPACES = (" ", "\u3000")
_FULL_WIDTH = frozenset(chr(ord(char) + 0xFEE0) for char in string.ascii_letters + string.digits)
"""Letters and digits as an input method types them in its full-width form: a run of them is a word too."""
_QUOTES_CLOSE, _QUOTES_OPEN = frozenset("”’…—"), frozenset("“‘")
"""Marks of Chinese that take one cell: a line may end with these, or begin with those, beside others of one cell too."""
_KEPT_WHOLE = 12
_LAST_EFFORT = 2


def cut(text: str, width: int, *, tail: str = "..") -> str:
    """The text in at most `width` cells, ending with `tail` where something was cut. Never splits a character.

    No space is left before the tail.
    """
    if cells(text) <= width:
        return text
    room = width - cells(tail)
    return _head(text, width) if room < 0 else _head(text, room).rstrip() + tail


def fit(text: str, width: int) -> str:
    """The text cut or padded with spaces to exactly `width` cells."""
    short = cut(text, width)
    return short + " " * (width - cells(short))


def cut_middle(text: str, width: int) -> str:
    """A number in at most `width` cells, cut in the middle: `3287..2344`."""
    if cells(text) <= width:
        return text
    room = width - 2
    if room < 2:
        return cut(text, width)
    head = _head(text, (room + 1) // 2)
    return head + ".." + _end(text, room - cells(head))


def _head(text: str, width: int) -> str:
    used = 0
    for start, _, size in clusters(text):
        used += size
        if used > width:
            return text[:start]
    return text


def _end(text: str, width: int) -> str:
    used = 0
    for _, end, size in reversed(clusters(text)):
        used += size
        if used > width:
            return text[end:]
    return text


def wrap(text: str, width: int) -> list[str]:
    """The text as lines of at most `width` cells; only newlines and the spaces at breaks are lost."""
    return [text[start:end] for start, end in wrap_spans(text, width)]


def wrap_spans(text: str, width: int, *, keep: Sequence[Span] = ()) -> list[Span]:
    """The lines of `wrap` as (start, end) in the text, so that underlines can be mapped.

    A run of Latin letters or digits, full-width ones too, and a span of `keep` (filled values) up to 12 characters, is split
    only when it is wider than a line; punctuation stands at the wrong end of a line only when there is no other way.
    """
    lines: list[Span] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if cells(line) <= width:
            lines.append((start, start + len(line.rstrip("".join(_SPACES)))))
        else:
            lines.extend(_wrap_line(text, start, end, max(width, 2), keep))
        start = end + 1
    return lines


def _wrap_line(text: str, start: int, end: int, width: int, keep: Sequence[Span]) -> Iterator[Span]:
    line_start = line_end = start
    used = 0  # cells from line_start to line_end
    for first, last, size in _fitting(text, start, end, width, keep):
        gap = cells(text[line_end:first])
        if used + gap + size <= width:
            used += gap + size
        else:
            if line_end > line_start:
                yield line_start, line_end
            line_start, used = first, size
        line_end = last
    yield line_start, line_end


def _fitting(text: str, start: int, end: int, width: int, keep: Sequence[Span], effort: int = 0) -> Iterator[Piece]:
    """The unbreakable pieces in order; one that is wider than a line is broken with growing effort.

    First at the punctuation within a Latin run, then also where no line should begin or end, last anywhere.
    """
    for piece in _pieces(text, start, end, keep, effort):
        if piece[2] <= width:
            yield piece
        elif effort < _LAST_EFFORT:
            yield from _fitting(text, piece[0], piece[1], width, keep, effort + 1)
        else:
            yield from _chopped(text, piece, width)


def _chopped(text: str, run: Piece, width: int) -> Iterator[Piece]:
    first, last, _ = run
    start, used = first, 0
    for left, _, size in clusters(text[first:last]):
        if used + size > width and used:
            yield start, first + left, used
            start, used = first + left, 0
        used += size
    yield start, last, used


def _pieces(text: str, start: int, end: int, keep: Sequence[Span], effort: int) -> Iterator[Piece]:
    """(start, end, cells) of what a line break may not enter; spaces stand between pieces and belong to none."""
    whole = [span for span in keep if span[1] > start and span[0] < end and span[1] - span[0] <= _KEPT_WHOLE]
    parts = [(start + left, start + right, size) for left, right, size in clusters(text[start:end])]
    piece: Piece | None = None
    previous = (start, start, 0)
    for part in parts:
        inside = any(first < part[0] < last for first, last in whole)
        if text[part[0] : part[1]] in _SPACES and not inside:
            if piece:
                yield piece
            piece = None
        elif piece and (inside or not _may_break(text, previous, part, effort)):
            piece = piece[0], part[1], piece[2] + part[2]
        else:
            if piece:
                yield piece
            piece = part
        previous = part
    if piece:
        yield piece


def _may_break(text: str, left: Piece, right: Piece, effort: int) -> bool:
    before, after = text[left[0]], text[right[0]]
    if effort < _LAST_EFFORT and (after in NEVER_FIRST or before in NEVER_LAST):
        return False
    if effort < _LAST_EFFORT and before in _FULL_WIDTH and after in _FULL_WIDTH:
        return False
    if (left[2] != 1 and not before.isascii()) or (right[2] != 1 and not after.isascii()):
        return True
    if before in _QUOTES_CLOSE and not (before == "’" and after.isalnum()):
        return True
    if after in _QUOTES_OPEN:
        return True
    return effort > 0 and not before.isalnum() and after.isalnum()

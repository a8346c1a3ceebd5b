"""The write-ahead log of a damaged store: its frames one by one, and a log made of those that are to count.

SQLite stops at the first frame whose checksum is wrong and forgets what was committed behind it. The checksum of a frame begins
with the one that stands in the frame before, so that each can be judged by itself. https://sqlite.org/fileformat2.html#walformat
"""

import pathlib
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

HEADER, FRAME = 32, 24
MAGIC = 0x377F0682
"""Of logs whose checksums are made of words with the low byte first; one more for the high byte first."""
VERSION = 3007000

Sum = tuple[int, int]


class Frame(NamedTuple):
    """A page as some transaction left it. `size`: pages of the store where it is the last of its transaction, else 0."""

    page: int
    size: int
    data: bytes
    whole: bool


class Log(NamedTuple):
    """Frames up to the last commit, and those behind it that belong to none; whether the log's own header is as it was written."""

    committed: list[Frame]
    torn: list[Frame]
    headed: bool = True

    def damaged(self) -> bool:
        """Whether SQLite would forget what was committed, without a word.

        A frame that is wrong in the last transaction of all is no sign of it: so does a log look after a power cut, and nobody was
        told that this transaction was done.
        """
        every = [*self.committed, *self.torn]
        if not self.headed:
            return bool(every)
        wrong = next((place for place, frame in enumerate(every) if not frame.whole), len(every))
        return any(frame.whole and frame.size for frame in every[wrong:-1])


def read(path: pathlib.Path, page_size: int, *, judge: bool = True) -> Log:
    """Every frame of the newest round of a log, also behind a damaged one; nothing where there is no log.

    Without `judge` every frame counts as whole, which is quick.
    """
    data = path.read_bytes() if path.exists() else b""
    places = range(HEADER, len(data) - FRAME - page_size + 1, FRAME + page_size)
    if not places:
        return Log([], [])
    order = ">" if struct.unpack_from(">I", data)[0] == MAGIC + 1 else "<"
    before: Sum = struct.unpack_from(">II", data, 24)
    headed = before == checksum(data[:24], (0, 0), order)
    salt = data[16:24] if headed else data[HEADER + 8 : HEADER + 16]
    frames: list[Frame] = []
    last = 0
    for place in places:
        page, size = struct.unpack_from(">II", data, place)
        told: Sum = struct.unpack_from(">II", data, place + 16)
        body = data[place + FRAME : place + FRAME + page_size]
        ours = data[place + 8 : place + 16] == salt
        whole = ours and (not judge or told == checksum(body, checksum(data[place : place + 8], before, order), order))
        frames.append(Frame(page, size, body, whole))
        before = told
        if ours:
            last = len(frames)
    frames = frames[:last]  # What follows is of an older round.
    end = max((number for number, frame in enumerate(frames, 1) if frame.whole and frame.size), default=0)
    return Log(frames[:end], frames[end:], headed)


def write(path: pathlib.Path, frames: Sequence[Frame], page_size: int) -> None:
    """A log of these frames, all of them committed."""
    salt = bytes(range(8))
    head = struct.pack(">IIII", MAGIC, VERSION, page_size, 0) + salt
    total = checksum(head, (0, 0), "<")
    with path.open("wb") as file:
        file.write(head + struct.pack(">II", *total))
        for place, frame in enumerate(frames, 1):
            size = frame.size or (_size(frames) if place == len(frames) else 0)
            begin = struct.pack(">II", frame.page, size)
            total = checksum(frame.data, checksum(begin, total, "<"), "<")
            file.write(begin + salt + struct.pack(">II", *total) + frame.data)


def checksum(data: bytes, before: Sum, order: str) -> Sum:
    """SQLite's checksum of a piece that follows others."""
    first, second = before
    words: Iterable[int] = struct.unpack(f"{order}{len(data) // 4}I", data)
    pairs = iter(words)
    for one, other in zip(pairs, pairs, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


def _size(frames: Sequence[Frame]) -> int:
    return max(max(frame.page, frame.size) for frame in frames)

"""A text that is being written: cursor, lines as wrapped, editing, undo. Knows nothing of the screen."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from kefu_tui.text import cells, clusters, wrap_spans

LIMIT = 10_000
"""Characters of the longest message."""
STEPS = 200
"""Steps that can be taken back."""
_REWRAPPED = 2
"""Rows above an edit that it may change."""
_NEAR = 64
"""Characters around the cursor in which its neighbours are looked for."""
_STOPS = frozenset("，。！？、；：,.!?;: \n")


class State(NamedTuple):
    """What undo brings back."""

    text: str
    at: int
    marks: tuple[tuple[int, int], ...]


def typed(text: str) -> str:
    """Text as it may be typed or pasted: no controls and no hidden marks; tabs become spaces, line ends newlines."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    if kept.isascii() and kept.isprintable():
        return kept
    return "".join(map(_kept, kept))


def _kept(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\n\u200d":
        return char
    if category in ("Zl", "Zp"):
        return "\n"
    return "" if category in ("Cc", "Cf", "Cs", "Co") else char


class Writing:
    """The text, where the cursor stands in it, and which spans are filled values. Every edit can be undone."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0
        self.marks: tuple[tuple[int, int], ...] = ()
        """Filled values that nobody has touched: ascending, apart."""
        self._done: list[State] = []
        self._undone: list[State] = []
        self._run = ""
        """What kind of edit the last one was; the same kind goes on as one step of undo."""
        self._goal: int | None = None
        """The column that moving up and down keeps."""
        self._wrapped: list[tuple[int, int]] = []
        self._width = 0
        self._edited: int | None = 0
        """Where the text became another since it was wrapped; None where it did not."""

    # Editing

    def set(self, text: str, marks: tuple[tuple[int, int], ...] = ()) -> None:
        """Replaces everything; the cursor goes to the end, the past is kept for undo."""
        fresh = typed(text)
        if fresh == self.text and marks == self.marks:
            return
        self._step("set")
        self.text, self.at, self.marks = fresh, len(fresh), marks if fresh == text else ()
        self._edited = 0

    def start(self, text: str, marks: tuple[tuple[int, int], ...] = ()) -> None:
        """Begins with a text that has no past: another conversation's, or what a draft kept."""
        self.text = typed(text)
        self.at = len(self.text)
        self.marks = marks if self.text == text else ()
        self._done.clear()
        self._undone.clear()
        self._run, self._goal = "", None
        self._edited = 0

    def insert(self, text: str) -> bool:
        """Writes at the cursor. False, with nothing changed, where the message would be too long."""
        return self.replace(self.at, self.at, text)

    def replace(self, start: int, end: int, text: str, marks: Sequence[tuple[int, int]] = ()) -> bool:
        """Writes in the place of a span; `marks` are spans of what is written.

        False, with nothing changed, where the message would be too long.
        """
        fresh = typed(text)
        if len(self.text) + len(fresh) - (end - start) > LIMIT:
            return False
        if fresh or start < end:
            stop = fresh in _STOPS
            one = len(fresh) == 1 and start == end
            self._step("typing" if one and (not stop or self._run == "typing") else "")
            self._replace(start, end, fresh)
            if fresh == text and marks:
                self.marks = tuple(sorted((*self.marks, *((start + one, start + last) for one, last in marks))))
            if stop:
                self._run = ""  # a stop ends a step
        return True

    def back(self) -> None:
        """Deletes the character before the cursor."""
        self._cut("back", self._before(self.at), self.at)

    def delete(self) -> None:
        """Deletes the character after the cursor."""
        self._cut("delete", self.at, self.after(self.at))

    def back_word(self) -> None:
        """Deletes the word before the cursor: a run of letters and digits, or of Chinese up to a stop."""
        self._cut("", self._word_before(), self.at)

    def kill_end(self) -> None:
        """Deletes to the end of the line; at its end, the newline."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        self._cut("", self.at, end if end > self.at else min(len(self.text), end + 1))

    def kill_start(self) -> None:
        """Deletes to the start of the line; at its start, the newline before it."""
        start = self.text.rfind("\n", 0, self.at) + 1
        self._cut("", start if start < self.at else max(0, start - 1), self.at)

    def undo(self) -> bool:
        """Takes the last step back."""
        return self._go(self._done, self._undone)

    def redo(self) -> bool:
        """Does again what was taken back."""
        return self._go(self._undone, self._done)

    def _go(self, source: list[State], target: list[State]) -> bool:
        if not source:
            return False
        target.append(State(self.text, self.at, self.marks))
        self.text, self.at, self.marks = source.pop()
        self._edited = 0
        self._run, self._goal = "", None
        return True

    def _step(self, run: str) -> None:
        """Notes the state before an edit, unless it continues the last one."""
        if not run or run != self._run:
            self._done.append(State(self.text, self.at, self.marks))
            del self._done[:-STEPS]
        self._undone.clear()
        self._run, self._goal = run, None

    def _cut(self, run: str, start: int, end: int) -> None:
        if start < end:
            self._step(run)
            self._replace(start, end, "")

    def _replace(self, start: int, end: int, fresh: str) -> None:
        shift = len(fresh) - (end - start)
        self._edited = start if self._edited is None else min(self._edited, start)
        self.text = self.text[:start] + fresh + self.text[end:]
        self.at = start + len(fresh)
        before = tuple(mark for mark in self.marks if mark[1] <= start)
        self.marks = before + tuple((one + shift, last + shift) for one, last in self.marks if one >= end)

    # Moving

    def left(self) -> None:
        """One character back."""
        self.move(self._before(self.at))

    def right(self) -> None:
        """One character on."""
        self.move(self.after(self.at))

    def left_word(self) -> None:
        """To the start of the word."""
        self.move(self._word_before())

    def right_word(self) -> None:
        """Past the end of the word."""
        at = self.after(self.at)
        while at < len(self.text) and _kind(self.text[at - 1]) in (" ", _kind(self.text[at])):
            at = self.after(at)
        self.move(at)

    def move(self, at: int) -> None:
        """Puts the cursor before a character."""
        self.at = min(max(0, at), len(self.text))
        self._run, self._goal = "", None

    def home(self, width: int) -> None:
        """To the start of the row."""
        rows = self.rows(width)
        self.move(rows[self.row(rows)][0])

    def end(self, width: int) -> None:
        """To the end of the row."""
        rows = self.rows(width)
        row = self.row(rows)
        last = row + 1 == len(rows)
        stop = len(self.text) if last else rows[row + 1][0]
        broken = not last and self.text[stop - 1] != "\n"
        self.move(self._before(stop) if broken else stop - (0 if last else 1))

    def vertical(self, rows: int, width: int) -> bool:
        """Moves by rows and keeps the column; False where there is no such row."""
        lines = self.rows(width)
        here = self.row(lines)
        there = here + rows
        if not 0 <= there < len(lines):
            return False
        goal = self._goal if self._goal is not None else self.column(lines, width)
        self.at = self.index(lines, there, goal)
        self._run, self._goal = "", goal
        return True

    # Rows

    def rows(self, width: int) -> list[tuple[int, int]]:
        """The rows as wrapped for a width: start and end of each in the text. Those above an edit are kept."""
        if width != self._width:
            self._width, self._edited = width, 0
        if self._edited is not None:
            kept = [row for row in self._wrapped if row[1] < self._edited][:-_REWRAPPED]
            start = kept.pop()[0] if kept else 0
            marks = [(one - start, last - start) for one, last in self.marks]
            fresh = wrap_spans(self.text[start:], width, keep=marks)
            self._wrapped = kept + [(start + one, start + last) for one, last in fresh]
            self._edited = None
        return self._wrapped

    def row(self, rows: list[tuple[int, int]]) -> int:
        """The row that the cursor stands in."""
        return max(index for index, (start, _) in enumerate(rows) if start <= self.at)

    def column(self, rows: list[tuple[int, int]], width: int) -> int:
        """The cell of its row that the cursor stands in, at most `width`."""
        return min(width, cells(self.text[rows[self.row(rows)][0] : self.at]))

    def index(self, rows: list[tuple[int, int]], row: int, column: int) -> int:
        """The character of a row at a cell, or the row's last place."""
        start, end = rows[row]
        used = 0
        for first, _, size in clusters(self.text[start:end]):
            if used + size > column:
                return start + first
            used += size
        wrapped = row + 1 < len(rows) and end == rows[row + 1][0]
        return self._before(end) if wrapped and end > start else end

    def _before(self, at: int) -> int:
        start = max(0, at - _NEAR)
        near = clusters(self.text[start:at])
        return start + near[-1][0] if near else 0

    def after(self, at: int) -> int:
        """Where the character at a place ends."""
        near = clusters(self.text[at : at + _NEAR])
        return at + near[0][1] if near else at

    def _word_before(self) -> int:
        at = self.at
        while at and self.text[at - 1] == " ":
            at -= 1
        if not at:
            return 0
        kind = _kind(self.text[at - 1])
        while at and _kind(self.text[at - 1]) == kind:
            at = self._before(at)
        return at


def _kind(char: str) -> str:
    """What word a character belongs to: letters and digits, spaces, stops, or Chinese."""
    if char in " \n":
        return char
    if char.isascii() and char.isalnum():
        return "a"
    return "字" if char.isalnum() else "."

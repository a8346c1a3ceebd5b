"""Ink: the colours of the design as tokens for four themes, and the small pen that every pane draws its lines with."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.now import SECOND
from kefu_tui.text import cells, clusters, countdown, cut, signed_countdown, urgency_at
from kefu_tui.widgets.inks import INKS, Ink

if TYPE_CHECKING:
    from kefu_tui.store.shown import Due


def ink_of(widget: Widget) -> Ink:
    """The ink of the app that a widget lives in; dark outside of KefuApp (tests, a bare app)."""
    found = getattr(widget.app, "ink", None)
    return found if isinstance(found, Ink) else INKS["dark"]


def lang_of(widget: Widget) -> str:
    """The language of the app that a widget lives in: zh or en."""
    return "en" if getattr(widget.app, "lang", "zh") == "en" else "zh"


def say(lang: str, zh: str, en: str) -> str:
    """The words of a language: Chinese unless it is en."""
    return en if lang == "en" else zh


class Piece(NamedTuple):
    """A run of text in one style; `fill` None lets the line's plane or tint through."""

    text: str
    ink: str
    bold: bool
    underline: bool
    strike: bool
    fill: str | None
    press: str = ""
    """The key, as a cap shows it, that a click here presses."""


@lru_cache(256)
def _pressing(key: str) -> Style:
    return Style.from_meta({"press": key})


class Line:
    """Builds one line of exactly `width` cells on a plane. Text given to it is clean and has no line ends.

    Left parts run from the left edge; `right` parts end `pad` cells before the right edge. Where both do not fit,
    the left is cut.
    """

    def __init__(self, ink: Ink, width: int, plane: str | None = "pane", pad: int = 1) -> None:
        self.ink = ink
        self.width = width
        self.plane = plane
        self.pad = pad
        self.cells = 0
        """Cells taken by the left parts so far."""
        self.left_pieces: list[Piece] = []
        self.right_pieces: list[Piece] = []
        self._right_cells = 0
        self._tints: list[tuple[int, int, str]] = []

    def add(
        self,
        text: str,
        *,
        ink: str = "text",
        bold: bool = False,
        underline: bool = False,
        strike: bool = False,
        fill: str | None = None,
    ) -> Self:
        """Append text to the left parts."""
        if text:
            self.left_pieces.append(Piece(text, ink, bold, underline, strike, fill))
            self.cells += cells(text)
        return self

    def gap(self, size: int = 1) -> Self:
        """Append empty cells."""
        return self.add(" " * max(0, size))

    def to(self, column: int) -> Self:
        """Empty cells up to a column; nothing where the line is there already."""
        return self.gap(column - self.cells)

    def column(
        self,
        text: str,
        width: int,
        *,
        flush: bool = False,
        ink: str = "text",
        bold: bool = False,
        underline: bool = False,
        fill: str | None = None,
    ) -> Self:
        """Append text as a column of exactly `width` cells, cut with `..`; `flush` sets it to the right."""
        shown = cut(text, width)
        blank = " " * (width - cells(shown))
        return self.add(blank + shown if flush else shown + blank, ink=ink, bold=bold, underline=underline, fill=fill)

    def right(
        self,
        text: str,
        *,
        ink: str = "text",
        bold: bool = False,
        underline: bool = False,
        strike: bool = False,
        fill: str | None = None,
    ) -> Self:
        """Append text to the parts that are flush right."""
        if text:
            self.right_pieces.append(Piece(text, ink, bold, underline, strike, fill))
            self._right_cells += cells(text)
        return self

    def tint(self, plane: str, size: int, start: int = 0) -> Self:
        """Lay a tint under the cells [start, start + size) where no piece has its own fill."""
        self._tints.append((start, start + size, plane))
        return self

    @property
    def room(self) -> int:
        """Cells left between the left parts and the right ones."""
        return max(0, self.width - self.cells - self._right_cells - (self.pad if self.right_pieces else 0))

    def strip(self) -> Strip:
        """The line as a Strip of exactly `width` cells."""
        segments: list[Segment] = []
        limit = self.width - self._right_cells - (self.pad if self.right_pieces else 0)
        at = 0
        for piece in self.left_pieces:
            room = limit - at
            size = cells(piece.text)
            if size > room:
                short = cut(piece.text, room)
                self._draw(segments, Piece(short, *piece[1:]), at)
                at += cells(short)
                break
            self._draw(segments, piece, at)
            at += size
        if at < limit:
            self._draw(segments, Piece(" " * (limit - at), "text", False, False, False, None), at)
            at = limit
        for piece in self.right_pieces:
            self._draw(segments, piece, at)
            at += cells(piece.text)
        if at < self.width:
            self._draw(segments, Piece(" " * (self.width - at), "text", False, False, False, None), at)
        return Strip(segments, self.width)

    def _style_at(self, column: int, piece: Piece) -> Style:
        plane = self.plane
        for start, end, tint in self._tints:
            if start <= column < end:
                plane = tint
        style = self.ink.style(
            piece.ink, bold=piece.bold, underline=piece.underline, strike=piece.strike, fill=piece.fill, plane=plane
        )
        return style + _pressing(piece.press) if piece.press else style

    def _draw(self, segments: list[Segment], piece: Piece, at: int) -> None:
        """Append a piece that starts at column `at`, parted where a tint begins or ends."""
        edges = [edge for start, end, _ in self._tints for edge in (start, end)] if piece.fill is None else []
        if not any(at < edge < at + cells(piece.text) for edge in edges):
            segments.append(Segment(piece.text, self._style_at(at, piece)))
            return
        run, style = "", self._style_at(at, piece)
        for start, end, size in clusters(piece.text):
            here = self._style_at(at, piece)
            if here != style:
                segments.append(Segment(run, style))
                run, style = "", here
            run += piece.text[start:end]
            at += size
        segments.append(Segment(run, style))


def cap(line: Line, key: str, label: str = "", *, best: bool = False, ink: str = "mid", right: bool = False) -> Line:
    """A key as a cap with what it does beside it; `best` is the single best next key of the screen."""
    put, pieces = (line.right, line.right_pieces) if right else (line.add, line.left_pieces)
    before = len(pieces)
    if line.ink.flat:
        put(key, bold=True, underline=True)
    elif best:
        put(f" {key} ", ink="ink", bold=True, fill="azure")
    else:
        put(f" {key} ", bold=True, fill="cap")
    if label:
        put(" " + label, ink=ink)
    pieces[before:] = [piece._replace(press=key) for piece in pieces[before:]]
    return line


def cap_cells(ink: Ink, key: str, label: str = "") -> int:
    """Cells that `cap` takes."""
    return cells(key) + (0 if ink.flat else 2) + (cells(label) + 1 if label else 0)


def title(line: Line, name: str, count: str = "", *, focused: bool = False) -> Line:
    """The title of a pane from column 1: a filled chip where the pane has the focus, a bold word where not."""
    if focused:
        return line.add(f" {name} {count} " if count else f" {name} ", ink="ink", bold=True, fill="azure")
    return line.gap(1).add(name, bold=True).add(f" {count}" if count else "", ink="dim")


class ClockLook(NamedTuple):
    """How a clock is drawn: its text with sign, token, weight, fill, and the share of its time that is used."""

    state: str
    """calm, soon, now, over, paused or none."""
    text: str
    """Sign and time, at most six cells: `*1:25`, `18分`, `+1:12`; '' where no clock runs."""
    ink: str
    bold: bool
    fill: str | None
    tint: str
    """The tint that shows, left to right, how much of the time is used."""
    used: float
    """0.0 to 1.0."""


_NO_CLOCK = ClockLook("none", "", "dim", False, None, "calm", 0.0)
_TINTS = {"calm": "calm", "soon": "soon", "now": "now", "over": "now"}
_TOKENS = {"calm": "dim", "soon": "amber", "now": "red", "over": "ink"}


def urgency_style(due: "Due | None", now: int, lang: str = "zh") -> ClockLook:
    """Sign, token, weight, fill and used share of a clock at `now` (µs UTC)."""
    if due is None or (due.due_at is None and not due.paused):
        return _NO_CLOCK
    if due.paused or due.due_at is None:
        return ClockLook("paused", countdown(0, paused=True, lang=lang), "dim", False, None, "calm", _used(due, now))
    state = urgency_at(now, due.soon_at, due.warn_at, due.due_at)
    text = signed_countdown((due.due_at - now) / SECOND, state, lang=lang)
    fill = "red" if state == "over" else None
    return ClockLook(state, text, _TOKENS[state], state in ("now", "over"), fill, _TINTS[state], _used(due, now))


def _used(due: "Due", now: int) -> float:
    if due.due_at is None or due.due_at <= due.started_at:
        return 0.0
    return min(1.0, max(0.0, (now - due.started_at) / (due.due_at - due.started_at)))

"""A screen that lies over the workstation, and cuts what is seen beside it into whole characters."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from rich.segment import Segment
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip

from kefu_tui.text import clusters

ResultT = TypeVar("ResultT")


class Whole(Strip):
    """A row that is cut at characters as they are seen: one that a cut goes through becomes spaces.

    Textual cuts an emoji of several characters between these, and the rest of the row is out of line then.
    """

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """The row in parts."""
        places = list(cuts)
        return Strip(_apart(self, set(places)), self.cell_length).divide(places)


def _apart(segments: Iterable[Segment], cuts: Collection[int]) -> Iterator[Segment]:
    """The same row, each character of several in a segment of its own."""
    at = 0
    for text, style, control in segments:
        run = ""
        for start, end, size in clusters(text):
            if end - start == 1:
                run += text[start:end]
            else:
                through = any(at < cut < at + size for cut in cuts)
                shown = " " * size if through else text[start:end]
                yield from (Segment(part, style, control) for part in (run, shown) if part)
                run = ""
            at += size
        if run or control:
            yield Segment(run, style, control)


class Above(ModalScreen[ResultT]):
    """The base of sheets and of what else covers."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of the screen below."""
        return [Whole(strip, strip.cell_length) for strip in super().render_lines(crop)]

"""Five thousand phrases to look through: what ships in the box, over and over with another ending."""

import itertools
from collections.abc import Iterator

from kefu_tui.demo.seed import canned
from kefu_tui.model.rows import CannedReply

PHRASES = 5_000


def phrases() -> list[tuple[str, CannedReply]]:
    """An ending for the title, and the canned reply it goes with."""

    def endless() -> Iterator[tuple[str, CannedReply]]:
        shelf = list(canned(0))
        for round_ in itertools.count(1):
            yield from ((f" {round_}" if round_ > 1 else "", row) for row in shelf)

    return list(itertools.islice(endless(), PHRASES))

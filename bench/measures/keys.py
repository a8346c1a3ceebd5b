"""Key to paint in the workstation, nothing else going on."""

import random
import statistics

from bench.figures import Figure, spread
from bench.ground import Ground, environment, kefu
from bench.measures.start import PATIENCE_S, first_name
from bench.pty_timing import Screen

DEAD_S = 0.4
"""A median beyond this is that of something else, which paints once a second."""


def measure(ground: Ground) -> list[Figure]:
    """Moves through the queue row by row and page by page."""
    with Screen(kefu(ground.home()), environment()) as screen:
        screen.starts(first_name(ground), PATIENCE_S)
        screen.there_and_back("down", "up", 5, 1)
        samples = screen.there_and_back("down", "up", 25, 3)
        pages = screen.there_and_back("pagedown", "pageup", 1, 15)
        pause = random.Random(2)
        opening = []
        for _ in range(25):
            screen.key("down", pause)
            opening.append(screen.key("enter", pause))
        for _ in range(25):
            screen.key("up", pause)
        screen.key("enter", pause)
        screen.key("/", pause)
        filtering = [screen.key(key, pause) for key in ("t", "k", "backspace", "w", "backspace", "backspace") * 6]
        screen.key("escape", pause)
        screen.key("i", pause)
        typing = [screen.key(key, pause) for key in "abcdefgh" * 6]
        memory = screen.memory_mb()
    if statistics.median(samples) > DEAD_S:
        raise RuntimeError("the keys do nothing: only the clock is painted")
    return [
        *spread("key → paint, a row", [one * 1e3 for one in samples], "ms", p50="≤ 10", p99="≤ 16.7"),
        *spread("key → paint, a page", [one * 1e3 for one in pages], "ms", p50="≤ 10", p99="≤ 16.7"),
        *spread("key → paint, opening", [one * 1e3 for one in opening], "ms", p50="≤ 10", p99="≤ 16.7"),
        *spread("key → paint, filtering replies", [one * 1e3 for one in filtering], "ms", p50="≤ 10", p99="≤ 16.7"),
        *spread("key → paint, typing", [one * 1e3 for one in typing], "ms", p50="≤ 10", p99="≤ 16.7"),
        Figure("memory after 380 keys", memory, "MB", "≤ 120"),
    ]

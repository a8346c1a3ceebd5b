"""Key to paint in a bare list of lines by Textual: the floor that the workstation stands on."""

import sys

from bench.figures import Figure, spread
from bench.ground import Ground, environment
from bench.pty_timing import Screen


def measure(ground: Ground) -> list[Figure]:
    """The same keys as in the workstation, on 100,000 lines and nothing else."""
    with Screen([sys.executable, "-m", "bench.bare_list"], environment()) as screen:
        frame, _ = screen.starts("line 20", 30)
        screen.there_and_back("down", "up", 5, 1)
        samples = screen.there_and_back("down", "up", 25, 3)
        memory = screen.memory_mb()
    return [
        Figure("bare list → first frame", frame, "s"),
        *spread("bare list, key → paint", [one * 1e3 for one in samples], "ms"),
        Figure("memory of the bare list", memory, "MB"),
    ]

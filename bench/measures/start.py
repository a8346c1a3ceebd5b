"""`kefu` to first frame and to a queue that can be used; the memory it holds then."""

import re
import statistics

from bench.figures import Figure
from bench.ground import Ground, desk_at, environment, kefu
from bench.pty_timing import Screen
from kefu_tui.text import mask_name

RUNS = 5
PATIENCE_S = 60.0


def measure(ground: Ground) -> list[Figure]:
    """Starts it several times on the same store, after once for the disk's cache."""
    home = ground.home()
    name = first_name(ground)
    frames, usable, memory = [], [], []
    for run in range(RUNS + 1):
        with Screen(kefu(home), environment()) as screen:
            frame, ready = screen.starts(name, PATIENCE_S)
            if run:
                frames.append(frame)
                usable.append(ready)
                memory.append(screen.memory_mb())
    return [
        Figure("kefu → first frame", statistics.median(frames), "s", "≤ 0.5"),
        Figure("kefu → queue usable", statistics.median(usable), "s", "≤ 1.0"),
        Figure("memory of the workstation", statistics.median(memory), "MB", "≤ 120"),
    ]


def first_name(ground: Ground) -> str:
    """A pattern of the first name in the queue as it stands on the screen."""
    with desk_at(ground.home()) as desk:
        return re.escape(mask_name(desk.queue_rows(desk.queue_ids("work", 1))[0].name))

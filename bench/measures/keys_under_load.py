"""Key to paint while 50 changes a second come into the store by the way that pulled pages take."""

import subprocess

from bench.figures import Figure, spread
from bench.ground import Ground, environment, kefu
from bench.measures.start import PATIENCE_S, first_name
from bench.pty_timing import Screen

CHANGES = 50


def measure(ground: Ground) -> list[Figure]:
    """Moves through the queue beside `kefu seed --live`; an output may also be that of a change."""
    with ground.copy() as home, Screen(kefu(home), environment()) as screen:
        screen.starts(first_name(ground), PATIENCE_S)
        command = [*kefu(home, "seed", "--live", str(CHANGES))]
        with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as live:
            try:
                screen.there_and_back("down", "up", 10, 1, within=5)
                samples = screen.there_and_back("down", "up", 25, 3, within=30)
                if live.poll() is not None:
                    raise RuntimeError(f"kefu seed --live ended with {live.returncode}")
            finally:
                live.terminate()
    return spread(f"key → paint, {CHANGES} changes a second", [one * 1e3 for one in samples], "ms", p99="≤ 20")

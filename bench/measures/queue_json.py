"""`kefu queue -o json` from call to end."""

import json
import statistics
import subprocess
import time

from bench.figures import Figure
from bench.ground import Ground, environment, kefu

RUNS = 5


def measure(ground: Ground) -> list[Figure]:
    """Calls it several times, after once for the disk's cache."""
    command = kefu(ground.home(), "queue", "-o", "json")
    samples = []
    for run in range(RUNS + 1):
        begun = time.perf_counter()
        done = subprocess.run(command, env=environment(), capture_output=True, check=True)
        if run:
            samples.append(time.perf_counter() - begun)
        assert json.loads(done.stdout)
    return [Figure("kefu queue -o json", statistics.median(samples), "s", "≤ 0.8")]

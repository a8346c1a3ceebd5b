"""Memory of a desk that works for an hour: an agent who acts, customers who write, sync and its comparing all the while."""

import contextlib
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

from bench.figures import Figure
from bench.ground import ROOT, Ground, desk_at, environment
from bench.measures.load import served
from bench.measures.propagation import post
from bench.soak.desk import Agent, Log
from kefu_tui.desk.level import kept_level
from kefu_tui.desk.reads_cli import facts_of

CONVERSATIONS, MESSAGES = 10_000, 5
"""More than the page caches of its connections hold (16 MB each): they are full from the beginning and grow no more."""
MINUTES = int(os.environ.get("KEFU_BENCH_MINUTES", "60"))
WARM = 10
"""Minutes until what is kept is kept."""
VISITORS = 20
EACH_S = 0.5
"""Between two things that the agent does, and between two messages of customers."""
SAMPLE_S = 15.0


def measure(ground: Ground) -> list[Figure]:
    """The desk is a process of its own, as is the backend. `KEFU_BENCH_MINUTES` is how long, 60 when not told."""
    quiet = threading.Event()
    with served(CONVERSATIONS, MESSAGES) as desk, contextlib.ExitStack() as ends:
        home, backend = desk.store.path.parent, facts_of(desk).backend
        desk.store.close()
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.measures.memory", str(home), str(MINUTES)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=ROOT,
        )
        ends.callback(child.wait)
        ends.callback(child.terminate)
        customers = threading.Thread(target=_customers, args=(backend, quiet), daemon=True)
        customers.start()
        ends.callback(customers.join)
        ends.callback(quiet.set)
        assert child.stdout is not None
        samples: list[tuple[float, float]] = []
        acts = 0
        for line in child.stdout:
            told = json.loads(line)
            samples.append((told["hours"], told["mb"]))
            acts = told["acts"]
            print(
                f"\r{told['hours'] * 60:.1f} min, {told['mb']:.1f} MB, {acts} acts",
                end=" ",
                file=sys.stderr,
                flush=True,
            )
    warm = [(hours, mb) for hours, mb in samples if hours * 60 >= min(WARM, MINUTES / 2)]
    slope, _ = statistics.linear_regression(*zip(*warm, strict=True))
    return [
        Figure(f"memory of a desk after {WARM} min", warm[0][1], "MB"),
        Figure(f"memory of a desk after {MINUTES} min, {acts:,} acts", warm[-1][1], "MB"),
        Figure("memory of a desk grows", slope, "MB/h", "flat"),
    ]


def _customers(backend: str, quiet: threading.Event) -> None:
    tokens = [post(f"{backend}/chat/v1/visitors", {"name": f"顾客{n}"})["token"] for n in range(VISITORS)]
    for number in itertools.count():
        if quiet.wait(EACH_S):
            return
        with contextlib.suppress(OSError):  # too many at once
            post(
                f"{backend}/chat/v1/messages",
                {"client_id": f"c{number}", "text": f"在吗 {number}"},
                tokens[number % VISITORS],
            )


def _live(home: pathlib.Path, minutes: float) -> None:
    """The desk's process: works, and says what it takes."""
    begun = told = time.monotonic()
    acts = 0
    with desk_at(home) as desk, kept_level(desk):
        agent = Agent(desk, Log(home.parent / "agent.log"), 1)
        while (passed := time.monotonic() - begun) < minutes * 60:
            agent.act()
            acts += 1
            time.sleep(EACH_S)
            if time.monotonic() - told >= SAMPLE_S:
                told = time.monotonic()
                pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
                megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
                print(json.dumps({"hours": passed / 3600, "mb": megabytes, "acts": acts}), flush=True)


if __name__ == "__main__":
    _live(pathlib.Path(sys.argv[1]), float(sys.argv[2]))

"""`python -m bench.soak`: many seeded histories of desks, backend and adversary; a failing seed reproduces itself."""

import argparse
import pathlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence

from tests.sync import invariants
from tests.sync.world import World

STEPS = 150


class Counted(World):
    """A world that counts what its adversary does."""

    faults: Counter[str]

    def fault(self) -> str:
        """What the adversary does to the next message, '' for nothing."""
        done = super().fault()
        if done:
            self.faults[done] += 1
        return done


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs seed after seed until the last, or until time is up; 1 at the first violation."""
    parse = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parse.add_argument("--seeds", type=int, default=200, help="how many histories")
    parse.add_argument("--first", type=int, default=0, help="the first seed")
    parse.add_argument("--steps", type=int, default=STEPS, help="steps of each")
    parse.add_argument("--seconds", type=float, default=600.0, help="no new history after so many seconds")
    given = parse.parse_args(arguments)
    begun = time.monotonic()
    faults: Counter[str] = Counter()
    done = 0
    for seed in range(given.first, given.first + given.seeds):
        if time.monotonic() - begun > given.seconds:
            break
        try:
            faults += run(seed, given.steps)
        except Exception as error:
            print(f"seed {seed}, {given.steps} steps: {type(error).__name__}: {error}")
            print(f"again: python -m bench.soak --first {seed} --seeds 1 --steps {given.steps}")
            print(_line(done, faults, 1, begun))
            return 1
        done += 1
        if sys.stderr.isatty():
            print(f"\r{done} seeds", end="", file=sys.stderr, flush=True)
    print(_line(done, faults, 0, begun))
    return 0


def run(seed: int, steps: int) -> Counter[str]:
    """One history, checked after every step and when it has levelled out; returns the faults that were met."""
    with tempfile.TemporaryDirectory(prefix="kefu-soak-") as folder:
        Counted.faults = Counter()
        world = Counted(pathlib.Path(folder), seed)
        try:
            for _ in range(steps):
                world.step()
                invariants.always(world)
            world.heal()
            invariants.always(world)
            invariants.level(world)
        finally:
            world.close()
        return world.faults


def _line(seeds: int, faults: Counter[str], violations: int, begun: float) -> str:
    told = ", ".join(f"{name} {count:,}" for name, count in sorted(faults.items())) or "none"
    return f"{seeds} seeds, faults: {told}; violations: {violations}; {time.monotonic() - begun:.0f} s"


if __name__ == "__main__":
    sys.exit(main())

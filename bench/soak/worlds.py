"""Histories in virtual time: desks, backend and adversary in one process, from one seed."""

import pathlib
from collections import Counter

from tests.sync import invariants
from tests.sync.world import World

STEPS = 150
NUMBERS = {"lost": "F3", "answer-lost": "F3", "twice": "F4", "cut": "F3", "stale": "F5"}


class Counted(World):
    """A world that counts what its adversary does."""

    faults: Counter[str]

    def fault(self) -> str:
        """What the adversary does to the next message, '' for nothing."""
        done = super().fault()
        if done:
            self.faults[NUMBERS[done]] += 1
        return done


def run(seed: int, steps: int, folder: pathlib.Path) -> Counter[str]:
    """One history with copies that come back, checked after every step and when it has levelled out; the faults that were met."""
    Counted.faults = Counter()
    world = Counted(folder, seed)
    try:
        for number in range(steps):
            if number % 40 == 20:
                world.back_up()
            if number % 40 == 35 + seed % 4:
                world.restore()
                world.faults["F15"] += 1
            invariants.always(world, world.step())
        world.heal()
        invariants.always(world)
        invariants.level(world)
    finally:
        world.close()
    return world.faults

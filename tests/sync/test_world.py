"""Random histories of desks, backend and adversary: nothing lost, nothing doubled, everything level at the end."""

import os
import pathlib
from collections.abc import Callable

import pytest

from tests.sync import invariants
from tests.sync.scenarios import SCENARIOS
from tests.sync.world import World

RUNS = int(os.environ.get("KEFU_SYNC_RUNS", "12"))
BASE = int(os.environ.get("KEFU_SYNC_SEED", "0"))


@pytest.mark.parametrize("seed", range(BASE, BASE + RUNS))
def test_a_seeded_history_levels_out(tmp_path: pathlib.Path, seed: int) -> None:
    world = World(tmp_path, seed)
    try:
        for _ in range(150):
            invariants.always(world, world.step())
        world.heal()
        invariants.always(world)
        invariants.level(world)
    finally:
        world.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_directed_history(tmp_path: pathlib.Path, scenario: Callable[[World], None]) -> None:
    world = World(tmp_path, 0)
    try:
        world.quiet = True
        scenario(world)
        world.heal()
        invariants.level(world)
    finally:
        world.close()

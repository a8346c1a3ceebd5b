"""Random histories of desks, backend and adversary: nothing lost, nothing doubled, everything level at the end."""

import os
import pathlib

import pytest

from tests.sync import invariants
from tests.sync.world import World

RUNS = int(os.environ.get("KEFU_SYNC_RUNS", "12"))
BASE = int(os.environ.get("KEFU_SYNC_SEED", "0"))


@pytest.mark.parametrize("seed", range(BASE, BASE + RUNS))
def test_a_seeded_history_levels_out(tmp_path: pathlib.Path, seed: int) -> None:
    world = World(tmp_path, seed)
    try:
        for _ in range(150):
            world.step()
            invariants.always(world)
        world.heal()
        invariants.always(world)
        invariants.level(world)
    finally:
        world.close()

"""Random histories of desks, backend and adversary: nothing lost, nothing doubled, everything level at the end."""

import os
from collections.abc import Callable

import pytest

from tests.sync import invariants
from tests.sync.conftest import MakeWorld
from tests.sync.scenarios import SCENARIOS
from tests.sync.world import World

RUNS = int(os.environ.get("KEFU_SYNC_RUNS", "12"))
BASE = int(os.environ.get("KEFU_SYNC_SEED", "0"))
KINDS = ("sqlite", "postgresql")
HISTORIES = [(kind, BASE + n) for kind, runs in zip(KINDS, (RUNS, RUNS // 4), strict=True) for n in range(runs)]


@pytest.mark.parametrize(("kind", "seed"), HISTORIES)
def test_a_seeded_history_levels_out(make_world: MakeWorld, kind: str, seed: int) -> None:
    world = make_world(kind, seed)
    for _ in range(150):
        invariants.always(world, world.step())
    world.heal()
    invariants.always(world)
    invariants.level(world)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_directed_history(make_world: MakeWorld, scenario: Callable[[World], None], kind: str) -> None:
    world = make_world(kind, 0)
    world.quiet = True
    scenario(world)
    world.heal()
    invariants.level(world)

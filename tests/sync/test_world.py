"""Random histories of desks, backend and adversary: nothing lost, nothing doubled, everything level at the end."""

import os
import pathlib
import uuid
from collections.abc import Callable

import pytest

from tests.sync import invariants
from tests.sync.conftest import MakeWorld
from tests.sync.scenarios import SCENARIOS
from tests.sync.world import World, held_here

RUNS = int(os.environ.get("KEFU_SYNC_RUNS", "12"))
BASE = int(os.environ.get("KEFU_SYNC_SEED", "0"))
KINDS = ("sqlite", "postgresql")
HISTORIES = [(kind, BASE + n) for kind, runs in zip(KINDS, (RUNS, RUNS // 6), strict=True) for n in range(runs)]
OTHERS = int(os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:6], 16)
"""Seeds that are others at each run; a test that fails says its own, and `KEFU_SYNC_SEED` brings it back."""
FRESH = range(OTHERS, OTHERS + 50)


@pytest.mark.parametrize(("kind", "seed"), HISTORIES)
def test_a_seeded_history_levels_out(make_world: MakeWorld, kind: str, seed: int) -> None:
    lives(make_world(kind, seed), 150)


@pytest.mark.parametrize("number", range(len(FRESH)))
def test_a_history_of_another_seed_levels_out(make_world: MakeWorld, number: int) -> None:
    try:
        lives(make_world("sqlite", FRESH[number]), 60)
    except Exception as error:
        error.add_note(
            f"again: KEFU_SYNC_SEED={FRESH[number]} KEFU_SYNC_RUNS=1 pytest tests/sync/test_world.py -k seeded"
        )
        raise


def lives(world: World, steps: int) -> None:
    """One history: whatever happens, each step keeps the invariants, and all of it levels out."""
    for _ in range(steps):
        invariants.always(world, world.step())
    world.heal()
    invariants.always(world)
    invariants.level(world)


def test_the_same_seed_is_the_same_history(tmp_path: pathlib.Path) -> None:
    told = []
    for name in ("one", "again"):
        (tmp_path / name).mkdir()
        world = World(tmp_path / name, 3)
        for _ in range(160):
            world.step()
        world.heal()
        with world.database.read() as connection:
            chain = connection.execute("SELECT seq, chain FROM sync_head").fetchall()
            audit = connection.execute(
                "SELECT at, actor_id, op_id, kind, status, code FROM audit ORDER BY id"
            ).fetchall()
        told.append((chain, audit, [held_here(desk) for desk in world.desks]))
        world.close()
    assert told[0] == told[1]
    assert len(told[0][1]) > 25


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_directed_history(make_world: MakeWorld, scenario: Callable[[World], None], kind: str) -> None:
    world = make_world(kind, 0)
    world.quiet = True
    scenario(world)
    world.heal()
    invariants.level(world)

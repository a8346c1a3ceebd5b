"""The suite fails on each planted bug: a proof that passing means something."""

import pathlib
from collections.abc import Callable

import pytest
import sqlcipher3

from kefu_tui.backend.database import Conflict
from kefu_tui.sync.engine import Stopped
from tests.sync import invariants
from tests.sync.planted import CAUGHT_BY, IN_DATABASE, PLANTED, plant
from tests.sync.scenarios import SCENARIOS
from tests.sync.world import World

SEEDS = 30


@pytest.mark.parametrize("name", [*PLANTED, *IN_DATABASE])
def test_a_planted_bug_is_caught(tmp_path: pathlib.Path, name: str) -> None:
    """The history that is known to catch it first, so that the others need not be run."""
    histories = {scenario.__name__: (0, scenario) for scenario in SCENARIOS}
    histories |= {str(seed): (seed, random_history) for seed in range(SEEDS)}
    known = CAUGHT_BY.get(name, "")
    with pytest.MonkeyPatch.context() as patch:
        if name in PLANTED:
            PLANTED[name](patch)
        for label in sorted(histories, key=lambda label: label != known):
            if caught(tmp_path / label, histories[label][0], name, histories[label][1]):
                return
    pytest.fail(f"{name}: not caught by {len(SCENARIOS)} directed and {SEEDS} random histories")


def random_history(world: World) -> None:
    world.quiet = False
    for _ in range(150):
        invariants.always(world, world.step())


def caught(folder: pathlib.Path, seed: int, name: str, history: Callable[[World], None]) -> bool:
    folder.mkdir()
    world = World(folder, seed)
    world.quiet = True
    try:
        if name in IN_DATABASE:
            plant(world, name)
        history(world)
        world.heal()
        invariants.always(world)
        invariants.level(world)
    except (AssertionError, ValueError, Stopped, sqlcipher3.IntegrityError, Conflict):
        return True
    finally:
        world.close()
    return False

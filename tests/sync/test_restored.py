"""Older copies of the backend come back in random histories: nothing acknowledged is lost. Directed ones are in scenarios.py."""

import itertools
import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.model.sql import Connection
from kefu_tui.store import marks
from kefu_tui.wire import Mark
from tests.sync import invariants
from tests.sync.conftest import MakeWorld
from tests.sync.world import DeskHere, World

SEEDS = range(8)


@pytest.fixture
def world(tmp_path: pathlib.Path) -> Iterator[World]:
    world = World(tmp_path, 0)
    world.quiet = True
    yield world
    world.close()


@pytest.mark.parametrize(("kind", "seed"), [*(("sqlite", seed) for seed in SEEDS), ("postgresql", 1)])
def test_a_seeded_history_in_which_copies_come_back_levels_out(make_world: MakeWorld, kind: str, seed: int) -> None:
    world = make_world(kind, seed)
    for number in range(200):
        if number % 40 == 20:
            world.back_up()
        if number % 40 == 35 + seed % 4:
            world.restore()
        invariants.always(world, world.step())
    world.heal()
    invariants.always(world)
    invariants.level(world)


def test_few_marks_are_kept_and_old_ones_too(world: World) -> None:
    desk: DeskHere = world.desks[0]

    def work(connection: Connection) -> list[int]:
        for seq in range(1, 3001):
            marks.put(connection, Mark(seq, str(seq)))
        return [mark.seq for mark in marks.seen(connection)]

    kept = desk.store.write(work).result()
    assert len(kept) <= 26
    assert kept[0] == 3000
    assert kept == sorted(kept, reverse=True)
    gaps = [3000 - seq for seq in kept]
    assert all(later <= 4 * max(1, earlier) for earlier, later in itertools.pairwise(gaps)), gaps

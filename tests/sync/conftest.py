"""Worlds on SQLite and on PostgreSQL."""

import pathlib
from collections.abc import Callable, Iterator

import pytest

from tests.sync.spaces import OnPostgres
from tests.sync.world import World

MakeWorld = Callable[[str, int], World]


@pytest.fixture
def make_world(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[MakeWorld]:
    """A world by the kind of its backend's database and its seed."""
    made: list[World] = []

    def make(kind: str, seed: int) -> World:
        space = OnPostgres(request.getfixturevalue("postgres")) if kind == "postgresql" else None
        made.append(World(tmp_path, seed, space=space))
        return made[-1]

    yield make
    for world in made:
        world.close()

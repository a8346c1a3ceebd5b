"""Fixtures: a furnished data folder made once, and shops opened from copies of it."""

import pathlib
import shutil
from collections.abc import Iterator

import pytest

from kefu_tui.backend.bootstrap import prepare
from kefu_tui.ids import Ids
from kefu_tui.now import system_now

from .shop import CHEAP, MakeShop, Shop


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("furnished") / "data"
    prepare(folder, system_now, Ids(), hasher=CHEAP, environ={}, say=lambda line: None).close()
    return folder


@pytest.fixture
def make_shop(furnished: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[MakeShop]:
    made: list[Shop] = []

    def make(**settings: object) -> Shop:
        folder = tmp_path / f"shop{len(made)}"
        shutil.copytree(furnished, folder)
        made.append(Shop(folder, **settings))
        return made[-1]

    yield make
    for shop in made:
        shop.close()


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop()

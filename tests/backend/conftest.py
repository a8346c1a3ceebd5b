"""Fixtures: a furnished database made once, and shops opened from copies of it: on SQLite and on PostgreSQL."""

import pathlib
import shutil
from collections.abc import Iterator

import pytest

from kefu_tui.backend.bootstrap import prepare
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
from tests.postgres import Cluster, name_of

from .shop import CHEAP, MakeShop, Shop


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("furnished") / "data"
    prepare(folder, system_now, Ids(), hasher=CHEAP, environ={}, say=lambda line: None).close()
    return folder


@pytest.fixture(scope="session")
def furnished_postgres(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    url, folder = postgres.database(), tmp_path_factory.mktemp("furnished")
    prepare(folder, system_now, Ids(), url=url, hasher=CHEAP, environ={}).close()
    return url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever opens a shop runs on both databases, but for what asks nothing of them or looks into SQLite's file."""
    if "database_kind" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("on_sqlite")
        metafunc.parametrize("database_kind", ["sqlite"] if alone else ["sqlite", "postgresql"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a table of cases PostgreSQL runs the first: the others differ in what never reaches a database."""
    kept: list[pytest.Item] = []
    begun: set[str] = set()
    for item in items:
        case = getattr(item, "callspec", None)
        if case is not None and case.params.get("database_kind") == "postgresql":
            name = item.nodeid.partition("[")[0]
            if name in begun:
                continue
            begun.add(name)
        kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture
def make_shop(request: pytest.FixtureRequest, tmp_path: pathlib.Path, database_kind: str) -> Iterator[MakeShop]:
    made: list[Shop] = []

    def make(**settings: object) -> Shop:
        folder, url = tmp_path / f"shop{len(made)}", ""
        if database_kind == "sqlite":
            shutil.copytree(request.getfixturevalue("furnished"), folder)
        else:
            folder.mkdir()
            template = request.getfixturevalue("furnished_postgres")
            url = request.getfixturevalue("postgres").database(name_of(template))
        made.append(Shop(folder, url, **settings))
        return made[-1]

    yield make
    for shop in made:
        shop.close()
        if shop.url:
            request.getfixturevalue("postgres").drop(shop.url)


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop()

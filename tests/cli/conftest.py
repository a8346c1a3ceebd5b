"""Desks for the tests of the command line: one filled without a backend, and a real backend with agents."""

import pathlib
import shutil
from collections.abc import Iterator

import pytest

from tests.cli.program import Backend, Inside, Kefu


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    home = tmp_path_factory.mktemp("seeded") / "home"
    Kefu(home).ok("seed", "--conversations", "60", "--messages", "400", "--seed", "3")
    return home


@pytest.fixture
def desk(_seeded: pathlib.Path, tmp_path: pathlib.Path) -> Kefu:
    """A practice agent's desk without a backend, fresh for each test."""
    shutil.copytree(_seeded, tmp_path / "home")
    return Inside(tmp_path / "home")


@pytest.fixture
def nobody(tmp_path: pathlib.Path) -> Kefu:
    """An empty home."""
    return Inside(tmp_path / "empty")


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A backend with two agents and a lead."""
    running = Backend(tmp_path_factory.mktemp("backend") / "data")
    for login, role in (("anna", "agent"), ("bert", "agent"), ("lena", "lead")):
        assert running.add(login, role).code == 0
    yield running
    running.kill()


@pytest.fixture(scope="session")
def _signed(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    home = tmp_path_factory.mktemp("anna") / "home"
    backend.login(home, "anna")
    return home


@pytest.fixture(scope="session")
def anna(_signed: pathlib.Path) -> Kefu:
    """Anna's desk, signed in at the backend, shared by the tests of a run."""
    return Inside(_signed)

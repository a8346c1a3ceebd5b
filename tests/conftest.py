"""What all tests share: property tests are not judged by the clock; one PostgreSQL for those that want it."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import NOT_HERE, Cluster, cluster

settings.register_profile("kefu", deadline=None)
settings.load_profile("kefu")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-snapshots` writes what screens show now as what they are to show."""
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots of screens anew")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL; without one on the machine the test is skipped."""
    with cluster() as here:
        if here is None:
            pytest.skip(NOT_HERE)
        yield here

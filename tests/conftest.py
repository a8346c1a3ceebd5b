"""What all tests share: property tests are not judged by the clock."""

import pytest
from hypothesis import settings

settings.register_profile("kefu", deadline=None)
settings.load_profile("kefu")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-snapshots` writes what screens show now as what they are to show."""
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots of screens anew")

"""A running shop for each test from outside."""

import pathlib
from collections.abc import Iterator

import pytest

from tests.e2e.shop import Shop


@pytest.fixture
def shop(tmp_path: pathlib.Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    shop.agent("mei")
    shop.serve()
    yield shop
    shop.stop()

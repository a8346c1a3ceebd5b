"""A running shop for each test from outside."""

import contextlib
import pathlib
from collections.abc import Iterator

import pytest

from tests.e2e.shop import Shop


@contextlib.contextmanager
def running(folder: pathlib.Path) -> Iterator[Shop]:
    """A shop with one agent, as long as it is needed."""
    shop = Shop(folder)
    shop.agent("mei")
    shop.serve()
    try:
        yield shop
    finally:
        shop.stop()


@pytest.fixture
def shop(tmp_path: pathlib.Path) -> Iterator[Shop]:
    with running(tmp_path) as shop:
        yield shop

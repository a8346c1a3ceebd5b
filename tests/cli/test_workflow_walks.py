"""Each workflow walked through on the command line, in JSON, with the customer's page showing what the customer gets."""

import pathlib
from collections.abc import Iterator

import pytest

from tests.backend.shop import Shop
from tests.walks import NAMES, Customer, boss, expect, shop_of_walks, walk_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    yield from shop_of_walks(tmp_path_factory.mktemp("walks") / "data")


@pytest.mark.parametrize("name", NAMES)
def test_walked_to_its_end(shop: Shop, tmp_path: pathlib.Path, name: str) -> None:
    walk = walk_of(name)
    customer = Customer(shop, f"1260368032573{NAMES.index(name):05}")
    desk = boss(shop, tmp_path / "home")
    desk.ok("take", customer.conversation_id)
    ticket = desk.ok("ticket", "open", name, "试走一遍", "--for", customer.conversation_id)["id"]
    desk.ok("sync", "--once")
    assert customer.news() == []
    filled: dict[str, str] = {}
    for id in walk.example.path:
        if walk.is_step(id):
            desk.ok("ticket", "step", ticket, id)
            continue
        move = next(one for one in desk.ok("ticket", "show", ticket)["moves"] if one["id"] == id)
        told = {field: walk.example.fields[field] for field in move["fields"] if field not in filled}
        filled |= told
        desk.ok("ticket", "move", ticket, id, *(word for k, v in told.items() for word in ("--field", f"{k}={v}")))
        desk.ok("sync", "--once")
        expect(walk, id, customer.news())
    assert shop.sql("SELECT state FROM ticket WHERE id = ?", ticket) == [(walk.example.ends,)]
    assert desk.ok("ticket", "show", ticket)["category"] in ("closed", "resolved")

"""Each workflow walked through on screen by keys, with the customer's page showing what the customer gets."""

import asyncio
import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.app import KefuApp
from kefu_tui.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.level import sync_once
from kefu_tui.desk.ticket_rows import TicketCard
from kefu_tui.screens.picker import Picker, Writer
from kefu_tui.screens.tickets import TicketSheet
from kefu_tui.settings import Settings
from tests.backend.shop import Shop
from tests.cli.program import KEY
from tests.real_desk import Real
from tests.walks import NAMES, Customer, Walk, boss, expect, shop_of_walks, walk_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    yield from shop_of_walks(tmp_path_factory.mktemp("walks") / "data")


async def shows(one: Real, kind: type) -> None:
    await one.until(lambda: isinstance(one.app.screen, kind))


def card_of(one: Real) -> TicketCard:
    """The ticket of the open conversation."""
    ((id,),) = one.ask("SELECT id FROM ticket WHERE conversation_id = ?", one.work.open_id)
    card = one.desk.tickets.one(id)
    assert card is not None
    return card


async def step(one: Real, id: str) -> None:
    """`s`, and the digit of the step."""
    steps = card_of(one).steps
    await one.press("s")
    await shows(one, Picker)
    await one.press(str([row.id for row in steps].index(id) + 1))
    await one.until(lambda: next(row.done for row in card_of(one).steps if row.id == id))
    await shows(one, TicketSheet)


async def move(one: Real, walk: Walk, id: str) -> None:
    """The digit of the move; each field that is asked for; Enter on what the customer will read."""
    card = card_of(one)
    row = next(move for move in card.moves if move.id == id)
    asked = [field for field in card.fields if field.id in row.fields and not field.value]
    told = {field.id: walk.example.fields[field.id] for field in asked}
    words = one.desk.tickets.words(card.row.id, id, told)
    await one.press(str(card.moves.index(row) + 1))
    for field in asked:
        await shows(one, Picker if field.choices else Writer)
        if field.choices:
            await one.press(str([choice for choice, _ in field.choices].index(told[field.id]) + 1))
        else:
            await one.type(told[field.id])
            await one.press("enter")
    if words:
        await shows(one, Writer)
        assert words[:8] in one.text
        await one.press("enter")
    await one.until(lambda: state_of(one) == next_state(walk, id))
    await shows(one, TicketSheet)


def state_of(one: Real) -> str:
    ((state,),) = one.ask("SELECT state FROM ticket WHERE conversation_id = ?", one.work.open_id)
    return str(state)


def next_state(walk: Walk, id: str) -> str:
    return next(one.to for one in walk.flow.transitions if one.id == id)


@pytest.mark.parametrize("name", NAMES)
async def test_walked_to_its_end(shop: Shop, tmp_path: pathlib.Path, name: str) -> None:
    walk = walk_of(name)
    customer = Customer(shop, f"1260368032574{NAMES.index(name):05}")
    await asyncio.to_thread(boss, shop, tmp_path / "home")
    home = Home(tmp_path / "home")
    store = home.open_store(lambda: KEY)
    desk: Desk = open_desk(home, store, "zh")
    app = KefuApp(desk, theme="dark", lang="zh", settings=Settings())
    try:
        async with app.run_test(size=(140, 40)) as pilot:
            await pilot.pause()
            one = Real(app, pilot, desk)
            one.work.open(customer.conversation_id)
            await one.press("space", "escape", "T")
            await shows(one, Picker)
            await one.type(walk.flow.zh)
            await one.press("enter")
            await shows(one, Writer)
            await one.type("试走一遍")
            await one.press("enter")
            await shows(one, TicketSheet)
            for id in walk.example.path:
                if walk.is_step(id):
                    await step(one, id)
                    continue
                await move(one, walk, id)
                await asyncio.to_thread(sync_once, desk)
                expect(walk, id, customer.news())
            assert state_of(one) == walk.example.ends
            assert card_of(one).row.category in ("closed", "resolved")
    finally:
        store.close()

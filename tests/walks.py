"""The walks that the shipped workflows show as examples, in a shop with a real backend and a customer at its chat page."""

import pathlib
import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

from kefu_tui.backend.accounts import add_user
from kefu_tui.operations.order import ImportOrders, ShopOrder
from kefu_tui.rules.workflow import Workflow, parse_workflow
from kefu_tui.rules.workflow_shape import Example
from tests.backend.shop import PASSWORD, Shop, Visitor
from tests.cli.program import Inside

WORKFLOWS = sorted((pathlib.Path(__file__).parents[1] / "data" / "workflows").glob("*.toml"))
NAMES = [path.stem for path in WORKFLOWS]


class Walk(NamedTuple):
    """A workflow with the longest of its examples that goes through to an end."""

    flow: Workflow
    example: Example

    def says(self, id: str) -> str:
        """What a transition tells a Chinese customer, as a pattern with the filled places open; '' nothing, or it is a step."""
        text = next((one.text("zh") for one in self.flow.transitions if one.id == id), "")
        return "(.|\n)+".join(map(re.escape, re.split(r"\{\{ [a-z_.]+ \}\}", text)))

    def is_step(self, id: str) -> bool:
        """Whether an element of the path is a step of the checklist."""
        return any(step.id == id for step in self.flow.steps)


def walk_of(name: str) -> Walk:
    """The walk of a shipped workflow."""
    path = next(path for path in WORKFLOWS if path.stem == name)
    flow = parse_workflow(tomllib.loads(path.read_text(encoding="utf-8")))
    through = [one for one in flow.examples if not one.refused]
    closed = {state.id for state in flow.states if state.category in ("closed", "resolved")}
    return Walk(flow, max((one for one in through if one.ends in closed), key=lambda one: len(one.path)))


class Customer:
    """Somebody with an order who writes; `news` is what the page shows since it was asked last."""

    def __init__(self, shop: Shop, order_no: str) -> None:
        order = ShopOrder(order_no=order_no, status="paid", total=12800, placed_at=shop.clock())
        shop.service.commits.run(ImportOrders(orders=(order,)), shop.service.ids())
        self.visitor: Visitor = shop.visitor(name="王小明")
        self.conversation_id = str(self.visitor.say(f"订单 {order_no} 有问题")["conversation_id"])
        self._read = 1

    def news(self) -> list[str]:
        """The shop's lines that are new."""
        lines = self.visitor.read(self._read)
        self._read += len(lines)
        assert {line["from"] for line in lines} <= {"agent"}
        return [line["text"] for line in lines]


def shop_of_walks(folder: pathlib.Path) -> Iterator[Shop]:
    """A shop with an admin, who may do what every department does."""
    shop = Shop(folder)
    add_user(shop.service, "boss", "admin", (), PASSWORD)
    yield shop
    shop.close()


def boss(shop: Shop, home: pathlib.Path, lang: str = "zh") -> Inside:
    """The admin's desk, signed in and level."""
    desk = Inside(home, lang)
    desk.ok("login", "--user", "boss", "--password-stdin", "--backend", shop.running.url, input=PASSWORD + "\n")
    desk.ok("sync", "--once")
    return desk


def expect(walk: Walk, id: str, news: list[str]) -> None:
    """The page gained what this element of the path tells, and nothing else."""
    wanted = walk.says(id)
    if not wanted:
        assert news == [], id
        return
    (text,) = news
    assert re.fullmatch(wanted, text), (id, text)
    assert "{{" not in text

"""Two who gave a field a value without knowing of each other: the later one stands, the earlier author is told once."""

import json
import re
import tomllib
from typing import Any

import pytest

from kefu_tui.backend import overruled
from kefu_tui.backend.schema import Audit
from kefu_tui.config import box
from kefu_tui.operations import Basis, Operation, registry
from kefu_tui.operations.conversation import SetPriority
from kefu_tui.operations.people import JoinGroup
from kefu_tui.operations.refusals import reason
from kefu_tui.operations.ticket import OpenTicket, SetTicket
from kefu_tui.operations.workflows import SetWorkflow
from kefu_tui.store import pages
from tests.sync import invariants
from tests.sync.conftest import MakeWorld
from tests.sync.scenarios import writes
from tests.sync.world import DeskHere, World


@pytest.fixture(params=("sqlite", "postgresql"))
def world(make_world: MakeWorld, request: pytest.FixtureRequest) -> World:
    world = make_world(request.param, 0)
    world.quiet = True
    return world


def knows(desk: DeskHere, table: str, id: str) -> Basis:
    """What a desk knows of a row now."""
    ((version,),) = desk.ids(f"SELECT version FROM {table} WHERE id = ?", id)
    return Basis(version=version)


def sets(desk: DeskHere, conversation: str, priority: int) -> None:
    desk.do(SetPriority(conversation_id=conversation, priority=priority), knows(desk, "conversation", conversation))


def told(desk: DeskHere) -> list[tuple[Any, ...]]:
    return desk.ids("SELECT code, facts, conversation_id FROM notice WHERE level = 'info' ORDER BY at, code")


def level(world: World) -> None:
    for _ in range(2):
        for desk in world.desks[:2]:
            desk.level()


def test_the_earlier_author_is_told(world: World) -> None:
    one, two = world.desks[:2]
    conversation = writes(world)
    level(world)
    sets(one, conversation, 1)
    sets(two, conversation, 5)
    one.level()
    two.level()
    level(world)
    for desk in (one, two):
        assert desk.ids("SELECT priority FROM conversation WHERE id = ?", conversation) == [(5,)]
    assert not told(two)
    ((code, facts, about),) = told(one)
    name = one.ids("SELECT name FROM agent WHERE id = ?", two.agent_id)[0][0]
    assert (code, about) == ("overruled-priority", conversation)
    assert facts == f'{{"by": "{name}", "now": "5", "mine": "1"}}'
    level(world)
    assert len(told(one)) == 1
    world.heal()
    invariants.level(world)


def test_who_knew_of_the_earlier_value_overrules_nobody(world: World) -> None:
    one, two = world.desks[:2]
    conversation = writes(world)
    level(world)
    sets(one, conversation, 1)
    level(world)
    sets(two, conversation, 5)
    level(world)
    assert not told(one)
    assert not told(two)


def test_who_says_not_what_was_known_overrules_nobody(world: World) -> None:
    one, two = world.desks[:2]
    conversation = writes(world)
    level(world)
    sets(one, conversation, 1)
    level(world)
    two.do(SetPriority(conversation_id=conversation, priority=5))
    level(world)
    assert not told(one)


def test_the_same_value_overrules_nobody(world: World) -> None:
    one, two = world.desks[:2]
    conversation = writes(world)
    level(world)
    sets(one, conversation, 1)
    sets(two, conversation, 1)
    level(world)
    assert not told(one)
    assert not told(two)


def test_of_several_the_last_one_before_is_told(world: World) -> None:
    one, two, three = world.desks[:3]
    conversation = writes(world)
    world.run(JoinGroup(agent_id=three.agent_id, group_id=world.groups[0]))
    for desk in (one, two, three):
        desk.level()
    for desk, priority in ((one, 1), (two, 2), (three, 5)):
        sets(desk, conversation, priority)
    for _ in range(2):
        for desk in (one, two, three):
            desk.level()
    assert [facts.partition('"now": ')[2] for _, facts, _ in told(one)] == ['"2", "mine": "1"}']
    assert [facts.partition('"now": ')[2] for _, facts, _ in told(two)] == ['"5", "mine": "2"}']
    assert not told(three)


def test_a_desk_that_begins_is_not_told_what_was(world: World) -> None:
    one, two = world.desks[:2]
    conversation = writes(world)
    level(world)
    sets(one, conversation, 1)
    sets(two, conversation, 5)
    one.engine.push()
    two.level()
    one.store.write(pages.forget_all).result()
    one.level()
    assert one.ids("SELECT priority FROM conversation WHERE id = ?", conversation) == [(5,)]
    assert not told(one)


def test_fields_of_tickets_are_each_their_own(world: World) -> None:
    one, two = world.desks[:2]
    flow = tomllib.loads(box("workflows", "complaint.toml").read_text(encoding="utf-8"))
    world.run(SetWorkflow(name="complaint", body=json.dumps(flow, default=str)))
    level(world)
    ticket = world.ids()
    one.do(OpenTicket(ticket_id=ticket, workflow="complaint", title="衣服破了", group_id=world.groups[0]))
    level(world)
    one.do(SetTicket(ticket_id=ticket, title="外套破了", priority=2), knows(one, "ticket", ticket))
    two.do(SetTicket(ticket_id=ticket, priority=4), knows(two, "ticket", ticket))
    one.level()
    two.level()
    level(world)
    for desk in (one, two):
        assert desk.ids("SELECT title, priority FROM ticket") == [("外套破了", 4)]
    assert [(code, about) for code, _, about in told(one)] == [("overruled-ticket-priority", None)]
    assert not told(two)


def test_sentences() -> None:
    facts = {"by": "王小美", "now": "5", "mine": "1", "title": "破了", "field": "size"}
    for code in ("priority", "ticket-title", "ticket-priority", "ticket-order", "ticket-field"):
        for lang in ("zh", "en"):
            said = reason(f"overruled-{code}", facts, lang)
            assert "王小美" in said
            assert "{" not in said


def test_the_kinds_are_those_that_set_fields_and_the_index_has_them() -> None:
    setting = {kind for kind, operation in registry.KINDS.items() if operation.sets is not Operation.sets}
    assert set(overruled.KINDS) == setting
    (index,) = (index for index in Audit.metadata.tables["audit"].indexes if index.name == "audit_fields")
    assert set(re.findall(r"'([^']+)'", str(index.dialect_options["sqlite"]["where"]))) == setting

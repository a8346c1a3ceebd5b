"""A push is half as large after one that got no answer or was too large, and grows again; nothing is passed over."""

import pytest

from kefu_tui.operations.routing import SetPresence
from kefu_tui.sync.transport import Unreachable
from kefu_tui.wire import Push, PushAnswer
from tests.sync.conftest import MakeWorld
from tests.sync.world import DeskHere, Wire, problem


@pytest.fixture
def desk(make_world: MakeWorld) -> DeskHere:
    world = make_world("sqlite", 0)
    world.quiet = True
    desk = world.desks[0]
    desk.level()
    for number in range(100):
        desk.do(SetPresence(agent_id=desk.agent_id, presence=("away", "online")[number % 2]))
    return desk


def sizes(desk: DeskHere, patch: pytest.MonkeyPatch, trouble: list[Exception]) -> list[int]:
    found: list[int] = []
    whole = Wire._push

    def push(wire: Wire, batch: Push) -> PushAnswer:
        found.append(len(batch.ops))
        if trouble:
            raise trouble.pop(0)
        return whole(wire, batch)

    patch.setattr(Wire, "_push", push)
    while True:
        desk.step(desk.engine.push)
        desk.step(desk.engine.pull)
        if not desk.ids("SELECT 1 FROM outbox WHERE state = 'pending'"):
            return found


def test_a_push_without_an_answer_makes_the_next_one_smaller(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = [Unreachable("busy") for _ in range(4)]
    assert sizes(desk, monkeypatch, list(lost)) == [100, 100, 50, 25, 12, 32, 52, 4]


def test_a_push_that_is_too_large_is_cut_in_half(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sizes(desk, monkeypatch, [problem("too-large")]) == [100, 50, 50]


def test_every_operation_is_decided_once(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes(desk, monkeypatch, [Unreachable("busy"), problem("too-large"), Unreachable("busy")])
    assert desk.ids("SELECT count(*), count(DISTINCT op_no), max(op_no) FROM outbox WHERE state = 'acked'") == [
        (100, 100, 100)
    ]

"""Telephone calls among desks that are out of touch: rung, taken, logged and over in any order, everything level at the end."""

import json
import pathlib
from typing import Any

import pytest

from kefu_tui.ids import derive
from kefu_tui.now import SECOND
from kefu_tui.operations.call import AnswerCall, EndCall, LogCall, RingCall
from kefu_tui.operations.service_policy import SetPolicy
from tests.sync import invariants
from tests.sync.world import POLICY, DeskHere, World

NUMBERS = ("13800001111", "13800002222")


class Telephones(World):
    """A world in which calls come too, and agents log some by hand."""

    def __init__(self, folder: pathlib.Path, seed: int) -> None:
        super().__init__(folder, seed)
        pick_up = {"phone_pick_up": {"target": "10s", "calendar": "shift", "warn": 0.8, "soon": 0.5}}
        self.run(SetPolicy(name="calls", body=json.dumps(POLICY | {"clock": POLICY["clock"] | pick_up})))
        self.calls: list[tuple[str, str]] = []

    def customer_writes(self) -> None:
        if self.random.random() < 0.4:
            super().customer_writes()
        elif self.calls and self.random.random() < 0.5:
            self.exchange_tells(*self.random.choice(self.calls))
        else:
            self.rings(self.random.choice(NUMBERS))

    def rings(self, number: str) -> str:
        call_id = self.ids()
        self.run(
            RingCall(
                channel="phone",
                group_id=self.groups[NUMBERS.index(number)],
                external_id=number,
                call_id=call_id,
                customer_id=derive("customer", "phone", number),
                conversation_id=self.ids(),
                phone=number,
            )
        )
        with self.database.read() as connection:
            (id,) = connection.execute("SELECT conversation_id FROM message WHERE id = ?", (call_id,)).fetchone()
        self.calls.append((id, call_id))
        return str(id)

    def exchange_tells(self, conversation_id: str, call_id: str) -> None:
        agent = self.random.choice((None, self.random.choice(self.desks).agent_id))
        operation: Any = AnswerCall(conversation_id=conversation_id, call_id=call_id, agent_id=agent)
        if self.random.random() < 0.5:
            operation = EndCall(conversation_id=conversation_id, call_id=call_id)
        self.run(operation)

    def agent_acts(self, desk: DeskHere) -> None:
        if self.random.random() < 0.8:
            super().agent_acts(desk)
        else:
            logs(desk, self.random.choice(NUMBERS), self.random.choice(("in", "out")))


def logs(desk: DeskHere, number: str, direction: Any = "in") -> None:
    world = desk.world
    groups = desk.ids("SELECT group_id FROM membership WHERE agent_id = ? ORDER BY id", desk.agent_id)
    if groups:
        desk.do(
            LogCall(
                group_id=groups[0][0],
                customer_id=derive("customer", "phone", number),
                conversation_id=world.ids(),
                call_id=world.ids(),
                note_id=world.ids(),
                phone=number,
                text=f"说了 {world.time}",
                direction=direction,
                rang_at=world.time - 20 * SECOND,
                answered_at=world.time - 12 * SECOND,
                logged_at=world.time,
            )
        )


@pytest.mark.parametrize("seed", range(6))
def test_calls_level_out(tmp_path: pathlib.Path, seed: int) -> None:
    world = Telephones(tmp_path, seed)
    try:
        for _ in range(150):
            invariants.always(world, world.step())
        world.heal()
        invariants.always(world)
        invariants.level(world)
        with world.database.read() as connection:
            assert connection.execute("SELECT count(*) FROM message WHERE kind = 'event'").fetchone()[0]
            calls = "SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE c.channel = 'phone'"
            assert connection.execute(f"{calls} AND m.kind = 'text'").fetchone() == (0,)
            sent = "SELECT count(*) FROM outbound o JOIN conversation c ON c.id = o.conversation_id"
            assert connection.execute(f"{sent} WHERE c.channel = 'phone'").fetchone() == (0,)
    finally:
        world.close()


def test_a_call_logged_out_of_touch_finds_the_conversation_that_rang_meanwhile(tmp_path: pathlib.Path) -> None:
    world = Telephones(tmp_path, 0)
    world.quiet = True
    try:
        one, two = world.desks[0], world.desks[1]
        for desk in world.desks:
            desk.level()
        logs(one, NUMBERS[0])
        logs(two, NUMBERS[0])
        rang = world.rings(NUMBERS[0])
        one.engine.pull()
        invariants.always(world, one)
        world.heal()
        invariants.level(world)
        with world.database.read() as connection:
            found = connection.execute(
                "SELECT assignee_id, id FROM conversation WHERE channel = 'phone' ORDER BY opened_at"
            ).fetchall()
            assert connection.execute("SELECT count(*) FROM customer WHERE channel = 'phone'").fetchone() == (1,)
        assert found[0] == (one.agent_id, rang), "the first takes what rings"
        assert [who for who, _ in found] == [one.agent_id, two.agent_id]
        assert not [row for desk in world.desks for row in desk.ids("SELECT 1 FROM notice")]
    finally:
        world.close()

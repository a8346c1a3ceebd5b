"""A desk whose store was damaged and mended comes level again: nothing is lost, nothing is done twice."""

import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.ids import derive
from kefu_tui.operations.conversation import Claim
from kefu_tui.operations.tag import Tag
from kefu_tui.store import facts, outbox
from kefu_tui.store.mending import Mended, mend
from kefu_tui.sync.engine import Stopped
from kefu_tui.sync.transport import Unreachable
from tests.store.damage import flip
from tests.sync import invariants
from tests.sync.scenarios import claimed, replies, reply, writes
from tests.sync.world import DeskHere, World


@pytest.fixture
def world(tmp_path: pathlib.Path) -> Iterator[World]:
    world = World(tmp_path, 0)
    world.quiet = True
    yield world
    world.close()


def mended(desk: DeskHere) -> Mended:
    """The desk after its store was damaged and mended."""
    desk.store.write(lambda c: facts.set(c, "backend", "x")).result()
    desk.store.close()
    flip(desk.path, 100)
    told = mend(desk.path, None, desk.world.now())
    desk.crash()
    desk.cursor = {}
    return told


def signed_in_anew(desk: DeskHere) -> None:
    """Another device, as signing in makes it."""
    desk.device_id = desk.wire.device_id = derive("device", f"{desk.login} anew")
    with desk.world.database.write() as connection:
        connection.execute(
            "INSERT INTO device (id, agent_id, name, app_version, last_op_no, token_expires_at, created_at, seen_at) "
            "VALUES (?, ?, '', '', 0, 0, 0, 0)",
            (desk.device_id, desk.agent_id),
        )

    def work(connection: outbox.Connection) -> None:
        facts.set(connection, "device_id", desk.device_id)
        facts.forget(connection, facts.FORKED)
        outbox.renumber(connection)

    desk.store.write(work).result()
    desk.acknowledged = 0


def test_what_waited_goes_out(world: World) -> None:
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    reply(desk, conversation)
    desk.do(Tag(conversation_id=conversation, name="催"))
    told = mended(desk)
    assert (len(told.kept), told.lost, told.device_kept) == (2, (), True)
    while desk.engine.pull()[1]:
        pass
    assert [state for (state,) in desk.ids("SELECT state FROM message WHERE author = 'agent'")] == ["queued"], (
        "shown again"
    )
    desk.level()
    assert len(replies(world)) == 1
    world.heal()
    invariants.level(world)


def test_an_answer_that_never_came_is_asked_for_again(world: World) -> None:
    """Sent and decided before the damage, the result not yet pulled."""
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    reply(desk, conversation)
    desk.engine.push()
    mended(desk)
    desk.level()
    assert len(replies(world)) == 1
    world.heal()
    invariants.level(world)


@pytest.mark.parametrize("sent", [True, False])
def test_the_last_are_lost_without_a_trace(world: World, sent: bool) -> None:
    """The backend notices numbers that are used for something else; a new device goes on, once each."""
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    reply(desk, conversation)
    if sent:
        desk.engine.push()
    lost = {op_id for (op_id,) in desk.ids("SELECT op_id FROM outbox WHERE kind = 'conversation.reply'")}
    desk.store.write(lambda c: c.execute("DELETE FROM outbox WHERE kind = 'conversation.reply'").rowcount).result()
    desk.store.write(lambda c: c.execute("DELETE FROM outbox_lane").rowcount).result()
    for op_id in lost:
        desk.issued.pop(op_id)
    assert mended(desk).device_kept, "nothing tells that they were there"
    if sent:
        with pytest.raises(Stopped) as caught:
            desk.level()
        assert caught.value.state == "forked"
        assert desk.ids("SELECT value FROM meta WHERE key = ?", facts.FORKED) == [("1",)]
        signed_in_anew(desk)
    desk.level()
    desk.do(Tag(conversation_id=conversation, name="催"))
    desk.level()
    assert len(replies(world)) == int(sent)
    assert desk.ids("SELECT name FROM tag") == [("催",)]
    assert desk.ids("SELECT count(*) FROM outbox WHERE state = 'pending'") == [(0,)]


def test_a_new_device_sends_nothing_twice_and_hears_of_what_was_refused(world: World) -> None:
    desk, other = world.desks[1], world.desks[0]
    conversation = writes(world)
    for one in (desk, other):
        one.level()
    other.do(Claim(conversation_id=conversation))
    other.level()
    desk.do(Claim(conversation_id=conversation))
    reply(desk, conversation, claim=desk.agent_id)
    desk.engine.push()
    states = [(status,) for status in ("rejected", "held")]
    with world.database.read() as connection:
        decided = connection.execute(
            "SELECT status FROM op_result WHERE device_id = ? ORDER BY op_no", (desk.device_id,)
        )
        assert decided.fetchall()[-2:] == states
    before = replies(world)
    signed_in_anew(desk)
    desk.level()
    assert desk.ids("SELECT status FROM outbox ORDER BY op_no") == states
    assert desk.ids("SELECT level FROM notice ORDER BY level") == [("held",), ("rejected",)]
    assert replies(world) == before


def test_an_operation_that_the_backend_asks_for_and_nobody_has(world: World) -> None:
    """Instead of asking for ever, sync stops until somebody signs in."""
    desk = world.desks[1]
    conversation = writes(world)
    desk.level()
    desk.do(Claim(conversation_id=conversation))
    desk.do(Tag(conversation_id=conversation, name="催"))
    desk.store.write(lambda c: c.execute("DELETE FROM outbox WHERE op_no = 1").rowcount).result()
    with pytest.raises((Stopped, Unreachable)) as caught:
        desk.engine.level()
    assert isinstance(caught.value, Stopped)
    signed_in_anew(desk)
    desk.level()
    assert desk.ids("SELECT name FROM tag") == [("催",)]

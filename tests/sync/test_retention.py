"""What is forgotten after a while: removals and old commits at the backend, the journal at a desk."""

import pytest

from kefu_tui.backend import retention
from kefu_tui.now import DAY
from kefu_tui.operations.routing import SetPresence
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.store import outbox
from kefu_tui.sync.engine import Stopped
from tests.sync import invariants
from tests.sync.conftest import MakeWorld
from tests.sync.scenarios import claimed, writes
from tests.sync.world import DeskHere, World

Rows = list[tuple[object, ...]]


def rows(world: World, sql: str) -> Rows:
    with world.database.read() as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(params=("sqlite", "postgresql"))
def world(make_world: MakeWorld, request: pytest.FixtureRequest) -> World:
    world = make_world(request.param, 0)
    world.quiet = True
    return world


def removed(world: World) -> DeskHere:
    """A desk that took a word off a conversation."""
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    desk.do(Tag(conversation_id=conversation, name="催"))
    desk.level()
    desk.do(Untag(conversation_id=conversation, name="催"))
    desk.level()
    return desk


def test_only_removals_of_before_are_forgotten(world: World) -> None:
    removed(world)
    ((newest,),) = rows(world, "SELECT seq FROM sync_head")
    there = rows(world, "SELECT group_id, type, id, seq FROM sync_change WHERE op = 'P' ORDER BY group_id, type, id")
    assert rows(world, "SELECT count(*) FROM sync_change WHERE op = 'D'") != [(0,)]
    retention.forget(world.database, world.time - DAY)
    assert rows(world, "SELECT min_seq FROM sync_head") == [(0,)]
    retention.forget(world.database, world.time + 1)
    assert rows(world, "SELECT min_seq FROM sync_head") == [(newest,)]
    assert rows(world, "SELECT seq FROM sync_commit") == [(newest,)], "a desk may have seen that one last"
    assert rows(world, "SELECT count(*) FROM sync_change WHERE op <> 'P'") == [(0,)]
    again = rows(world, "SELECT group_id, type, id, seq FROM sync_change WHERE op = 'P' ORDER BY group_id, type, id")
    assert again == there


def test_who_is_level_notices_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = removed(world)
    before = desk.ids("SELECT group_id, seq FROM cursor ORDER BY group_id")
    retention.forget(world.database, world.time + 1)
    refused: list[str] = []
    mend = desk.engine._mend
    monkeypatch.setattr(desk.engine, "_mend", lambda one: (refused.append(one.code), mend(one)))
    desk.level()
    assert desk.ids("SELECT group_id, seq FROM cursor ORDER BY group_id") == before
    writes(world, "somebody")
    desk.level()
    assert refused == []
    invariants.same_rows(world, desk)


def test_it_goes_on_piece_by_piece_and_keeps_milestones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "LOOKED", 4)
    monkeypatch.setattr(retention, "MILESTONES", 5)
    removed(world)
    ((newest,),) = rows(world, "SELECT seq FROM sync_head")
    pieces = 1
    while retention.forget(world.database, world.time + 1):
        pieces += 1
        ((until,),) = rows(world, "SELECT min_seq FROM sync_head")
        kept = [seq for (seq,) in rows(world, "SELECT seq FROM sync_commit ORDER BY seq")]
        assert kept == [*range(5, int(str(until)), 5), *range(int(str(until)), int(str(newest)) + 1)]
    assert pieces > 2
    assert not retention.forget(world.database, world.time + 1), "nothing is left"


@pytest.fixture
def desk(make_world: MakeWorld) -> DeskHere:
    desk = make_world("sqlite", 0).desks[0]
    desk.world.quiet = True
    desk.level()
    for number in range(40):
        desk.do(SetPresence(agent_id=desk.agent_id, presence=("away", "online")[number % 2]))
    desk.level()
    return desk


def journal(desk: DeskHere) -> list[int]:
    return [number for (number,) in desk.ids("SELECT op_no FROM outbox ORDER BY op_no")]


def forget(desk: DeskHere, now: int) -> int:
    return desk.store.write(lambda connection: outbox.forget(connection, now)).result()


def test_the_journal_keeps_what_is_young(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "NEWEST", 10)
    assert forget(desk, desk.world.time) == 0
    assert journal(desk) == list(range(1, 41))


def test_the_journal_ends_but_for_the_newest(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the clock here is wrong by ten years; what is done next goes on with the next number."""
    monkeypatch.setattr(outbox, "NEWEST", 10)
    monkeypatch.setattr(outbox, "FORGOTTEN", 7)
    went = 0
    while some := forget(desk, desk.world.time + 3650 * DAY):
        assert some <= 7
        went += some
    assert went == 30
    assert journal(desk) == list(range(31, 41))
    desk.do(SetPresence(agent_id=desk.agent_id, presence="away"))
    assert journal(desk)[-1] == 41
    desk.level()
    assert rows(desk.world, f"SELECT max(op_no) FROM op_result WHERE device_id = '{desk.device_id}'") == [(41,)]


def test_the_journal_is_never_longer_than_that(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "NEWEST", 10)
    monkeypatch.setattr(outbox, "MOST", 25)
    assert forget(desk, desk.world.time) == 15
    assert journal(desk) == list(range(16, 41))


def test_what_is_pending_stays(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "NEWEST", 10)
    desk.do(SetPresence(agent_id=desk.agent_id, presence="away"))
    forget(desk, desk.world.time + 3650 * DAY)
    assert journal(desk) == list(range(31, 42))
    desk.level()
    assert desk.ids("SELECT DISTINCT state FROM outbox") == [("acked",)]


def test_an_older_copy_gets_again_what_the_journal_has(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "NEWEST", 10)
    desk.world.back_up()
    desk.do(SetPresence(agent_id=desk.agent_id, presence="away"))
    desk.level()
    assert forget(desk, desk.world.time + 3650 * DAY)
    desk.world.restore()
    desk.level()
    assert rows(desk.world, f"SELECT presence FROM agent WHERE id = '{desk.agent_id}'") == [("away",)]


def test_a_copy_that_is_older_than_the_journal_makes_it_another_device(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "NEWEST", 10)
    world = make_world("sqlite", 0)
    world.quiet = True
    world.back_up()
    desk = world.desks[0]
    desk.level()
    for number in range(20):
        desk.do(SetPresence(agent_id=desk.agent_id, presence=("away", "online")[number % 2]))
    desk.level()
    assert forget(desk, world.time + 3650 * DAY) == 10
    world.restore()
    with pytest.raises(Stopped, match="forked"):
        desk.engine.level()

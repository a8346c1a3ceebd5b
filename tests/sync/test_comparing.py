"""A desk whose rows are not the backend's is mended, stretch by stretch; one that is behind or has something to send is not."""

from typing import Any

import pytest

from kefu_tui.backend import compare, feed
from kefu_tui.operations.conversation import Claim
from kefu_tui.operations.reminder import SetReminder
from kefu_tui.operations.tag import Tag
from kefu_tui.store import comparing, facts
from kefu_tui.sync.engine import Stopped
from kefu_tui.wire import Compared, Stretch
from tests.sync import invariants
from tests.sync.conftest import MakeWorld
from tests.sync.scenarios import claimed, replies, reply, writes
from tests.sync.world import DeskHere


@pytest.fixture(params=(("sqlite", 3), ("postgresql", 500)), ids=str)
def desk(make_world: MakeWorld, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> DeskHere:
    kind, rows = request.param
    monkeypatch.setattr(comparing, "ROWS", rows)
    world = make_world(kind, 0)
    world.quiet = True
    for number in range(7):
        writes(world, f"somebody-{number}")
    desk = world.desks[1]
    claimed(desk, writes(world))
    return desk


def wrong(desk: DeskHere, *statements: str) -> None:
    def work(connection: Any) -> None:
        for sql in statements:
            assert connection.execute(sql).rowcount > 0

    desk.store.write(work).result()


def looked_over(desk: DeskHere) -> int:
    """Compares everything once; how many rows were mended."""
    mended = 0
    for _ in range(500):
        step = desk.engine.compare()
        assert step.level
        mended += step.mended
        if step.over:
            return mended
    raise AssertionError("it does not end")


def test_nothing_differs_after_a_pull(desk: DeskHere) -> None:
    assert looked_over(desk) == 0
    invariants.same_rows(desk.world, desk)


@pytest.mark.parametrize(
    ("sql", "many"),
    [
        ("UPDATE message SET text = 'something else' WHERE rowid = (SELECT min(rowid) FROM message)", 1),
        ("DELETE FROM message", 8),
        ("DELETE FROM conversation WHERE rowid = (SELECT max(rowid) FROM conversation)", 1),
        ("UPDATE conversation SET status = 'resolved' WHERE status = 'waiting'", 7),
        (
            "INSERT INTO tag (id, conversation_id, name, by_id, at, version) "
            "VALUES ('ffff', 'nowhere', '没有', 'nobody', 1, 1)",
            1,
        ),
        ("UPDATE agent SET version = version + 1", 3),
    ],
)
def test_what_differs_is_mended(desk: DeskHere, sql: str, many: int) -> None:
    wrong(desk, sql)
    with pytest.raises(invariants.Violation):
        invariants.same_rows(desk.world, desk)
    assert looked_over(desk) == many
    invariants.same_rows(desk.world, desk)
    assert looked_over(desk) == 0
    with desk.store.read() as connection:
        assert facts.get(connection, comparing.MENDED) == str(many)


def test_a_long_stretch_is_mended_in_pieces(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "MOST", 2)
    wrong(desk, "DELETE FROM message")
    assert looked_over(desk) == 8
    invariants.same_rows(desk.world, desk)


def test_a_desk_that_is_behind_is_not_compared(desk: DeskHere) -> None:
    wrong(desk, "DELETE FROM message")
    writes(desk.world, "somebody-new")
    assert not desk.engine.compare().level
    assert desk.ids("SELECT count(*) FROM message") == [(0,)]
    desk.level()
    assert looked_over(desk)
    invariants.same_rows(desk.world, desk)


def test_news_for_others_does_not_keep_it_from_being_compared(desk: DeskHere) -> None:
    colleague = desk.world.desks[0]
    colleague.level()
    assert desk.engine.compare().level
    id = desk.world.ids()
    colleague.do(SetReminder(reminder_id=id, agent_id=colleague.agent_id, due_at=desk.world.time, text="回电"))
    colleague.level()
    assert desk.engine.compare().level


def test_rows_of_another_schema_are_not_taken(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(desk, "DELETE FROM message")
    monkeypatch.setattr(comparing, "SCHEMA", -1)
    assert not desk.engine.compare().level
    assert desk.ids("SELECT count(*) FROM conversation") == [(8,)]


def test_what_waits_to_be_sent_is_not_touched(desk: DeskHere) -> None:
    ((id,),) = desk.ids("SELECT id FROM conversation WHERE assignee_id IS NULL LIMIT 1")
    desk.do(Claim(conversation_id=id))
    assert not desk.engine.compare().level
    desk.level()
    assert looked_over(desk) == 0


def test_what_is_done_while_it_is_asked_is_not_touched(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    ((id,),) = desk.ids("SELECT id FROM conversation WHERE assignee_id IS NULL LIMIT 1")
    wrong(desk, "UPDATE agent SET name = 'X'")
    ask = desk.wire.compare

    def slowly(stretch: comparing.Stretch) -> comparing.Compared:
        told = ask(stretch)
        desk.do(Tag(conversation_id=id, name="vip"))
        return told

    monkeypatch.setattr(desk.wire, "compare", slowly)
    assert not desk.engine.compare().level
    assert desk.ids("SELECT DISTINCT name FROM agent") == [("X",)]


def test_an_older_copy_of_the_backend_takes_nothing_away(desk: DeskHere) -> None:
    """Else what had become of a reply would be forgotten before it is offered again."""
    world = desk.world
    world.back_up()
    ((id,),) = desk.ids("SELECT id FROM conversation WHERE assignee_id = ?", desk.agent_id)
    reply(desk, id)
    desk.level()
    before = desk.ids("SELECT count(*) FROM message")
    world.restore()
    assert not desk.engine.compare().level
    writes(world, "somebody-else")
    assert not desk.engine.compare().level
    assert desk.ids("SELECT count(*) FROM message") == before
    desk.level()
    assert len(replies(world)) == 1
    assert looked_over(desk) == 0


def test_rows_of_another_schema_stop_sync_before_any_is_taken(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    writes(desk.world, "somebody-new")
    before = desk.ids("SELECT group_id, seq FROM cursor ORDER BY group_id")
    monkeypatch.setattr(feed, "SCHEMA", -1)
    with pytest.raises(Stopped) as stopped:
        desk.engine.pull()
    assert stopped.value.state == "upgrade"
    assert desk.ids("SELECT group_id, seq FROM cursor ORDER BY group_id") == before
    monkeypatch.undo()
    desk.level()
    invariants.same_rows(desk.world, desk)


def test_a_row_that_cannot_be_taken_is_asked_for_again(desk: DeskHere, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(desk, "UPDATE message SET text = 'something else' WHERE rowid = (SELECT min(rowid) FROM message)")
    asks = desk.engine.transport.compare

    def strange(stretch: Stretch) -> Compared:
        told = asks(stretch)
        told.rows = [[row[0]] for row in told.rows]
        return told

    monkeypatch.setattr(desk.engine.transport, "compare", strange)
    assert looked_over(desk) == 0
    rows = desk.ids("SELECT type, id FROM sync_unapplied")
    assert rows
    assert {table for table, _ in rows} == {"message"}
    monkeypatch.undo()
    assert looked_over(desk) == 1
    assert not desk.ids("SELECT 1 FROM sync_unapplied")
    invariants.same_rows(desk.world, desk)

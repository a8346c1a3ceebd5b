"""A store of an older version comes up to date, with what is pending in it."""

import pathlib

from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection
from kefu_tui.operations.tag import Tag
from kefu_tui.store.engine import Store
from kefu_tui.store.migrate import CURRENT, create
from tests.desk.place import KEY, Place
from tests.operations.rows import NOW, database
from tests.sync import invariants
from tests.sync.scenarios import claimed, replies, reply, writes
from tests.sync.world import World

NEW_IN_2 = ("macro", "saved_view", "order_return", "pin", "key_use", "effort")


def shape(connection: Connection) -> dict[str, set[str]]:
    """Columns of every table, and the indexes."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%'"
        )
    ]
    tables = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in names}
    tables["-indexes"] = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    return tables


def back_to_1(connection: Connection) -> None:
    """What version 1 looked like."""
    for table in NEW_IN_2:
        connection.execute(f"DROP TABLE {table}")
    connection.execute("ALTER TABLE outbox DROP COLUMN hold_until")
    connection.execute("ALTER TABLE outbox DROP COLUMN delivery")
    connection.execute("ALTER TABLE sync_unapplied RENAME COLUMN error TO raw")
    connection.execute("PRAGMA user_version = 1")


def test_an_older_store_becomes_a_new_one_and_keeps_what_is_pending(tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    place.put(
        Conversation(id="c1", customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, version=1)
    )
    place.desk.take("c1").result()
    place.store.write(back_to_1).result()
    place.reopen()
    assert place.ask("PRAGMA user_version") == [(CURRENT,)]
    assert place.ask("SELECT kind, state, hold_until FROM outbox") == [("conversation.claim", "pending", None)]
    fresh = database()
    with place.store.read() as connection:
        assert shape(connection) == shape(fresh)
    place.store.close()


def test_what_is_pending_in_an_older_store_is_pushed_by_the_new_version(tmp_path: pathlib.Path) -> None:
    world = World(tmp_path, 0)
    world.quiet = True
    desk = world.desks[1]
    conversation = writes(world)
    claimed(desk, conversation)
    reply(desk, conversation)
    desk.do(Tag(conversation_id=conversation, name="催"))
    before = desk.ids("SELECT op_no, op_id, args FROM outbox ORDER BY op_no")
    desk.store.write(back_to_1).result()
    desk.crash()
    assert desk.ids("SELECT op_no, op_id, args FROM outbox ORDER BY op_no") == before
    assert desk.ids("SELECT count(*) FROM outbox WHERE state = 'pending'") == [(2,)]
    desk.level()
    assert desk.ids("SELECT status FROM outbox ORDER BY op_no") == [("applied",)] * 3
    assert len(replies(world)) == 1
    world.heal()
    invariants.level(world)
    world.close()


def test_making_what_is_there_again_changes_nothing(tmp_path: pathlib.Path) -> None:
    store = Store(tmp_path / "store.db", KEY)
    with store.read() as connection:
        before = shape(connection)
    store.write(create).result()
    with store.read() as connection:
        assert shape(connection) == before
    store.close()

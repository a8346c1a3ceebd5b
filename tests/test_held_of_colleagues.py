"""A lead decides about a colleague's held reply: in the conversation, by keys, and by a command."""

import pathlib

import pytest

from kefu_tui.model.rows import Message
from kefu_tui.model.sql import Connection, upsert
from tests.cli.program import Kefu
from tests.real_desk import Real, real_desk


def hold(connection: Connection, conversation_id: str) -> None:
    """A colleague's reply, held in this conversation; whoever sits here is a lead."""
    (colleague,) = connection.execute("SELECT id FROM agent WHERE login = 'agent2'").fetchone()
    connection.execute("UPDATE agent SET role = 'lead' WHERE login = 'practice'")
    upsert(
        connection,
        Message(
            id="held-one", conversation_id=conversation_id, author="agent", author_id=colleague, text="我来答复您",
            at=1, state="held", reason="claim-freed", op_id="o-held",
        ),
    )  # fmt: skip


def state(one: Real) -> tuple[str, str]:
    ((found),) = one.ask("SELECT state, text FROM message WHERE id = 'held-one'")
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(("key", "becomes"), [("s", "queued"), ("d", "discarded"), ("m", "kept")])
async def test_by_keys(tmp_path: pathlib.Path, key: str, becomes: str) -> None:
    async with real_desk(tmp_path) as one:
        id = one.desk.queue_ids("mine", 1)[0]
        one.desk.store.write(lambda connection: hold(connection, id)).result()
        one.work.ahead.forget()
        one.work.open(None)
        one.work.open(id)
        one.work.go("conversation")
        await one.until(lambda: "我来答复您" in one.text)
        await one.press(key)
        await one.until(lambda: state(one) == (becomes, "我来答复您"))


async def test_whoever_leads_nobody_sees_none(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        id = one.desk.queue_ids("mine", 1)[0]
        one.desk.store.write(lambda connection: hold(connection, id)).result()
        assert [row.body for row in one.desk.notices()] == ["我来答复您"]
        assert "放回等候" in one.desk.notices()[0].text
        one.desk.store.write(lambda c: c.execute("UPDATE agent SET role = 'agent'")).result()
        assert one.desk.notices() == []


def test_by_a_command(desk_of_a_lead: Kefu) -> None:
    (row,) = desk_of_a_lead.ok("notices", "list")
    assert (row["level"], row["code"], row["body"]) == ("held", "claim-freed", "我来答复您")
    desk_of_a_lead("notices", "settle", row["id"][-8:], "dismiss").refused(1)
    desk_of_a_lead.ok("notices", "settle", row["id"][-8:], "edit", "--text", "马上答复您")
    assert desk_of_a_lead.ok("notices", "list") == []
    messages = desk_of_a_lead.ok("show", row["conversation_id"])["messages"]
    assert "马上答复您" in [one["text"] for one in messages]


@pytest.fixture
def desk_of_a_lead(tmp_path: pathlib.Path) -> Kefu:
    from kefu_tui.desk.home import Home
    from tests.cli.program import Inside

    desk = Inside(tmp_path / "home")
    desk.ok("seed", "--conversations", "20", "--messages", "80", "--seed", "3")
    id = desk.ok("queue", "--view", "mine", "--limit", "1")[0]["id"]
    store = Home(desk.home).open_store(lambda: desk.env["KEFU_STORE_KEY"])
    store.write(lambda connection: hold(connection, id)).result()
    store.close()
    return desk

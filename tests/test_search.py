"""Search in everything, on a real desk: what is typed is found at once, and Enter stands where it was said."""

import pathlib

from kefu_tui.ids import derive
from kefu_tui.model.rows import Message
from kefu_tui.model.sql import Connection, upsert
from kefu_tui.now import MINUTE
from kefu_tui.store import fulltext
from tests.real_desk import Real, real_desk


def say(one: Real, number: int, text: str, conversation: str) -> None:
    """The customer says something, as if it had been pulled."""

    def work(connection: Connection) -> None:
        (position,) = connection.execute(
            "SELECT max(conv_pos) + 1 FROM message WHERE conversation_id = ?", (conversation,)
        ).fetchone()
        id = derive("said", str(number))
        upsert(
            connection,
            Message(
                id=id, conversation_id=conversation, conv_pos=position, author="customer", text=text,
                at=one.desk.now() - MINUTE, state="received", op_id=id,
            ),
        )  # fmt: skip

    one.desk.store.write(work).result()


async def test_any_words_are_found_and_enter_goes_to_them(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        other = one.work.queue.ids[3]
        say(one, 0, "我家的小猫把快递盒子咬坏了", other)
        for number in range(1, 300):
            say(one, number, f"别的话 {number}", other)
        await one.press("f")
        await one.type("小猫")
        assert "小猫把快递盒子咬坏了" in one.text
        await one.press("enter")
        assert one.work.open_id == other
        assert one.work.pane == "conversation"
        assert "小猫把快递盒子咬坏了" in one.text, "three hundred messages were said since"
        assert not one.work.conversation.thread.at_end


async def test_every_further_key_narrows_it(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        say(one, 1, "紫色的伞", one.work.queue.ids[0])
        say(one, 2, "紫薯面包", one.work.queue.ids[1])
        await one.press("ctrl+f")
        await one.type("紫")
        assert "紫色的伞" in one.text
        assert "紫薯面包" in one.text
        await one.type("薯")
        assert "紫色的伞" not in one.text
        await one.press("escape")
        assert one.app.screen is one.work


async def test_what_is_not_understood_is_told(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("f")
        await one.type("kind:nonsense")
        assert "kind: 可以是 presale" in one.text
        await one.press("escape", "f")
        await one.type("龘龘")
        assert "这里没有。" in one.text


async def test_orders_customers_and_replies_are_found_too(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        ((number, name),) = one.ask(
            "SELECT o.order_no, u.name FROM shop_order o JOIN customer u ON u.id = o.customer_id LIMIT 1"
        )
        assert [hit.kind for hit in one.desk.finding.find(number[:10]).hits][:1] == ["order"]
        assert "customer" in {hit.kind for hit in one.desk.finding.find(name).hits}
        assert "reply" in {hit.kind for hit in one.desk.finding.find("发票").hits}


async def test_conditions(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        find = one.desk.finding.find
        mine = {hit.conversation_id for hit in find("is:mine").hits}
        assert mine == {id for (id,) in one.ask("SELECT id FROM conversation WHERE assignee_id = ? "
                                                "AND status <> 'archived'", one.desk.agent_id)}  # fmt: skip
        kinds = {kind for hit in find("kind:complaint").hits for (kind,) in one.ask(
            "SELECT kind FROM conversation WHERE id = ?", hit.conversation_id)}  # fmt: skip
        assert kinds == {"complaint"}
        words = find("的 -kind:complaint", 200).hits
        messages = [hit for hit in words if hit.kind == "message"]
        assert messages
        assert all("的" in hit.text for hit in messages)
        assert not find("的 before:2001-01-01").hits


async def test_texts_are_indexed_while_nobody_types(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        for number in range(5):
            say(one, number, f"新来的话 {number}", one.work.queue.ids[0])
        assert one.desk.finding.waiting() == 5
        await one.until(lambda: one.desk.finding.waiting() == 0)
        with one.desk.store.read() as connection:
            assert fulltext.waiting(connection) == 0


async def test_english_and_narrow(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, size=(80, 24), lang="en") as one:
        await one.press("f")
        assert "Type to find." in one.text
        await one.type("a")
        assert "Messages" in one.text


async def test_a_slip_in_the_search_of_replies_is_forgiven_after_a_moment(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        right = [line.id for line in one.desk.canned("tuikuan", None)]
        await one.press("/")
        await one.type("tuikaun")
        await one.until(lambda: one.work.canned.current() is not None)
        assert one.work.canned.current().id in right

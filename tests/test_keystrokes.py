"""The keystroke budget: each task on a real desk by its keys, counted, and what it did. A search term counts as three."""

import pathlib

from kefu_tui.model.rows import Order
from kefu_tui.model.sql import Connection, Reader, upsert
from tests.real_desk import Real, real_desk
from tests.test_search import say

TERM = 3


def status(one: Real, id: str | None) -> tuple[str, str | None]:
    ((found, owner),) = one.ask("SELECT status, assignee_id FROM conversation WHERE id = ?", id)
    return found, owner


def replies(one: Real, id: str | None) -> list[str]:
    return [text for (text,) in one.ask("SELECT text FROM message WHERE conversation_id = ? AND author = 'agent' "
                                        "AND op_id IN (SELECT op_id FROM outbox WHERE undone = 0)", id)]  # fmt: skip


async def room(one: Real) -> None:
    """Room for one more customer, and nothing open that is mine and unanswered."""
    mine = [row for row in one.desk.queue_rows(one.work.queue.ids) if row.section == "mine"]
    for row in mine:
        one.desk.release(row.id).result()
    from kefu_tui.desk.answers import EVERYTHING

    one.desk.publish(EVERYTHING)
    await one.fresh()
    one.work.open(None)
    one.work.go("queue")
    one.keys = 0


async def offered(one: Real) -> str:
    """The conversation of somebody who waits and to whom a reply can be offered, as the one who is due first."""
    waiting = [row.id for row in one.desk.queue_rows(one.work.queue.ids) if row.section == "waiting"]
    chosen = next(id for id in waiting if one.desk.offer(id) is not None)

    def first(connection: Connection) -> None:
        connection.execute(
            "UPDATE conversation SET due_at = 1, due_from = 0, soon_at = 1, warn_at = 1 WHERE id = ?", (chosen,)
        )

    one.desk.store.write(first).result()
    from kefu_tui.desk.answers import EVERYTHING

    one.desk.publish(EVERYTHING)
    await one.fresh()
    one.work.open(None)
    one.work.go("queue")
    one.keys = 0
    return chosen


async def test_take_the_next_customer_1(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await room(one)
        first = one.desk.queue_ids("waiting", 1)[0]
        await one.press("space")
        assert one.keys == 1
        assert status(one, first) == ("open", one.desk.agent_id)
        assert one.work.open_id == first
        assert one.work.composer.writing


async def test_see_the_orders_0(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await room(one)
        await one.press("space")
        one.keys = 0
        head = one.work.opened.head
        numbers = [order.order_no for order in one.desk.orders(head.customer_id)]
        shown = "".join(one.lines("orders")).replace(" ", "")
        assert one.keys == 0
        assert numbers[0] in shown if numbers else "没有订单" in shown


async def test_insert_the_offered_reply_1_and_any_by_initials_3(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await room(one)
        chosen = await offered(one)
        await one.press("space")
        assert one.work.open_id == chosen
        one.keys = 0
        await one.press("tab")
        assert one.keys == 1
        assert one.work.composer.text == one.desk.offer(chosen).text  # type: ignore[union-attr]
        await one.press("ctrl+u", "escape")
        one.keys = 0
        wanted = next(line for line in one.desk.canned("tk", chosen))
        await one.press("i")
        one.keys = 0
        await one.type("tk")
        await one.press("tab")
        assert one.keys == 3
        filled = one.desk.fill(wanted.id, chosen)
        assert one.work.composer.text == filled.text  # type: ignore[union-attr]


async def test_send_and_open_the_next_1(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await room(one)
        chosen = await offered(one)
        await one.press("space", "tab")
        text = one.work.composer.text
        one.keys = 0
        await one.press("enter")
        assert one.keys == 1
        assert replies(one, chosen) == [text]
        assert one.work.open_id not in (None, chosen)


async def test_where_is_my_parcel_from_idle_to_the_next_customer_3(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await room(one)
        chosen = await offered(one)
        await one.press("space", "tab", "enter")
        assert one.keys == 3
        assert len(replies(one, chosen)) == 1
        assert one.work.open_id != chosen


async def test_send_resolve_with_a_tag_next_2(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await room(one)
        chosen = await offered(one)
        await one.press("space", "tab")
        one.keys = 0
        await one.press("f10", "2")
        assert one.keys == 2
        assert status(one, chosen)[0] == "resolved"
        assert len(replies(one, chosen)) == 1
        assert one.ask(
            "SELECT count(*) FROM tag WHERE conversation_id = ? AND id IN (SELECT id FROM shadow)", chosen
        ) == [(1,)]
        assert one.work.open_id != chosen
        await one.press("ctrl+z") if one.work.composer.writing else await one.press("u")
        assert status(one, chosen)[0] == "open"
        assert replies(one, chosen) == []


async def test_snooze_for_two_hours_2(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        chosen = one.work.open_id
        one.keys = 0
        await one.press("z", "2")
        assert one.keys == 2
        ((until, status_),) = one.ask("SELECT snoozed_until, status FROM conversation WHERE id = ?", chosen)
        assert status_ == "snoozed"
        assert abs(until - one.desk.now() - 2 * 3600 * 1_000_000) < 60_000_000


async def test_hand_over_with_a_note_3_and_the_note(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        chosen = one.work.open_id
        note = "ok"
        one.keys = 0
        await one.press("t", "1")
        await one.type(note)
        await one.press("enter")
        assert one.keys == 3 + len(note)
        ((kind, args),) = one.ask("SELECT kind, args FROM outbox ORDER BY op_no DESC LIMIT 1")
        assert kind == "conversation.transfer"
        assert '"note": "ok"' in args
        assert chosen in args


async def test_approve_a_return_2(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        customer = one.work.opened.head.customer_id

        def refunding(connection: Connection) -> None:
            order = Reader(connection).where(Order, "customer_id", customer)
            row = order[0] if order else Order(
                id="o-1", order_no="126036803257340376", customer_id=customer, status="paid", total=100, placed_at=1
            )  # fmt: skip
            upsert(connection, Order(**{**{n: getattr(row, n) for n in row.__struct_fields__}, "status": "refunding"}))

        one.desk.store.write(refunding).result()
        from kefu_tui.desk.answers import EVERYTHING

        one.desk.publish(EVERYTHING)
        await one.fresh()
        assert "退货待审" in one.text
        one.keys = 0
        await one.press("o", "a")
        assert one.keys == 2
        assert one.ask("SELECT verdict FROM order_return") == [("approved",)]
        await one.fresh()
        assert "退货已同意" in one.text
        await one.press("a")
        assert "没有要审的退货" in one.notice
        await one.press("u")
        assert one.ask("SELECT count(*) FROM order_return") == [(0,)]


async def test_find_a_conversation_by_any_words_4(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        say(one, 1, "楼下的橘猫叼走了快递", one.work.queue.ids[4])
        one.keys = 0
        await one.press("f")
        assert one.keys + TERM == 4
        await one.type("橘猫")
        assert "楼下的橘猫叼走了快递" in one.text


async def test_undo_the_last_action_1(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        chosen = one.work.open_id
        await one.press("b")
        assert status(one, chosen)[0] == "waiting"
        one.keys = 0
        await one.press("u")
        assert one.keys == 1
        assert status(one, chosen) == ("open", one.desk.agent_id)


async def test_keys_and_seconds_are_counted_and_shown(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        chosen = one.work.open_id
        await one.press("g", "c", "x", "1")
        kept = one.desk.effort.keep()
        assert kept is not None
        kept.result()
        ((keys, resolved),) = one.ask("SELECT keys, resolved_at FROM effort WHERE conversation_id = ?", chosen)
        assert keys == 4
        assert resolved is not None
        stats = one.desk.effort.stats()
        assert (stats.days[0].resolved, stats.days[0].keys_p50) == (1, 4)
        assert "resolve" in {use.command for use in stats.uses}
        await one.press("g", "k")
        assert "解决一个会话" in one.text
        assert "4 键" in one.text


async def test_a_shorter_way_is_told(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("ctrl+p")
        await one.type("置顶")
        await one.press("enter")
        assert one.work.shorter_way() == "「置顶」有自己的键：p。"
        kept = one.desk.effort.keep()
        assert kept is not None
        kept.result()
        assert [(one_.name, one_.command, one_.times) for one_ in one.desk.effort.stats().missed] == [
            ("palette", "pin", 1)
        ]

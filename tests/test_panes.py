"""The head, the orders and the replies beside a thread: what they show at which size, and what their keys post."""

from itertools import product

import pytest

from kefu_tui.now import MINUTE, SECOND
from kefu_tui.store.shown import Due, Head, OrderCard, Parcel
from kefu_tui.text import cells
from kefu_tui.widgets.conversation import ConversationPane
from kefu_tui.widgets.headline import Headline
from kefu_tui.widgets.inks import INKS
from kefu_tui.widgets.order_lines import order_line, reached
from kefu_tui.widgets.orders import OrdersPane
from tests.panes import (
    HOSTILE,
    NOW,
    ZONE,
    Alone,
    Panes,
    drawn,
    harmless,
    head,
    held_thread,
    notice,
    orders,
    recognised,
    said,
    thread,
)  # fmt: skip


class TestHead:
    @pytest.fixture
    async def pane(self) -> ConversationPane:  # type: ignore[misc]
        async with Panes().run_test(size=(98, 38)) as pilot:
            yield pilot.app.query_one(ConversationPane)

    def show(self, pane: ConversationPane, shown: Head, now: int = NOW) -> str:
        pane.show(shown, [], recognised, [], now=now)
        return said(pane.headline)

    def test_who_and_what_is_due(self, pane: ConversationPane) -> None:
        assert self.show(pane, head()) == "王** VIP 网页 首问负责 本轮剩 !0:41\n第 3 次来 3 单 标签 催件"

    @pytest.mark.parametrize(
        ("kind", "left", "paused", "words"),
        [
            ("next_response", -72, False, "本轮超 +1:12"),
            ("first_response_chat", 158, False, "首次剩 *2:38"),
            ("resolution", 86_000, False, "解决剩 23时"),
            ("next_response", 20, True, "本轮 停"),
        ],
    )
    def test_clocks(self, pane: ConversationPane, kind: str, left: int, paused: bool, words: str) -> None:
        total = 300 if left < 1000 else 86_400
        due_at = NOW + left * SECOND
        start = due_at - total * SECOND
        due = Due(kind, start, start + total * SECOND // 5 * 2, start + total * SECOND // 5 * 4, due_at, paused)
        if kind == "resolution":
            due = due._replace(soon_at=due_at - 1, warn_at=due_at - 1)
        assert words in self.show(pane, head(due=due))

    def test_no_clock_says_nothing(self, pane: ConversationPane) -> None:
        assert "剩" not in self.show(pane, head(due=None))

    def test_the_row_fills_as_time_is_used(self, pane: ConversationPane) -> None:
        self.show(pane, head())
        ink = INKS["dark"]
        used = sum(
            cells(segment.text)
            for segment in pane.headline.render_line(0)
            if segment.style and segment.style.bgcolor and segment.style.bgcolor.name == str(ink.now).lower()
        )
        assert abs(used - 57 * 139 / 180) <= 1.5  # a wide character is not parted

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"offered_to": "刘洋"}, "转给 刘洋，等接"),
            ({"status": "snoozed", "snoozed_until": NOW + 56 * MINUTE}, "稍后到 22:00"),
            ({"risk": "watch"}, "留意"),
            ({"risk": "blocked"}, "黑名单"),
        ],
    )
    def test_what_is_out_of_the_ordinary(self, pane: ConversationPane, changes: dict[str, object], words: str) -> None:
        assert self.show(pane, head(**changes)).endswith(words)

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_text_is_harmless(self, pane: ConversationPane, text: str) -> None:
        bad = head(name=text, channel=text, tier=text, risk=text, tags=(text, text), offered_to=text, assignee=text)
        for shown in (bad, bad._replace(mine=False), bad._replace(status=text)):
            pane.show(shown, [], recognised, [], now=NOW)
            rows = [*drawn(pane.headline), *(pane.foot.render_line(y).text for y in range(pane.foot.size.height))]
            assert all(harmless(row) for row in rows)
            assert {cells(row) for row in drawn(pane.headline)} == {57}

    def test_a_second_that_shows_nothing_new_paints_nothing(self, pane: ConversationPane) -> None:
        painted: list[object] = []
        pane.show(head(due=None), [], recognised, [], now=NOW)
        pane.tick(NOW)
        pane.headline.refresh = lambda *args, **rest: painted.append(args) or pane.headline  # type: ignore[method-assign]
        pane.tick(NOW + SECOND)
        assert painted == []

    async def test_items_leave_whole_where_it_is_narrow(self) -> None:
        pane = Headline()
        async with Alone(pane).run_test(size=(80, 2)) as pilot:
            pane.show(head(tags=("物流", "催件", "重要客户", "大促")), NOW)
            for width in (26, 31, 40, 47, 57, 64, 80):
                await pilot.resize_terminal(width, 2)
                assert [(cells(row), ".." in row) for row in drawn(pane)] == [(width, False)] * 2


class TestConversation:
    async def test_mine_has_a_composer_and_others_say_why_not(self) -> None:
        async with Panes().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            for changes, words in (
                ({"mine": False, "assignee": None, "assignee_id": None}, "还没有人接。|Space 接待并回复"),
                ({"mine": False, "assignee": "刘洋", "assignee_id": "a2"}, "刘洋 在接待。"),
                ({"status": "resolved"}, "已结束。|R 重开"),
                ({"status": "archived"}, "已归档，只能看。"),
            ):
                pane.show(head(**changes), thread(), recognised, [], now=NOW)
                await pilot.pause()
                assert (pane.composer.display, pane.foot.display) == (False, True)
                text = " ".join(" ".join(pane.foot.render_line(y).text.split()) for y in range(4))
                assert all(part in text for part in words.split("|"))
            pane.show(head(), thread(), recognised, [], now=NOW)
            await pilot.pause()
            assert (pane.composer.display, pane.foot.display) == (True, False)

    async def test_losing_it_ends_writing_and_keeps_the_text(self) -> None:
        async with Panes("draft-writing").run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            await pilot.pause()
            assert pane.composer.writing
            text = pane.composer.text
            pane.show(head(mine=False, assignee="刘洋", assignee_id="a2"), thread(), recognised, [], now=NOW)
            await pilot.pause()
            assert not pane.composer.writing
            assert "写了一半的话还在" in pane.foot.render_line(1).text
            pane.show(head(), thread(), recognised, [], now=NOW)
            assert pane.composer.text == text

    async def test_another_conversation_takes_nothing_of_the_last_one_along(self) -> None:
        async with Panes("draft").run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            pane.thread.scroll_rows(-2)
            pane.show(head(id="c2"), thread(), recognised, [], now=NOW, draft="给二号客户")
            assert pane.composer.text == "给二号客户"
            pane.composer.begin()
            await pilot.press("ctrl+z")
            assert pane.composer.text == "给二号客户"
            pane.show(head(id="c3"), thread(), recognised, [], now=NOW)
            assert (pane.composer.text, pane.composer.ghost, pane.thread.at_end) == ("", None, True)

    async def test_the_same_conversation_keeps_what_is_written(self) -> None:
        async with Panes("draft").run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            text = pane.composer.text
            pane.show(head(visits=9), thread(), recognised, [], now=NOW, draft="")
            assert pane.composer.text == text != ""

    async def test_notices_of_other_conversations_are_not_shown(self) -> None:
        async with Panes().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            items, notices = held_thread()
            pane.show(head(), items, recognised, [notices[0], notice(11, "别人的", conversation_id="c9")], now=NOW)
            assert pane.held == notices[0]
            assert pane.composer.second

    async def test_nothing_open(self) -> None:
        async with Panes("idle").run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            await pilot.pause()
            text = "\n".join(pane.idle.render_line(y).text.strip() for y in range(pane.idle.size.height))
            assert text.strip().startswith("没有打开的会话。")
            pane.idle.show("没有人在等。", "今天 142 位", [("g k", "工单")])
            text = "".join(pane.idle.render_line(y).text for y in range(pane.idle.size.height))
            assert "没有人在等。" in text
            assert " g k  工单" in text

    @pytest.mark.parametrize(("rows", "composer"), [(20, 5), (22, 6), (28, 7), (38, 8)])
    async def test_the_composer_is_as_tall_as_the_pane_allows(self, rows: int, composer: int) -> None:
        async with Panes().run_test(size=(98, rows)) as pilot:
            await pilot.pause()
            pane = pilot.app.query_one(ConversationPane)
            assert pane.composer.size.height >= composer
            assert pane.composer.region.bottom == pane.region.bottom
            assert pane.composer.size.height <= max(composer, pane.size.height // 2)

    async def test_an_order_stands_under_the_head_where_its_pane_is_folded(self) -> None:
        async with Panes(right=0).run_test(size=(84, 24)) as pilot:
            pane = pilot.app.query_one(ConversationPane)
            assert "订单 3287 4091 2344 已发货 顺丰 08:12 到杭州转运中心 ¥128.00" in said(pane.headline)
            pane.brief(None)
            assert "第 3 次来" in said(pane.headline)


def order(**changes: object) -> OrderCard:
    return orders()[0]._replace(**changes)


class TestOrders:
    @pytest.fixture
    async def pane(self) -> OrdersPane:  # type: ignore[misc]
        async with Panes().run_test(size=(98, 38)) as pilot:
            yield pilot.app.query_one(OrdersPane)

    def test_the_card(self, pane: OrdersPane) -> None:
        rows = said(pane).split("\n")
        assert rows[0] == "订单 3 o"
        assert rows[1] == "▐ 3287 4091 2344 已发货 ¥128.00"
        assert rows[2:4] == ["自然堂雪域精粹水 120ml x1", "顺丰 SF1385628716739 y 复制"]
        assert rows[6] == "下单 揽收 运输 派送 签收"
        assert rows[8:11] == ["今天 08:12 ▐ 到杭州转运中心", "02:40 ▐ 离开武汉", "昨天 18:06 ▐ 顺丰已揽收"]
        assert rows[-2:] == ["3287 3980 1107 已完成 ¥59.00", "3287 2219 0457 已退款 ¥89.00"]

    def test_figures_end_in_one_cell(self, pane: OrdersPane) -> None:
        pane.show([order(), order(id="b", total=1_234_500), order(id="c", total=900)], NOW)
        ends = {cells(row.rstrip()) for row in drawn(pane) if "¥" in row}
        starts = {cells(row[: row.index("已发货")]) for row in drawn(pane) if "¥" in row}
        assert (len(ends), len(starts)) == (1, 1)

    @pytest.mark.parametrize(
        ("changes", "steps"),
        [
            ({"status": "unpaid", "parcels": ()}, 0.5),
            ({"status": "paid", "parcels": ()}, 1),
            ({"status": "done", "parcels": ()}, 5),
            ({"status": "refunded", "parcels": ()}, None),
            ({"parcels": (Parcel("顺丰", "1", "signed", ()), Parcel("顺丰", "2", "packed", ()))}, 1.5),
        ],
    )
    def test_how_far_an_order_is(self, changes: dict[str, object], steps: float | None) -> None:
        assert reached(order(**changes)) == steps

    def test_the_open_order_moves_and_stays_open(self, pane: OrdersPane) -> None:
        opened = []
        pane.move(1)
        opened.append(pane.current())
        pane.show([order(id="new"), *orders()], NOW)
        opened.append(pane.current())
        assert "▐ 3287 3980 1107" in said(pane)
        pane.move(99)
        opened.append(pane.current())
        pane.show([order(id="x")], NOW)
        opened.append(pane.current())
        assert [card.id if card else None for card in opened] == ["or2", "or2", "or3", "x"]

    def test_many_orders_say_how_many_more(self, pane: OrdersPane) -> None:
        pane.show([order(id=str(number), order_no=f"32874091{number:04}") for number in range(200)], NOW)
        assert "往下还有" in said(pane)
        pane.move(100)
        assert "往上还有" in said(pane)
        assert "▐ 3287 4091 0100" in said(pane)

    def test_no_order_and_no_conversation(self, pane: OrdersPane) -> None:
        pane.show([], NOW)
        assert "这位客户没有订单。" in said(pane)
        pane.show([], NOW, someone=False)
        assert "打开会话后，客户的订单在这里。" in said(pane)
        pane.waiting = "正在取订单"
        assert "正在取订单" in said(pane)

    def test_old_figures_say_since_when(self, pane: OrdersPane) -> None:
        pane.stale = "21:02"
        assert said(pane).startswith("订单 3 21:02 的数")

    def test_letter_keys_leave_while_writing(self, pane: OrdersPane) -> None:
        pane.moving = False
        assert " y " not in "".join(drawn(pane))
        assert drawn(pane)[0].split()[-1] == "F6"

    def test_a_refund_and_several_parcels_are_told(self, pane: OrdersPane) -> None:
        parcels = (*orders()[0].parcels, Parcel("圆通", "YT100200300", "delivering", ()))
        pane.show([order(refund=2_000, parcels=parcels, lines=(("水", 1, 1), ("乳", 2, 1), ("霜", 1, 1)))], NOW)
        text = said(pane)
        assert "退 ¥20.00" in text
        assert "圆通 YT100200300 派送中" in text
        assert "还有 2 种" in text

    @pytest.mark.parametrize("width", [26, 30, 34, 38, 60, 80])
    async def test_every_row_is_as_wide_as_the_pane(self, width: int) -> None:
        pane = OrdersPane()
        app = Alone(pane)
        async with app.run_test(size=(width, 6)) as pilot:
            for height in (6, 9, 12, 17, 24):
                await pilot.resize_terminal(width, height)
                for app.ink, app.lang in product(INKS.values(), ("zh", "en")):
                    long = order(order_no="1260368032573403761")
                    for shown in (orders(app.lang), [long, *orders(app.lang)[1:]], []):
                        pane.show(shown, NOW)
                        assert {cells(row) for row in drawn(pane)} == {width}

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_text_is_harmless(self, pane: OrdersPane, text: str) -> None:
        parcel = Parcel(text, text, text, ((NOW, text), (NOW - 1, text)))
        bad = order(order_no=text, status=text, currency=text, lines=((text, 1, 1),), parcels=(parcel, parcel))
        pane.show([bad, bad._replace(id="b")], NOW)
        assert all(harmless(row) and cells(row) == 38 for row in drawn(pane))
        line = order_line(bad, 60, INKS["dark"], "zh", ZONE).text
        assert harmless(line)
        assert cells(line) == 60

    @pytest.mark.parametrize("width", range(26, 90, 4))
    def test_the_one_line_form_keeps_number_state_and_amount(self, width: int) -> None:
        text = order_line(order(), width, INKS["dark"], "zh", ZONE).text
        assert cells(text) == width
        assert "¥128.00" in text
        assert "已发货" in text or width < 34

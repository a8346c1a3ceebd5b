"""The thread: how messages fall into parts, how bubbles look, what stays in sight."""

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult

from kefu_tui.now import MINUTE
from kefu_tui.store.shown import NoticeRow, ThreadItem
from kefu_tui.text import NEVER_FIRST, NEVER_LAST, cells
from kefu_tui.widgets.blocks import Block, blocks, parts_of
from kefu_tui.widgets.bubbles import MARKS, Laid, Setting, marked
from kefu_tui.widgets.inks import INKS
from kefu_tui.widgets.thread import Thread
from tests.panes import HOSTILE, NOW, ORDER, ZONE, harmless, held_thread, item, notice, recognised, thread

KEYS = (("edit", ("e", "改了再发")), ("send-anyway", ("s", "照发")), ("discard", ("d", "不发了")))
DAY = 24 * 60


def shown(items: Sequence[ThreadItem], notices: Sequence[NoticeRow] = (), lang: str = "zh") -> list[Block]:
    return blocks(items, notices, now=NOW, zone=ZONE, lang=lang)


def laid(block: Block, width: int = 57, lang: str = "zh", *, acting: bool = True, low: bool = False) -> Laid:
    return Laid(block, Setting(INKS["dark"], lang, ZONE, width, KEYS, acting, low), recognised)


def rows(found: Laid) -> list[str]:
    return [found.strip(row).text for row in range(len(found.rows))]


def bubble(text: str, who: str = "customer", width: int = 57) -> Laid:
    return laid(shown([item(1, who, text)])[0], width)


def body(found: Laid) -> list[str]:
    """The words of each row of a bubble, without bar and pads."""
    return [row.strip("▐| ") for row in rows(found)[1:]]


class TestParts:
    def test_messages_of_one_minute_share_a_bubble(self) -> None:
        found = shown([item(1, "customer", "在吗", minutes=1.2), item(2, "customer", "我的快递呢", minutes=1.1)])
        assert [block.texts for block in found] == [("在吗", "我的快递呢")]

    @pytest.mark.parametrize(
        "second",
        [
            item(2, "customer", "b", minutes=3),
            item(2, "bot", "b", minutes=1.1),
            item(2, "customer", "b", minutes=1.1, author="another"),
        ],
    )
    def test_others_do_not(self, second: ThreadItem) -> None:
        assert len(shown([item(1, "customer", "a", minutes=1.2), second])) == 2

    def test_a_message_with_a_mark_stands_alone(self) -> None:
        pair = [item(1, "me", "a", minutes=1.2), item(2, "me", "b", minutes=1.1, mark="pending")]
        assert [block.mark for block in shown(pair)] == ["", "pending"]

    def test_new_begins_after_the_last_human_answer(self) -> None:
        found = shown(thread())
        assert [(block.who, block.new, block.fresh) for block in found if block.new or block.fresh] == [
            ("customer", 2, True)
        ]

    def test_a_reply_that_did_not_leave_is_no_answer(self) -> None:
        items = [
            item(1, "me", "您好", minutes=9),
            item(2, "customer", "在吗", minutes=5),
            item(3, "me", "在的", minutes=4, mark="held"),
        ]
        assert [block.new for block in shown(items)] == [0, 1, 0]

    def test_days_are_told_where_they_change(self) -> None:
        items = [
            item(1, "customer", "a", minutes=400 * DAY),
            item(2, "customer", "b", minutes=DAY),
            item(3, "me", "c", minutes=DAY - 1),
            item(4, "me", "d", minutes=1),
        ]
        assert [block.date for block in shown(items)] == ["2024-10-17", "昨天", "", "今天"]

    def test_today_alone_needs_no_day(self) -> None:
        assert [block.date for block in shown([item(1, "customer", "a")])] == [""]

    def test_system_lines_adjoin(self) -> None:
        found = shown([item(1, "system", "a", minutes=DAY), item(2, "system", "b"), item(3, "customer", "c")])
        assert [block.gap for block in found] == [False, False, True]
        assert rows(laid(found[0]))[0].split() == ["昨天", "a"]
        assert rows(laid(found[1]))[0].split() == ["21:03", "b"]

    def test_a_long_message_falls_into_parts_without_losing_a_character(self) -> None:
        text = "我的快递怎么还没到，等了三天了！" * 600
        found = shown([item(1, "customer", text)])
        assert len(found) > 5
        assert "".join(block.texts[0] for block in found) == text
        assert [block.head for block in found] == [True] + [False] * (len(found) - 1)
        assert len({block.key for block in found}) == len(found)

    @pytest.mark.parametrize("text", ["a" * 9_999, "好" * 9_999, "x y" * 3_000, "a\nb" * 3_000])
    def test_parts_of_any_text_are_short_and_whole(self, text: str) -> None:
        found = parts_of(text)
        assert max(map(len, found)) <= 1_500
        assert "".join(found).replace("\n", "") == text.replace("\n", "")


class TestBubbles:
    def test_a_bubble_is_as_narrow_as_its_lines_allow(self) -> None:
        found = bubble("Hello, this is Mei. I am looking into it, one minute please.", "me")
        assert body(found) == ["Hello, this is Mei. I am looking", "into it, one minute please."]
        assert found.inner == cells("Hello, this is Mei. I am looking")

    @pytest.mark.parametrize("width", range(26, 81, 6))
    @pytest.mark.parametrize("who", ["customer", "me", "agent", "bot", "note", "system"])
    def test_every_row_is_as_wide_as_the_pane(self, width: int, who: str) -> None:
        found = bubble("都三天了！再不到我就退货了，订单 328740912344，麻烦尽快。" * 3, who, width)
        assert {found.strip(row).cell_length for row in range(len(found.rows))} == {width}

    @pytest.mark.parametrize("width", range(26, 81, 3))
    def test_no_line_breaks_where_none_may(self, width: int) -> None:
        text = "您好，“我的快递”（单号 SF1385628716739）怎么还没到？都三天了！再不到，我就「退货」了。"
        lines = body(bubble(text, width=width))
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not [line for line in lines if line[0] in NEVER_FIRST or line[-1] in NEVER_LAST]
        assert "SF1385628716739" in "\n".join(lines)

    def test_sides(self) -> None:
        left, right, note = (rows(bubble("好", who))[1] for who in ("customer", "me", "note"))
        assert left.startswith("  ▐ 好 ")
        assert right.endswith(" 好 " + " " * 6 + "▐  ")  # as wide as `我 21:03`
        assert note.startswith("  ▐ 好")

    def test_planes_tell_the_parties(self) -> None:
        def plane(who: str) -> object:
            strip = bubble("好好好好", who).strip(-1)
            return next(segment.style.bgcolor for segment in strip if "好" in segment.text)

        assert len({plane(who) for who in ("customer", "me", "agent", "bot", "note", "system")}) == 6

    def test_recognised_numbers_are_underlined_even_across_bubbles(self) -> None:
        found = bubble(f"我的订单 {ORDER} 呢")
        underlined = [segment.text for segment in found.strip(1) if segment.style and segment.style.underline]
        assert underlined == [ORDER]

    def test_spans_follow_the_text_that_is_drawn(self) -> None:
        found = bubble(f"\x1b\u202e{ORDER}")
        assert [segment.text for segment in found.strip(1) if segment.style and segment.style.underline] == [ORDER]

    @pytest.mark.parametrize("mark", sorted(MARKS))
    @pytest.mark.parametrize(("lang", "index"), [("zh", 0), ("en", 1)])
    @pytest.mark.parametrize("width", [26, 57])
    def test_what_is_not_well_is_said_in_words(self, mark: str, lang: str, index: int, width: int) -> None:
        block = shown([item(1, "me", "好", mark=mark)], lang=lang)[0]
        words = MARKS[mark][index]
        assert words[: 99 if width == 57 else 6] in rows(laid(block, width, lang))[0]

    def test_delivered_is_silent(self) -> None:
        assert rows(bubble("好", "me"))[0].split() == ["我", "21:03", "▐"]

    def test_a_note_says_that_it_is_hidden_where_there_is_room(self) -> None:
        block = shown([item(1, "note", "好", author="刘洋")])[0]
        assert rows(laid(block))[0].split() == ["▐", "备注", "刘洋", "21:03", "客户看不到"]
        assert rows(laid(block, 26))[0].split() == ["▐", "备注", "刘洋", "21:03"]

    @pytest.mark.parametrize(
        ("who", "text", "count"), [("note", "好", 1), ("bot", "好", 1), ("note", "好" * 30, 3), ("customer", "好", 2)]
    )
    def test_bot_and_notes_take_one_row_where_few_are_in_sight(self, who: str, text: str, count: int) -> None:
        block = shown([item(1, who, text, author="刘洋")])[0]
        found = laid(block, low=True)
        assert len(found.rows) == count
        assert len(laid(block).rows) >= 2
        assert text in "".join(rows(found)).replace(" ", "").replace("▐", "")
        assert {found.strip(row).cell_length for row in range(count)} == {57}

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    @pytest.mark.parametrize("who", ["customer", "system", "me"])
    def test_hostile_text_is_harmless(self, text: str, who: str) -> None:
        for block in shown([item(1, who, text, author=text)], [notice(2, text, text=text, message_id=None)]):
            found = laid(block, 40)
            for row in range(len(found.rows)):
                strip = found.strip(row)
                assert strip.cell_length == 40
                assert harmless(strip.text)
                assert not any(segment.control for segment in strip)

    def test_markup_is_shown_as_it_was_written(self) -> None:
        assert " ".join(body(bubble(HOSTILE["markup"]))) == HOSTILE["markup"]


class TestStuck:
    @pytest.mark.parametrize(("level", "label"), [("rejected", "没做成"), ("info", "告知")])
    def test_what_has_no_words_of_its_own_is_said_whole(self, level: str, label: str) -> None:
        said = "周颖也改了优先级，改的时候没看到你的：现在是 4，你改成的是 1。"
        one = notice(9, "", level=level, text=said, message_id=None, actions=("discard",))
        found = rows(laid(shown(thread(), [one])[-1]))
        assert said.replace(" ", "") in "".join(found).replace(" ", "").replace("▐", "")
        assert label in "".join(found[:3])
        short = one._replace(text="周颖已经接了。")
        row = next(row for row in rows(laid(shown(thread(), [short])[-1])) if label in row)
        assert "周颖已经接了。" in row

    def test_a_held_reply_says_what_why_and_what_to_do(self) -> None:
        items, notices = held_thread()
        found = [block for block in shown(items, notices) if block.notice]
        said = " ".join(" ".join(rows(laid(found[0]))).split())
        for words in (
            "扣下 2 条，客户没有收到",
            "为什么 写好之后，订单变成了退款中。",
            "怎么办 照原样发会说错话",
            "e 改了再发",
            "d 不发了",
        ):
            assert words in said

    def test_only_the_oldest_has_keys_and_the_others_fold_to_a_row(self) -> None:
        items, notices = held_thread()
        first, second = [block for block in shown(items, notices) if block.notice]
        assert (first.active, second.active) == (True, False)
        assert len(laid(second).rows) == 2  # an empty one above
        assert "稍后我再给您回电。" in rows(laid(second))[1]

    def test_keys_that_a_notice_does_not_allow_are_not_shown(self) -> None:
        items, _ = held_thread()
        block = shown(items, [notice(10, "x", actions=("discard",))])[-2]
        assert "不发了" in rows(laid(block))[-1]
        assert "照发" not in rows(laid(block))[-1]

    def test_keys_stand_back_while_writing_and_nothing_moves(self) -> None:
        block = next(block for block in shown(*held_thread()) if block.active)
        acting, writing = laid(block), laid(block, acting=False)
        assert rows(acting) == rows(writing)
        cap = next(segment for segment in acting.strip(len(acting.rows) - 1) if segment.text == " e ")
        plain = next(segment for segment in writing.strip(len(writing.rows) - 1) if segment.text == " e ")
        assert cap.style.bgcolor != plain.style.bgcolor

    def test_words_that_are_in_no_message_are_shown_at_the_end(self) -> None:
        found = shown(thread(), [notice(99, "没发出去的话", level="rejected", message_id=None)])
        assert found[-1].notice
        assert "没发出去的话" in " ".join(rows(laid(found[-1])))

    def test_the_keys_take_another_row_where_it_is_narrow(self) -> None:
        block = next(block for block in shown(*held_thread()) if block.active)
        assert [row.kind for row in laid(block, 30).rows].count("keys") == 2


def test_marked_cuts_spans_at_the_row() -> None:
    assert marked("abcdef", 1, 5, [(0, 2), (4, 9)]) == [("b", True), ("cd", False), ("e", True)]


class Alone(App[None]):
    """A thread by itself."""

    asked = 0

    def compose(self) -> ComposeResult:
        yield Thread()

    def on_thread_earlier(self) -> None:
        self.asked += 1


def window(pane: Thread) -> list[str]:
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


def many(count: int, start: int = 0) -> list[ThreadItem]:
    return [
        item(number, "customer", f"第 {number} 条", minutes=2000 - number) for number in range(start, start + count)
    ]


class TestThread:
    async def test_it_opens_at_the_end_and_stays_there(self) -> None:
        async with Alone().run_test(size=(57, 24)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show(many(50), [], recognised, now=NOW)
            assert window(pane)[-2].endswith("第 49 条")
            pane.show(many(51), [], recognised, now=NOW)
            assert window(pane)[-2].endswith("第 50 条")
            assert window(pane)[-1] == ""

    async def test_scrolled_up_it_stays_where_it_is_and_says_what_is_below(self) -> None:
        async with Alone().run_test(size=(57, 24)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show(many(50), [], recognised, now=NOW)
            pane.scroll_page(-2)
            before = window(pane)
            pane.show(many(53), [], recognised, now=NOW)
            assert window(pane)[:-1] == before[:-1]
            assert f"往下还有 {pane.below} 条" in window(pane)[-1]
            last = int(next(row for row in reversed(before[:-1]) if "条" in row).split()[2])
            assert pane.below == 52 - last

    async def test_up_and_down_come_back_to_the_same_rows(self) -> None:
        async with Alone().run_test(size=(57, 24)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show(many(50), [], recognised, now=NOW)
            end = window(pane)
            for rows_up in (1, 3, 7, 40):
                pane.scroll_rows(-rows_up)
                pane.scroll_rows(rows_up)
                assert window(pane) == end
            assert pane.at_end

    async def test_the_top_asks_for_earlier_messages(self) -> None:
        async with Alone().run_test(size=(57, 24)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show(many(50), [], recognised, now=NOW)
            pane.scroll_top()
            first = next(row for row in window(pane) if "条" in row)
            assert first.endswith("第 0 条")
            pane.scroll_rows(-5)
            assert next(row for row in window(pane) if "条" in row) == first
            await pilot.pause()
            assert pilot.app.asked == 2  # type: ignore[attr-defined]

    async def test_earlier_messages_do_not_move_what_is_seen(self) -> None:
        async with Alone().run_test(size=(57, 24)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show(many(50, 50), [], recognised, now=NOW)
            pane.scroll_rows(-30)
            before = window(pane)
            pane.show(many(100), [], recognised, now=NOW)
            assert window(pane) == before

    async def test_only_what_is_seen_is_laid_out(self) -> None:
        async with Alone().run_test(size=(57, 40)) as pilot:
            asked: list[str] = []

            def ask(text: str) -> list[tuple[int, int, str]]:
                asked.append(text)
                return []

            pane = pilot.app.query_one(Thread)
            pane.show([item(0, "customer", "长。" * 5_000, minutes=3000), *many(1000)], [], ask, now=NOW)
            window(pane)
            assert len(asked) < 30
            pane.scroll_top()
            window(pane)
            assert max(map(len, asked)) <= 1_500

    async def test_another_width_and_another_ink_draw_anew(self) -> None:
        async with Alone().run_test(size=(57, 24)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show([item(1, "customer", "都三天了！再不到我就退货了" * 3)], [], recognised, now=NOW)
            before = window(pane)
            await pilot.resize_terminal(30, 24)
            assert {pane.render_line(y).cell_length for y in range(24)} == {30}
            assert window(pane) != before
            dark = pane.render_line(22)
            pilot.app.ink = INKS["light"]  # type: ignore[attr-defined]
            assert pane.render_line(22).text == dark.text
            assert [segment.style for segment in pane.render_line(22)] != [segment.style for segment in dark]

    async def test_an_empty_thread_and_one_that_is_fetched(self) -> None:
        async with Alone().run_test(size=(57, 10)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show([], [], recognised, now=NOW)
            assert "".join(window(pane)).strip() == "客户进来了，还没说话。"
            pane.waiting = "正在取更早的消息"
            assert window(pane)[0].strip() == "正在取更早的消息"

    async def test_a_held_reply_is_the_one_whose_keys_are_shown(self) -> None:
        async with Alone().run_test(size=(57, 30)) as pilot:
            pane = pilot.app.query_one(Thread)
            items, notices = held_thread()
            pane.show(items, notices, recognised, now=NOW)
            assert pane.held == notices[0]
            pane.show(items, notices[1:], recognised, now=NOW)
            assert pane.held == notices[1]

    async def test_a_message_that_goes_leaves_the_reader_at_the_end(self) -> None:
        async with Alone().run_test(size=(57, 12)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show(many(20), [], recognised, now=NOW)
            pane.scroll_rows(-3)
            pane.show(many(3), [], recognised, now=NOW)
            assert pane.at_end

    async def test_times_are_the_zone_s(self) -> None:
        class InLondon(Alone):
            zone = "Europe/London"

        async with InLondon().run_test(size=(57, 12)) as pilot:
            pane = pilot.app.query_one(Thread)
            pane.show([item(1, "customer", "a", minutes=4.3)._replace(at=NOW - 4 * MINUTE)], [], recognised, now=NOW)
            assert "客户 13:00" in "".join(window(pane))

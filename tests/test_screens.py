"""The workstation driven by keys on a fake desk: what keys do, how many a task takes, what is on screen."""

import dataclasses
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from kefu_tui.app import KefuApp
from kefu_tui.desk import Changed, StoreError
from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.operations.refusals import Refusal
from kefu_tui.screens.arrangement import arrange
from kefu_tui.screens.asks import read_time, snooze_times
from kefu_tui.screens.facts import sections_of
from kefu_tui.text import cells
from kefu_tui.widgets.row_list import Section
from tests.fake_desk import FakeDesk
from tests.fake_story import NOON

SIZES = [(140, 40), (120, 36), (100, 30), (80, 24), (60, 20), (160, 50), (140, 24), (99, 40), (59, 19)]

CHANGED = Changed(None, frozenset(), False, True, True)


class Desk:
    """A workstation under test: presses keys, reads the screen, knows what the desk was asked."""

    def __init__(self, app: KefuApp, pilot: "Pilot[None]", desk: FakeDesk) -> None:
        self.app, self.pilot, self.desk = app, pilot, desk

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def burst(self, *keys: str) -> None:
        """Keys that come faster than anything can be drawn."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else {"space": " "}.get(key)))
        for _ in range(6):
            await self.pilot.pause()

    @property
    def work(self) -> Any:
        return self.app._work

    @property
    def screen(self) -> list[str]:
        return ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.screen)

    @property
    def notice(self) -> str:
        return str(self.work.notice_bar.render_line(0).text)

    @property
    def verbs(self) -> list[tuple[Any, ...]]:
        return [call for call in self.desk.calls if call[0] != "keep_draft"]


@asynccontextmanager
async def workstation(
    story: str = "shift", *, size: tuple[int, int] = (140, 40), theme: str = "dark", lang: str = "zh"
) -> AsyncIterator[Desk]:
    desk = FakeDesk(story, lang)
    app = KefuApp(desk, theme=theme, lang=lang)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Desk(app, pilot, desk)


# Looks


@pytest.mark.parametrize(
    ("size", "theme", "story"),
    [*((size, "dark", "hostile") for size in SIZES), ((140, 40), "none", "shift"), ((80, 24), "contrast", "empty")],
)
async def test_every_line_fills_the_screen_and_no_control_reaches_it(
    size: tuple[int, int], theme: str, story: str
) -> None:
    async with workstation(story, size=size, theme=theme) as one:
        for keys in ((), ("end", "enter"), ("f4",), ("escape", "f6"), ("f7",), ("f2", "g")):
            await one.press(*keys)
            for line in one.screen:
                assert cells(line) == size[0]
                assert line.isprintable(), repr(line)


async def test_the_grid_of_the_design() -> None:
    wide = arrange(140, 40)
    assert (wide.columns, wide.left, wide.right, wide.timers, wide.orders, wide.ground) == (3, 43, 38, 7, 17, True)
    middle = arrange(120, 36)
    assert (middle.columns, middle.left, middle.right, middle.timers, middle.orders) == (3, 37, 34, 7, 17)
    assert arrange(100, 30)[:3] == (2, 37, 0)
    assert arrange(100, 30).timers == 5
    assert arrange(80, 24).columns == arrange(60, 20).columns == 1
    assert arrange(59, 20).columns == arrange(60, 19).columns == 0
    async with workstation() as one:
        work = one.work
        assert work.queue.region[:] == (0, 2, 43, 28)
        assert work.timers.region[:] == (0, 31, 43, 7)
        assert work.conversation.region[:] == (44, 2, 57, 36)
        assert work.orders.region[:] == (102, 2, 38, 17)
        assert work.canned.region[:] == (102, 20, 38, 18)


async def test_too_small_says_so() -> None:
    async with workstation(size=(59, 19)) as one:
        assert "窗口要 60 x 20 以上，现在 59 x 19。" in one.text
        await one.pilot.resize_terminal(80, 24)
        await one.pilot.pause()
        assert "F3 会话" in one.text


async def test_only_what_reads_otherwise_is_painted_each_second() -> None:
    async with workstation() as one:
        queue, painted = one.work.queue, []
        draw = queue.draw_row
        queue.draw_row = lambda row, width: (painted.append(row.id), draw(row, width))[1]
        one.desk.clock += SECOND
        queue.tick(one.desk.now())
        await one.pilot.pause()
        assert "wang" in painted
        assert "he" not in painted  # 18 minutes: no seconds
        assert "kong" not in painted


async def test_status_line_tells_what_is_known() -> None:
    async with workstation("offline") as one:
        top = one.screen[0]
        assert "离线 2 分 14 秒" in top
        assert "待发 3" in top
        assert "扣下 1" in top
        assert "在线" not in top
        assert "停在 21:02" in one.text
        assert "断网" in one.notice
    async with workstation(lang="en") as one:
        assert "synced" in one.screen[0]
        assert "online" in one.screen[0]


@pytest.mark.parametrize(
    ("state", "words"), [("needs-auth", "要登录"), ("upgrade", "要升级"), ("local", "单机"), ("polling", "轮询")]
)
async def test_other_states_of_sync(state: str, words: str) -> None:
    async with workstation() as one:
        one.desk.sync = one.desk.sync._replace(state=state)
        one.work.bars()
        await one.pilot.pause()
        assert words in one.screen[0]


async def test_in_one_column_every_pane_is_reached() -> None:
    async with workstation(size=(80, 24)) as one:
        seen = {"f3": "回复", "f4": "物流改址", "f6": "没有订单", "f7": "订单争议", "f2": "我的"}
        for key, words in seen.items():
            await one.press(key)
            assert words in one.text, key
        assert "Space" in one.text


# Tasks and their keys


async def test_take_accept_send_are_three_keys() -> None:
    async with workstation() as one:
        await one.press("space")
        assert one.verbs == [("take", "li")]
        assert one.work.composer.writing
        await one.press("tab")
        assert one.work.composer.text.startswith("您好，您的包裹由顺丰承运")
        await one.press("enter")
        assert one.verbs[1][:2] == ("reply", "li")
        assert one.verbs[1][3] == "r0"
        assert one.work.open_id == "zhou"  # mine, unanswered, breaches first
        assert one.work.composer.writing


async def test_keys_in_one_burst_reach_whom_they_were_meant_for() -> None:
    async with workstation() as one:
        await one.burst("space", "tab", "enter", "您", "好", "f5")
        replies = [call for call in one.verbs if call[0] == "reply"]
        assert [(call[1], call[3]) for call in replies] == [("li", "r0"), ("zhou", None)]
        assert replies[1][2] == "您好"
        assert one.work.open_id == "zhou"


async def test_enter_opens_a_waiting_one_without_taking_it() -> None:
    async with workstation() as one:
        for talk in one.desk.talks.values():
            if talk.owner == "me" and talk.id != "zhou":
                talk.unanswered = 0
        await one.press("i", "a", "enter")
        assert one.verbs == [("reply", "zhou", "a", None)]
        assert one.work.open_id == "li"
        assert not one.work.composer.writing
        assert "还没有人接" in one.text
        await one.press("space")
        assert one.verbs[-1] == ("take", "li")
        assert one.work.composer.writing


async def test_a_refused_send_keeps_the_text() -> None:
    async with workstation() as one:
        await one.press("i", "a", "b")
        one.desk.refusals["reply"] = Refusal("claim-lost", {"by": "刘洋"})
        await one.press("enter")
        assert "这个会话现在由刘洋接待。" in one.notice
        assert one.work.composer.text == "ab"
        assert one.work.open_id == "zhou"


async def test_a_key_that_cannot_act_says_why() -> None:
    async with workstation() as one:
        one.work.open("li")
        await one.press("t")
        assert "还没有接待，先接再做。" in one.notice
        await one.press("j")
        assert "先接再做" not in one.notice
        one.desk.refusals["take"] = Refusal("full", {"load": "8", "capacity": "8"})
        await one.press("space")
        assert "接不了：已接 8 位，先结束一位。" in one.notice
        assert one.verbs == []


async def test_reply_by_number_and_by_initials() -> None:
    async with workstation() as one:
        await one.press("3")
        assert one.work.composer.text == "让您久等了，已经帮您催件。"
        await one.press("escape", "ctrl+z")  # the draft stays; there is nothing to undo
        await one.press("slash", "t", "k", "enter")
        assert "退款已受理" in one.work.composer.text
        assert one.work.composer.writing


async def test_search_in_one_burst_chooses_what_was_found() -> None:
    async with workstation() as one:
        await one.burst("/", "w", "l", "d", "j", "enter")
        assert one.work.composer.text == "包裹确认丢失，我们先为您赔付。"


async def test_pickers_and_chords_in_one_burst() -> None:
    async with workstation() as one:
        await one.burst("z", "2", "x", "2", "t", "1", "h", "i", "enter", "g", "t")
        assert [call[:2] for call in one.verbs] == [("snooze", "zhou"), ("resolve", "wang"), ("transfer", "chen")]
        assert one.verbs[2][3] == "hi"
        assert one.work.pane == "timers"
        assert one.app.screen is one.work


async def test_letters_never_fire_from_text() -> None:
    async with workstation() as one:
        await one.press("i", *"txzulngq?/[]123", "space")
        assert one.work.composer.text == "txzulngq?/[]123 "
        assert one.verbs == []
        assert len(one.app.screen_stack) == 2


async def test_drafts_stay_where_they_were_written() -> None:
    async with workstation() as one:
        await one.press("i", "a", "b", "escape", "g", "q", "down", "enter")
        assert one.desk.kept["zhou"] == "ab"
        assert one.work.open_id == "wang"
        assert one.work.composer.text == ""
        await one.press("up", "enter")
        assert one.work.composer.text == "ab"
        await one.press("i", "c", "f5")
        assert one.verbs == [("reply", "zhou", "abc", None)]


async def test_a_pause_keeps_the_draft() -> None:
    async with workstation() as one:
        await one.press("i", "a")
        await one.pilot.pause(0.6)
        assert one.desk.kept["zhou"] == "a"


async def test_transfer_is_three_keys_and_the_note() -> None:
    async with workstation() as one:
        await one.press("t", "1", *"你好", "enter")
        assert one.verbs[0][:2] == ("transfer", "zhou")
        assert one.verbs[0][2].name == "刘洋"
        assert one.verbs[0][3] == "你好"
        assert one.work.open_id == "wang"


async def test_transfer_while_an_input_method_is_on() -> None:
    async with workstation() as one:
        await one.press("i", "f9", *"售后", "enter", "enter")
        assert one.verbs[0][2].name == "售后组"


async def test_snooze_for_two_hours_is_two_keys() -> None:
    async with workstation() as one:
        await one.press("z", "2")
        assert one.verbs == [("snooze", "zhou", NOON + 2 * HOUR)]
        assert one.work.open_id == "wang"


async def test_snooze_until_another_time() -> None:
    async with workstation() as one:
        await one.press("z", "4", *"18:30", "enter")
        assert one.verbs[0][:2] == ("snooze", "zhou")
        assert one.verbs[0][2] == read_time("18:30", NOON, "Asia/Shanghai")


async def test_send_resolve_with_a_tag_and_next_are_two_keys() -> None:
    async with workstation() as one:
        await one.press("i", "a")
        await one.press("f10", "2")
        assert [call[0] for call in one.verbs] == ["reply", "resolve"]
        assert one.verbs[1] == ("resolve", "zhou", "物流")
        assert one.work.open_id == "wang"


async def test_resolve_without_a_tag() -> None:
    async with workstation() as one:
        await one.press("x", "enter")
        assert one.verbs == [("resolve", "zhou", None)]


async def test_undo_is_one_key_and_says_how_long() -> None:
    async with workstation() as one:
        await one.press("b")
        assert "已放回" in one.notice
        assert "u  撤销 10 秒" in one.notice
        await one.press("u")
        assert one.verbs[-1][0] == "undo"
        await one.press("u")
        assert "没有可以撤销的。" in one.notice


async def test_a_send_is_taken_back_while_the_next_composer_is_empty() -> None:
    async with workstation() as one:
        await one.press("i", "a", "enter")
        assert one.work.open_id == "wang"
        assert one.work.composer.writing
        assert "^Z  撤销 10 秒" in one.notice
        await one.press("ctrl+z")
        assert one.verbs[-1][0] == "undo"
        assert one.work.open_id == "zhou"
        await one.press("i", "b", "ctrl+z")
        assert one.work.composer.text == ""
        assert [call[0] for call in one.verbs].count("undo") == 1


async def test_note_and_tag() -> None:
    async with workstation() as one:
        await one.press("n", "a", "ctrl+j", "b", "enter")
        assert one.verbs == [("note", "zhou", "a\nb")]
        await one.press("l", "1")
        assert one.verbs[-1] == ("tag", "zhou", "物流")
        await one.press("l", "1")
        assert one.verbs[-1] == ("untag", "zhou", "物流")
        await one.press("l", *"新词", "enter")
        assert one.verbs[-1] == ("tag", "zhou", "新词")


async def test_held_replies() -> None:
    for key, action in (("s", "send-anyway"), ("d", "discard"), ("m", "to-note")):
        async with workstation("held") as one:
            one.work.open("wang")
            await one.press(key)
            assert one.verbs == [("settle", "notice-1", action, None)]
    async with workstation("held") as one:
        one.work.open("wang")
        await one.press("e")
        assert one.work.composer.text.startswith("您的包裹由顺丰承运")
        await one.press("!", "enter")
        assert one.verbs[0][:3] == ("settle", "notice-1", "edit")
        assert one.verbs[0][3].endswith("!")
        assert one.verbs[1:] == []
    async with workstation() as one:
        await one.press("e")
        assert "这里没有扣下的回复。" in one.notice


async def test_what_was_held_is_decided_in_its_list_too() -> None:
    async with workstation("held") as one:
        await one.press("g", "n")
        assert "扣下与同步" in one.text
        await one.press("j")
        await one.press("s")
        assert one.verbs == [("settle", "notice-1", "send-anyway", None)]
        assert "没有扣下的" in one.text
        await one.press("escape")
        assert one.app.screen is one.work
    async with workstation("held") as one:
        await one.press("f12", "e")
        assert one.work.open_id == "wang"
        assert one.work.composer.writing
        assert one.work.mending is not None


# Going


async def test_a_chinese_character_in_a_list_tells_of_the_input_method() -> None:
    async with workstation() as one:
        await one.press("我")
        assert "输入法处于中文状态，按 F9 也能转接。" in one.notice
        one.app.post_message(events.Key("fullwidth_question_mark", "？"))
        await one.pilot.pause()
        assert "键和它们做什么" in one.text
        await one.press("escape")
        assert one.app.screen is one.work


async def test_chords_wait_without_a_time_limit_and_are_given_up_by_escape() -> None:
    async with workstation() as one:
        await one.press("g")
        await one.pilot.pause(0.3)
        assert "不限时" in one.text
        assert one.app.chord == "g"
        await one.press("escape")
        assert one.app.chord == ""
        assert one.app.screen is one.work
        await one.press("g", "t")
        assert one.work.pane == "timers"
        await one.press("g", "w")
        assert "g 后面没有 w" in one.notice
        await one.press("enter")
        assert one.work.open_id == "zhou"


async def test_palette_finds_commands_customers_and_replies() -> None:
    async with workstation() as one:
        await one.press("ctrl+p", *"sh")
        assert "稍后" in one.text
        await one.press("enter")
        await one.press("1")
        assert one.verbs[0][0] == "snooze"
    async with workstation() as one:
        await one.press("ctrl+p", *"欧阳", "enter")
        assert one.work.open_id == "ouyang"
    async with workstation() as one:
        await one.press("ctrl+p", *"退款进度", "enter")
        assert "退款已受理" in one.work.composer.text


async def test_views_of_the_queue() -> None:
    async with workstation() as one:
        await one.press("right")
        assert "只看我的" in one.text
        assert "等候" not in "".join(line[:20] for line in one.screen[3:29])
        await one.press("[", "[")
        assert "看全部" in one.text


async def test_theme_and_language_change_at_once() -> None:
    async with workstation() as one:
        await one.press("ctrl+p", *"language", "enter")
        assert "Queue" in one.text
        assert one.desk.lang == "en"
        await one.press("ctrl+p", *"theme", "enter")
        assert one.app.ink.name == "light"


async def test_quit_takes_two_keys_and_keeps_the_draft() -> None:
    async with workstation() as one:
        await one.press("i", "a", "ctrl+c")
        assert one.app.is_running
        await one.press("ctrl+c")
        assert one.desk.kept["zhou"] == "a"
    assert one.app.return_code == 0


async def test_newcomers_stand_under_the_right_heading() -> None:
    async with workstation() as one:
        new = one.desk.talks["sun"]
        for number in range(7):
            one.desk.talks[f"new{number}"] = dataclasses.replace(new, id=f"new{number}", left=-100 + number)
        one.desk.tell(CHANGED)
        await one.pilot.pause(0.4)
        assert "我的  5 / 8" in one.text
        assert "等候  25" in one.text
        one.desk.talks["li"].offered = True
        one.desk.tell(CHANGED)
        await one.pilot.pause(0.4)
        assert "转给我  1" in one.text
        assert "等候  24" in one.text


async def test_a_full_disk_loses_no_words() -> None:
    async with workstation() as one:
        await one.press("i", "a")
        failed: Future[Any] = Future()
        failed.set_exception(StoreError("disk-full", "desk.db"))
        one.desk.reply = lambda *_: failed
        one.desk.keep_draft = lambda *_: failed
        await one.press("enter")
        assert "磁盘满了，没有存下。写的还在这里" in one.notice
        assert one.work.composer.text == "a"
        await one.press("b", "escape")
        await one.pilot.pause()
        assert "磁盘满了" in one.notice


async def test_who_comes_to_an_empty_queue_is_opened() -> None:
    async with workstation("empty") as one:
        assert "没有人在等。" in one.text
        one.desk.talks |= FakeDesk().talks
        one.desk.tell(CHANGED)
        await one.pilot.pause(0.1)
        assert one.work.open_id == "zhou"


async def test_order_waits_while_the_agent_moves_and_rows_do_not() -> None:
    async with workstation() as one:
        await one.press("down")
        one.desk.talks["wang"].left = -600
        one.desk.talks["wang"].unanswered = 7
        one.desk.tell(CHANGED._replace(conversations=frozenset(("wang",))))
        await one.pilot.pause(0.06)
        assert one.work.queue.ids[0] == "zhou"
        assert " 7" in next(line for line in one.screen if "王**" in line[:20])[:43]
        await one.pilot.pause(0.4)
        assert one.work.queue.ids[0] == "wang"
        assert one.work.queue.cursor == "wang"


# Rules below the screen


def test_sections_by_a_few_rows() -> None:
    names = ["mine"] * 3 + ["offered"] * 2 + ["waiting"] * 1000
    asked: list[str] = []

    def section(row_id: str) -> str:
        asked.append(row_id)
        return names[int(row_id)]

    found = sections_of("work", [str(number) for number in range(len(names))], section)
    assert found == [Section("mine", 3), Section("offered", 2), Section("waiting", 1000)]
    assert len(asked) < 40
    assert sections_of("work", [], section) == [Section("mine", 0), Section("waiting", 0)]
    assert sections_of("mine", ["0"], section) == [Section("mine", 1)]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("45", 45),
        ("3h", 180),
        ("2 小时", 120),
        ("1天", 1440),
        ("21:30", 26),
        ("0", None),
        ("99:99", None),
    ],
)
def test_typed_times(typed: str, minutes: int | None) -> None:
    found = read_time(typed, NOON - 18 * SECOND, "Asia/Shanghai")
    assert found == (None if minutes is None else NOON - 18 * SECOND + minutes * MINUTE)


def test_offered_times() -> None:
    items = snooze_times("", NOON, "Asia/Shanghai", "zh")
    assert [item.text for item in items] == ["30 分", "2 小时", "明早 9 点", "别的时间"]
    assert items[2].aside.endswith("09:00")

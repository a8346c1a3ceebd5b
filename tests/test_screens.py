"""How the workstation looks at every size, and how one goes about in it, on a fake desk."""

import pytest
from textual import events

from kefu_tui.desk.views import View
from kefu_tui.now import MINUTE, SECOND
from kefu_tui.screens.arrangement import arrange
from kefu_tui.screens.asks import read_time, snooze_times
from kefu_tui.screens.facts import sections_of
from kefu_tui.store.listing import Part
from kefu_tui.text import cells
from kefu_tui.widgets.row_list import Section
from tests.fake_story import NOON
from tests.workstation import workstation

SIZES = [(140, 40), (120, 36), (100, 30), (80, 24), (60, 20), (160, 50), (140, 24), (99, 40), (59, 19)]


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
        assert one.text.strip() == "窗口要 60 x 20 以上，现在 59 x 19。"
        await one.press("space", "x", "enter")  # nothing is done that nobody sees
        assert one.verbs == []
        assert one.app.screen is one.work
        await one.pilot.resize_terminal(80, 24)
        await one.pilot.pause()
        assert "F3 会话" in one.text


async def test_writing_goes_on_when_a_window_was_too_small_for_a_while() -> None:
    async with workstation(size=(80, 24)) as one:
        await one.press("f3", "i", "a")
        await one.pilot.resize_terminal(59, 19)
        await one.pilot.pause()
        await one.press("b", "enter")
        assert one.verbs == []
        await one.pilot.resize_terminal(80, 24)
        await one.until(lambda: one.app.focused is one.work.composer)
        await one.press("c", "f5")
        assert one.verbs == [("reply", "zhou", "ac", None)]


async def test_only_what_reads_otherwise_is_painted_each_second() -> None:
    async with workstation() as one:
        queue, painted = one.work.queue, []
        draw = queue.draw_row
        queue.draw_row = lambda row, width, part: (painted.append(row.id), draw(row, width, part))[1]
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
    ("state", "words"),
    [
        ("needs-auth", "要登录"),
        ("upgrade", "要升级"),
        ("forked", "要登录"),
        ("full", "存不下"),
        ("damaged", "数据坏了"),
        ("local", "单机"),
        ("polling", "轮询"),
    ],
)
async def test_other_states_of_sync(state: str, words: str) -> None:
    async with workstation() as one:
        one.desk.sync = one.desk.sync._replace(state=state)
        one.work.bars()
        await one.pilot.pause()
        assert words in one.screen[0]


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
@pytest.mark.parametrize(("lang", "words"), [("zh", "首次载入 37%"), ("en", "loading 37%")])
async def test_how_much_of_a_first_load_is_done(size: tuple[int, int], lang: str, words: str) -> None:
    async with workstation(size=size, lang=lang) as one:
        one.desk.sync = one.desk.sync._replace(loaded=37)
        one.work.bars()
        await one.pilot.pause()
        assert words in one.screen[0]
        await one.press("g", "n")
        assert "37%" in one.text


async def test_in_one_column_every_pane_is_reached() -> None:
    async with workstation(size=(80, 24)) as one:
        seen = {"f3": "回复", "f4": "物流改址", "f6": "没有订单", "f7": "订单争议", "f2": "我的"}
        for key, words in seen.items():
            await one.press(key)
            assert words in one.text, key
        assert "Space" in one.text


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
        await one.until(lambda: "不限时" in one.text)
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


async def test_palette_finds_customers_by_initials_and_says_how_much_is_below() -> None:
    async with workstation() as one:
        await one.press("ctrl+p")
        assert "往下还有" in one.lines("palette")[-4]
        for _ in range(80):
            await one.press("down")
        assert "往下还有" not in one.lines("palette")[-4]
        await one.press(*"oy", "enter")
        assert one.work.open_id == "ouyang"


async def test_help_and_which_key_tell_where_they_lead() -> None:
    async with workstation() as one:
        await one.press("g")
        await one.until(lambda: "不限时" in one.text)
        for words in (" q  队列 23", " c  会话 周**", " t  计时 6", " r  话术 10", " o  订单 0"):
            assert words in one.text, words
        await one.press("escape", "f1")
        assert "往下还有" in one.lines("help")[-2]
        await one.press("end")
        assert "往下还有" not in one.lines("help")[-2]
        assert "离开工作台" in one.text


async def test_who_has_nobody_waiting_sees_what_comes_next() -> None:
    async with workstation("empty") as one:
        for words in ("没有人在等。", "下一件事", "*11分  退货审核  陈**", " Enter  打开"):
            assert words in one.text, words
        await one.press("enter")
        assert one.work.open_id == "chen"
    async with workstation("empty") as one:
        one.desk.timers = lambda limit=50: []
        await one.tell()
        assert " 22:04  稍后" in one.text


async def test_what_is_copied_is_told_and_not_that_it_worked() -> None:
    async with workstation() as one:
        one.work.open("wang")
        await one.press("y")
        assert one.notice.strip() == "交给终端复制了 SF1385628716739"
    async with workstation("held", lang="en") as one:
        await one.press("f12", "y")
        assert "Told the terminal to copy Your parcel is with SF" in one.text


async def test_tab_and_digits_are_shown_only_where_they_act() -> None:
    async with workstation() as one:

        def replies() -> str:
            return "\n".join(one.lines("replies"))

        assert " Tab " in replies()
        await one.press("i", "a")
        assert " Tab " not in replies()
        await one.press("backspace")
        assert " Tab " in replies()
        await one.press("escape")
        assert one.work.canned.usable
        one.work.open("li")
        await one.press()
        assert " Tab " not in replies()
        assert not one.work.canned.usable
        await one.press("space")
        await one.fresh()
        assert " Tab " in replies()


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


# Conversations


async def test_older_messages_are_read_when_the_first_line_is_reached() -> None:
    async with workstation() as one:
        one.desk.past["zhou"] = 450
        one.work.open(None)
        one.work.open("zhou")
        await one.press("f3", "home")
        assert "从前 0" in one.text  # home goes to the very beginning
        await one.press("end")
        assert "第三次" in one.text
        one.work.open("wang")
        one.work.open("zhou")
        await one.pilot.pause()
        thread = one.work.conversation.thread
        assert len(one.work.opened.items) == 200
        while not any("从前 251" in line for line in one.screen):
            await one.press("pageup")
        top = next(number for number, line in enumerate(one.screen) if "从前 251" in line)
        await one.pilot.pause()
        assert len(one.work.opened.items) == 400
        assert "从前 251" in one.screen[top]  # what was in sight stays where it was
        thread.scroll_rows(-3)
        await one.pilot.pause()
        assert "从前 250" in one.text
        await one.tell()
        assert "从前 250" in one.text
        await one.press("end")
        one.desk.talks["zhou"].tags = ("急",)
        await one.tell()
        assert len(one.work.opened.items) == 200  # at the end again, the old ones are let go


async def test_names_are_masked_everywhere_and_nobody_is_nameless() -> None:
    for lang, guest in (("zh", "访客"), ("en", "Guest")):
        async with workstation("held", lang=lang) as one:
            for talk in one.desk.talks.values():
                talk.name = talk.en_name = ""
            one.desk.talks["wang"].name = one.desk.talks["wang"].en_name = "王小二"
            one.desk.notice_rows[0] = one.desk.notice_rows[0]._replace(name="王小二")
            one.work.open("wang")
            await one.tell()
            queue, timers, head = (one.lines(pane) for pane in ("queue", "timers", "conversation"))
            assert "王**" in head[0]
            assert guest in queue[2]
            assert "王**" in queue[3]
            assert guest in timers[1]
            for keys in (("f12",), ("escape", "t"), ("escape", "ctrl+p", *"王小二"), ("escape", "z")):
                await one.press(*keys)
                assert "王**" in one.text
                assert "王小二" not in one.text.replace("> 王小二", "")
            await one.press("escape")
            one.work.open("zhou")
            await one.press("z")
            assert guest in one.lines("picker")[1]


# Rules below the screen


def test_headings_that_always_stand_there() -> None:
    parts = [Part("offered", 2), Part("waiting", 1000)]
    assert sections_of(View(), parts) == [Section("mine", 0), Section("offered", 2), Section("waiting", 1000)]
    assert sections_of(View("mine"), []) == [Section("mine", 0)]
    assert sections_of(View(filter="x"), parts) == [Section("offered", 2), Section("waiting", 1000)]
    assert sections_of(View(group_by="kind"), [Part("return", 1)]) == [Section("return", 1)]


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


@pytest.mark.parametrize(
    ("keys", "first"), [((), "这里：队列"), (("o",), "这里：订单"), (("g", "r"), "这里：话术"), (("g", "t"), "客户")]
)
async def test_help_begins_with_the_pane_that_has_the_keys(keys: tuple[str, ...], first: str) -> None:
    async with workstation() as one:
        await one.press(*keys, "?")
        assert one.lines("help")[3].strip().strip("▐").strip() == first

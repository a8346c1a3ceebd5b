"""Chinese on a terminal: what an input method types, full-width keys, what is pasted, mixed text.

Beside it: test_input_method (where the candidates stand), test_width, test_wrapping, test_driver (what comes from a terminal).
"""

import pathlib
from typing import Any

import pytest
from textual import events

from kefu_tui.app import KefuApp
from kefu_tui.commands import COMMANDS
from kefu_tui.desk.macros import Written
from kefu_tui.screens.sheet import Typed
from kefu_tui.text import cells, fold_key
from tests.fake_desk import FakeDesk
from tests.real_desk import real_desk
from tests.workstation import Desk, workstation

SIZES = [(140, 40), (120, 36), (100, 30), (80, 24), (60, 20)]
MIXED = (
    "亲爱的 Anna，订单 №328740912344“已发货”……走 SF1385628716739 → 杭州①号仓·Ж★ ½ 發貨後請查收"
    "👨\u200d👩\u200d👧🇨🇳👍🏽❤\ufe0f é ｶﾅ"
)


async def typed(one: Desk, text: str) -> None:
    """As an input method commits it: a key for each character, no pause between."""
    for char in text:
        one.app.post_message(events.Key(char, char))
    for _ in range(4):
        await one.pilot.pause()


def follows(one: Desk) -> None:
    """The terminal's cursor stands behind what was typed last, where the candidates have room below."""
    x, y = one.app.cursor_position
    composer = one.work.composer
    assert composer.region.y <= y < composer.region.bottom
    before, at = "", 0
    for char in one.screen[y]:
        if at >= x:
            break
        before, at = before + char, at + cells(char)
    last = composer.text.split("\n")[-1][-2:]
    assert before.endswith(last), (before, last)
    assert y <= one.app.size.height - 3, "two rows below stay for the candidates"


@pytest.mark.parametrize("size", SIZES)
async def test_the_candidates_follow_the_cursor_when_the_layout_moves(size: tuple[int, int]) -> None:
    async with workstation(size=size) as one:
        await one.press("space")
        await typed(one, "您好，发貨👍ok")
        follows(one)
        await one.press("ctrl+j")
        await typed(one, "第二行")
        follows(one)
        await one.pilot.resize_terminal(size[0] + 7, size[1])
        await one.pilot.pause()
        follows(one)
        await one.tell()
        follows(one)


async def test_a_commit_is_text_and_never_a_command() -> None:
    async with workstation() as one:
        await one.press("space")
        done = len(one.verbs)
        await typed(one, "转接给王小美，z x t 1？／")
        assert one.work.composer.text.endswith("转接给王小美，z x t 1？／")
        assert len(one.verbs) == done


MAIN = ("next", "open", "transfer", "snooze", "resolve", "note", "tag", "search", "queue", "conversation", "orders",
        "timers", "find", "help", "palette", "undo", "notices")  # fmt: skip
"""What an agent does all day."""


def with_chinese_on(key: str) -> bool:
    """Whether a key reaches the program while an input method takes the letters."""
    return key in ("space", "enter", "tab") or (len(key) > 1 and key.startswith(("f", "ctrl+")))


@pytest.mark.parametrize("name", MAIN)
def test_with_chinese_on_every_main_command_has_a_key(name: str) -> None:
    command = COMMANDS[name]
    assert any(with_chinese_on(key) for key in (*command.keys, *command.ime)), command.keys


@pytest.mark.parametrize(
    ("full", "plain"), [("？", "?"), ("／", "/"), ("ｊ", "j"), ("Ｇ", "G"), ("！", "!"), ("１", "1")]
)
async def test_full_width_keys_are_the_plain_ones(full: str, plain: str) -> None:
    texts = []
    for key in (full, plain):
        async with workstation() as one:
            await one.press("f3" if plain == "1" else "f2")
            one.app.post_message(events.Key(key, key))
            for _ in range(4):
                await one.pilot.pause()
            texts.append(one.text)
    assert texts[0] == texts[1]


@pytest.mark.parametrize("pane", ["f2", "f3", "f6", "f7"])
async def test_a_chinese_character_in_any_list_tells_of_it(pane: str) -> None:
    async with workstation() as one:
        await one.press("enter", pane)
        assert one.work.situation == "moving"
        await one.press("接")
        assert "输入法处于中文状态" in one.notice
        assert one.verbs == []


STANDS_ON = "？? ／/ 、/ 。. ，, 【[ 】] 《< ｛{ ￥$ “\" ’' ·` ！! ～~ ；; ＡA ９9 好好 …… aa"


@pytest.mark.parametrize("pair", [*STANDS_ON.split(" "), "\u3000 "])
def test_punctuation_of_an_input_method_is_the_key_it_stands_on(pair: str) -> None:
    assert fold_key(pair[0]) == pair[1]


async def full(one: Any, key: str) -> None:
    """Press a key while the input method types full-width characters."""
    one.app.post_message(events.Key(key, key))
    for _ in range(3):
        await one.pilot.pause()


async def test_a_full_width_space_takes_the_next_customer_and_is_text_while_writing() -> None:
    async with workstation() as one:
        await full(one, "\u3000")
        assert one.verbs[0][0] == "take"
        await typed(one, "好\u3000的")
        assert one.work.composer.text == "好\u3000的"


@pytest.mark.parametrize(
    ("opened", "name", "key"),
    [(("?",), "Help", "ｑ"), (("?",), "Help", "？"), (("g", "p"), "SettingsSheet", "ｑ"), (("g", "k"), "Keys", "ｑ"),
     (("g", "m"), "Macros", "ｑ")],
)  # fmt: skip
async def test_full_width_keys_close_every_sheet(opened: tuple[str, ...], name: str, key: str) -> None:
    async with workstation() as one:
        await one.press(*opened)
        assert type(one.app.screen).__name__ == name
        await full(one, key)
        assert one.app.screen is one.work


async def test_full_width_keys_act_in_sheets() -> None:
    async with workstation() as one:
        await one.press("?")
        first = one.lines("help")[3]
        await full(one, "ｊ")
        assert one.lines("help")[3] != first
    async with workstation() as one:
        await one.press("g", "m")
        await full(one, "Ａ")
        assert "一行一步" in one.text
    async with workstation("held") as one:
        await one.press("g", "n")
        await full(one, "ｄ")
        assert one.verbs[-1][0] == "settle"
    async with workstation() as one:
        await one.press("t")
        await full(one, "１")
        assert one.app.screen is not one.work or one.verbs


@pytest.mark.parametrize(("opened", "story"), [(("g", "m"), "shift"), (("g", "n"), "held")])
async def test_a_chinese_character_in_a_sheet_of_letters_tells_of_it(opened: tuple[str, ...], story: str) -> None:
    async with workstation(story) as one:
        await one.press(*opened)
        await full(one, "改")
        assert "输入法处于中文状态" in one.text
        assert one.verbs == []


PASTED = "第一行\r\n第二行\x1b[31m\x07红\u202e倒\u200b零\ttab"
HARMFUL = {"\x1b", "\x07", "\u202e", "\u200b", "\t"}


async def paste(one: Desk, text: str) -> None:
    one.app.post_message(events.Paste(text))
    for _ in range(3):
        await one.pilot.pause()


async def test_what_is_pasted_is_harmless_in_every_field() -> None:
    async with workstation() as one:
        await one.press("space")
        await paste(one, PASTED)
        assert "第一行\n第二行" in one.work.composer.text
        assert "\x1b" not in one.work.composer.text
        assert not HARMFUL & set(one.text)
        await one.press("escape")
        for key in ("/", "f", "ctrl+p"):
            await one.press(key)
            await paste(one, PASTED)
            assert "第一行" in one.text, key
            assert not HARMFUL & set(one.text), key
            assert {cells(line) for line in one.screen} == {140}, key
            await one.press("escape", "escape")


BOOK = "好\r\n书" * 25_000
"""A hundred thousand characters."""


async def test_a_book_is_not_pasted_and_says_so() -> None:
    async with workstation() as one:
        await one.press("space")
        await typed(one, "行")
        await paste(one, BOOK)
        assert one.work.composer.text.endswith("行")
        assert "最多 10000 字，没有放进去" in one.text
        await one.press("ctrl+t")
        await paste(one, BOOK)
        assert "太长，没有放进去" in one.text
        assert {cells(line) for line in one.screen} == {140}


@pytest.mark.parametrize("keys", [("f",), ("ctrl+p",), ("t",), ("f2", "F"), ("/",)])
async def test_one_line_stays_one_line_whatever_is_pasted(keys: tuple[str, ...]) -> None:
    """A book is cut: what is looked for, or a name, is never that long."""
    async with workstation() as one:
        await one.press("enter", "escape", *keys)
        for text in (PASTED, BOOK):
            await paste(one, text)
            shown = one.work.canned.words if one.work.canned.searching else one.app.screen.query_one(Typed).value
            assert "第一行 第二行[31m红倒零 tab" in shown.replace("  ", " ")
            assert not HARMFUL & set(shown)
            assert "\n" not in shown
            assert len(shown) < 300
            assert {cells(line) for line in one.screen} == {140}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\u2028"])
async def test_lines_that_are_pasted_stay_lines(ends: str) -> None:
    async with workstation() as one:
        await one.press("space")
        await paste(one, ends.join(["一", "二", "", "四"]))
        assert one.work.composer.text == "一\n二\n\n四"
        assert one.verbs[-1][0] != "reply", "no line end in a paste sends"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_mixed_text_never_moves_a_column(size: tuple[int, int], lang: str) -> None:
    desk = FakeDesk("shift", lang)
    for place, talk in enumerate(desk.talks.values()):
        talk.text = talk.en_text = MIXED[place % len(MIXED) :] + MIXED
        talk.name = ("歐陽" * (place % 5) + "👩🏽\u200d🚀🇨🇳e\u0301")[:20]
    app = KefuApp(desk, theme="dark", lang=lang)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        one = Desk(app, pilot, desk)
        await pilot.pause()
        for key in ("enter", "f2", "f6", "f7"):
            await one.press(key)
            assert {cells(line) for line in one.screen} == {size[0]}, key


async def test_a_macro_is_named_in_one_line_and_bound_to_the_plain_key(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        one.desk.macros.save(Written("急件", "标签 急")).result()
        await one.press("g", "m", "n")
        one.app.post_message(events.Paste("\r\n第二行\x1b"))
        await one.pilot.pause()
        assert one.app.screen.query_one(Typed).value == "急件第二行"
        await one.press("escape", "ｂ", "接")
        assert "这个键不行" in one.text
        await one.press("ｂ")
        await full(one, "＊")
        await one.until(lambda: [row.key for row in one.desk.macros.all()] == ["*"])

"""Chinese on a terminal: the input method, full-width keys, what is pasted, mixed text; widths are in test_width."""

import pytest
from textual import events

from kefu_tui.app import KefuApp
from kefu_tui.commands import COMMANDS
from kefu_tui.text import cells
from tests.fake_desk import FakeDesk
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


async def test_a_book_is_not_pasted_but_nothing_breaks() -> None:
    async with workstation() as one:
        await one.press("space")
        await paste(one, "好" * 100_000)
        assert len(one.work.composer.text) <= 20_000
        assert {cells(line) for line in one.screen} == {140}
        await typed(one, "行")
        assert one.app.is_running


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

"""Characters that terminals draw otherwise than they are counted: where one does, none of them is printed.

How the terminal is asked stands in test_driver.
"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.app import KefuApp
from kefu_tui.screens.driver import Measured
from kefu_tui.text import cells, clean, fold_ambiguous
from kefu_tui.text_narrow import lost, narrowed, parted, uncertain
from tests.fake_desk import FakeDesk
from tests.test_chinese import MIXED, SIZES, typed
from tests.workstation import Desk

UNCERTAIN = [
    char
    for char in map(chr, range(0xA1, 0x1F200))
    if unicodedata.east_asian_width(char) == "A" and unicodedata.category(char)[0] not in "MC"
]


def test_each_has_one_of_a_single_cell() -> None:
    assert len(UNCERTAIN) > 800
    for char in UNCERTAIN:
        narrow = narrowed(char)
        assert len(narrow) == 1, char
        assert unicodedata.east_asian_width(narrow) != "A", char
        assert cells(narrow) == cells(char), char


@given(st.text(max_size=60).map(clean))
def test_lines_stay_as_long_and_certain_characters_as_they_are(text: str) -> None:
    narrow = narrowed(text)
    assert cells(narrow) == cells(text)
    assert not any(map(uncertain, narrow))
    assert narrowed(narrow) == narrow
    if not any(map(uncertain, text)):
        assert narrow == text


EMOJI = "\u200d\ufe0f\u20e3👩👧❤☎♂🏃⛹🇨🇳👍🏽🏻1#①…好 e\u0301"


@given(st.text(st.sampled_from(EMOJI), max_size=20).map(clean))
def test_emoji_of_several_characters_keep_their_cells(text: str) -> None:
    for changed in (narrowed(text), parted(text), narrowed(parted(text)), parted(narrowed(text))):
        assert cells(changed) == cells(text)
    left = parted(text)
    assert not set(left) & set("\u200d\ufe0f🏽🏻🇨🇳")
    assert parted(left) == left


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👩\u200d👧 ❤\ufe0f! 👍🏽 🇨🇳 1\ufe0f\u20e3", "👩 ❤ ! 👍 CN 1 "),
        ("🏳\ufe0f\u200d🌈好", "🏳 好"),
        ("e\u0301 好 plain", "e\u0301 好 plain"),
    ],
)
def test_of_an_emoji_the_first_is_left(text: str, shown: str) -> None:
    assert parted(text) == shown


@pytest.mark.parametrize("text", ["½", "⑩", "⑫", "≥", "≤", "±", "Ⅱ", "⅓", "¾", "⓫", "≮", "≠", "‰"])
def test_what_a_cell_cannot_say_is_not_said_wrong(text: str) -> None:
    """`½` is no 1 and `≥` no `>`: an agent would tell the customer so."""
    assert narrowed(text) == "*"
    assert len(fold_ambiguous(text)) > 1 or text == "‰"  # where there is room it is written out


def test_whether_a_text_says_less() -> None:
    assert not any(map(lost, ["好", "“好”……——", "a→b", "plain", "👩\u200d👧"]))
    assert all(map(lost, ["①", "½", "★", "Ж", "37℃", "é"]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("好的……", "好的.."),
        ("“七天”——无理由", '"七天"--无理由'),
        ("①②③→完成★", "123>完成*"),
        ("20℃ ±½", "20C **"),
        ("Жанна ΩΣ éàǚ", "Janna WS eau"),
        ("┌─┐│", "+-+|"),
        ("发货，plain 123！", "发货，plain 123！"),
    ],
)
def test_how_it_reads(text: str, shown: str) -> None:
    assert narrowed(text) == shown


@pytest.mark.parametrize("size", SIZES)
async def test_on_a_wide_terminal_none_is_printed(size: tuple[int, int]) -> None:
    desk = FakeDesk("shift", "zh")
    for talk in desk.talks.values():
        talk.text = talk.en_text = MIXED
        talk.name = "王“小”美…"
    app = KefuApp(desk, theme="dark", lang="zh", wide=True)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        one = Desk(app, pilot, desk)
        await pilot.pause()
        for keys in (("space",), "“…”①", ("escape",), ("g", "r"), ("?",), ("escape",), ("ctrl+p",)):
            await (typed(one, keys) if isinstance(keys, str) else one.press(*keys))
            printed = {char for line in one.screen for char in line}
            assert printed.isdisjoint(UNCERTAIN), keys
            assert {cells(line) for line in one.screen} == {size[0]}, keys


async def test_what_is_written_is_what_is_kept() -> None:
    desk = FakeDesk("shift", "zh")
    app = KefuApp(desk, theme="dark", lang="zh", wide=True)  # type: ignore[arg-type]
    async with app.run_test(size=(140, 40)) as pilot:
        one = Desk(app, pilot, desk)
        await pilot.pause()
        await one.press("space")
        await typed(one, "“好”…")
        assert one.work.composer.text.endswith("“好”…")
        assert '"好".' in one.text


async def test_the_thread_writes_out_what_it_can_and_shows_the_original() -> None:
    desk = FakeDesk("shift", "zh")
    for talk in desk.talks.values():
        talk.text = talk.en_text = "满½送⑩，≥20℃，№1“好”…… Жанна"
    app = KefuApp(desk, theme="dark", lang="zh", wide=True)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        one = Desk(app, pilot, desk)
        await pilot.pause()
        await one.press("f3")
        assert '满1/2送10，>=20C，No.1"好".... Janna' in one.text
        assert "原文 v" in one.text
        await one.press("v")
        assert "满½送⑩，≥20℃，№1“好”…… Жанна" in one.text
        assert len(one.screen) == 24
        await one.press("ｑ")
        assert app.screen is one.work
        await one.press("space")
        assert "原文" in one.text
        assert "原文 v" not in one.text, "a letter is text now"


async def test_where_nothing_is_folded_the_original_is_what_is_shown() -> None:
    for wide in (False, True):
        desk = FakeDesk("shift", "zh")
        app = KefuApp(desk, theme="dark", lang="zh", wide=wide)  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            one = Desk(app, pilot, desk)
            await pilot.pause()
            await one.press("f3", "v")
            assert "这里看到的就是原文。" in one.notice


async def test_what_the_terminal_answers_is_heeded_at_once() -> None:
    desk = FakeDesk("shift", "zh")
    for talk in desk.talks.values():
        talk.text = talk.en_text = "①👩\u200d👧❤\ufe0f好"
    app = KefuApp(desk, theme="dark", lang="zh")  # type: ignore[arg-type]
    async with app.run_test(size=(140, 40)) as pilot:
        one = Desk(app, pilot, desk)
        await pilot.pause()
        assert "①👩\u200d👧❤\ufe0f好" in one.text
        app.post_message(Measured(wide=True, parted=False))
        await pilot.pause()
        await pilot.pause()
        assert "①" not in one.text
        app.post_message(Measured(wide=False, parted=True))
        await pilot.pause()
        await pilot.pause()
        assert "\u200d" not in one.text
        assert {cells(line) for line in one.screen} == {140}


async def test_who_says_it_in_the_environment_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_WIDTH", "wide")
    assert KefuApp(FakeDesk("shift", "zh")).wide  # type: ignore[arg-type]
    monkeypatch.setenv("KEFU_WIDTH", "narrow")
    assert not KefuApp(FakeDesk("shift", "zh")).wide  # type: ignore[arg-type]

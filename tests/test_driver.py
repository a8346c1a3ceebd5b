"""What comes from a terminal: pastes that try to be keys, an input method's commits, answers; and what is asked of it."""

import os
import sys
import time
import unicodedata
from itertools import pairwise

import pyte.screens
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from kefu_tui.screens.driver import ASK, PROBES, UNCERTAIN, Input, asks
from kefu_tui.text import cells
from tests.e2e.terminal import Terminal

START, END = "\x1b[200~", "\x1b[201~"


def came(*parts: str, tamed: bool = True) -> list[Message]:
    """The events that the pieces of input become, however they are cut."""
    parser, fit = XTermParser(), Input().tamed if tamed else str
    found: list[Message] = []
    for part in parts:
        if data := fit(part):
            found += parser.feed(data)
    return found


def read(found: list[Message]) -> list[str]:
    """Keys by name, and what was pasted in brackets."""
    return [f"[{one.text}]" if isinstance(one, events.Paste) else one.key for one in found]  # type: ignore[attr-defined]


HOSTILE_PASTES = [
    "好\x1b[31m红色，后面还有四十个字，里面有一个回车\r和别的键",
    "\x1b" * 50,
    "\x1b]52;c;aGk=\x07\x1bP+q544e\x1b\\\x1b[6n",
    "\x1bOR\x1b[20~\x1b[13u",
    "一行\r\n两行\n三行\r四行\t五",
    "\x1b[200~里面再开一次",
    "",
]


@pytest.mark.parametrize("text", HOSTILE_PASTES)
def test_a_paste_is_one_event_whatever_is_in_it(text: str) -> None:
    assert read(came(f"a{START}{text}{END}b")) == ["a", f"[{text.replace(chr(27), '')}]", "b"]


def test_the_parser_alone_takes_pastes_for_keys() -> None:
    """If this fails, Textual has repaired it, and `Input` may go."""
    assert "left_square_bracket" in read(came(f"{START}{HOSTILE_PASTES[0]}{END}", tamed=False))


def test_the_end_of_a_paste_within_a_paste_does_not_end_it() -> None:
    assert read(came(f"{START}无害{END}\r{END}x")) == ["[无害[201~\r]", "x"]
    assert read(came(f"{START}一{END}\r{START}二{END}x")) == ["[一]", "enter", "[二]", "x"]


@given(st.lists(st.sampled_from([*HOSTILE_PASTES, "\x1b", "\x1b[20", "1~", "好"]), max_size=4), st.data())
def test_it_does_not_matter_how_input_is_cut(texts: list[str], data: st.DataObject) -> None:
    stream = "".join(f"j{START}{text}{END}" for text in texts)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    parts = [stream[a:b] for a, b in pairwise([0, *places, len(stream)])]
    expected = [shown for text in texts for shown in ("j", f"[{text.replace(chr(27), '')}]")]
    assert read(came(*parts)) == expected


@given(st.text(st.sampled_from("abc好\x1b[]~20;O\r"), max_size=30))
def test_outside_of_a_paste_nothing_is_kept_or_changed(text: str) -> None:
    if START not in text:
        assert Input().tamed(text) == text


def test_a_hundred_thousand_characters_are_pasted_at_once() -> None:
    text = "好\x1b的" * 50_000
    begun = time.perf_counter()
    found = came(START + text[:70_000], text[70_000:] + END)
    assert read(found) == [f"[{text.replace(chr(27), '')}]"]
    assert time.perf_counter() - begun < 5, "a person would wait"


@pytest.mark.parametrize("text", ["您", "您好，在的", "您好，您的包裹今早已到杭州转运中心，请放心等待"])
def test_what_an_input_method_commits_is_a_key_for_each_character(text: str) -> None:
    codes = ":".join(str(ord(char)) for char in text)
    for sent in (text, f"\x1b[0;;{codes}u", f"\x1b[0;1;{codes}u"):  # as it is; by the kitty protocol
        found = came(sent)
        assert [one.character for one in found if isinstance(one, events.Key)] == list(text)


def test_a_commit_cannot_hold_controls() -> None:
    assert came("\x1b[0;;20320:27:13u\x1b[0;;1114112:13u") == []


# Asking


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "KEFU_WIDTH": "sometimes"}, True),
        ({"TERM": "xterm", "KEFU_WIDTH": "wide"}, False),
        ({"TERM": "xterm", "KEFU_WIDTH": "narrow"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_who_knows_is_not_asked(environment: dict[str, str], asked: bool) -> None:
    assert asks(environment) == asked


def test_an_answer_cannot_be_mistaken_for_a_key() -> None:
    assert all(f"\x1b[{row};1H" in ASK and row > 1 for row in PROBES)  # Shift+F3 is an answer from row 1
    assert cells(UNCERTAIN) == len(UNCERTAIN)


PROGRAM = """
from tests.fake_desk import FakeDesk
from kefu_tui.app import KefuApp
desk = FakeDesk("shift", "zh")
for talk in desk.talks.values():
    talk.text = {text!r} * 3
KefuApp(desk, lang="zh").run()
"""
F3 = "\x1bOR"
RIGHT = 103
"""The column in which what is right of the thread begins."""


def is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) == "A" and unicodedata.category(char)[0] not in "MC"


TEXT = "“已发货”……走→杭州①号仓·Ж★½ "


def drawn(
    *, wide: bool, text: str = TEXT, answers: bool = True, joins: bool = True, **environment: str
) -> tuple[Terminal, list[str]]:
    """The program on a terminal that draws uncertain characters so; what stands right of the thread."""
    narrow = pyte.screens.wcwidth
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyte.screens, "wcwidth", lambda char: 2 if wide and is_wide(char) else narrow(char))
        terminal = Terminal(
            [sys.executable, "-c", PROGRAM.format(text=text)],
            {**{name: value for name, value in os.environ.items() if name != "KEFU_WIDTH"}, "KEFU_THEME": "dark", **environment},
        )  # fmt: skip
        try:
            if answers:
                terminal.screen.write_process_input = lambda data: terminal.press(_true(data) if joins else data)
            terminal.press("g")  # before anything is there
            terminal.until("放弃", "杭州")
            terminal.press("esc")
            terminal.until("杭州", gone="放弃")
            terminal.press(F3)
            end = time.monotonic() + 1.0
            while time.monotonic() < end:
                terminal.read(0.05)
        finally:
            terminal.close()
    return terminal, terminal.lines(left=RIGHT)[2:-2]


def _true(answer: str) -> str:
    """pyte stops drawing at a joined emoji: what a terminal that joins it says in its place."""
    return f"\x1b[3;{cells(PROBES[3]) + 1}R" if answer.startswith("\x1b[3;") else answer


@pytest.fixture(scope="module")
def as_it_should_be() -> list[str]:
    terminal, beside = drawn(wide=False)
    assert "“已发货”……走→杭州①号仓·Ж★½" in terminal.text()
    return beside


def test_on_a_terminal_that_draws_them_wide_nothing_is_out_of_line(as_it_should_be: list[str]) -> None:
    terminal, beside = drawn(wide=True)
    assert '"已发货"....走>杭州1号仓.J*1/2' in terminal.text()
    assert "原文 v" in terminal.text()
    assert beside == as_it_should_be


def test_without_asking_it_would_be(as_it_should_be: list[str]) -> None:
    terminal, beside = drawn(wide=True, KEFU_WIDTH="narrow")
    assert b"\x1b[6n" not in terminal.bytes
    assert beside != as_it_should_be


def test_a_terminal_that_does_not_answer_is_not_waited_for(as_it_should_be: list[str]) -> None:
    terminal, beside = drawn(wide=False, answers=False)
    assert b"\x1b[6n" in terminal.bytes
    assert beside == as_it_should_be


def test_a_terminal_that_does_not_join_emoji_is_printed_none_that_is_joined(as_it_should_be: list[str]) -> None:
    """pyte is such a terminal: it stops drawing at one."""
    terminal, beside = drawn(wide=False, text="杭州👩\u200d👧❤\ufe0f尾", joins=False)
    assert "杭州👩❤ 尾杭州👩❤ 尾" in terminal.text()
    assert beside == as_it_should_be

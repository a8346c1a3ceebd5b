"""Characters of uncertain width: what a terminal does with them is asked, and where it draws them wide none is printed."""

import contextlib
import os
import pathlib
import pty
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.app import KefuApp
from kefu_tui.cli import terminal
from kefu_tui.text import cells, clean
from kefu_tui.text_narrow import narrowed
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
    assert (len(narrow), cells(narrow)) == (len(text), cells(text))
    for before, after in zip(text, narrow, strict=True):
        certain = unicodedata.east_asian_width(before) != "A" or unicodedata.category(before)[0] == "M"
        assert (before == after) == certain
    assert narrowed(narrow) == narrow


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("好的……", "好的.."),
        ("“七天”——无理由", '"七天"--无理由'),
        ("①②③→完成★", "123>完成*"),
        ("20℃ ±½", "20C +1"),
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


def asked(said: bytes, monkeypatch: pytest.MonkeyPatch, **environment: str) -> tuple[bool, bytes]:
    """What is found out at a real pseudo-terminal that says so, and what was written to it."""
    monkeypatch.delenv("KEFU_WIDTH", raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, said)  # there before it is read: the line keeps it
        with (
            os.fdopen(os.dup(theirs), "rb", buffering=0) as source,
            os.fdopen(os.dup(theirs), "wb", buffering=0) as target,
        ):
            wide = terminal.draws_wide(source, target)  # type: ignore[arg-type]
        os.close(theirs)
        written = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(ours, 1000):
                written += part
    finally:
        os.close(ours)
    return wide, written


@pytest.mark.parametrize(
    ("said", "wide"),
    [
        (b"\x1b[5;3R", True),
        (b"\x1b[5;2R", False),
        (b"\x1b[1;1R", False),
        (b"ls\x1b[24;3R", True),
        (b"\x1b[?62;22c\x1b[7;2R", False),
        (b"", False),
        (b"garbage", False),
    ],
)
def test_the_terminal_is_asked(said: bytes, wide: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PATIENCE_S", 0.05)
    found, written = asked(said, monkeypatch)
    assert found == wide
    assert written.endswith(b"\r\x1b[K"), "the line is as it was"
    assert "\r·\x1b[6n".encode() in written


@pytest.mark.parametrize(("chosen", "wide"), [("wide", True), ("narrow", False)])
def test_who_knows_better_is_believed(chosen: str, wide: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found, written = asked(b"", monkeypatch, KEFU_WIDTH=chosen)
    assert found == wide
    assert "·".encode() not in written


def test_where_there_is_no_terminal_nothing_is_asked(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEFU_WIDTH", raising=False)
    with (tmp_path / "file").open("w+") as file:
        assert terminal.draws_wide(file, file) is False
        assert file.tell() == 0
    assert asked(b"\x1b[5;3R", monkeypatch, TERM="dumb")[0] is False

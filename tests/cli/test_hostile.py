"""What strangers write never reaches a terminal raw: the bytes of every command, piped and on a pty."""

import json
import re

import pexpect
import pytest

from tests.cli.program import Backend, Kefu, Visitor, harmful

HOSTILE = (
    "\x1b]52;c;aGFjaw==\x07 \x1b[2J\x1b[31m \x9b31m\x9d0;t\x9c \x00\x08\x7f "
    "\u202etxt.exe\u2066\u200b [bold]x[/bold] [@click=app.quit]y[/] =1+1 " + "e" + "\u0301" * 60 + " 👩‍👩‍👧‍👦"
)
SHOWN = "[bold]x[/bold] [@click=app.quit]y[/]"


@pytest.fixture(scope="module")
def said(backend: Backend, anna: Kefu) -> str:
    """A conversation full of it, name and tag included."""
    customer = Visitor(backend, "\x1b[5m恶\u202e客\x07")
    id = customer.writes(HOSTILE)
    customer.writes("=cmd|' /C calc'!A0 " + "长" * 9_000)
    anna.ok("sync", "--once")
    anna.ok("take", id)
    anna.ok("tag", id, "\x1b[7m标\u202e")
    anna.ok("note", id, HOSTILE.replace("\x00", ""))
    return id


COMMANDS = (["queue", "--view", "all"], ["show", "ID"], ["take", "ID"], ["snooze", "ID", "1h"], ["notices", "list"])


@pytest.mark.parametrize("format", ["json", "ndjson", "csv", "table"])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: str(words[0]))
def test_piped(said: str, anna: Kefu, words: list[str], format: str) -> None:
    answer = anna(*[said if word == "ID" else word for word in words], "-o", format)
    assert answer.code == 0, answer.err
    assert harmful(answer.out + answer.err) == []
    if words[0] == "show":
        assert SHOWN in answer.out
        assert "\u0301" * 4 not in answer.out


def test_programs_get_the_very_text(said: str, anna: Kefu) -> None:
    told = anna.ok("show", said)
    assert told["messages"][0]["text"] == HOSTILE.replace("\x00", "\u2400")
    assert told["customer"] == "\x1b[5m恶\u202e客\x07"


def test_errors_repeat_nothing_raw(anna: Kefu) -> None:
    for words in (
        ["show", "\x1b[31mabcdef"],
        ["\x1b]0;x\x07"],
        ["queue", "--\x9bx"],
        ["queue", "\u202eabc"],
        ["order", "show", "\x1b[2J"],
    ):
        for more in ([], ["-o", "json"]):
            answer = anna(*words, *more)
            assert answer.code in (1, 2)
            assert harmful(answer.err) == []


STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("format", ["table", "json"])
@pytest.mark.parametrize("words", COMMANDS[:3], ids=lambda words: str(words[0]))
def test_on_a_terminal(said: str, anna: Kefu, words: list[str], format: str) -> None:
    import sys

    told = [
        "-m",
        "kefu_tui",
        "--home",
        str(anna.home),
        *[said if word == "ID" else word for word in words],
        "-o",
        format,
    ]
    child = pexpect.spawn(
        sys.executable, told, env={**anna.env, "TERM": "xterm-256color"}, dimensions=(50, 140), timeout=60
    )  # type: ignore[arg-type]
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    raw = child.before or b""
    text = STYLE.sub("", raw.decode("utf-8")).replace("\r\n", "\n")
    assert harmful(text) == []
    if words[0] == "show" and format == "json":
        assert json.loads(text)["id"] == said


def test_questions_of_a_first_start(nobody: Kefu) -> None:
    import sys

    child = pexpect.spawn(sys.executable, ["-m", "kefu_tui", "--home", str(nobody.home)], env=nobody.env, timeout=60)  # type: ignore[arg-type]
    child.expect("kefu login")
    child.expect("kefu up")
    child.expect("kefu demo")
    child.sendline("9")
    child.expect("1, 2 or 3")
    child.sendline("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert not nobody.home.exists()

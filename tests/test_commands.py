"""The table of commands and the keymap over it: complete, in both languages, without clashes, firm."""

import ast
import unicodedata
from pathlib import Path

import pytest
from pypinyin import Style, pinyin

import kefu_tui
from kefu_tui.commands import COMMANDS, GROUPS, PROTECTED, TABLE, Command, shown_key
from kefu_tui.keymap import DEFAULT, Pending, acts, check, load

PACKAGE = Path(kefu_tui.__file__).parent
ASKING = PACKAGE / "screens" / "driver.py"
"""Measures such characters, and wipes them out before the first frame."""
DRAWN = [PACKAGE / "commands.py", PACKAGE / "keymap.py", *PACKAGE.glob("screens/*.py"), *PACKAGE.glob("widgets/*.py")]
DRAWN.remove(ASKING)
MAIN = (
    "transfer",
    "snooze",
    "resolve",
    "note",
    "tag",
    "undo",
    "search",
    "help",
    "palette",
    "queue",
    "orders",
    "timers",
)


def ids(commands: tuple[Command, ...]) -> list[str]:
    return [command.id for command in commands]


def test_every_command_is_told_in_both_languages_and_has_its_place() -> None:
    assert len(COMMANDS) == len(TABLE)
    for command in TABLE:
        assert all(command.label)
        assert all(command.help)
        assert command.help[0].endswith("。")
        assert command.help[1].endswith(".")
        assert command.group in GROUPS


def test_labels_are_spelled_as_they_are_read() -> None:
    for command in TABLE:
        letters = [char for char in command.label[0] if not char.isspace()]
        for char, spelled in zip(letters, command.spell.split(), strict=True):
            assert spelled in pinyin(char, style=Style.NORMAL, heteronym=True)[0], command.id


def test_default_keys_have_no_problem() -> None:
    assert check(DEFAULT) == []


@pytest.mark.parametrize("name", MAIN)
def test_main_commands_work_while_a_chinese_input_method_is_on(name: str) -> None:
    assert any(acts(key, "writing") for key in DEFAULT.keys[name])


def test_no_letter_is_a_command_while_writing() -> None:
    for char in map(chr, range(32, 127)):
        assert DEFAULT.find("writing", "conversation", char) is None
        assert DEFAULT.find("searching", "replies", char) is None
    assert DEFAULT.find("writing", "conversation", "space") is None


@pytest.mark.parametrize(
    ("situation", "pane", "chord", "expected"),
    [
        ("moving", "queue", "space", "next"),
        ("moving", "queue", "g", None),
        ("moving", "queue", "g q", "queue"),
        ("moving", "queue", "]", "view-next"),
        ("moving", "orders", "]", False),
        ("moving", "queue", "enter", "open"),
        ("writing", "conversation", "enter", "send"),
        ("writing", "conversation", "f9", "transfer"),
        ("writing", "conversation", "ctrl+c", None),
        ("writing", "conversation", "ctrl+c ctrl+c", "quit"),
        ("moving", "queue", "g y", False),
    ],
)
def test_chords_and_panes(situation: str, pane: str, chord: str, expected: str | bool | None) -> None:
    found = DEFAULT.find(situation, pane, chord)
    if expected is None:
        assert found == Pending(chord)
    elif expected is False:
        assert found is None
    else:
        assert isinstance(found, Command)
        assert found.id == expected


def test_which_keys_follow() -> None:
    follow = {key: command.id for key, command in DEFAULT.after("g", "moving")}
    assert follow["q"] == "queue"
    assert follow["x"] == "quit"
    assert DEFAULT.after("g", "writing") == []


def test_keys_as_they_are_shown() -> None:
    shown = {
        "ctrl+p": "^P",
        "f5": "F5",
        "escape": "Esc",
        "g q": "g q",
        "R": "R",
        "shift+enter": "Shift+Enter",
        "?": "?",
    }
    assert {key: shown_key(key) for key in shown} == shown
    assert DEFAULT.shown("transfer", "moving") == "t"
    assert DEFAULT.shown("transfer", "writing") == "F9"
    assert DEFAULT.shown("held-edit", "writing") == ""


def test_keymap_file_changes_keys(tmp_path: Path) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text(
        '[keys]\ntransfer = "H"\nrelease = []\nhelp = ["？", "F1"]\nsnooze = ["z", "g Z"]\n', encoding="utf-8"
    )
    keymap, problems = load(file)
    assert problems == []
    assert keymap.keys["transfer"] == ("H",)
    assert keymap.keys["release"] == ()
    assert keymap.keys["help"] == ("?", "f1")
    assert isinstance(keymap.find("moving", "queue", "g Z"), Command)
    assert keymap.find("moving", "queue", "t") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\nteleport = "t"\n', "teleport"),
        ('[keys]\ntransfer = "z"\n', "transfer"),
        ('[keys]\ntransfer = "g"\n', "queue"),
        ('[keys]\nresolve = "f9"\n', "transfer"),
        ("[keys]\nquit = []\n", "quit"),
        ("[keys]\nhelp = []\n", "help"),
        ('[keys]\nnote = "ctrl+i"\n', "Tab"),
        ('[keys]\nnote = "ctrl+s"\n', "ctrl+s"),
        ('[keys]\nnote = "ctrl+enter"\n', "ctrl+enter"),
        ('[keys]\nnote = "alt+n"\n', "alt+n"),
        ('[keys]\nnewline = "shift+enter"\n', "Shift+Enter"),
        ("[keys]\nnote = 3\n", "note"),
        ('[colours]\nnote = "n"\n', "colours"),
        ("keys = [", "keymap.toml"),
        ("keys = 3", "[keys]"),
    ],
)
def test_a_bad_keymap_is_refused_whole_and_says_why(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "keymap.toml"
    file.write_text(text, encoding="utf-8")
    keymap, problems = load(file)
    assert keymap == DEFAULT
    assert problems
    for lang in ("zh", "en"):
        said = " ".join(problem.say(lang) for problem in problems)
        assert told in said
        assert "\n" not in said


def test_no_keymap_file_is_no_problem(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == (DEFAULT, [])
    assert load(None) == (DEFAULT, [])


def test_what_must_keep_a_key_has_one() -> None:
    assert all(DEFAULT.keys[name] for name in PROTECTED)


def words_of(path: Path) -> list[str]:
    """String constants of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    told |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_words_on_screen_are_as_wide_on_every_terminal(path: Path) -> None:
    for words in words_of(path):
        for char in words:
            sure = char.isascii() or char == "▐" or char == "¥" or unicodedata.east_asian_width(char) in ("W", "F")
            assert sure or unicodedata.category(char).startswith("C"), f"{char!r} in {words!r}"

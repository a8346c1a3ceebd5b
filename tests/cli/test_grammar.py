"""How a call's words are read, in both languages, and the help that is made of them."""

import pytest

from kefu_tui.cli.grammar import command_of, hoisted
from kefu_tui.cli.main import MODULES, NOUNS, build
from kefu_tui.cli.reference import reference
from kefu_tui.cli.words import both, language, pick
from tests.cli.program import Kefu


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["queue", "-o", "json"], ["-o", "json", "queue"]),
        (["queue", "--output=csv", "--limit", "3"], ["--output=csv", "queue", "--limit", "3"]),
        (["queue", "-ocsv", "--plain"], ["-ocsv", "--plain", "queue"]),
        (["reply", "id", "--", "-o", "json"], ["reply", "id", "--", "-o", "json"]),
        (["reply", "id", "-offline"], ["reply", "id", "-offline"]),
        (["queue", "-o"], ["-o", "queue"]),
    ],
)
def test_output_may_follow_the_command(words: list[str], expected: list[str]) -> None:
    assert hoisted(words) == expected


def test_the_command_is_the_first_word_that_is_no_global_option() -> None:
    assert command_of(["--home", "queue", "-o", "json", "-q", "take"]) == "take"
    assert command_of(["--lang=en", "-v"]) is None


@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        (["--lang", "en", "queue"], {"KEFU_LANG": "zh"}, ("en", True)),
        (["--lang=zh"], {}, ("zh", True)),
        (["canned", "add", "--lang", "en"], {}, ("zh", False)),
        ([], {"KEFU_LANG": "en"}, ("en", True)),
        ([], {"KEFU_LANG": "fr", "LANG": "en_US.UTF-8"}, ("en", False)),
        ([], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, ("zh", False)),
        ([], {"LANG": "C.UTF-8"}, ("zh", False)),
        ([], {}, ("zh", False)),
    ],
)
def test_language(words: list[str], environ: dict[str, str], expected: tuple[str, bool]) -> None:
    assert language(words, environ) == expected


def test_the_table_of_commands_is_what_the_modules_hold() -> None:
    root = build("en")
    assert sorted(root.commands) == sorted(MODULES)
    for name in MODULES:
        alone = build("en", name)
        assert name in alone.commands
        assert set(alone.commands) <= {other for other, module in MODULES.items() if module == MODULES[name]}
    assert {name for name in root.commands if hasattr(root.commands[name], "commands")} == set(NOUNS)


def test_every_text_of_the_help_is_there_in_both_languages() -> None:
    chinese, english = _texts(build("zh")), _texts(build("en"))
    assert len(chinese) == len(english) > 100
    for name, text in english.items():
        assert text.isascii() or "千牛" in text, (name, text)
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese[name]), (name, chinese[name])


def _texts(command: object, path: str = "kefu") -> dict[str, str]:
    found = {path: command.help}  # type: ignore[attr-defined]
    for param in command.params:  # type: ignore[attr-defined]
        if "completion" not in param.name:
            found[f"{path} {param.name}"] = param.help
    for name, child in getattr(command, "commands", {}).items():
        found |= _texts(child, f"{path} {name}")
    return found


def test_both_and_pick() -> None:
    assert pick(both("中", "en"), "zh") == "中"
    assert pick(both("中", "en"), "en") == "en"
    assert pick("same", "en") == "same"


def test_reference_is_as_the_program_is() -> None:
    from pathlib import Path

    page = Path(__file__).parents[2] / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference(), "python -m kefu_tui.cli.reference docs/cli.md"


class TestHelp:
    def test_in_both_languages(self, nobody: Kefu) -> None:
        assert "用法: kefu queue" in nobody("queue", "--help", KEFU_LANG="zh").out
        english = nobody("--lang", "en", "queue", "-h").out
        assert english.startswith("Usage: kefu queue")
        assert "-o, --output FORMAT" in english

    def test_of_the_program_names_every_command(self, nobody: Kefu) -> None:
        told = nobody("--help").out
        assert all(f"\n  {name} " in told for name in MODULES)

    def test_of_a_topic(self, nobody: Kefu) -> None:
        assert nobody("help", "canned", "add").out == nobody("canned", "add", "--help").out
        nobody("help", "nothing").refused(1, "nothing", "queue")

    def test_is_not_wrapped_where_there_is_no_terminal(self, nobody: Kefu) -> None:
        line = next(
            line for line in nobody("queue", "--help", COLUMNS="40").out.splitlines() if "waiting: nobody" in line
        )
        assert "not archived" in line

    def test_needs_nothing(self, nobody: Kefu) -> None:
        nobody.ok("version")
        assert not nobody.home.exists()

"""What a call loads: the queue is told without screen, server, ORM or network."""

import subprocess
import sys

import pytest

from tests.cli.program import Kefu

HEAVY = {
    "textual",
    "fastapi",
    "starlette",
    "uvicorn",
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "httpx",
    "keyring",
    "pypinyin",
    "rich",
}


def loaded(kefu: Kefu, *words: str) -> set[str]:
    """Top-level modules after a call that must be done."""
    code = (
        "import sys; from kefu_tui.cli.main import main; code = main(sys.argv[1:]); "
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--home", str(kefu.home), *words], capture_output=True, text=True, env=kefu.env
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "words", [["queue", "-o", "json"], ["undo", "--help"], ["keys"], ["recognise", "x"], ["sync", "--status"]]
)
def test_small_calls_load_nothing_heavy(desk: Kefu, words: list[str]) -> None:
    modules = loaded(desk, *words)
    assert "kefu_tui" in modules
    assert modules & HEAVY == set()


def test_one_command_reads_no_other(desk: Kefu) -> None:
    code = (
        "import sys; from kefu_tui.cli.main import build; build('en', 'queue'); "
        "print(*[name for name in sys.modules if name.startswith('kefu_tui.cli.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=desk.env, check=True)
    assert "kefu_tui.cli.queue" in done.stdout.split()
    assert "kefu_tui.cli.canned" not in done.stdout.split()


def test_completion(nobody: Kefu) -> None:
    asked = {"_KEFU_COMPLETE": "complete_bash", "COMP_WORDS": "kefu que", "COMP_CWORD": "1"}
    code = "import sys; from kefu_tui.cli.main import main; sys.exit(main([]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**nobody.env, **asked})
    assert done.stdout.split() == ["queue"], done.stderr


def test_a_reader_that_goes_away_is_no_error(desk: Kefu) -> None:
    command = f"{sys.executable} -m kefu_tui --home {desk.home} queue --view all --limit 0 -o ndjson | head -c 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, env=desk.env, timeout=60)
    assert done.stderr == b""

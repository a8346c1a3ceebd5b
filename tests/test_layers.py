"""The rooms of the architecture, seen at run time: what an import loads, and that every module says what it holds."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kefu_tui

PACKAGE = Path(kefu_tui.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = ("desk", "store", "sync", "operations", "rules", "model", "wire")


def loaded_by(*modules: str) -> set[str]:
    """Top-level names in `sys.modules` after a fresh interpreter imported `modules`."""
    code = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_core_loads_neither_screen_nor_server() -> None:
    loaded = loaded_by(*(f"kefu_tui.{name}" for name in CORE))
    assert "kefu_tui" in loaded
    assert loaded & {"textual", "rich", "typer", "fastapi", "starlette", "uvicorn"} == set()


def test_command_line_loads_neither_textual_nor_fastapi() -> None:
    loaded = loaded_by("kefu_tui.cli.main")
    assert "typer" in loaded
    assert loaded & {"textual", "fastapi", "starlette", "uvicorn"} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_says_what_lives_here_and_is_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source), clean=False)
    assert docstring, "a module says in one line what lives here"
    first, *rest = docstring.splitlines()
    assert first.strip(), "the docstring starts on its first line"
    assert not rest or not rest[0].strip(), "the first line is whole; a blank line follows it"
    assert len(source.splitlines()) <= 400, "a file over 400 lines has two reasons to change: split it"

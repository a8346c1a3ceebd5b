"""The reference of the command line, written from the commands themselves: docs/cli.md."""

import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import typer

from kefu_tui.cli.call import Call
from kefu_tui.cli.grammar import Group, command_help
from kefu_tui.cli.main import SECTIONS, build
from kefu_tui.cli.words import pick

HEAD = """# The command line

Written by `python -m kefu_tui.cli.reference docs/cli.md` from the commands themselves; a test compares them.

Data goes to standard output, everything else to standard error; `-o` chooses table, json, ndjson or csv, and output
that is no terminal is JSON. Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 backend not reachable and
needed, 4 not signed in, 5 store damaged. `KEFU_HOME` names the desk's folder, `KEFU_STORE_KEY` gives the passphrase of
its store, `KEFU_LANG` the language (zh or en), `KEFU_DATABASE_KEY` the key of a backend's database.
"""


def reference() -> str:
    """The whole page, in English."""
    root = build("en")
    context = typer.Context(root, info_name="kefu", obj=Call("en"))
    parts = [HEAD, "## kefu\n", _block(command_help(root, context, "en"))]
    for title, names in SECTIONS:
        parts.append(f"## {pick(title, 'en')}\n")
        for name in names:
            for path, text in _told(root.commands[name], name, context):
                parts.append(f"### {path}\n")
                parts.append(_block(text))
    return "\n".join(parts)


def _told(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    context = typer.Context(command, info_name=name, parent=parent)
    if not isinstance(command, Group):
        yield context.command_path, command_help(command, context, "en")
        return
    for child, below in command.commands.items():
        yield from _told(below, child, context)


def _block(text: str) -> str:
    return f"```text\n{text}```\n"


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(reference(), encoding="utf-8")

"""keys: the table of keys, and the check of an agent's own keymap."""

import pathlib
from typing import Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

app = Commands()

COLUMNS = (
    Column(both("键", "keys"), lambda row: "  ".join(row["keys"])),
    column(both("命令", "command"), "id"),
    column(both("名称", "name"), "label"),
    column(both("什么时候", "when"), "situation"),
    column(both("做什么", "does"), "help"),
)


@app.verb(
    "keys",
    "工作台的键；--check 检查自己的 keymap.toml。",
    "The keys of the workstation; --check looks at a keymap.toml of your own.",
)
def keys(
    ctx: typer.Context,
    check: Annotated[
        pathlib.Path | None,
        typer.Option("--check", metavar="FILE", help=both("要检查的 keymap.toml", "the keymap.toml to check")),
    ] = None,
) -> None:
    from kefu_tui.commands import GROUPS, TABLE, shown_key
    from kefu_tui.keymap import DEFAULT, load

    call = here(ctx)
    keymap = DEFAULT
    if check is not None:
        if not check.is_file():
            raise not_found(f"没有文件 {check}。", f"There is no file {check}.")
        keymap, problems = load(check)
        if problems:
            more = (f"（共 {len(problems)} 处）", f" ({len(problems)} in all)") if len(problems) > 1 else ("", "")
            raise Stop(
                REFUSED,
                "keymap",
                f"{check}：{' '.join(one.zh for one in problems)}{more[0]}",
                f"{check}: {' '.join(one.en for one in problems)}{more[1]}",
            )
        call.tell(f"{check} 没有问题。", f"{check} is fine.")
    place = 1 if call.lang == "en" else 0
    rows: list[dict[str, Any]] = [
        {
            "id": command.id,
            "keys": [shown_key(key) for key in keymap.keys[command.id]],
            "label": command.label[place],
            "help": command.help[place],
            "group": GROUPS[command.group][place],
            "situation": command.situation,
        }
        for command in TABLE
    ]
    call.rows(rows, COLUMNS)

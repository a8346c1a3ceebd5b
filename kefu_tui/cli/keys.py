"""keys: the table of keys, and the check of an agent's own keymap."""

import pathlib
from typing import Annotated, Any

import typer

from kefu_tui.cli.call import Call, here
from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found
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
    preset: Annotated[
        str, typer.Option("--preset", metavar="kefu|vim|emacs", help=both("按键习惯", "a key habit"))
    ] = "kefu",
    stats: Annotated[
        bool,
        typer.Option(
            "--stats", help=both("每个会话用了多少键，哪里有更短的路", "keys for a conversation, and shorter ways")
        ),
    ] = False,
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, metavar="N", help=both("最近几天", "so many days"))
    ] = 7,
) -> None:
    if stats:
        _stats(here(ctx), days)
        return
    from kefu_tui.commands import GROUPS, TABLE, shown_key
    from kefu_tui.keymap import PRESETS, load, preset_of

    call = here(ctx)
    if preset not in PRESETS:
        raise misused(
            f"没有按键习惯 {preset}：{' '.join(PRESETS)}", f"There is no key habit {preset}: {' '.join(PRESETS)}"
        )
    keymap = preset_of(preset)
    if check is not None:
        if not check.is_file():
            raise not_found(f"没有文件 {check}。", f"There is no file {check}.")
        keymap, problems = load(check, preset)
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


def _stats(call: Call, days: int) -> None:
    from kefu_tui.commands import COMMANDS, shown_key
    from kefu_tui.hints import HINTS

    place = 1 if call.lang == "en" else 0
    with call.desk() as desk:
        found = desk.effort.stats(days)

    def words(name: str, command: str) -> str:
        known = COMMANDS.get(command)
        key = shown_key((known.keys + known.ime)[0]) if known and known.keys + known.ime else ""
        return HINTS[name][place].format(key=key, label=known.label[place] if known else command)

    told = {
        "days": [one._asdict() for one in found.days],
        "commands": [one._asdict() for one in found.uses],
        "shorter_ways": [
            {"hint": one.name, "command": one.command, "times": one.times, "words": words(one.name, one.command)}
            for one in found.missed
        ],
    }
    lines = [
        call.say(
            f"{one.day}  解决 {one.resolved} 个  {one.keys_p50} 键  {one.seconds_p50} 秒",
            f"{one.day}  {one.resolved} resolved  {one.keys_p50} keys  {one.seconds_p50} s",
        )
        for one in found.days
    ] or [call.say("还没有解决过会话。", "No conversation was resolved yet.")]
    lines += [f"{one.by_key + one.by_palette:6}  {one.command}" for one in found.uses[:10]]
    lines += [f"{one.times:6}  {words(one.name, one.command)}" for one in found.missed]
    call.one(told, text="\n".join(lines) + "\n")

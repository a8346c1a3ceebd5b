"""doctor: whether this machine, this desk and its backend are in order, and what to do where not."""

from typing import TYPE_CHECKING, Annotated

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.checks import Found

app = Commands()

COLUMNS = (
    column(both("结果", "result"), "status"),
    column(both("查什么", "check"), "check"),
    column(both("看到", "found"), "found"),
    column(both("怎么办", "to do"), "to_do"),
)


@app.verb(
    "doctor",
    "体检：机器、数据、后台、终端；每一项说明怎么办。",
    "Look over machine, store, backend and terminal; each line says what to do.",
)
def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help=both("输出 JSON", "JSON output"))] = False,
    mend: Annotated[
        bool,
        typer.Option(
            "--mend",
            help=both(
                "修能修的：坏了的数据放到一边，能读的救回来",
                "mend what can be mended: a damaged store is set aside, what can be read is saved",
            ),
        ),
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help=both("只说要修什么，不动", "only say what would be mended"))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=both("不问，直接修", "do not ask"))] = False,
) -> None:
    from kefu_tui.cli import checks

    call = here(ctx)
    if json:
        call.output = "json"
    if preview and not mend:
        raise misused("--preview 要和 --mend 一起用。", "--preview goes with --mend.")
    if mend:
        from kefu_tui.cli import mending

        mending.mend(call, preview=preview, yes=yes)
        return
    found: list[Found] = list(checks.everything(call))
    call.rows([one.row(call.lang) for one in found], COLUMNS)
    if any(one.status == "fail" for one in found):
        raise Stop(REFUSED, "unwell")

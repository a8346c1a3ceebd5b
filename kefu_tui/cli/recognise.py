"""recognise: order, tracking, refund and phone numbers in a text."""

import sys
from typing import Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, as_json, column
from kefu_tui.cli.words import both

app = Commands()

COLUMNS = (
    column(both("是什么", "kind"), "kind"),
    column(both("号码", "value"), "value"),
    Column(
        both("可能是", "of"),
        lambda row: ", ".join(f"{one['carrier']} {one['score']:.2f}" for one in row["candidates"]),
    ),
)


@app.verb(
    "recognise",
    "认出文字里的订单号、运单号、退款单号、电话。",
    "Find order, tracking, refund and phone numbers in a text.",
    free_text=True,
)
def recognise(
    ctx: typer.Context,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help=both("文字；- 按行读标准输入，每行一个 JSON 数组", "the text; - reads lines, one JSON array for each"),
        ),
    ],
) -> None:
    call = here(ctx)
    if text == "-":
        for line in sys.stdin.buffer:
            call.write(as_json(_found(line.decode("utf-8", errors="replace").rstrip("\r\n"))) + "\n")
        return
    call.rows(_found(text), COLUMNS, empty=("没有号码。", "No numbers."))


def _found(text: str) -> list[dict[str, Any]]:
    from kefu_tui.rules.recognise import recognise as look

    return [
        {
            "kind": found.kind,
            "value": found.value,
            "start": found.start,
            "end": found.end,
            "candidates": [{"carrier": one.carrier, "score": one.score} for one in found.candidates],
        }
        for found in look(text)
    ]

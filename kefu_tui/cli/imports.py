"""import: orders from a shop's export, with a preview, an error file, and nothing half done."""

import csv
import io
import pathlib
import re
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli.call import can_ask, here
from kefu_tui.cli.errors import INTERRUPTED, REFUSED, Stop
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import column, csv_cell
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.rules.orders_file import ParsedOrder, RowError

imports = Commands("导入。", "Take files in.")

SHOWN = 5
"""Rows in a preview."""

_EXCEL_TEXT = re.compile(r'\s*="(.*)"\s*')

COLUMNS = (
    column(both("订单号", "order"), "order_no"),
    column(both("状态", "status"), "status"),
    column(both("金额", "total"), "total", right=True),
    column(both("实付", "paid"), "paid", right=True),
    column(both("退款", "refund"), "refund", right=True),
    column(both("下单", "placed"), "placed_at"),
    column(both("省份", "province"), "province"),
    column(both("商品", "item"), "item"),
)


@imports.verb(
    "orders",
    "导入平台导出的订单表（CSV，UTF-8 或 GBK）。",
    "Take in orders from a platform's export (CSV, UTF-8 or GBK).",
)
def orders(
    ctx: typer.Context,
    file: Annotated[pathlib.Path, typer.Argument(metavar="FILE", help=both("CSV 文件", "the CSV file"))],
    preview: Annotated[bool, typer.Option("--preview", help=both("只看，不导入", "only look, import nothing"))] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=both("不问，直接导入", "do not ask"))] = False,
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding", metavar="NAME", help=both("文件的编码；不写就自己认", "its encoding; found out without")
        ),
    ] = None,
    shop: Annotated[str, typer.Option("--shop", metavar="NAME", help=both("店铺名", "the shop's name"))] = "",
    errors: Annotated[
        pathlib.Path | None,
        typer.Option(
            "--errors",
            metavar="FILE",
            help=both(
                "不能导入的行写到哪里；不写就在原文件旁边", "where rows go that cannot be taken; beside FILE without"
            ),
        ),
    ] = None,
) -> None:
    from kefu_tui.cli.files import read_csv, write_new
    from kefu_tui.rules.orders_file import RowError, read_orders

    call = here(ctx)
    header, rows, used = read_csv(file, encoding)
    read = list(read_orders(header, rows))
    good = [one for one in read if not isinstance(one, RowError)]
    bad = [one for one in read if isinstance(one, RowError)]
    told: dict[str, Any] = {"file": str(file), "encoding": used, "shop": shop, "rows": len(rows)}
    told |= {"orders": len(good), "errors": len(bad), "errors_file": None}
    if bad and bad[0].line == 1:
        raise Stop(
            REFUSED, "bad-file", f"{file} 不是订单表：{bad[0].zh}。", f"{file} is no table of orders: {bad[0].message}."
        )
    if bad and (errors or not preview):
        place = errors or file.with_name(f"{file.stem}.errors.csv")
        write_new(place, _error_file(call, header, rows, bad))
        told["errors_file"] = str(place)
    if bad:
        _tell_errors(call, bad, told["errors_file"])
    if preview:
        _preview(call, told, good)
        return
    if not good:
        raise Stop(
            REFUSED, "nothing-to-import", f"{file} 里没有能导入的订单。", f"{file} holds no order that can be taken."
        )
    if not yes and can_ask():
        _ask(call, told, good)
    _import(call, told, good, shop)


def _tell_errors(call: "Call", bad: "list[RowError]", place: str | None) -> None:
    first = bad[0]
    where = (f"都在 {place}", f" All are in {place}") if place else ("", "")
    call.tell(
        f"{len(bad)} 行不能导入，第一处：第 {first.line} 行 {first.column}：{first.zh}。{where[0]}",
        f"{len(bad)} rows cannot be taken; the first: line {first.line}, {first.column}: {first.message}.{where[1]}",
    )


def _import(call: "Call", told: dict[str, Any], good: "list[ParsedOrder]", shop: str) -> None:
    from kefu_tui.desk import Refusal
    from kefu_tui.desk.orders_in import GivenUp, import_orders

    def progress(done: int) -> None:
        if sys.stderr.isatty() and not call.quiet:
            print(f"\r{done}/{len(good)}", end="", file=sys.stderr, flush=True)

    with call.desk() as desk:
        try:
            outcome = import_orders(desk, good, shop, progress, threading.Event())
        except GivenUp:
            raise Stop(
                INTERRUPTED, "interrupted", "停下了，什么都没有导入。", "Stopped; nothing was imported."
            ) from None
        finally:
            if sys.stderr.isatty() and not call.quiet:
                print(file=sys.stderr)
        if not isinstance(outcome, Refusal):
            noop = outcome.status == "noop"
            said = (
                call.say("订单都已经在了，没有改动", "Every order is here already; nothing changed")
                if noop
                else call.say(f"已导入 {len(good)} 个订单", f"Imported {len(good)} orders")
            )
            outcome = outcome._replace(said=said)
        call.outcome(outcome, *told.items())


def _preview(call: "Call", told: dict[str, Any], good: "list[ParsedOrder]") -> None:
    rows = [_row(order) for order in good[:SHOWN]]
    if call.format == "json" or call.format == "ndjson":
        call.one({**told, "first": rows})
        return
    call.rows(rows, COLUMNS)
    call.tell(
        f"{told['rows']} 行（{told['encoding']}），{told['orders']} 个订单，{told['errors']} 行不能导入。"
        f"以上是前 {len(rows)} 个，什么都没有导入。",
        f"{told['rows']} rows ({told['encoding']}), {told['orders']} orders, {told['errors']} bad rows. "
        f"These are the first {len(rows)}; nothing was imported.",
    )


def _ask(call: "Call", told: dict[str, Any], good: "list[ParsedOrder]") -> None:
    from kefu_tui.cli.output import as_lines

    print(as_lines(COLUMNS, [_row(order) for order in good[:SHOWN]], call.lang), end="", file=sys.stderr)
    question = call.say(f"导入 {told['orders']} 个订单？[y/N] ", f"Import {told['orders']} orders? [y/N] ")
    print(question, end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "是", "好"):
        raise Stop(REFUSED, "declined", "没有导入。", "Nothing was imported.")


def _row(order: "ParsedOrder") -> dict[str, Any]:
    from kefu_tui.cli.order import amount
    from kefu_tui.cli.times import iso

    return {
        "order_no": order.order_no,
        "status": order.status,
        "total": amount(order.total, order.currency),
        "paid": amount(order.paid, order.currency),
        "refund": amount(order.refund, order.currency),
        "currency": order.currency,
        "placed_at": iso(order.created_at, "Asia/Shanghai"),
        "province": order.province,
        "item": order.items[0].title if order.items else "",
    }


def _error_file(call: "Call", header: list[str], rows: list[list[str]], bad: "list[RowError]") -> str:
    """Each bad row behind its line, column and message, so that it can be mended and taken in again."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(["line", "column", "message", *(name.strip("\ufeff") for name in header)])
    for error in bad:
        row = rows[error.line - 2] if 2 <= error.line < len(rows) + 2 else []
        writer.writerow(
            [error.line, csv_cell(error.column), csv_cell(call.say(error.zh, error.message)), *map(_as_text, row)]
        )
    return buffer.getvalue()


def _as_text(cell: str) -> object:
    """A cell as it was, but for what a spreadsheet would run: `="…"` becomes the text that it stands for."""
    quoted = _EXCEL_TEXT.fullmatch(cell)
    return "'" + str(csv_cell(quoted[1])).removeprefix("'") if quoted else csv_cell(cell)

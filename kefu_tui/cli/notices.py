"""notices: replies that were held, steps that were refused, and what becomes of them."""

from typing import Annotated, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

notices = Commands("扣下的、没做成的：看，决定怎么办。", "What was held or refused: see it and decide.")

COLUMNS = (
    Column(both("编号", "id"), lambda row: row["id"][-8:]),
    column(both("级别", "level"), "level"),
    column(both("客户", "customer"), "customer"),
    column(both("原因", "why"), "text"),
    column(both("原话", "words"), "body"),
    column(both("可以", "actions"), "actions"),
)


@notices.verb("list", "还没处理的。", "Those not yet decided.")
def list_(ctx: typer.Context) -> None:
    from kefu_tui.cli.times import iso

    call = here(ctx)
    with call.desk() as desk:
        rows = [
            {
                "id": row.id,
                "op_id": row.op_id,
                "level": row.level,
                "code": row.code,
                "text": row.text,
                "body": row.body,
                "conversation_id": row.conversation_id,
                "message_id": row.message_id,
                "customer": row.name,
                "at": iso(row.at, desk.zone()),
                "actions": [action for action in row.actions if action != "copy"],
            }
            for row in desk.notices()
        ]
        call.rows(rows, COLUMNS, empty=("没有要处理的。", "Nothing to decide."))


@notices.verb(
    "settle",
    "决定一条：照发、改了再发、改成备注、不发、知道了。",
    "Decide one: send it, change it, keep it as a note, or let it go.",
)
def settle(
    ctx: typer.Context,
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help=both("编号，或它的开头或结尾 6 位以上", "its id, or 6 or more characters of it")
        ),
    ],
    action: Annotated[
        Literal["send-anyway", "edit", "to-note", "discard", "dismiss"],
        typer.Argument(
            metavar="ACTION",
            help=both(
                "send-anyway、edit、to-note、discard 或 dismiss", "send-anyway, edit, to-note, discard or dismiss"
            ),
        ),
    ],
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="TEXT",
            help=both("改成的话，配 edit；- 读标准输入", "the new words, with edit; - reads standard input"),
        ),
    ] = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        notice = finding.notice(desk, id)
        call.outcome(desk.settle(notice, action, told_text(text) if text is not None else None).result())

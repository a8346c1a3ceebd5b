"""call: telephone calls logged by hand, and those of today."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.errors import misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk

call = Commands("电话：手工登记，今天的来电。", "Telephone calls: logged by hand, and those of today.")

Kind = Literal[
    "presale", "order", "logistics", "aftersale", "return", "complaint", "technical", "invoice", "suggestion", "praise", "other",
]  # fmt: skip


@call.verb(
    "log",
    "登记一通电话：会话归我，说了什么记成备注。",
    "Log a call that was had: its conversation is mine, what was said a note.",
)
def log(
    ctx: typer.Context,
    phone: Annotated[str, typer.Argument(metavar="PHONE", help=both("对方号码", "the other one's number"))],
    text: Annotated[
        str,
        typer.Option(
            "--text", metavar="TEXT", help=both("说了什么；- 读标准输入", "what was said; - reads standard input")
        ),
    ],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=both("怎么称呼", "the caller's name"))] = "",
    rang: Annotated[
        str,
        typer.Option(
            "--rang",
            metavar="WHEN",
            help=both(
                "何时响铃：10:02:11、10:02、2m（2 分钟前）、'昨天 23:50'、ISO 时间",
                "when it rang: 10:02:11, 10:02, 2m (2 minutes ago), 'yesterday 23:50' or an ISO time",
            ),
        ),
    ] = "",
    answered: Annotated[
        str,
        typer.Option(
            "--answered", metavar="WHEN", help=both("何时接起，写法同上", "when it was answered, written the same way")
        ),
    ] = "",
    kind: Annotated[
        Kind | None,
        typer.Option(
            "--kind", metavar="KIND", help=both("会话类别，如 logistics", "kind of conversation, such as logistics")
        ),
    ] = None,
    outgoing: Annotated[bool, typer.Option("--outgoing", help=both("是我打出去的", "I called"))] = False,
    group: Annotated[
        str | None,
        typer.Option(
            "--group", metavar="G", help=both("记在哪个组；不写是自己的第一个组", "its group; without, my first")
        ),
    ] = None,
) -> None:
    from kefu_tui.desk.calling import Told, conversation_of
    from kefu_tui.desk.calling import log as log_call

    this = here(ctx)
    with this.desk() as desk:
        now = desk.now()
        told = Told(
            phone=phone,
            text=told_text(text),
            way="out" if outgoing else "in",
            name=name.strip(),
            kind=kind,
            rang_at=_moment(desk, rang, now),
            answered_at=_moment(desk, answered, now),
            group_id=finding.colleague(desk, group, "group").id if group else None,
        )
        note_id, done = log_call(desk, told)
        outcome = done.result()
        this.outcome(outcome, ("conversation_id", conversation_of(desk, note_id)))


def _moment(desk: "Desk", text: str, now: int) -> int | None:
    from kefu_tui.cli.times import earlier

    if not text:
        return None
    moment = earlier(text, now, desk.zone())
    if moment is None:
        raise misused(
            f"看不懂时间 {text!r}：10:02:11、10:02、2m（2 分钟前）或 ISO 时间。",
            f"{text!r} is no time: 10:02:11, 10:02, 2m (2 minutes ago) or an ISO time.",
        )
    return moment


@call.verb("list", "今天的电话，号码遮住中间。", "The calls of today, their numbers masked.")
def list_(
    ctx: typer.Context,
    missed: Annotated[bool, typer.Option("--missed", help=both("只看没接到的", "missed ones only"))] = False,
) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import calling
    from kefu_tui.text import mask_name

    this = here(ctx)
    with this.desk() as desk:
        zone = desk.zone()
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "conversation_id": one.conversation_id,
                "direction": one.way,
                "customer": mask_name(one.name),
                "phone": one.phone,
                "rang_at": iso(one.rang_at, zone),
                "answered_at": iso(one.answered_at, zone),
                "ended_at": iso(one.ended_at, zone),
                "logged_at": iso(one.at, zone) if one.rang_at is None else None,
                "missed": one.missed,
                "agent": one.agent or None,
            }
            for one in calling.today(desk)
            if one.missed or not missed
        ]

        def clock(key: str) -> Any:
            return lambda row: (row[key] or "")[11:19]

        def what(row: Any) -> str:
            way = this.say("来电", "in") if row["direction"] == "in" else this.say("去电", "out")
            return way + (this.say("，没接到", ", missed") if row["missed"] else "")

        columns = [
            Column(both("会话", "conversation"), lambda row: row["conversation_id"][-8:]),
            Column(both("什么", "what"), what),
            column(both("客户", "customer"), "customer"),
            column(both("号码", "number"), "phone"),
            Column(both("响铃", "rang"), lambda row: (row["rang_at"] or row["logged_at"] or "")[11:19]),
            Column(both("接起", "answered"), clock("answered_at")),
            Column(both("挂断", "ended"), clock("ended_at")),
            column(both("谁", "who"), "agent"),
        ]
        this.rows(rows, columns, empty=("今天没有电话。", "No calls today."))

"""mode: emergencies begun and ended by one command each, who waits for an answer, and a report."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk
    from kefu_tui.desk.emergencies import Emergency

mode = Commands("应急：停机、大促、公共事件。", "Emergencies: outage, surge, public incident.")

KINDS = "outage|surge|incident"
Kind = Annotated[Literal["outage", "surge", "incident"], typer.Argument(metavar=KINDS, help=both("哪一种", "which"))]
COLUMNS = (
    Column(both("编号", "id"), lambda row: row["id"][-8:]),
    column(both("什么", "kind"), "kind"),
    column(both("级", "level"), "level"),
    column(both("从", "since"), "since"),
    column(both("到", "until"), "until"),
    column(both("谁", "by"), "by"),
    column(both("为什么", "reason"), "reason"),
)
WAITING = (
    column(both("会话", "conversation"), "conversation_id"),
    column(both("客户", "customer"), "customer"),
    column(both("从", "since"), "since"),
    column(both("答应在", "promised by"), "due_at"),
)
REPORT = {
    "kind": both("什么", "kind"), "since": both("从", "since"), "until": both("到", "until"),
    "opened": both("新会话", "conversations begun"), "messages": both("客户的消息", "messages of customers"),
    "stood_in": both("代答的会话", "told to wait"), "kept": both("按时答复", "answered in time"),
    "late": both("晚答复", "answered late"),
    "waiting": both("还没答复", "not answered yet"), "longest_s": both("最长等了（秒）", "longest wait, s"),
}  # fmt: skip


@mode.verb("list", "现在的和以前的应急。", "Emergencies that last, and those before.")
def list_(
    ctx: typer.Context,
    past: Annotated[bool, typer.Option("--past", help=both("以前的也列", "those before, too"))] = False,
) -> None:
    from kefu_tui.desk import emergencies

    call = here(ctx)
    with call.desk() as desk:
        rows = [_row(desk, one) for one in emergencies.modes(desk, past=past)]
        call.rows(rows, COLUMNS, empty=("没有应急。", "No emergency."))


@mode.verb(
    "on",
    "开始应急；停机时客户会收到代答，钟站住。",
    "Begin one; in an outage customers are told to wait and clocks stand.",
)
def on(
    ctx: typer.Context,
    kind: Kind,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=both("为什么", "why"))] = "",
    level: Annotated[
        int,
        typer.Option(
            "--level",
            min=0,
            max=1000,
            metavar="N",
            help=both(
                "事件的级（1 最重）；大促时接待量的百分比，如 150",
                "of an incident, 1 the gravest; of a surge the capacity in per cent, such as 150",
            ),
        ),
    ] = 0,
    text_zh: Annotated[
        str, typer.Option("--text-zh", metavar="TEXT", help=both("中文代答", "the line that stands in, in Chinese"))
    ] = "",
    text_en: Annotated[str, typer.Option("--text-en", metavar="TEXT", help=both("英文代答", "and in English"))] = "",
) -> None:
    from kefu_tui.desk import emergencies

    call = here(ctx)
    with call.desk() as desk:
        begun = emergencies.begin(desk, kind, level=level, reason=reason, text_zh=text_zh, text_en=text_en)
        call.outcome(begun.result())


@mode.verb("off", "结束应急。", "End one.")
def off(ctx: typer.Context, kind: Kind) -> None:
    from kefu_tui.desk import emergencies

    call = here(ctx)
    with call.desk() as desk:
        call.outcome(emergencies.end(desk, kind).result())


@mode.verb("waiting", "代答过、还没回的客户，等得久的在前。", "Customers who were told to wait and have no answer yet.")
def waiting(ctx: typer.Context) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import emergencies

    call = here(ctx)
    with call.desk() as desk:
        zone = desk.zone()
        rows: list[dict[str, Any]] = [
            {
                "conversation_id": one.conversation_id,
                "customer": one.name,
                "since": iso(one.since, zone),
                "due_at": iso(one.due_at, zone) if one.due_at is not None else None,
            }
            for one in emergencies.call_backs(desk)
        ]
        call.rows(rows, WAITING, empty=("都回过了。", "Everybody was answered."))


@mode.verb(
    "report", "一次应急前后的数字；不写是最近一次。", "The figures of an emergency; without a name of the last one."
)
def report(
    ctx: typer.Context,
    id: Annotated[
        str, typer.Argument(metavar="ID", help=both("编号（6 位以上）", "6 or more characters of its id"))
    ] = "",
) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import emergencies

    call = here(ctx)
    with call.desk() as desk:
        known = emergencies.modes(desk, past=True)
        fit = [one for one in known if not id or one.id == id or (len(id) >= 6 and one.id.endswith(id))]
        if not fit:
            raise not_found(f"没有应急 {id}。".replace(" 。", "。"), f"There is no emergency {id}.".replace(" .", "."))
        told = emergencies.report(desk, max(fit, key=lambda one: one.since).id)
        assert told is not None
        zone, one = desk.zone(), told.emergency
        call.one(
            {
                "id": one.id,
                "kind": one.kind,
                "since": iso(one.since, zone),
                "until": iso(one.until, zone) if one.until is not None else None,
                "opened": told.opened,
                "messages": told.messages,
                "stood_in": told.stood_in,
                "kept": told.kept,
                "late": told.late,
                "waiting": told.waiting,
                "longest_s": round(told.longest_us / 1e6, 1) if told.longest_us is not None else None,
            },
            REPORT,
        )


def _row(desk: "Desk", one: "Emergency") -> dict[str, Any]:
    from kefu_tui.cli.times import iso

    return {
        "id": one.id,
        "kind": one.kind,
        "level": one.level,
        "since": iso(one.since, desk.zone()),
        "until": iso(one.until, desk.zone()) if one.until is not None else None,
        "by": one.by,
        "reason": one.reason,
    }

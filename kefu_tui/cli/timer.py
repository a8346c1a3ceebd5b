"""timer: what falls due next; reminders and call-backs set, done and taken off."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.errors import misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk

timer = Commands("在走的钟、提醒和回访。", "Running clocks, reminders and call-backs.")

COLUMNS = (
    column(both("编号", "id"), "id"),
    column(both("什么", "what"), "kind"),
    column(both("到期", "due"), "due_at"),
    Column(both("剩", "left"), lambda row: row["left"]),
    column(both("客户", "customer"), "customer"),
    column(both("内容", "text"), "text"),
)
Id = Annotated[str, typer.Argument(metavar="ID", help=both("提醒的编号（6 位以上）", "6 or more characters of the id"))]


@timer.verb("list", "接下来到期的钟、提醒和回访。", "What falls due next: clocks, reminders, call-backs.")
def list_(
    ctx: typer.Context,
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help=both("最多几条，0 不限", "at most, 0: all"))
    ] = 50,
) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.text import countdown

    call = here(ctx)
    with call.desk() as desk:
        now, zone = desk.now(), desk.zone()
        rows: list[dict[str, Any]] = [
            {
                "id": (row.reminder_id or row.conversation_id)[-8:],
                "kind": row.due.kind,
                "due_at": iso(row.due.due_at, zone) if row.due.due_at is not None else None,
                "warn_at": iso(row.due.warn_at, zone) if row.due.warn_at is not None else None,
                "left": countdown(((row.due.due_at or now) - now) / 1e6, paused=row.due.paused, lang=call.lang)
                if row.due.due_at is not None or row.due.paused
                else call.say("未公布", "not announced"),
                "paused": row.due.paused,
                "customer": row.name,
                "text": row.text,
                "conversation_id": row.conversation_id or None,
                "reminder_id": row.reminder_id or None,
                "mine": row.mine,
            }
            for row in desk.timers(limit or 1_000_000)
        ]
        call.rows(rows, COLUMNS, empty=("没有在走的钟，也没有提醒。", "No clock is running, and no reminder is set."))


@timer.verb(
    "add", "到时间提醒我；--call-back 是回访客户。", "Remind me at a time; --call-back is a customer to call back."
)
def add(
    ctx: typer.Context,
    when: Annotated[
        str,
        typer.Argument(
            metavar="WHEN",
            help=both(
                "多久或何时：30m、2h、18:30、'明天 9:00'、ISO 时间", "30m, 2h, 18:30, 'tomorrow 9:00' or an ISO time"
            ),
        ),
    ],
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help=both("提醒的话；- 读标准输入", "the words; - reads standard input"))
    ] = "",
    conversation: Annotated[
        str | None, typer.Option("--for", metavar="ID", help=both("哪个会话", "of a conversation"))
    ] = None,
    call_back: Annotated[bool, typer.Option("--call-back", help=both("回访", "a call-back"))] = False,
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="LOGIN", help=both("给同事设（组长）", "for a colleague (leads)"))
    ] = None,
) -> None:
    from kefu_tui.cli.times import later
    from kefu_tui.desk.reminding import remind

    call = here(ctx)
    if call_back and conversation is None:
        raise misused("回访要写是哪个会话：--for。", "A call-back needs its conversation: --for.")
    with call.desk() as desk:
        moment = later(when, desk.now(), desk.zone())
        if moment is None:
            raise misused(
                f"看不懂时间 {when!r}：30m、2h、18:30、'明天 9:00' 或 ISO 时间。",
                f"{when!r} is no time: 30m, 2h, 18:30, 'tomorrow 9:00' or an ISO time.",
            )
        about = finding.conversation(desk, conversation) if conversation else None
        whom = finding.colleague(desk, agent, "agent").id if agent else None
        done = remind(desk, moment, told_text(text), about, "call_back" if call_back else "reminder", whom).result()
        call.outcome(done)


@timer.verb("done", "一条提醒办完了。", "A reminder was done.")
def done(ctx: typer.Context, id: Id) -> None:
    from kefu_tui.desk import reminding

    call = here(ctx)
    with call.desk() as desk:
        call.outcome(reminding.done(desk, _reminder(desk, id)).result())


@timer.verb("remove", "删一条提醒。", "Take a reminder off.")
def remove(ctx: typer.Context, id: Id) -> None:
    from kefu_tui.desk import reminding

    call = here(ctx)
    with call.desk() as desk:
        call.outcome(reminding.remove(desk, _reminder(desk, id)).result())


def _reminder(desk: "Desk", part: str) -> str:
    from kefu_tui.desk.reminding import reminders

    found = [
        one.id
        for one in reminders(desk, done=True)
        if len(part) >= 6 and (one.id.startswith(part) or one.id.endswith(part))
    ]
    if len(found) != 1:
        raise not_found(f"没有提醒 {part}。", f"There is no reminder {part}.")
    return found[0]

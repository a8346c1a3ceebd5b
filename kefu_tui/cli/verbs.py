"""What is done to a conversation: take, release, reply, note, tag, transfer, snooze, wake, resolve, reopen, undo."""

from typing import TYPE_CHECKING, Annotated

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, standard_input
from kefu_tui.cli.errors import REFUSED, Stop, misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk

app = Commands()

ID_HELP = both(
    "会话编号，或它的开头或结尾 6 位以上", "a conversation's id, or 6 or more characters of its beginning or end"
)
Id = Annotated[str, typer.Argument(metavar="ID", help=ID_HELP)]
Text = Annotated[
    str, typer.Argument(metavar="TEXT", help=both("要说的话；- 读标准输入", "the words; - reads standard input"))
]


@app.verb("take", "接一位客户；不写编号就接最先到期的。", "Take a customer; without an ID the one who is due first.")
def take(
    ctx: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="ID", help=ID_HELP)] = None,
    over: Annotated[
        bool, typer.Option("--over", help=both("主管从同事手里接过来", "a lead takes over from a colleague"))
    ] = False,
) -> None:
    from kefu_tui.desk import Refusal

    call = here(ctx)
    with call.desk() as desk:
        wanted = finding.conversation(desk, id) if id is not None else due_first(desk)
        outcome = desk.take(wanted, over).result() if wanted else Refusal("not-waiting")
        call.outcome(outcome, ("conversation_id", wanted))


def due_first(desk: "Desk") -> str | None:
    """Whose call rings; else who was offered to me or waits, and is due first."""
    if (call := desk.ringing()) is not None:
        return call
    rows = desk.queue_rows(desk.queue_ids("work", 500))
    return next((row.id for row in rows if row.section in ("offered", "waiting")), None)


@app.verb("release", "把会话放回等候。", "Put a conversation back into the queue.")
def release(ctx: typer.Context, id: Id) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.release(finding.conversation(desk, id)).result())


@app.verb("reply", "回复客户。", "Answer the customer.", free_text=True)
def reply(
    ctx: typer.Context,
    id: Id,
    text: Text,
    canned: Annotated[
        str | None, typer.Option("--canned", metavar="ID", help=both("用的是哪条话术", "the canned reply it came from"))
    ] = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        canned_id = finding.canned(desk, canned) if canned else None
        words = _words(call, desk, "reply", conversation, text)
        call.outcome(desk.reply(conversation, words, canned_id).result())


@app.verb(
    "note",
    "给同事留一条备注，客户看不到。",
    "Leave a note for colleagues; the customer does not see it.",
    free_text=True,
)
def note(ctx: typer.Context, id: Id, text: Text) -> None:
    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        call.outcome(desk.note(conversation, _words(call, desk, "note", conversation, text)).result())


def _words(call: "Call", desk: "Desk", verb: str, conversation: str, text: str) -> str:
    """The words of a reply or note. Whether it can be done is told before a person types them."""
    if text != "-":
        return text
    refused = desk.refusal(verb, conversation)
    if refused:
        raise Stop(REFUSED, "refused", refused)
    return standard_input()


@app.verb("tag", "给会话加标签；--remove 去掉。", "Put a tag on a conversation; --remove takes it off.")
def tag(
    ctx: typer.Context,
    id: Id,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("标签", "the tag"))],
    remove: Annotated[bool, typer.Option("--remove", help=both("去掉", "take it off"))] = False,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        call.outcome((desk.untag if remove else desk.tag)(conversation, name).result())


@app.verb("priority", "会话的优先级：1 最急，5 最不急。", "How urgent a conversation is: 1 first, 5 last.")
def priority(
    ctx: typer.Context,
    id: Id,
    level: Annotated[int, typer.Argument(metavar="1-5", min=1, max=5, help=both("优先级", "the priority"))],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.prioritise(finding.conversation(desk, id), level).result())


@app.verb("transfer", "转给同事或另一组。", "Hand a conversation over to a colleague or a group.")
def transfer(
    ctx: typer.Context,
    id: Id,
    to: Annotated[
        str | None,
        typer.Argument(metavar="TO", help=both("账号、姓名或组名", "a login, a name or a group")),
    ] = None,
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="LOGIN", help=both("转给同事", "to a colleague"))
    ] = None,
    group: Annotated[str | None, typer.Option("--group", metavar="NAME", help=both("转给组", "to a group"))] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help=both("附一句话", "a word with it"))] = "",
) -> None:
    call = here(ctx)
    told = [(name, kind) for name, kind in ((to, None), (agent, "agent"), (group, "group")) if name]
    if len(told) != 1:
        raise misused(
            "写转给谁，只写一个：TO、--agent 或 --group。", "Say whom to hand over to, once: TO, --agent or --group."
        )
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        call.outcome(desk.transfer(conversation, finding.colleague(desk, *told[0]), note).result())


@app.verb(
    "snooze", "先放下，到时间或客户说话时回来。", "Put a conversation away until a time, or until the customer writes."
)
def snooze(
    ctx: typer.Context,
    id: Id,
    until: Annotated[
        str,
        typer.Argument(
            metavar="WHEN",
            help=both(
                "多久或何时：30m、2h、18:30、明天 9:00、ISO 时间", "30m, 2h, 18:30, 'tomorrow 9:00' or an ISO time"
            ),
        ),
    ] = "1h",
    by_customer: Annotated[
        bool,
        typer.Option(
            "--by-customer",
            help=both("客户要求的：解决时限停表", "the customer wishes it: the resolution clock stands"),
        ),
    ] = False,
) -> None:
    from kefu_tui.cli.times import later

    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        when = later(until, desk.now(), desk.zone())
        if when is None:
            raise misused(
                f"看不懂时间 {until!r}：30m、2h、18:30、'明天 9:00' 或 ISO 时间。",
                f"{until!r} is no time: 30m, 2h, 18:30, 'tomorrow 9:00' or an ISO time.",
            )
        call.outcome(desk.snooze(conversation, when, by_customer).result())


@app.verb("wake", "把放下的会话叫回来。", "Bring a snoozed conversation back.")
def wake(ctx: typer.Context, id: Id) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.wake(finding.conversation(desk, id)).result())


@app.verb("resolve", "结束会话，可以带一个标签。", "Resolve a conversation, with a tag if wanted.")
def resolve(
    ctx: typer.Context,
    id: Id,
    tag: Annotated[str | None, typer.Option("--tag", metavar="NAME", help=both("标签", "a tag"))] = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            "--record",
            metavar="K=V",
            help=both(
                "结束记录的一项，可写多次：order_no problem result said done",
                "a field of the close-out record, more than once if wanted: order_no problem result said done",
            ),
        ),
    ] = None,
) -> None:
    call = here(ctx)
    told: dict[str, str] = {}
    for one in record or ():
        name, equals, value = one.partition("=")
        if not equals:
            raise misused(f"--record 要写成 K=V，不是 {one!r}。", f"--record is K=V, not {one!r}.")
        told[name] = value
    with call.desk() as desk:
        call.outcome(desk.resolve(finding.conversation(desk, id), tag, told).result())


@app.verb("reopen", "把结束了的会话重新打开。", "Open a resolved conversation again.")
def reopen(ctx: typer.Context, id: Id) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.reopen(finding.conversation(desk, id)).result())


@app.verb("undo", "撤销最后做的一步。", "Take back the last thing done.")
def undo(
    ctx: typer.Context,
    within: Annotated[
        int | None,
        typer.Option(
            "--within", min=1, metavar="S", help=both("只撤销几秒之内做的", "only what was done within S seconds")
        ),
    ] = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.undo(within).result())

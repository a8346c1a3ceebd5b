"""ticket: list, show, open, move, set, assign, comment, step, watch, link and merge tickets."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.errors import misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk
    from kefu_tui.desk.ticket_rows import TicketCard, TicketRow
    from kefu_tui.store.shown import Due

ticket = Commands("工单。", "Tickets.")

Id = Annotated[str, typer.Argument(metavar="ID", help=both("工单编号（6 位以上）", "6 or more characters of its id"))]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field", metavar="NAME=VALUE", help=both("填一项，可写多次", "fills a field, more than once if wanted")
    ),
]
Priority = Annotated[
    int | None, typer.Option("--priority", min=1, max=5, metavar="1-5", help=both("优先级，1 最高", "1 is the highest"))
]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help=both("标题", "its title"))]

COLUMNS = (
    Column(both("编号", "id"), lambda row: row["id"][-8:]),
    column(both("优先", "priority"), "priority"),
    column(both("流程", "workflow"), "kind"),
    column(both("状态", "state"), "state"),
    column(both("到期", "due"), "due_at"),
    column(both("标题", "title"), "title"),
    column(both("客户", "customer"), "customer"),
    column(both("经办", "assignee"), "assignee"),
)
NONE = ("没有工单。", "No tickets.")


@ticket.verb("list", "列出工单，先到期的在前。", "List tickets, the next due first.")
def list_(
    ctx: typer.Context,
    which: Annotated[
        Literal["mine", "group", "open", "all"],
        typer.Option(
            "--which",
            metavar="mine|group|open|all",
            help=both("我的、没人经办的、没关闭的、全部", "mine, nobody's, all open ones, all"),
        ),
    ] = "mine",
    words: Annotated[
        str, typer.Option("--find", metavar="WORDS", help=both("标题或客户里有这些字", "words in title or customer"))
    ] = "",
    conversation: Annotated[
        str | None, typer.Option("--for", metavar="CONVERSATION", help=both("哪个会话的", "those of a conversation"))
    ] = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        about = finding.conversation(desk, conversation) if conversation else None
        call.rows([_listed(desk, row) for row in desk.tickets.rows(which, words, about)], COLUMNS, empty=NONE)


@ticket.verb("show", "看一张工单：字段、步骤、下一步、经过。", "Show a ticket: fields, steps, moves, history.")
def show(ctx: typer.Context, id: Id) -> None:
    call = here(ctx)
    with call.desk() as desk:
        card = _card(desk, id)
        call.one(_whole(desk, card), text=_drawn(call, desk, card))


@ticket.verb("open", "开一张工单。", "Open a ticket.")
def open_(
    ctx: typer.Context,
    workflow: Annotated[
        str, typer.Argument(metavar="WORKFLOW", help=both("流程，如 complaint、return", "such as complaint or return"))
    ],
    title: Annotated[str, typer.Argument(metavar="TITLE", help=both("标题", "its title"))],
    conversation: Annotated[
        str | None,
        typer.Option("--for", metavar="CONVERSATION", help=both("从哪个会话来", "the conversation it comes from")),
    ] = None,
    text: Annotated[
        str,
        typer.Option(
            "--text", metavar="TEXT", help=both("说明；- 读标准输入", "what is known; - reads standard input")
        ),
    ] = "",
    priority: Priority = None,
    agent: Annotated[str | None, typer.Option("--agent", metavar="LOGIN", help=both("谁经办", "whose it is"))] = None,
    field: Fields = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        told: dict[str, Any] = {"priority": priority or 3, "fields": _fields(field), "text": told_text(text)}
        if conversation:
            told["conversation_id"] = finding.conversation(desk, conversation)
        if agent:
            told["assignee_id"] = finding.colleague(desk, agent, "agent").id
        id, answer = desk.tickets.open(workflow, title, **told)
        call.outcome(answer.result(), ("id", id))


@ticket.verb(
    "move", "沿流程走一步；照流程的话告诉客户。", "Move a ticket along its workflow; the customer is told in its words."
)
def move(
    ctx: typer.Context,
    id: Id,
    transition: Annotated[
        str, typer.Argument(metavar="MOVE", help=both("哪一步，见 ticket show", "the move, see ticket show"))
    ],
    field: Fields = None,
    silent: Annotated[bool, typer.Option("--silent", help=both("不告诉客户", "tell the customer nothing"))] = False,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.tickets.move(_id(desk, id), transition, _fields(field), text="" if silent else None).result())


@ticket.verb("set", "改标题、优先级、字段。", "Change title, priority or fields.")
def set_(ctx: typer.Context, id: Id, title: Title = None, priority: Priority = None, field: Fields = None) -> None:
    call = here(ctx)
    with call.desk() as desk:
        changed = desk.tickets.set(_id(desk, id), title=title, priority=priority, fields=_fields(field))
        call.outcome(changed.result())


@ticket.verb("assign", "转交给同事、组或部门。", "Hand a ticket over to a colleague, a group or a department.")
def assign(
    ctx: typer.Context,
    id: Id,
    to: Annotated[
        str, typer.Argument(metavar="TO", help=both("同事的登录名或组名", "a colleague's login or a group's name"))
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help=both("附一句话", "a word with it"))] = "",
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        whom = finding.colleague(desk, to)
        told = {"agent_id": whom.id} if whom.kind == "agent" else {"group_id": whom.id}
        call.outcome(desk.tickets.assign(_id(desk, id), **told, note=note).result())


@ticket.verb("comment", "给同事记一句。", "Leave a line for colleagues.", free_text=True)
def comment(
    ctx: typer.Context,
    id: Id,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help=both("内容；- 读标准输入", "the words; - reads standard input"))
    ],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.tickets.comment(_id(desk, id), told_text(text)).result())


@ticket.verb(
    "step",
    "清单上的一步做完了；--agent 是分派给谁。",
    "A step of the checklist was done; --agent gives it to somebody.",
)
def step(
    ctx: typer.Context,
    id: Id,
    step: Annotated[
        str, typer.Argument(metavar="STEP", help=both("哪一步，见 ticket show", "the step, see ticket show"))
    ],
    undone: Annotated[bool, typer.Option("--undone", help=both("没有做完", "it was not done after all"))] = False,
    agent: Annotated[str | None, typer.Option("--agent", metavar="LOGIN", help=both("分派给", "whose it is"))] = None,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        known = _id(desk, id)
        if agent:
            call.outcome(desk.tickets.own(known, step, finding.colleague(desk, agent, "agent").id).result())
        else:
            call.outcome(desk.tickets.step(known, step, done=not undone).result())


@ticket.verb("watch", "关注一张工单，或拉同事一起办。", "Watch a ticket, or have a colleague work on it too.")
def watch(
    ctx: typer.Context,
    id: Id,
    agent: Annotated[
        str | None, typer.Option("--agent", metavar="LOGIN", help=both("谁；不写是自己", "who; oneself without"))
    ] = None,
    collaborate: Annotated[bool, typer.Option("--collaborate", help=both("一起办", "works on it, too"))] = False,
    leave: Annotated[bool, typer.Option("--leave", help=both("不再", "no longer"))] = False,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        whom = finding.colleague(desk, agent, "agent").id if agent else None
        part = "collaborator" if collaborate else "watcher"
        call.outcome(desk.tickets.watch(_id(desk, id), whom, part=part, leave=leave).result())


@ticket.verb(
    "link",
    "和会话、订单、别的工单、文件关联。",
    "Link a ticket with a conversation, an order, another ticket or a file.",
)
def link(
    ctx: typer.Context,
    id: Id,
    of: Annotated[
        Literal["conversation", "order", "ticket", "file"],
        typer.Argument(metavar="conversation|order|ticket|file", help=both("什么", "what")),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help=both("编号、订单号，或文件在哪里", "its id, the order's number, or where the file lies"),
        ),
    ],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help=both("叫什么", "what it is called"))] = "",
    unlink: Annotated[bool, typer.Option("--unlink", help=both("不再关联", "no longer"))] = False,
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        if of == "conversation":
            target = finding.conversation(desk, target)
        elif of == "ticket":
            target = _id(desk, target)
        elif of == "order":
            found = desk.find_orders(target.strip(), 2)
            if len(found) != 1:
                raise not_found(f"没有订单 {target}。", f"There is no order {target}.")
            target, title = found[0].id, title or found[0].order_no
        call.outcome(desk.tickets.link(_id(desk, id), of, target, title, unlink=unlink).result())


@ticket.verb("merge", "同一件事开了两张：并进另一张。", "The same work twice: this ticket goes on as another one.")
def merge(
    ctx: typer.Context,
    id: Id,
    into: Annotated[str, typer.Argument(metavar="INTO", help=both("并进哪一张", "the other one"))],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.tickets.merge(_id(desk, id), _id(desk, into)).result())


def _fields(told: list[str] | None) -> dict[str, str]:
    found = {}
    for one in told or ():
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise misused(f"--field 要写成 名=值，不是 {one!r}。", f"--field is NAME=VALUE, not {one!r}.")
        found[name] = value
    return found


def _id(desk: "Desk", part: str) -> str:
    found = [
        row.id
        for row in desk.tickets.rows("all")
        if len(part) >= 6 and (row.id.startswith(part) or row.id.endswith(part))
    ]
    if len(found) != 1:
        raise not_found(f"没有工单 {part}。", f"There is no ticket {part}.")
    return found[0]


def _card(desk: "Desk", part: str) -> "TicketCard":
    card = desk.tickets.one(_id(desk, part))
    assert card is not None
    return card


def _when(desk: "Desk", due: "Due | None") -> str | None:
    from kefu_tui.cli.times import iso

    return iso(due.due_at, desk.zone()) if due is not None and due.due_at is not None else None


def _listed(desk: "Desk", row: "TicketRow") -> dict[str, Any]:
    from kefu_tui.cli.times import iso

    return {
        "id": row.id,
        "title": row.title,
        "workflow": row.workflow,
        "kind": row.kind,
        "state": row.state,
        "category": row.category,
        "priority": row.priority,
        "customer": row.customer,
        "assignee": row.assignee,
        "group": row.group,
        "due_kind": row.due.kind if row.due is not None else None,
        "due_at": _when(desk, row.due),
        "opened_at": iso(row.opened_at, desk.zone()),
        "changed_at": iso(row.changed_at, desk.zone()),
    }


def _whole(desk: "Desk", card: "TicketCard") -> dict[str, Any]:
    from kefu_tui.cli.times import iso

    zone = desk.zone()
    return {
        **_listed(desk, card.row),
        "conversation_id": card.conversation_id,
        "order_no": card.order_no,
        "merged_into": card.merged_into,
        "fields": {field.id: field.value for field in card.fields},
        "steps": [
            {
                "id": one.id,
                "name": one.name,
                "owner": one.owner,
                "done": one.done,
                "by": one.by,
                "due_at": _when(desk, one.due),
            }
            for one in card.steps
        ],
        "moves": [
            {
                "id": one.id,
                "name": one.name,
                "to": one.to,
                "why_not": one.why or None,
                "fields": list(one.fields),
                "text": one.text,
            }
            for one in card.moves
        ],
        "clocks": [
            {"kind": kind, "step": step or None, "due_at": _when(desk, due), "outcome": outcome}
            for kind, step, due, outcome in card.clocks
        ],
        "people": [{"name": name, "part": part} for name, part in card.people],
        "readers": [{"name": name, "writing": writing, "at": iso(at, zone)} for name, writing, at in card.readers],
        "links": [{"of": of, "target": target, "title": title} for of, target, title in card.links],
        "events": [
            {"at": iso(one.at, zone), "kind": one.kind, "who": one.who, "text": one.text, "facts": dict(one.facts)}
            for one in card.events
        ],
    }


def _drawn(call: "Call", desk: "Desk", card: "TicketCard") -> str:
    """A ticket for people."""
    from kefu_tui.text import clean, clock_of_day, day, one_line

    row, now, zone, say = card.row, desk.now(), desk.zone(), call.say
    lines = [
        f"{one_line(row.title)}",
        f"{row.kind}  {row.state}  P{row.priority}  {one_line(row.customer)}  "
        + (one_line(row.assignee) or say("没人经办", "nobody")),
    ]
    if due := _when(desk, row.due):
        lines.append(say(f"到期 {due}", f"due {due}"))
    if card.readers:
        names = [
            one_line(name) + (say("（在写）", " (writing)") if writing else "") for name, writing, _ in card.readers
        ]
        lines.append(say(f"现在看的：{'、'.join(names)}", f"here now: {', '.join(names)}"))
    lines += ["", say("字段", "Fields")]
    lines += [
        f"  {'*' if one.required else ' '} {one.name}: {one_line(one.shown) or '-'}  ({one.id})" for one in card.fields
    ]
    if card.steps:
        lines += ["", say("步骤", "Steps")]
        lines += [f"  [{'x' if one.done else ' '}] {one.name}  {one_line(one.owner)}  ({one.id})" for one in card.steps]
    if card.moves:
        lines += ["", say("下一步", "Moves")]
        lines += [f"  {one.id}: {one.name} > {one.to}{f'  {one.why}' if one.why else ''}" for one in card.moves]
    if card.links or card.people:
        lines += ["", say("关联和参与", "Links and people")]
        lines += [f"  {of}  {one_line(title or target)}" for of, target, title in card.links]
        lines += [f"  {one_line(name)}  {part}" for name, part in card.people]
    lines += ["", say("经过", "History")]
    for one in card.events:
        at = f"{day(one.at, now, zone, call.lang)} {clock_of_day(one.at, zone)}"
        facts = "  ".join(f"{name}={one_line(value)}" for name, value in one.facts.items() if value)
        lines.append(f"  {at}  {one_line(one.who)}  {one.kind}  {facts}".rstrip())
        lines += [f"      {line}" for line in clean(one.text, newlines=True).splitlines()]
    return "\n".join(lines) + "\n"

"""route: why a conversation went to whom, the waiting line, how evenly work is given; presence, skills, distribution."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.verbs import Id
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk
    from kefu_tui.desk.routes import Because

route = Commands("派单：给谁、为什么。", "Routing: to whom, and why.")

Group = Annotated[str, typer.Option("--group", metavar="NAME", help=both("哪个组", "the group"))]
Agent = Annotated[
    str | None,
    typer.Option(
        "--agent",
        metavar="LOGIN",
        help=both("谁（组长替同事）；不写是自己", "who (leads for colleagues); oneself without"),
    ),
]
WAITING = (
    column(both("位", "place"), "place"),
    Column(both("会话", "conversation"), lambda row: row["id"][-8:]),
    column(both("客户", "customer"), "customer"),
    column(both("类别", "kind"), "kind"),
    Column(both("VIP", "VIP"), lambda row: "V" if row["vip"] else ""),
    column(both("从", "since"), "since"),
    column(both("到期", "due"), "due_at"),
)
SHARES = (
    column(both("谁", "agent"), "agent"),
    column(both("状态", "presence"), "presence"),
    column(both("在手", "load"), "load"),
    column(both("最多", "capacity"), "capacity"),
    column(both("给过", "offered"), "offered"),
    column(both("接了", "taken"), "taken"),
    column(both("没接", "passed"), "passed"),
)


@route.verb(
    "explain",
    "一个会话为什么给了谁，现在会给谁。",
    "Why a conversation was offered to whom, and to whom it would be now.",
)
def explain(ctx: typer.Context, id: Id) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        told = routes.explain(desk, finding.conversation(desk, id))
        zone = desk.zone()
        row = {
            "offers": [
                {"agent": one.agent, "at": iso(one.at, zone), "answer": one.answer, "because": _told(one.because)}
                for one in told.offers
            ],
            "now": _told(told.now),
            "position": told.position,
            "waiting": told.waiting,
        }
        lines = []
        for one in told.offers:
            lines.append(f"{iso(one.at, zone)}  {one.agent}  {one.answer or call.say('还在等', 'stands')}")
            lines += [f"  {'+' if each.fit else '-'} {each.agent}  {each.why}" for each in one.because]
        if told.now:
            lines.append(
                call.say(
                    f"现在（第 {told.position} 位，共 {told.waiting} 位）",
                    f"Now (place {told.position} of {told.waiting})",
                )
            )
            lines += [f"  {'+' if each.fit else '-'} {each.agent}  {each.why}" for each in told.now]
        if not lines:
            lines = [call.say("没有派过，也不在等。", "It was not offered and does not wait.")]
        call.one(row, text="\n".join(lines) + "\n")


@route.verb("line", "等候的队伍，VIP 在前，其次先到期的。", "The waiting line: VIP first, then who breaches first.")
def line(ctx: typer.Context, group: Group = "default") -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        zone = desk.zone()
        rows: list[dict[str, Any]] = [
            {
                "place": place,
                "id": one.conversation_id,
                "customer": one.customer,
                "kind": one.kind,
                "vip": one.vip,
                "priority": one.priority,
                "since": iso(one.since, zone),
                "due_at": iso(one.due_at, zone) if one.due_at is not None else None,
            }
            for place, one in enumerate(routes.waiting_line(desk, _group(desk, group)), start=1)
        ]
        call.rows(rows, WAITING, empty=("没有人在等。", "No one is waiting."))


@route.verb("shares", "今天给了谁多少，匀不匀。", "What each agent was given today, and how evenly.")
def shares(ctx: typer.Context, group: Group = "default") -> None:
    from kefu_tui.desk import routes
    from kefu_tui.now import DAY
    from kefu_tui.rules.calendar import local_us, utc_us

    call = here(ctx)
    with call.desk() as desk:
        midnight = utc_us(local_us(desk.now(), desk.zone()) // DAY * DAY, desk.zone())
        rows, even = routes.shares(desk, _group(desk, group), midnight)
        call.rows([dict(row._asdict()) for row in rows], SHARES)
        call.tell(
            f"最多的是平均的 {even.most:.2f} 倍，最少的 {even.least:.2f} 倍，基尼系数 {even.gini:.2f}。",
            f"The most is {even.most:.2f} times the mean, the least {even.least:.2f}; Gini {even.gini:.2f}.",
        )


@route.verb(
    "mode", "一个组派单（push）还是自己接（pull）。", "Whether work is offered in a group (push) or taken (pull)."
)
def mode(
    ctx: typer.Context,
    how: Annotated[
        Literal["push", "pull"], typer.Argument(metavar="push|pull", help=both("派单，或自己接", "offered, or taken"))
    ],
    group: Group = "default",
) -> None:
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        call.outcome(routes.set_distribution(desk, _group(desk, group), how == "push").result())


@route.verb(
    "presence",
    "在线、忙、离开、离线；派单只给在线的。",
    "Online, busy, away, offline; work is offered to those who are online.",
)
def presence(
    ctx: typer.Context,
    how: Annotated[
        Literal["online", "busy", "away", "offline"],
        typer.Argument(metavar="online|busy|away|offline", help=both("状态", "the state")),
    ],
    agent: Agent = None,
) -> None:
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        whom = finding.colleague(desk, agent, "agent").id if agent else None
        call.outcome(routes.set_presence(desk, how, whom).result())


@route.verb(
    "skills",
    "同事会什么：会话类别、语言；全部写上。",
    "What a colleague is good at: kinds of conversation, languages; all of it.",
)
def skills(
    ctx: typer.Context,
    agent: Annotated[str, typer.Argument(metavar="LOGIN", help=both("谁", "who"))],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SKILL",
            help=both("如 complaint、technical、en；不写是都不会", "such as complaint, technical, en; none without"),
        ),
    ] = None,
) -> None:
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        whom = finding.colleague(desk, agent, "agent").id
        call.outcome(routes.set_skills(desk, whom, tuple(names or ())).result())


@route.verb(
    "shift",
    "同事的班次：不写是看，off 是按组里的时间。",
    "A colleague's own hours: shown, set, or, with off, those of the group.",
)
def shift(
    ctx: typer.Context,
    agent: Annotated[str, typer.Argument(metavar="LOGIN", help=both("谁", "who"))],
    hours: Annotated[
        str,
        typer.Argument(
            metavar="HOURS",
            help=both("如 'daily 09:00-17:00; sat off'", "such as 'daily 09:00-17:00; sat off'"),
        ),
    ] = "",
) -> None:
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        whom = finding.colleague(desk, agent, "agent").id
        if hours:
            call.outcome(routes.set_shift(desk, whom, "" if hours == "off" else hours).result())
            return
        own = routes.shift(desk, whom)
        call.one({"agent": agent, "hours": own or None}, {"agent": both("谁", "who"), "hours": both("班次", "hours")})


@route.verb("pass", "派给我的，给下一个。", "What was offered to me goes to the next.")
def pass_(ctx: typer.Context, id: Id) -> None:
    from kefu_tui.desk import routes

    call = here(ctx)
    with call.desk() as desk:
        call.outcome(routes.pass_on(desk, finding.conversation(desk, id)).result())


def _group(desk: "Desk", name: str) -> str:
    return finding.colleague(desk, name, "group").id


def _told(because: "list[Because]") -> list[dict[str, Any]]:
    return [{"agent": one.agent, "fit": one.fit, "why": one.why} for one in because]

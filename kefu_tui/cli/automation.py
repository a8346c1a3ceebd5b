"""automation: rules that act by themselves: listed, checked, rehearsed on what was, switched; what they did, taken back."""

import pathlib
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli import finding
from kefu_tui.cli.call import here, told_text
from kefu_tui.cli.errors import REFUSED, Stop, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import Column, column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk
    from kefu_tui.desk.automation import RuleRow, RunRow
    from kefu_tui.desk.rehearsing import Rehearsal

automation = Commands("自动规则：什么时候做什么。", "Automation rules: what is done by itself, and when.")

Name = Annotated[str, typer.Argument(metavar="NAME", help=both("规则，如 off_hours", "the rule, such as off_hours"))]
Body = Annotated[str, typer.Argument(metavar="NAME|FILE", help=both("规则，或 TOML 文件", "the rule, or a TOML file"))]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help=both("记录的编号（6 位以上）", "6 or more characters of the run's id"))
]
RULES = (
    column(both("规则", "rule"), "name"),
    column(both("名称", "title"), "title"),
    column(both("开", "on"), "on"),
    column(both("顺序", "order"), "order", right=True),
    column(both("7 天里", "7 days"), "runs", right=True),
    column(both("没做成", "refused"), "refused", right=True),
    column(both("最近", "last"), "last_at"),
)
RUNS = (
    Column(both("编号", "id"), lambda row: row["id"][-8:]),
    column(both("什么时候", "at"), "at"),
    column(both("规则", "rule"), "rule"),
    column(both("客户", "customer"), "customer"),
    column(both("怎样", "state"), "state"),
    Column(both("做了", "did"), lambda row: " / ".join(row["did"]) or row["why"]),
    column(both("外发", "post"), "post"),
)
CASES = (
    column(both("什么时候", "at"), "at"),
    column(both("客户", "customer"), "customer"),
    column(both("因为", "event"), "event"),
    column(both("说了", "text"), "text"),
)


@automation.verb("list", "全部规则，按问的顺序。", "Every rule, in the order in which they are asked.")
def list_(ctx: typer.Context) -> None:
    from kefu_tui.cli.times import iso

    call = here(ctx)
    with call.desk() as desk:
        zone = desk.zone()
        rows: list[dict[str, Any]] = [
            {
                "id": row.id,
                "name": row.name,
                "title": row.title,
                "on": row.since is not None,
                "since": iso(row.since, zone),
                "halted_at": iso(row.halted_at, zone),
                "order": row.position,
                "runs": row.runs,
                "refused": row.refused,
                "last_at": iso(row.last_at, zone),
            }
            for row in desk.automation.all()
        ]
    call.rows(rows, RULES, empty=("没有规则。", "No rules."))


@automation.verb("show", "一条规则：文件和白话。", "A rule: its file, and in words.")
def show(ctx: typer.Context, name: Name) -> None:
    from kefu_tui.rules.automation import parse
    from kefu_tui.rules.automation_words import conditions

    call = here(ctx)
    with call.desk() as desk:
        row = _named(desk, name)
        rule = parse(row.body)
        when, does = conditions(rule, call.lang), rule.does(call.lang)
        told = {
            "name": row.name,
            "title": row.title,
            "on": row.since is not None,
            "order": row.position,
            "when": when,
            "do": does,
            "body": row.body,
        }
        words = "\n".join([f"{row.title}", *(f"  {one}" for one in when), *(f"  → {one}" for one in does)])
        call.one(told, text=f"{words}\n\n{row.body.rstrip()}\n")


@automation.verb("check", "查一条规则能不能用。", "Check whether a rule can be used.")
def check(ctx: typer.Context, body: Body) -> None:
    from kefu_tui.rules.automation import parse
    from kefu_tui.rules.automation_words import conditions

    call = here(ctx)
    with call.desk() as desk:
        text = _checked(desk, body)
        rule = parse(text)
        when, does = conditions(rule, call.lang), rule.does(call.lang)
        call.one(
            {"name": rule.name, "when": when, "do": does},
            {"name": both("规则", "rule"), "when": both("什么时候", "when"), "do": both("做什么", "does")},
        )


@automation.verb(
    "test",
    "在过去几天上试一条规则，什么都不动：会做几次，对谁做。",
    "Rehearse a rule on the last days without touching anything: how often it would have acted, on whom.",
)
def rehearse(
    ctx: typer.Context,
    body: Body,
    days: Annotated[
        int, typer.Option("--days", min=1, max=365, metavar="N", help=both("最近几天", "of the last days"))
    ] = 7,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=200, metavar="N", help=both("列出几次", "how many cases are told"))
    ] = 20,
) -> None:
    from kefu_tui.cli.times import iso

    call = here(ctx)
    with call.desk() as desk:
        text = _checked(desk, body)
        told = _rehearsed(call, desk, text, days)
        zone = desk.zone()
    cases = [
        {
            "at": iso(one.at, zone),
            "conversation_id": one.conversation_id,
            "customer": one.customer,
            "event": one.event,
            "text": one.text,
        }
        for one in told.cases[:limit]
    ]
    call.tell(*_said(told, days))
    if call.format == "table":
        call.rows([{**row, "text": (row["text"] or "")[:40]} for row in cases], CASES)
        return
    call.one(
        {
            "days": days,
            "events": told.events,
            "fired": told.fired,
            "conversations": told.conversations,
            "braked": told.braked,
            "by_day": told.by_day,
            "kept_by": told.kept_by,
            "taken_as_held": told.taken_as_held,
            "not_recorded": told.unknown,
            "cases": cases,
        }
    )


@automation.verb(
    "set", "存一条规则；新的是关着的。- 读标准输入。", "Save a rule; a new one is off. - reads standard input."
)
def set_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=both("TOML 文件", "a TOML file"))],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.automation.save(told_text("-") if file == "-" else _file(file)).result())


@automation.verb("on", "打开一条规则：从现在起的事它才管。", "Switch a rule on: it acts on what happens from now on.")
def on(ctx: typer.Context, name: Name) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.automation.switch(_named(desk, name).id, True).result())


@automation.verb("off", "关上一条规则。", "Switch a rule off.")
def off(ctx: typer.Context, name: Name) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.automation.switch(_named(desk, name).id, False).result())


@automation.verb("remove", "删掉一条规则；它做过的还在记录里。", "Remove a rule; what it did stays in the record.")
def remove(ctx: typer.Context, name: Name) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.automation.remove(_named(desk, name).id).result())


@automation.verb(
    "run", "现在就对一个会话做一遍，不看条件。", "Let a rule act on a conversation now, whatever its conditions."
)
def run(
    ctx: typer.Context,
    name: Name,
    id: Annotated[str, typer.Argument(metavar="ID", help=both("会话编号", "the conversation"))],
) -> None:
    call = here(ctx)
    with call.desk() as desk:
        conversation = finding.conversation(desk, id)
        call.outcome(desk.automation.run(_named(desk, name).id, conversation).result())


@automation.verb("log", "规则做过什么，新的在前。", "What rules did, the newest first.")
def log(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("只看这条规则", "only this rule"))] = "",
    conversation: Annotated[
        str, typer.Option("--conversation", metavar="ID", help=both("只看这个会话", "only this conversation"))
    ] = "",
    failed: Annotated[
        bool, typer.Option("--failed", help=both("只看没做成的", "only what was refused or not posted"))
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="N", help=both("最多几条", "at most so many"))
    ] = 50,
) -> None:
    from kefu_tui.cli.times import iso

    call = here(ctx)
    with call.desk() as desk:
        zone = desk.zone()
        found = desk.automation.log(
            _named(desk, name).id if name else "",
            conversation_id=finding.conversation(desk, conversation) if conversation else "",
            refused=failed,
            limit=limit,
        )
        rows = [
            {
                "id": one.id,
                "at": iso(one.at, zone),
                "rule": one.rule,
                "conversation_id": one.conversation_id,
                "customer": one.customer,
                "event": one.event,
                "state": one.state,
                "did": one.did,
                "why": one.why,
                "by": one.by,
                "post": one.hook_state,
            }
            for one in found
        ]
    call.rows(rows, RUNS, empty=("规则还没做过什么。", "Rules have done nothing yet."))


@automation.verb(
    "undo", "撤回规则做的一次；对客户说过的收不回。", "Take back what a rule did; what was said stays said."
)
def undo(ctx: typer.Context, run: Run) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.automation.undo(_run(desk, run)).result())


@automation.verb("retry", "没做成的再试一次。", "Try again what was refused or could not be posted.")
def retry(ctx: typer.Context, run: Run) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.outcome(desk.automation.retry(_run(desk, run)).result())


def _named(desk: "Desk", name: str) -> "RuleRow":
    found = desk.automation.one(name)
    if found is None:
        known = ", ".join(row.name for row in desk.automation.all())
        raise not_found(f"没有规则 {name}。有：{known}", f"There is no rule {name}. There are: {known}")
    return found


def _run(desk: "Desk", id: str) -> "RunRow":
    found = [one for one in desk.automation.log(limit=10_000) if len(id) >= 6 and (one.id == id or one.id.endswith(id))]
    if len(found) != 1:
        raise not_found(f"记录里没有 {id}。", f"There is no run {id}.")
    return found[0]


def _body(desk: "Desk", told: str) -> str:
    return _file(told) if told.endswith(".toml") or "/" in told else _named(desk, told).body


def _checked(desk: "Desk", told: str) -> str:
    """A rule that can be used."""
    text = _body(desk, told)
    if troubles := desk.automation.troubles(text):
        raise Stop(REFUSED, "automation", f"{told}：{troubles[0].zh}", f"{told}: {troubles[0].en}")
    return text


def _file(name: str) -> str:
    try:
        return pathlib.Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(REFUSED, "file", f"{name} 读不了：{error}", f"{name} cannot be read: {error}") from None


def _rehearsed(call: "Call", desk: "Desk", body: str, days: int) -> "Rehearsal":
    from rich.console import Console
    from rich.progress import Progress

    quiet = call.quiet or not sys.stderr.isatty()
    with Progress(transient=True, disable=quiet, console=Console(stderr=True)) as shown:
        task = shown.add_task(call.say("试", "Rehearsing"), total=None)

        def progress(done: int, total: int) -> bool:
            shown.update(task, completed=done, total=total)
            return True

        return desk.automation.rehearse(body, days, progress)


def _said(told: "Rehearsal", days: int) -> tuple[str, str]:
    from kefu_tui.desk.rehearsing import sentence

    return sentence(told, days, "zh"), sentence(told, days, "en")

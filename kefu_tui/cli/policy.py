"""policy: versions in force and planned, a file checked, set and taken back; when a clock falls due."""

import pathlib
import sys
import time
import tomllib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.output import column
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from rich.console import Console

    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk

VERSIONS = (
    column(both("编号", "id"), "id"),
    column(both("名称", "name"), "name"),
    column(both("状态", "state"), "state"),
    column(both("生效", "effective"), "effective_at"),
    column(both("谁设的", "set by"), "set_by"),
    column(both("在走的钟", "clocks"), "clocks"),
    column(both("改了到期的", "moved"), "moved"),
)
CLOCKS = (
    column(both("钟", "clock"), "clock"),
    column(both("目标", "target"), "target"),
    column(both("日历", "calendar"), "calendar"),
    column(both("提醒在", "warns after"), "warn"),
    column(both("开始", "starts"), "start"),
)

policy = Commands("服务时限。", "Service policies.")

TITLES = {
    "clock": both("时限", "clock"),
    "started_at": both("开始", "started"),
    "warn_at": both("提醒", "warn"),
    "due_at": both("到期", "due"),
    "calendar": both("日历", "calendar"),
    "known": both("已知", "known"),
}


@policy.verb("due", "一个时限什么时候到期。", "When a clock falls due.")
def due(
    ctx: typer.Context,
    clock: Annotated[
        str,
        typer.Argument(
            metavar="CLOCK", help=both("时限，如 first_response_chat", "the clock, such as first_response_chat")
        ),
    ],
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help=both("开始的时间（ISO 8601）", "when it starts (ISO 8601)"))
    ],
    policy: Annotated[
        str,
        typer.Option(
            "--policy",
            metavar="NAME",
            help=both("时限方案：standard、strict，或 TOML 文件", "the policy: standard, strict, or a TOML file"),
        ),
    ] = "standard",
    pause: Annotated[
        list[str] | None,
        typer.Option(
            "--pause",
            metavar="FROM/TO",
            help=both(
                "停表的一段，可写多次；TO 空着是还在停", "a pause, more than once if wanted; an empty TO still lasts"
            ),
        ),
    ] = None,
) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.rules.clocks import PolicyError, parse_policy
    from kefu_tui.rules.clocks import due as fall_due

    call = here(ctx)
    body = _toml(policy)
    try:
        rules = parse_policy(body)
        started = _time(at, "--at", rules.zone)
        told = fall_due(rules, clock, started, [_pause(one, rules.zone) for one in pause or ()])
    except PolicyError as error:
        raise Stop(REFUSED, "policy", f"时限方案：{error}", f"Policy: {error}") from None
    call.one(
        {
            "clock": clock,
            "started_at": iso(told.started_at, rules.zone),
            "warn_at": iso(told.warn_at, rules.zone),
            "due_at": iso(told.due_at, rules.zone),
            "calendar": told.calendar,
            "known": told.known,
        },
        TITLES,
    )


@policy.verb("list", "在用的和排上的时限方案。", "The policies in force, before, and planned.")
def list_(ctx: typer.Context) -> None:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk.policies import versions

    call = here(ctx)
    with call.desk() as desk:
        zone = desk.zone()
        rows: list[dict[str, Any]] = [
            {
                "id": row.id[-8:],
                "name": row.name,
                "state": row.state,
                "effective_at": iso(row.effective_at, zone) if row.effective_at else None,
                "set_by": row.set_by,
                "clocks": row.clocks,
                "moved": row.moved,
                "total": row.total,
            }
            for row in versions(desk)
        ]
    call.rows(rows, VERSIONS, empty=("还没有时限方案。", "No policy yet."))


@policy.verb("show", "一份时限方案的每个钟。", "Every clock of a policy.")
def show(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help=both(
                "standard、strict、TOML 文件；不写是在用的", "standard, strict, a TOML file; without, the one in force"
            ),
        ),
    ] = "",
) -> None:
    from kefu_tui.rules.policy import PolicyError, parse_policy
    from kefu_tui.text import countdown

    call = here(ctx)
    if name:
        told = _toml(name)
    else:
        from kefu_tui.desk.policies import body_in_force

        with call.desk() as desk:
            told = body_in_force(desk)
    try:
        rules = parse_policy(told)
    except PolicyError as error:
        raise Stop(REFUSED, "policy", f"时限方案：{error}", f"Policy: {error}") from None
    rows: list[dict[str, Any]] = [
        {
            "clock": kind,
            "target": told["clock"][kind]["target"],
            "calendar": rule.calendar,
            "warn": countdown(rule.warn * rule.target / 1e6, lang=call.lang),
            "start": rule.start or None,
            "stop": sorted(rule.stop),
            "pause": sorted(rule.pause),
        }
        for kind, rule in rules.clocks.items()
    ]
    call.rows(rows, CLOCKS)


@policy.verb("check", "查一份时限方案能不能用。", "Check whether a policy can be used.")
def check(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help=both("TOML 文件，或 standard、strict", "a TOML file, or standard, strict")),
    ],
) -> None:
    from kefu_tui.now import system_now
    from kefu_tui.rules.entering import parse_entering
    from kefu_tui.rules.policy import PolicyError, lacks
    from kefu_tui.rules.sections import parse_whole

    call = here(ctx)
    told = _toml(file)
    try:
        rules, entering = parse_whole(told), parse_entering(told.get("entering", {}))
    except PolicyError as error:
        raise Stop(REFUSED, "policy", f"{file}：{error}", f"{file}: {error}") from None
    found = lacks(rules, system_now())
    call.one(
        {
            "name": rules.name,
            "zone": rules.zone,
            "clocks": len(rules.clocks),
            "groups": sorted(rules.groups),
            "announced": sorted(rules.calendar.announced),
            "entering": told.get("entering", {}).get("leave_after", "10m") if entering.open else None,
            "lacks": [en if call.lang == "en" else zh for zh, en in found],
        },
        {
            "name": both("名称", "name"), "zone": both("时区", "zone"), "clocks": both("钟", "clocks"),
            "groups": both("有自己时间的组", "groups with hours of their own"), "announced": both("已公布的年", "announced years"),
            "entering": both("客户进来就算开始，没说话多久算走", "begins when a customer comes in, gone after"),
            "lacks": both("还缺", "lacks"),
        },
    )  # fmt: skip


@policy.verb(
    "set",
    "启用一份时限方案，从现在或某一天起；在走的钟按它重算。",
    "Put a policy in force, now or from a day on; running clocks are computed anew.",
)
def set_(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help=both("TOML 文件，或 standard、strict", "a TOML file, or standard, strict")),
    ],
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help=both("从什么时候起（ISO 8601）", "from when on (ISO 8601)")),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help=both("等到在走的钟都重算完，显示进度", "wait until all clocks are computed, with progress")
        ),
    ] = False,
) -> None:
    from kefu_tui.desk.policies import plan
    from kefu_tui.rules.policy import PolicyError
    from kefu_tui.rules.sections import parse_whole

    call = here(ctx)
    body = _toml(file)
    try:
        rules = parse_whole(body)
    except PolicyError as error:
        raise Stop(REFUSED, "policy", f"{file}：{error}", f"{file}: {error}") from None
    with call.desk() as desk:
        moment = _time(start, "--from", rules.zone) if start else 0
        id, outcome = plan(desk, rules.name, body, moment)
        if wait and not start:
            _watch(call, desk, id)
        call.outcome(outcome, ("id", id[-8:]))


@policy.verb("drop", "撤下一份还没生效的时限方案。", "Take back a policy that is not in force yet.")
def drop(
    ctx: typer.Context,
    id: Annotated[
        str, typer.Argument(metavar="ID", help=both("方案的编号（6 位以上）", "6 or more characters of its id"))
    ],
) -> None:
    from kefu_tui.desk import policies

    call = here(ctx)
    with call.desk() as desk:
        found = [
            row.id for row in policies.versions(desk) if len(id) >= 6 and (row.id.startswith(id) or row.id.endswith(id))
        ]
        if len(found) != 1:
            raise not_found(f"没有方案 {id}。", f"There is no policy {id}.")
        call.outcome(policies.drop(desk, found[0]))


def clocks_of(policy: str) -> frozenset[str]:
    """The kinds of clock that a policy has."""
    from kefu_tui.rules.policy import PolicyError, parse_policy

    try:
        return frozenset(parse_policy(_toml(policy)).clocks)
    except PolicyError as error:
        raise Stop(REFUSED, "policy", f"{policy}：{error}", f"{policy}: {error}") from None


def _watch(call: "Call", desk: "Desk", id: str) -> None:
    """Syncs and shows how far the clocks are, until all are computed."""
    from rich.progress import Progress

    from kefu_tui.desk.level import sync_once
    from kefu_tui.desk.policies import versions

    with Progress(transient=True, disable=call.quiet or not sys.stderr.isatty(), console=_console()) as shown:
        task = shown.add_task(call.say("重算在走的钟", "Computing running clocks"), total=None)
        while True:
            sync_once(desk)
            row = next((one for one in versions(desk) if one.id == id), None)
            if row is None or row.finished:
                return
            shown.update(task, total=row.total or None, completed=row.clocks)
            time.sleep(0.2)


def _console() -> "Console":
    from rich.console import Console

    return Console(stderr=True)


def _toml(policy: str) -> dict[str, Any]:
    path = _file(policy)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Stop(REFUSED, "policy", f"{path} 读不了：{error}", f"{path} cannot be read: {error}") from None


def _file(policy: str) -> pathlib.Path:
    from kefu_tui.config import box

    if policy.endswith(".toml"):
        path = pathlib.Path(policy)
    else:
        path = box("policies", f"{policy}.toml") if policy.isidentifier() else pathlib.Path()
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in box("policies").glob("*.toml")))
        raise not_found(
            f"没有时限方案 {policy}：{known}，或一个 TOML 文件。",
            f"There is no policy {policy}: {known}, or a TOML file.",
        )
    return path


def _pause(text: str, zone: str) -> tuple[int, int | None]:
    begin, slash, end = text.partition("/")
    if not slash:
        raise misused(f"--pause 要写成 FROM/TO，不是 {text!r}。", f"--pause is FROM/TO, not {text!r}.")
    return _time(begin, "--pause", zone), _time(end, "--pause", zone) if end else None


def _time(text: str, option: str, zone: str) -> int:
    from kefu_tui.cli.times import moment

    told = moment(text, zone)
    if told is None:
        raise misused(
            f"{option}：{text!r} 不是时间（2026-02-15T09:00:00+08:00）。",
            f"{option}: {text!r} is no time (2026-02-15T09:00:00+08:00).",
        )
    return told

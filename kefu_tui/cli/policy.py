"""policy: when a clock falls due by a service policy."""

import pathlib
import tomllib
from typing import Annotated

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

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
    path = _file(policy)
    try:
        rules = parse_policy(tomllib.loads(path.read_text(encoding="utf-8")))
        started = _time(at, "--at", rules.zone)
        told = fall_due(rules, clock, started, [_pause(one, rules.zone) for one in pause or ()])
    except PolicyError as error:
        raise Stop(REFUSED, "policy", f"时限方案：{error}", f"Policy: {error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Stop(REFUSED, "policy", f"{path} 读不了：{error}", f"{path} cannot be read: {error}") from None
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

"""report: figures of the work, each with its definition beside it."""

from typing import Annotated, Any, Literal

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import misused, not_found
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

report = Commands("报表。", "Reports.")

TITLES = {
    "platform": both("按谁算", "definition"), "name": both("叫什么", "name"), "share": both("回复率", "rate"),
    "in_time": both("按时", "in time"), "late": both("超时", "late"), "waiting": both("还在等", "waiting"),
    "target": both("目标", "target"), "may_be_late": both("还可超时", "more may be late"),
    "next_breach": both("下一个超时", "next breach"), "unit": both("单位", "unit"), "window": both("时段", "hours"),
    "days": both("天数", "days"), "threshold_s": both("时限（秒）", "threshold, s"), "source": both("口径", "source"),
    "confirmed": both("已核实", "confirmed"),
}  # fmt: skip


@report.verb(
    "reply-rate",
    "回复率，按平台的口径；还可以慢几轮。",
    "The reply rate as a platform counts it, and how many more may be late.",
)
def reply_rate(
    ctx: typer.Context,
    platform: Annotated[
        str,
        typer.Option(
            "--platform",
            metavar="NAME",
            help=both("按谁的口径：standard、taobao、douyin、kuaishou、jd、pinduoduo", "whose definition"),
        ),
    ] = "standard",
    who: Annotated[
        Literal["mine", "group"],
        typer.Option("--who", metavar="mine|group", help=both("我的，还是全组的", "mine, or those of the groups")),
    ] = "mine",
    day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help=both("哪一天，不写是今天", "the day; today without"))
    ] = None,
) -> None:
    from kefu_tui.cli.times import iso, moment
    from kefu_tui.desk import reply_rate as figures
    from kefu_tui.rules.reply_rate import PlatformError

    call = here(ctx)
    with call.desk() as desk:
        at = None
        if day is not None and (at := moment(day, desk.zone())) is None:
            raise misused(f"--day：{day!r} 不是日期（2026-11-26）。", f"--day: {day!r} is no date (2026-11-26).")
        try:
            found = figures.reply_rate(desk, platform, who, at)
        except PlatformError as error:
            raise not_found(f"没有口径 {error}", f"There is no definition {error}") from None
        told, rate, zone = found.platform, found.rate, desk.zone()
        row: dict[str, Any] = {
            "platform": told.name,
            "name": told.title(call.lang),
            "since": iso(found.since, zone),
            "until": iso(found.until, zone),
            "share": round(rate.share, 4) if rate.share is not None else None,
            "in_time": rate.in_time,
            "late": rate.late,
            "waiting": rate.waiting,
            "target": float(told.target) if told.target is not None else None,
            "may_be_late": rate.may_be_late,
            "next_breach": iso(rate.next_breach[1], zone) if rate.next_breach else None,
            "next_conversation": rate.next_breach[0] if rate.next_breach else None,
            "unit": told.unit,
            "window": ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in told.window),
            "days": told.days,
            "threshold_s": told.threshold // 1_000_000,
            "source": told.source,
            "confirmed": told.confirmed,
        }
        call.one(row, TITLES)


SATISFACTION = {
    "days": both("天数", "days"), "rated": both("评价数", "scores"), "resolved": both("结束的会话", "resolved"),
    "mean": both("平均分", "mean"), "share_4_5": both("4 分和 5 分", "4 or 5"), "by_score": both("各分几次", "by score"),
}  # fmt: skip


@report.verb(
    "satisfaction",
    "客户评价：平均分，各分几次；看得到的会话。",
    "Scores that customers gave: their mean, how often each; of the conversations in sight.",
)
def satisfaction(
    ctx: typer.Context,
    days: Annotated[
        int, typer.Option("--days", min=1, max=3660, metavar="N", help=both("最近几天", "of the last days"))
    ] = 30,
) -> None:
    from kefu_tui.desk.closing import satisfaction as figures

    call = here(ctx)
    with call.desk() as desk:
        told = figures(desk, days)
    good = told.by_score[4] + told.by_score[5]
    call.one(
        {
            "days": days,
            "rated": told.rated,
            "resolved": told.resolved,
            "mean": round(told.mean, 2) if told.mean is not None else None,
            "share_4_5": round(good / told.rated, 4) if told.rated else None,
            "by_score": {str(score): many for score, many in told.by_score.items()},
        },
        SATISFACTION,
    )

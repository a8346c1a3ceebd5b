"""sync: push and pull until level, or tell how it stands."""

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kefu_tui.cli.call import here
from kefu_tui.cli.errors import REFUSED, SIGNED_OUT, Stop, misused, unreachable
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk
    from kefu_tui.sync.engine import Engine

app = Commands()

TITLES = {
    "state": both("状态", "state"),
    "pending": both("待发", "pending"),
    "held": both("扣下", "held"),
    "rejected": both("没做成", "rejected"),
    "oldest_pending_s": both("最早的待发（秒）", "oldest pending (s)"),
    "cursor": both("收到第", "cursor"),
    "head": both("后台到第", "head"),
    "loaded": both("首次载入（%）", "loaded (%)"),
    "compared": both("核对的行", "rows compared"),
    "mended": both("改过来的行", "rows mended"),
}
ELSEWHERE = Stop(
    REFUSED,
    "syncs-elsewhere",
    "另一个程序正在同步这份数据，它自己一直在核对。关掉它再来。",
    "Another process syncs this store, and compares by itself all the time. Close it, then try again.",
)
NOT_LEVEL = Stop(
    REFUSED,
    "not-level",
    "没能核对完：一直有新的变化，或者后台升级后还没有新的提交。过会儿再来。",
    "Not all was compared: something changes all the time, or nothing was committed since the backend was upgraded. Try later.",
)
STOPPED = {
    "needs-auth": Stop(
        SIGNED_OUT, "not-signed-in", "登录已失效，重新登录：kefu login", "Signed out. Sign in again: kefu login"
    ),
    "upgrade": Stop(
        REFUSED,
        "upgrade-required",
        "后台的版本对不上，请升级 kefu。",
        "The backend speaks another version. Upgrade kefu.",
    ),
    "forked": Stop(
        REFUSED,
        "device-forked",
        "这份数据的编号和后台对不上（拷过，或丢过一段），停了同步。重新登录就补发：kefu login",
        "This store was copied or lost its end, and no longer syncs. What waits is sent after: kefu login",
    ),
}
"""What keeps a desk from being level until a person acts."""


NOBODY = {
    "state": "needs-auth",
    "pending": 0,
    "held": 0,
    "rejected": 0,
    "oldest_pending_s": None,
    "cursor": 0,
    "head": 0,
    "loaded": 0,
}
"""How sync stands where nobody has ever signed in."""


@app.verb(
    "sync", "和后台同步到一致；--status 只看状态。", "Push and pull until level; --status only tells how it stands."
)
def sync(
    ctx: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help=both("同步到一致就结束（默认）", "until level, then end (the default)"))
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=both(
                "一致后再逐行和后台核对，不一样的改过来",
                "then compare every row with the backend's and mend what differs",
            ),
        ),
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help=both("只看状态，不联网", "only tell, without the network"))
    ] = False,
) -> None:
    from kefu_tui.desk import reads_cli
    from kefu_tui.desk.far import Unreachable
    from kefu_tui.desk.level import NotLevel, compare_all, sync_once

    call = here(ctx)
    compared: list[tuple[int, int]] = []
    if status and (once or check):
        raise misused("--status 要单独用。", "--status goes alone.")
    if status:
        if not call.home().exists():
            call.one(NOBODY, TITLES)
            return
        with call.desk(signed_in=False) as desk:
            call.one(stands(desk), TITLES)
        return
    with call.desk() as desk:
        backend = reads_cli.facts_of(desk).backend
        try:
            with _shown(call, desk) as moved:

                def compare(engine: "Engine") -> None:
                    for step in compare_all(engine) if check else ():
                        compared.append(step)
                        moved(None, sum(rows for rows, _ in compared))

                state = sync_once(desk, moved=moved, then=compare)
        except NotLevel:
            raise NOT_LEVEL from None
        except Unreachable as error:
            raise unreachable(backend, str(error)) from error
        if state in STOPPED:
            raise STOPPED[state]
        told = {**stands(desk), "state": state}
        if check and not compared and state == "online":
            raise ELSEWHERE
        if check:
            told |= {"compared": sum(rows for rows, _ in compared), "mended": sum(mended for _, mended in compared)}
        call.one(told, TITLES)


@contextlib.contextmanager
def _shown(call: "Call", desk: "Desk") -> "Iterator[Callable[..., None]]":
    """What is told of each step: where somebody looks on, how much of a first load is done, how many rows are compared."""
    from rich.console import Console
    from rich.progress import Progress

    quiet = call.quiet or not sys.stderr.isatty()
    with Progress(transient=True, disable=quiet, console=Console(stderr=True)) as bar:
        task = bar.add_task(call.say("首次载入", "Loading"), total=100, visible=False)

        comparing = bar.add_task("", total=None, visible=False)

        def moved(what: object, compared: int = 0) -> None:
            if compared:
                told = call.say(f"核对了 {compared:,} 行", f"{compared:,} rows compared")
                bar.update(comparing, description=told, visible=True)
                return
            loaded = desk.status().loaded
            bar.update(task, completed=loaded, visible=loaded < 100)

        yield moved


def stands(desk: "Desk") -> dict[str, Any]:
    """How sync stands: the last known state, offline where no process syncs now."""
    from kefu_tui.desk import reads_cli
    from kefu_tui.desk.level import syncing
    from kefu_tui.now import SECOND

    status = desk.status()
    state = status.state if reads_cli.signed_in(desk) else "needs-auth"
    if state in ("online", "polling") and not syncing(desk.store):
        state = "offline"
    oldest = status.oldest_pending_at
    return {
        "state": state,
        "pending": status.pending,
        "held": status.held,
        "rejected": status.rejected,
        "oldest_pending_s": None if oldest is None else max(0, (desk.now() - oldest) // SECOND),
        "cursor": status.cursor,
        "head": status.head,
        "loaded": status.loaded,
    }

"""serve, demo, up and seed: a backend, a practice shop, a small shop of one's own, a desk filled for tests."""

import pathlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kefu_tui.cli.call import can_ask, here
from kefu_tui.cli.errors import REFUSED, USAGE, Stop, misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.people import Database, data_folder
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from collections.abc import Callable

    from kefu_tui.cli.call import Call

app = Commands()

Data = Annotated[pathlib.Path | None, typer.Option("--data", metavar="DIR", help=both("数据文件夹", "the data folder"))]


@app.verb("serve", "开后台。", "Run a backend.")
def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help=both("地址", "the address"))] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            metavar="PORT",
            help=both("端口，0 是任一空闲的", "the port; 0 takes a free one"),
        ),
    ] = 8765,
    data: Data = None,
    database: Database = "",
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=1,
            max=64,
            metavar="N",
            help=both("几个进程一起开，要 PostgreSQL", "processes that serve together; needs PostgreSQL"),
        ),
    ] = 1,
) -> None:
    call = here(ctx)
    from kefu_tui.backend.database import DatabaseError
    from kefu_tui.backend.serve import ServeError
    from kefu_tui.backend.serve import serve as run

    def ready(url: str) -> None:
        call.write(f"kefu backend ready on {url}\n")

    try:
        run(data_folder(call, data), host, port, database=database, workers=workers, ready=ready)
    except ServeError as error:
        raise Stop(REFUSED, "cannot-listen", f"后台开不了：{error.zh}", error.en) from error
    except DatabaseError as error:
        raise Stop(REFUSED, "database", f"后台的数据打不开：{error.zh}", error.en) from error


@app.verb(
    "up",
    "在这台机器上开店：后台、账号、客户聊天页、工作台，数据都留着。",
    "A small shop on this machine: backend, account, chat page, workstation; its data is kept.",
)
def up(
    ctx: typer.Context,
    data: Data = None,
    stay: Annotated[
        bool, typer.Option("--stay", help=both("离开工作台后，后台继续开着", "leave the backend running afterwards"))
    ] = False,
) -> None:
    open_shop(here(ctx), data, stay)


def open_shop(call: "Call", data: pathlib.Path | None = None, stay: bool = False) -> None:
    """Opens the shop kept in a data folder, with a workstation in front."""
    from kefu_tui.demo.child import ChildFailed
    from kefu_tui.demo.run import DemoError
    from kefu_tui.demo.up import up as run

    need_terminal("kefu serve")
    try:
        run(data_folder(call, data), call.lang, stay, home_folder=call.folder)
    except (ChildFailed, DemoError) as error:
        raise _not_opened(error, "店开不了") from error


@app.verb(
    "demo",
    "练习：后台、写信的客户、工作台；--headless 是脚本来答。",
    "Practice: a backend, customers who write, the workstation; --headless: scripted agents answer.",
)
def demo(
    ctx: typer.Context,
    headless: Annotated[
        bool,
        typer.Option(
            "--headless",
            help=both("不开屏幕，脚本来答，最后给一份 JSON", "no screen, scripted agents, a JSON summary at the end"),
        ),
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", metavar="M", help=both("客户写几分钟", "minutes for which customers write")),
    ] = None,
    speed: Annotated[float, typer.Option("--speed", metavar="X", help=both("快几倍", "how many times faster"))] = 1.0,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help=both("同一个数，同样的故事", "the same number, the same story"))
    ] = 1,
    agents: Annotated[int, typer.Option("--agents", metavar="K", help=both("几位脚本客服", "scripted agents"))] = 2,
    dialogues: Annotated[
        pathlib.Path | None,
        typer.Option("--dialogues", metavar="FILE", help=both("真实对话（TSV）", "recorded dialogues (TSV)")),
    ] = None,
) -> None:
    call = here(ctx)
    practise(call, headless, minutes, speed, seed, agents, dialogues)


def practise(
    call: "Call",
    headless: bool = False,
    minutes: float | None = None,
    speed: float = 1.0,
    seed: int = 1,
    agents: int = 2,
    dialogues: pathlib.Path | None = None,
) -> None:
    """Runs the demo; without a screen its summary is the answer."""
    from kefu_tui.demo.run import DemoError, run_demo
    from kefu_tui.demo.story import StoryError

    if not headless:
        need_terminal("kefu demo --headless")
    try:
        told = run_demo(headless, minutes, speed, seed, agents, dialogues, call.lang)
    except (DemoError, StoryError) as error:
        raise _not_opened(error, "演示开不了") from error
    if headless:
        call.one(told, {name: name for name in told})


def _not_opened(error: Exception, zh: str) -> Stop:
    """A missing extra and a figure out of range are wrong usage, anything else is refused."""
    told = str(error)
    return Stop(
        USAGE if "pip install" in told or told.startswith("--") else REFUSED,
        "shop",
        f"{zh}：{getattr(error, 'zh', told)}",
        told,
    )


def need_terminal(instead: str) -> None:
    """Stops the call where there is no terminal to draw on, naming the command that needs none."""
    if not (can_ask() and sys.stdout.isatty()):
        raise misused(
            f"工作台要在终端里打开。脚本用 {instead}。", f"The workstation needs a terminal. Scripts use {instead}."
        )


@app.verb(
    "seed",
    "给测试造一张桌子：会话、消息、订单，不用后台。",
    "Fill a desk for tests: conversations, messages, orders; no backend needed.",
)
def seed(
    ctx: typer.Context,
    conversations: Annotated[
        int, typer.Option("--conversations", min=1, metavar="N", help=both("多少会话", "how many conversations"))
    ] = 1000,
    messages: Annotated[
        int | None,
        typer.Option(
            "--messages",
            min=1,
            metavar="M",
            help=both("多少消息；不写是会话的十倍", "how many messages; ten for each conversation without"),
        ),
    ] = None,
    orders: Annotated[
        int | None,
        typer.Option(
            "--orders",
            min=0,
            metavar="K",
            help=both("多少订单；不写是会话的一半", "how many orders; half of the conversations without"),
        ),
    ] = None,
    number: Annotated[
        int,
        typer.Option(
            "--seed", metavar="S", help=both("同一个数，同样的编号和时间", "the same number, the same ids and times")
        ),
    ] = 1,
    live: Annotated[
        float | None,
        typer.Option(
            "--live",
            metavar="N",
            help=both("不造，而是每秒改 N 处，到 Ctrl-C 为止", "fill nothing; make N changes a second until Ctrl-C"),
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", help=both("配 --live：几秒后停", "with --live: end after S seconds")),
    ] = None,
) -> None:
    from kefu_tui.demo.seed import SeedError
    from kefu_tui.demo.seed import seed as fill

    call = here(ctx)
    folder = call.home().folder
    try:
        if live is not None:
            told = _live(call, folder, live, seconds, number)
        else:
            told = fill(
                folder, conversations, conversations * 10 if messages is None else messages, orders, number,
                progress=_progress(call), ask=call.ask_passphrase(fresh=True), lang=call.lang,
            )  # fmt: skip
    except SeedError as error:
        raise Stop(REFUSED, "seed", f"造不了：{error.zh}", error.en) from error
    call.one(told, {name: name for name in told})


def _live(
    call: "Call", folder: pathlib.Path, per_second: float, seconds: float | None, number: int
) -> dict[str, object]:
    import signal
    import threading

    from kefu_tui.demo.live import live

    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda _, __: over.set())
    return {"changes": live(folder, per_second, seconds, number, stop=over.is_set, ask=call.ask_passphrase())}


def _progress(call: "Call") -> "Callable[[int, int], None]":
    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty() and not call.quiet:
            print(f"\r{done}/{total}", end="\n" if done >= total else "", file=sys.stderr, flush=True)

    return tell

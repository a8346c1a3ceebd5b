"""user and channel: who works here and how customers come in, written into a backend's data folder."""

import pathlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kefu_tui.cli.call import can_ask, first_line, here
from kefu_tui.cli.errors import REFUSED, Stop, misused
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.backend.service import Service
    from kefu_tui.cli.call import Call

user = Commands("后台的账号。", "Accounts of a backend.")
channel = Commands("客户从哪里来。", "Where customers come from.")

PLAIN_ZH = "没有设 KEFU_DATABASE_KEY：后台的数据库没有加密。"

Data = Annotated[
    pathlib.Path | None,
    typer.Option("--data", metavar="DIR", help=both("后台的数据文件夹", "data folder of the backend")),
]

Database = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="KEFU_DATABASE",
        show_envvar=False,
        help=both(
            "PostgreSQL：postgresql+psycopg://用户@主机/库，也可用 KEFU_DATABASE；不写是文件夹里的 SQLite",
            "PostgreSQL: postgresql+psycopg://user@host/db, also by KEFU_DATABASE; SQLite in the folder without",
        ),
    ),
]


@user.verb("add", "加一个账号；后台开着也可以。", "Add an account; safe while the backend runs.")
def add_user(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("账号", "login name"))],
    role: Annotated[
        Literal["agent", "lead", "admin", "auditor"],
        typer.Option("--role", metavar="agent|lead|admin|auditor", help=both("角色", "the role")),
    ] = "agent",
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="G",
            help=both("在哪个组，可写多次；不写是 default", "a group, more than once if wanted; default without"),
        ),
    ] = None,
    called: Annotated[
        str, typer.Option("--name", metavar="TEXT", help=both("显示的名字", "the name that is shown"))
    ] = "",
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help=both("密码从标准输入的第一行读", "password from the first line of standard input")
        ),
    ] = False,
    create_group: Annotated[
        bool, typer.Option("--create-group", help=both("没有的组就建", "make a group that is not there"))
    ] = False,
    data: Data = None,
    database: Database = "",
) -> None:
    call = here(ctx)
    from kefu_tui.backend.accounts import AccountError
    from kefu_tui.backend.accounts import add_user as add

    password = new_password(call, password_stdin)
    with _service(call, data, database) as service:
        try:
            agent_id = add(service, name, role, tuple(group or ()), password, name=called, create_group=create_group)
        except AccountError as error:
            raise Stop(REFUSED, "account", f"账号没有加上：{error.zh}", error.en) from error
    told = {"agent_id": agent_id, "login": name, "role": role, "groups": list(group or ["default"])}
    call.one(told, text=call.say(f"已加账号 {name}（{role}）\n", f"Added {name} ({role})\n"))


@channel.verb("add", "加一个渠道，密钥只显示这一次。", "Add a channel; its secret is shown this once.")
def add_channel(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("渠道名", "name of the channel"))],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help=both("种类：webhook 或 phone", "its kind: webhook or phone"))
    ] = "webhook",
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help=both("回复送到哪里", "where replies are posted"))
    ] = "",
    group: Annotated[
        str, typer.Option("--group", metavar="G", help=both("客户进哪个组", "group that its customers come to"))
    ] = "default",
    data: Data = None,
    database: Database = "",
) -> None:
    call = here(ctx)
    from kefu_tui.backend.channels_admin import ChannelError
    from kefu_tui.backend.channels_admin import add_channel as add

    with _service(call, data, database) as service:
        try:
            secret = add(service, name, kind, address=address, group=group)
        except ChannelError as error:
            raise Stop(REFUSED, "channel", f"渠道没有加上：{error.zh}", error.en) from error
    call.one(
        {"name": name, "kind": kind, "group": group, "secret": secret},
        {
            "name": both("渠道", "channel"),
            "kind": both("种类", "kind"),
            "group": both("组", "group"),
            "secret": both("密钥", "secret"),
        },
    )


def data_folder(call: "Call", told: pathlib.Path | None) -> pathlib.Path:
    """The backend's data folder: what was told, else where `kefu up` keeps its shop."""
    import platformdirs

    return told or platformdirs.user_data_path("kefu") / "shop"


def new_password(call: "Call", from_input: bool) -> str:
    """A password for a new account: from standard input, or asked for twice."""
    if from_input:
        return first_line()
    if not can_ask():
        raise misused(
            "没有终端可以问密码，用 --password-stdin。", "No terminal to ask for the password: use --password-stdin."
        )
    import getpass

    told = getpass.getpass(call.say("新账号的密码：", "Password for the new account: "), stream=sys.stderr)
    if told != getpass.getpass(call.say("再输一遍：", "Once more: "), stream=sys.stderr):
        raise Stop(REFUSED, "mismatch", "两次输入不一样。", "The two do not match.")
    return told


@contextmanager
def _service(call: "Call", data: pathlib.Path | None, database: str) -> "Iterator[Service]":
    from kefu_tui.backend.bootstrap import prepare
    from kefu_tui.backend.database import DatabaseError
    from kefu_tui.ids import Ids
    from kefu_tui.now import system_now

    try:
        service = prepare(
            data_folder(call, data), system_now, Ids(), url=database, say=lambda line: call.tell(PLAIN_ZH, line)
        )
    except DatabaseError as error:
        raise Stop(REFUSED, "database", f"后台的数据打不开：{error.zh}", error.en) from error
    try:
        yield service
    finally:
        service.close()

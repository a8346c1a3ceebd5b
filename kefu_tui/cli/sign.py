"""login, logout, whoami."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kefu_tui.cli.call import Call, can_ask, first_line, here
from kefu_tui.cli.errors import misused, unreachable, unusable
from kefu_tui.cli.grammar import Commands
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.desk import Desk

app = Commands()

ME = {
    "login": both("账号", "login"),
    "name": both("姓名", "name"),
    "role": both("角色", "role"),
    "groups": both("组", "groups"),
    "backend": both("后台", "backend"),
    "load": both("接待中", "open"),
    "capacity": both("上限", "capacity"),
    "home": both("文件夹", "folder"),
    "signed_in_until": both("登录有效到", "signed in until"),
}


@app.verb(
    "login", "登录到后台，记住它，先同步一次。", "Sign in to a backend, remember it, and sync for the first time."
)
def login(
    ctx: typer.Context,
    user: Annotated[str, typer.Option("--user", metavar="NAME", help=both("账号", "login name"))] = "",
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help=both("密码从标准输入的第一行读", "password from the first line of standard input")
        ),
    ] = False,
    backend: Annotated[
        str, typer.Option("--backend", metavar="URL", help=both("后台的地址", "address of the backend"))
    ] = "",
) -> None:
    call = here(ctx)
    sign_in(call, backend, user, password_stdin)
    with call.desk() as desk:
        call.one(_me(call, desk), ME)


def sign_in(call: Call, backend: str = "", user: str = "", password_stdin: bool = False) -> None:
    """Signs in and syncs once where the backend answers; asks a person for what was not told."""
    from kefu_tui.desk.far import Unreachable
    from kefu_tui.desk.level import sync_once

    home = call.home()
    fresh = not home.exists()
    owner, known = ("", "") if fresh else _remembered(call)
    backend = call.backend = _address(call, backend or call.backend or known)
    user = user or _asked(call, "账号：", "Login: ", "--user NAME")
    if owner not in ("", user):
        raise unusable("other-agent", owner)
    password = _password(call, password_stdin)
    try:
        home.sign_in(backend, user, password, call.lang, call.ask_passphrase(fresh=fresh))
    except Unreachable as error:
        raise unreachable(backend, str(error)) from error
    with call.desk() as desk:
        try:
            sync_once(desk)
        except Unreachable as error:
            call.tell(f"登录好了，第一次同步没有完成：{error}", f"Signed in; the first sync did not finish: {error}")


def _remembered(call: Call) -> tuple[str, str]:
    """Whose desk this is, and its backend."""
    from kefu_tui.desk import reads_cli

    store = call.home().open_store(call.ask_passphrase())
    try:
        return reads_cli.owner_of(store)
    finally:
        store.close()


def _address(call: Call, backend: str) -> str:
    backend = backend or _asked(call, "后台地址（http://…）：", "Backend (http://…): ", "--backend URL")
    if not backend.startswith(("http://", "https://")):
        raise misused(
            f"后台地址要以 http:// 或 https:// 开头，不是 {backend!r}。",
            f"A backend's address begins with http:// or https://, not {backend!r}.",
        )
    return backend.rstrip("/")


@app.verb(
    "logout", "退出登录；没发出去的留着，下次登录再发。", "Sign out; what is not sent yet is kept for the next sign-in."
)
def logout(ctx: typer.Context) -> None:
    call = here(ctx)
    from kefu_tui.desk.far import Refused, Unreachable

    with call.desk() as desk:
        login_name = desk.me().login
        pending = desk.status().pending
    try:
        call.home().sign_out(call.ask_passphrase())
    except (Refused, Unreachable):
        call.tell("后台没有答应，这台机器上已经退出。", "The backend did not answer; signed out on this machine.")
    if pending:
        call.tell(
            f"还有 {pending} 步没有发出，下次登录再发。",
            f"{pending} steps are not sent yet; they go at the next sign-in.",
        )
    call.one({"signed_out": login_name}, text=call.say(f"已退出：{login_name}\n", f"Signed out: {login_name}\n"))


@app.verb("whoami", "谁在这张桌子上。", "Who is signed in at this desk.")
def whoami(ctx: typer.Context) -> None:
    call = here(ctx)
    with call.desk() as desk:
        call.one(_me(call, desk), ME)


def _me(call: Call, desk: "Desk") -> dict[str, object]:
    from kefu_tui.cli.times import iso
    from kefu_tui.desk import reads_cli

    me, known = desk.me(), reads_cli.facts_of(desk)
    return {
        "login": me.login,
        "name": me.name,
        "role": known.role or me.role,
        "agent_id": me.id,
        "groups": list(known.groups),
        "backend": known.backend or None,
        "device_id": known.device_id,
        "load": me.load,
        "capacity": me.capacity,
        "home": str(call.home().folder),
        "signed_in_until": iso(known.token_expires_at or None, desk.zone()),
    }


def _password(call: Call, from_input: bool) -> str:
    if from_input:
        password = first_line()
    elif can_ask():
        import getpass

        password = getpass.getpass(call.say("密码：", "Password: "), stream=sys.stderr)
    else:
        raise misused(
            "没有终端可以问密码，用 --password-stdin。", "No terminal to ask for the password: use --password-stdin."
        )
    if not password:
        raise misused("密码是空的。", "The password is empty.")
    return password


def _asked(call: Call, zh: str, en: str, option: str) -> str:
    if not can_ask():
        raise misused(f"缺 {option}。", f"{option} is missing.")
    print(call.say(zh, en), end="", file=sys.stderr, flush=True)
    told = sys.stdin.readline().strip()
    if not told:
        raise misused(f"缺 {option}。", f"{option} is missing.")
    return told

"""`kefu up`: a small shop on one machine: asks for what is missing, keeps its data, ends with the workstation."""

import getpass
import json
import os
import pathlib
import sys
import urllib.error
import urllib.request
from typing import NamedTuple, Protocol

import platformdirs

from kefu_tui.demo.child import PLACE, Child, ChildFailed
from kefu_tui.demo.front import work_at
from kefu_tui.demo.run import DemoError, need_backend
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.level import begin_sync
from kefu_tui.store import facts
from kefu_tui.store.engine import Store

PORT = 8760
"""Where the backend answers if nobody has told another port and it is free."""


class Asks(Protocol):
    """How a person is spoken to."""

    def say(self, line: str) -> None:
        """Tells something."""

    def line(self, question: str) -> str:
        """Asks for a line."""

    def secret(self, question: str) -> str:
        """Asks for something that is not shown."""


class Terminal:
    """Asks on standard error and listens on the terminal. Raises DemoError where nobody can be asked."""

    def say(self, line: str) -> None:
        """Tells something."""
        print(line, file=sys.stderr, flush=True)

    def line(self, question: str) -> str:
        """Asks for a line."""
        self._somebody()
        print(question, end=" ", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise DemoError("没有人回答。", "Nobody answered.")
        return answer.strip()

    def secret(self, question: str) -> str:
        """Asks for something that is not shown."""
        self._somebody()
        try:
            return getpass.getpass(f"{question} ", sys.stderr)
        except EOFError:
            raise DemoError("没有人回答。", "Nobody answered.") from None

    def _somebody(self) -> None:
        if not sys.stdin.isatty():
            raise DemoError(
                "第一次开店要问名字和密码，这里不是终端：用 kefu user add 建账号。",
                "A first start asks for a name and a password, and this is no terminal: kefu user add makes them.",
            )


class Who(NamedTuple):
    """An account as it was typed."""

    login: str
    password: str


def up(
    data_dir: pathlib.Path | None = None,
    lang: str = "zh",
    stay: bool = False,
    *,
    home_folder: pathlib.Path | None = None,
    theme: str | None = None,
    asks: Asks | None = None,
) -> None:
    """Opens the shop kept in a data folder and a workstation on it; the first time it asks for a name and a password.

    The folder is by default `shop` under the user's data; the desk's home is `desk` in it. `stay` leaves the backend
    running afterwards. Raises DemoError, HomeError, Unreachable, Refused.
    """
    need_backend()
    asks = asks or Terminal()
    zh = lang == "zh"
    data = data_dir or platformdirs.user_data_path("kefu") / "shop"
    asks.say("正在开店……" if zh else "Opening the shop…")
    who: Who | None = None
    child: Child | None = None
    backend = _serving(data)
    try:
        if backend is None:
            child = Child("kefu_tui.demo.serving")
            backend, who = _serve(child, data, stay, zh, asks)
        store, home = _signed_in(home_folder or data / "desk", backend, who, lang, asks)
        _work(store, home, backend, lang, theme)
        if stay and child is not None:
            asks.say(
                f"后台还在运行，要停就用：kill {child.pid}"
                if zh
                else f"The backend runs on; end it with: kill {child.pid}"
            )
    except ChildFailed as error:
        raise DemoError(f"后台没有起来：{error}", f"The backend did not start: {error}") from None
    finally:
        if child is not None:
            child.leave() if stay else child.close()


def _work(store: Store, home: Home, backend: str, lang: str, theme: str | None) -> None:
    """The workstation in front, until it is left."""
    try:
        desk = open_desk(home, store, lang)
        worker = begin_sync(desk)
        try:
            work_at(desk, backend, theme)
        finally:
            if worker is not None:
                worker.stop()
    finally:
        store.close()


def _serving(data: pathlib.Path) -> str | None:
    """Where this folder is served already, by a backend that was told to stay; None where it is not."""
    port, pid = _place(data)
    if not pid:
        return None
    try:
        os.kill(pid, 0)
        url = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{url}/readyz", timeout=2):
            return url
    except (OSError, urllib.error.URLError, ValueError):
        return None


def _place(data: pathlib.Path) -> tuple[int, int]:
    """The port that was used last and the process that served; (PORT, 0) where nothing is known."""
    try:
        told = json.loads((data / PLACE).read_text(encoding="utf-8"))
        return int(told["port"]), int(told["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return PORT, 0


def _serve(child: Child, data: pathlib.Path, stay: bool, zh: bool, asks: Asks) -> tuple[str, Who | None]:
    """Starts serving, and makes the first account where there is none."""
    who: Who | None = None
    answer = child.ask(data=str(data.resolve()), port=_place(data)[0], stay=stay)
    if "account" in answer:
        asks.say("第一次开店：先建一个账号。" if zh else "A new shop: first an account.")
    while "account" in answer:
        if answer["why"]:
            asks.say(answer["why"])
        who = _new_account(zh, asks)
        answer = child.ask(login=who.login, name=who.login, role="admin", password=who.password)
    return answer["ready"], who


def _new_account(zh: bool, asks: Asks) -> Who:
    while not (login := asks.line("名字：" if zh else "Name:")):
        pass
    while True:
        password = asks.secret("密码（至少 8 位）：" if zh else "Password (at least 8 characters):")
        if password == asks.secret("再输一遍：" if zh else "Once more:"):
            return Who(login, password)
        asks.say("两遍不一样。" if zh else "They differ.")


def _signed_in(folder: pathlib.Path, backend: str, who: Who | None, lang: str, asks: Asks) -> tuple[Store, Home]:
    """The desk's store, signed in at this backend; asks for name and password where they are needed and not known."""
    zh, home = lang == "zh", Home(folder)
    known = [who.password] if who else []

    def passphrase() -> str:
        """Where the machine has no keyring: the account's password opens the store too."""
        if not known:
            known.append(asks.secret("密码：" if zh else "Password:"))
        return known[0]

    if home.exists():
        store = home.open_store(passphrase)
        with store.read() as connection:
            login, token = facts.get(connection, "login"), facts.get(connection, "token")
            expires = int(facts.get(connection, "token_expires_at", "0"))
        if token and expires > home.now():
            store.write(lambda connection: facts.set(connection, "backend", backend)).result()
            return store, home
        store.close()
        who = who or Who(login, passphrase())
    if who is None:
        who = Who(asks.line("名字：" if zh else "Name:"), passphrase())
    home.sign_in(backend, who.login, who.password, lang, passphrase)
    return home.open_store(passphrase), home

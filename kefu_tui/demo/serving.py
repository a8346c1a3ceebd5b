"""The backend as a child process: opens a data folder, sees to its first accounts, serves until it is told to end."""

import json
import os
import pathlib
import shutil
import tomllib

from kefu_tui.backend.accounts import AccountError, add_user
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.database import DatabaseError
from kefu_tui.backend.serve import Running, ServeError, start_in_thread
from kefu_tui.backend.service import Service, Settings
from kefu_tui.config import box
from kefu_tui.demo.child import PLACE, Order
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
from kefu_tui.operations.service_policy import SetPolicy


def main() -> None:
    """Told {data, port, accounts, demo, stay}; answers {account} while there is none, then {ready}, or {error}.

    A demo's folder, and the one around it, is gone at the end.
    """
    order = Order()
    folder = pathlib.Path(order.told["data"])
    demo = bool(order.told.get("demo"))
    settings = _roomy(folder) if demo else None
    try:
        service = prepare(folder, system_now, Ids(), settings=settings, say=lambda line: None)
        if demo:
            _always_open(service)
        _accounts(service, order)
        running = _start(service, order.told["port"])
    except (AccountError, DatabaseError, ServeError) as error:
        order.say(error=str(error))
        return
    port = int(running.url.rpartition(":")[2])
    (folder / PLACE).write_text(json.dumps({"port": port, "pid": os.getpid()}), encoding="utf-8")
    order.watch(stay=bool(order.told.get("stay")))
    order.say(ready=running.url)
    order.ended.wait()
    running.stop()
    service.close()
    if demo:
        shutil.rmtree(folder.parent, ignore_errors=True)  # also when whoever made it was killed


def _roomy(folder: pathlib.Path) -> Settings:
    """For a demo, whose customers all come from one address and write fast."""
    return Settings(data_dir=folder, address_burst=10_000, address_rate=1000.0, visitor_rate=1000.0)


def _always_open(service: Service) -> None:
    """A demo's shift lasts all day, so that its clocks run at whatever hour it is tried."""
    body = tomllib.loads(box("policies", "standard.toml").read_text(encoding="utf-8"))
    body["shift"] = {"daily": ["00:00-24:00"]}
    policy = SetPolicy(name="demo", body=json.dumps(body, ensure_ascii=False, default=str))
    service.commits.run(policy, service.ids())


def _accounts(service: Service, order: Order) -> None:
    """The accounts that were told, or the first one, asked for until there is one."""
    for account in order.told.get("accounts", ()):
        add_user(service, account["login"], account["role"], (), account["password"], name=account["name"])
    why = ""
    while True:
        with service.database.read() as connection:
            if connection.execute("SELECT 1 FROM account LIMIT 1").fetchone():
                return
        order.say(account=True, why=why)
        asked = order.hear()
        if not asked:
            raise AccountError("还没有账号。", "There is no account yet.")
        try:
            add_user(service, asked["login"], asked["role"], (), asked["password"], name=asked["name"])
        except AccountError as error:
            why = str(error)


def _start(service: Service, port: int) -> Running:
    """On this port, or on a free one where somebody else has it."""
    try:
        return start_in_thread(service, "127.0.0.1", port)
    except ServeError:
        if port == 0:
            raise
        return start_in_thread(service, "127.0.0.1", 0)


if __name__ == "__main__":
    main()

"""The sentence for every error that is nobody's value: of the store, the network, the system, or the program."""

import sqlite3
import sys

from kefu_tui.cli.call import Call
from kefu_tui.cli.errors import DAMAGED, REFUSED, USAGE, Stop, misused, refused_by_backend, unreachable, unusable

EXTRAS = {
    "fastapi": "backend",
    "uvicorn": "backend",
    "starlette": "backend",
    "standardwebhooks": "backend",
    "prometheus_client": "backend",
}
"""Libraries that are not always there, and the extra that brings them."""


def told(error: Exception, call: Call) -> Stop:
    """How the call ends for this error: what, where, what to do."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing(error.name)
    from kefu_tui.desk import StoreError
    from kefu_tui.desk.far import Refused, Unreachable
    from kefu_tui.desk.home import HomeError

    if isinstance(error, HomeError | StoreError):
        return unusable(error.code, error.detail)
    if isinstance(error, Unreachable):
        return unreachable(call.backend, str(error))
    if isinstance(error, Refused):
        return refused_by_backend(error.code, error.problem.title, error.problem.detail)
    if _of_database(error):
        return _database(error, call)
    if isinstance(error, UnicodeEncodeError):
        return misused(
            "有一个参数不是 UTF-8，终端和脚本要用 UTF-8。", "An argument is not UTF-8: terminal and script must use it."
        )
    if isinstance(error, OSError):
        where = str(error.filename or "")
        why = error.strerror or str(error)
        return Stop(REFUSED, "system", f"{where}：{why}".lstrip("："), f"{where}: {why}".lstrip(": "))
    kind = type(error).__name__
    return Stop(
        REFUSED,
        "internal",
        f"程序出错：{kind}: {error}。加 -v 看经过。",
        f"Something went wrong in kefu: {kind}: {error}. -v shows where.",
    )


def _missing(name: str) -> Stop:
    extra = EXTRAS.get(name.partition(".")[0])
    if extra is None:
        mend = f"pip install {name}"
        return Stop(USAGE, "missing", f"缺 {name}。装上：{mend}", f"{name} is not installed. Install it: {mend}")
    mend = f'pip install "kefu-tui[{extra}]"'
    return Stop(
        USAGE,
        "missing-extra",
        f"这一步要用 {name}，没有装。装上：{mend}",
        f"This needs {name}, which is not installed. Install it: {mend}",
    )


def _of_database(error: Exception) -> bool:
    module = sys.modules.get("sqlcipher3")
    return isinstance(error, sqlite3.DatabaseError) or (module is not None and isinstance(error, module.DatabaseError))


def _database(error: Exception, call: Call) -> Stop:
    text = str(error)
    path = str(call.home().store_path)
    if "malformed" in text or "not a database" in text or "hmac" in text:
        return unusable("damaged", path)
    if "full" in text:
        return unusable("disk-full", path)
    if "readonly" in text or "unable to open" in text or "disk I/O" in text:
        return unusable("unwritable", f"{path} ({text})")
    return Stop(DAMAGED, "damaged", f"数据出错：{path}：{text}", f"The store fails: {path}: {text}")

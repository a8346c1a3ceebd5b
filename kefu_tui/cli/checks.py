"""What `kefu doctor` looks at: each check finds ok, warn or fail, and says what to do."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.cli.errors import Stop
from kefu_tui.now import MINUTE

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk import Desk

LEAST_SPACE = 500 << 20
"""Bytes of disk that a desk should find free."""
MEND = "kefu doctor --mend"
MOST_SKEW_S = 60
LONG_PENDING_S = 600

Words = tuple[str, str]


class Found(NamedTuple):
    """What one check found. Status: ok, warn, fail."""

    check: Words
    status: str
    found: Words
    to_do: Words = ("", "")

    def row(self, lang: str) -> dict[str, str]:
        """The finding in a language."""
        place = 1 if lang == "en" else 0
        return {
            "check": self.check[place],
            "status": self.status,
            "found": self.found[place],
            "to_do": self.to_do[place],
        }


def everything(call: "Call") -> Iterator[Found]:
    """Every check, in the order of what depends on what; one that fails by itself is a finding too."""
    for check in (_python, _sqlite, _libraries, _terminal, _home, _space):
        yield from _safely(check, call)
    yield from _desk(call)


def _safely(check: "Callable[[Call], Iterator[Found]]", call: "Call") -> Iterator[Found]:
    try:
        yield from check(call)
    except OSError as error:
        name = check.__name__.strip("_")
        to_do = ("看看它的权限和磁盘", "look at its rights and at the disk")
        yield Found((name, name), "fail", (str(error), str(error)), to_do)


def _same(text: str) -> Words:
    return text, text


def _python(call: "Call") -> Iterator[Found]:
    version = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= (3, 11)
    to_do = ("", "") if fine else ("装 Python 3.11 或更新的", "install Python 3.11 or newer")
    yield Found(_same("Python"), "ok" if fine else "fail", _same(version), to_do)


def _sqlite(call: "Call") -> Iterator[Found]:
    from kefu_tui.cli.about import database

    told = database()
    fine = tuple(int(part) for part in told["sqlite"].split(".")) >= (3, 51, 3)
    yield Found(
        _same("SQLite"),
        "ok" if fine else "fail",
        _same(f"{told['sqlite']}, SQLCipher {told['sqlcipher']}"),
        ("", "") if fine else _same("pip install -U sqlcipher3"),
    )


def _libraries(call: "Call") -> Iterator[Found]:
    from kefu_tui.cli.about import libraries

    known = libraries()
    missing = [name for name, version in known.items() if version is None]
    optional = {"fastapi", "uvicorn"}
    found = ", ".join(f"{name} {version}" for name, version in known.items() if version)
    if not missing:
        yield Found(("库", "libraries"), "ok", _same(found))
        return
    needed = [name for name in missing if name not in optional]
    mend = f"pip install {' '.join(needed)}" if needed else 'pip install "kefu-tui[backend]"'
    note = ("开后台时才要", "needed to run a backend only") if not needed else ("", "")
    yield Found(
        ("库", "libraries"),
        "fail" if needed else "warn",
        (f"缺 {', '.join(missing)}", f"missing: {', '.join(missing)}"),
        (f"{mend} {note[0]}".strip(), f"{mend} {note[1]}".strip()),
    )


def _terminal(call: "Call") -> Iterator[Found]:
    check = ("终端", "terminal")
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    if not sys.stdout.isatty():
        yield Found(check, "ok", ("输出不是终端", "the output is no terminal"))
        return
    size = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    colours = os.environ.get("COLORTERM") in ("truecolor", "24bit") or "256color" in os.environ.get("TERM", "")
    found = _same(f"{os.environ.get('TERM', '-')} {size.columns}×{size.lines}, {sys.stdout.encoding}, {locale or '-'}")
    if encoding != "utf8":
        yield Found(check, "fail", found, ("把终端和 LANG 设成 UTF-8", "set the terminal and LANG to UTF-8"))
    elif size.columns < 80 or size.lines < 24:
        yield Found(check, "warn", found, ("开大到 80×24", "make it 80×24 or larger"))
    elif not colours:
        yield Found(check, "warn", found, ("颜色少：设 TERM=xterm-256color", "few colours: set TERM=xterm-256color"))
    else:
        yield Found(check, "ok", found)


def _home(call: "Call") -> Iterator[Found]:
    from kefu_tui.desk import reads_cli

    home = call.home()
    check = ("文件夹", "folder")
    if not home.folder.exists():
        yield Found(check, "warn", _same(str(home.folder)), ("还没有桌面：kefu login", "no desk yet: kefu login"))
        return
    if not os.access(home.folder, os.W_OK | os.X_OK):
        yield Found(check, "fail", _same(str(home.folder)), ("不能写，检查权限", "cannot be written, check its rights"))
    elif home.folder.stat().st_mode & 0o077 and os.name == "posix":
        yield Found(
            check,
            "warn",
            _same(str(home.folder)),
            (f"别人也能看：{MEND}", f"others may look in: {MEND}"),
        )
    else:
        yield Found(check, "ok", _same(str(home.folder)))
    if home.exists() and not home.recipe_whole():
        yield Found(("密钥", "key"), "fail", _same(str(home.recipe)), (f"坏了：{MEND}", f"damaged: {MEND}"))
        return
    source = reads_cli.key_source(home.folder)
    if source == "keyring":
        yield Found(("密钥", "key"), "ok", ("系统钥匙串", "keyring of the system"))
    elif source == "passphrase" and not os.environ.get("KEFU_STORE_KEY"):
        yield Found(
            ("密钥", "key"),
            "warn",
            ("口令，没有设 KEFU_STORE_KEY", "a passphrase; KEFU_STORE_KEY is not set"),
            ("脚本要设 KEFU_STORE_KEY", "scripts need KEFU_STORE_KEY"),
        )
    elif source == "passphrase":
        yield Found(("密钥", "key"), "ok", _same("KEFU_STORE_KEY"))


def _space(call: "Call") -> Iterator[Found]:
    folder = call.home().folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    fine = free >= LEAST_SPACE
    yield Found(
        ("磁盘", "disk"),
        "ok" if fine else "warn",
        (f"空 {free >> 20} MB", f"{free >> 20} MB free"),
        ("", "") if fine else ("腾出空间", "free some space"),
    )


def _desk(call: "Call") -> Iterator[Found]:
    from kefu_tui.cli.failures import told

    check = ("数据", "store")
    if not call.home().exists():
        return
    try:
        with call.desk() as desk:
            yield from _store(desk)
            yield from _sync(desk)
    except Stop as stop:
        yield Found(check, "warn" if stop.exit == 4 else "fail", (stop.zh, stop.en))
    except Exception as error:
        failure = told(error, call)
        yield Found(check, "fail", (failure.zh, failure.en), _same(MEND) if failure.code == "damaged" else ("", ""))


def _store(desk: "Desk") -> Iterator[Found]:
    from kefu_tui.desk import reads_cli

    faults = reads_cli.faults(desk.store)
    path = str(desk.store.path)
    if faults:
        yield Found(
            ("数据", "store"),
            "fail",
            (f"{path} 坏了：{faults[0]}", f"{path} is damaged: {faults[0]}"),
            (f"{MEND}：坏的留着，能读的救回来", f"{MEND}: it is kept, what can be read is saved"),
        )
    else:
        yield Found(("数据", "store"), "ok", (f"{path} 完整", f"{path} is whole"))
    own, current = reads_cli.store_version(desk)
    yield Found(
        ("数据版本", "store version"),
        "ok" if own == current else "fail",
        _same(f"{own} / {current}"),
        ("", "") if own == current else ("升级 kefu", "upgrade kefu"),
    )
    copied, damaged = reads_cli.kept_aside(desk.store)
    if copied is not None:
        ago = max(0, desk.now() - copied) // MINUTE
        yield Found(("副本", "copy"), "ok", (f"{ago} 分钟前", f"{ago} min ago"))
    if damaged:
        yield Found(
            ("放到一边的坏数据", "damaged stores kept"),
            "ok",
            _same(", ".join(damaged)),
            ("都送出、什么都不缺之后可以删掉", "delete them once all is sent and nothing is missing"),
        )


def _sync(desk: "Desk") -> Iterator[Found]:
    from kefu_tui.desk import reads_cli
    from kefu_tui.desk.far import Refused, Unreachable, hello
    from kefu_tui.desk.level import syncing
    from kefu_tui.now import SECOND

    known, status = reads_cli.facts_of(desk), desk.status()
    held = ("有", "yes") if syncing(desk.store) else ("没有", "no")
    yield Found(("正在同步的程序", "a process that syncs"), "ok", held)
    late = status.oldest_pending_at is not None and desk.now() - status.oldest_pending_at > LONG_PENDING_S * SECOND
    yield Found(
        ("待发、扣下、没做成", "pending, held, rejected"),
        "warn" if late or status.held or status.rejected else "ok",
        _same(f"{status.pending}, {status.held}, {status.rejected}"),
        ("看 kefu notices list 和 kefu sync --once", "see kefu notices list and kefu sync --once")
        if late or status.held or status.rejected
        else ("", ""),
    )
    if not known.backend:
        yield Found(("后台", "backend"), "ok", ("没有（本机练习）", "none (practice)"))
        return
    mended = reads_cli.mended_rows(desk)
    yield Found(
        ("和后台不一样、改过来的行", "rows that differed and were mended"),
        "warn" if mended else "ok",
        _same(str(mended)),
        ("全核对一遍：kefu sync --check；查磁盘", "compare all: kefu sync --check; look at the disk")
        if mended
        else ("", ""),
    )
    misfits = reads_cli.rows_not_taken(desk)
    yield Found(
        ("后台发来、读不了的行", "rows that could not be taken"),
        "warn" if misfits else "ok",
        _same(str(misfits)),
        ("升级 kefu，再 kefu sync --check 补上", "upgrade kefu, then kefu sync --check brings them")
        if misfits
        else ("", ""),
    )
    try:
        told = hello(known.backend)
    except (Unreachable, Refused) as error:
        yield Found(
            ("后台", "backend"),
            "warn",
            (f"{known.backend} 连不上：{error}", f"{known.backend}: {error}"),
            ("检查网络和地址；本地的操作都在", "check network and address; what was done here is kept"),
        )
        return
    skew = (desk.now() - told.time) // SECOND
    yield Found(("后台", "backend"), "ok", _same(known.backend))
    yield Found(
        ("时钟", "clock"),
        "ok" if abs(skew) <= MOST_SKEW_S else "warn",
        (f"和后台差 {skew} 秒", f"{skew} s from the backend's"),
        ("", "") if abs(skew) <= MOST_SKEW_S else ("校准这台机器的时钟", "set this machine's clock"),
    )

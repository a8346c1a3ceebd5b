"""doctor --mend: what it would mend, and what became of it."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kefu_tui.cli.call import can_ask
from kefu_tui.cli.errors import DAMAGED, REFUSED, Stop
from kefu_tui.cli.words import both

if TYPE_CHECKING:
    from kefu_tui.cli.call import Call
    from kefu_tui.desk.home import Home
    from kefu_tui.store.mending import Mended

TITLES = {
    "mended": both("修好", "mended"),
    "aside": both("坏的放在", "damaged one is kept in"),
    "kept": both("还会送出", "still go out"),
    "lost": both("救不回来", "lost"),
    "doubtful": both("不知送出没有", "sent or not, nobody knows"),
    "texts": both("放进提醒的话", "texts put into notices"),
    "drafts": both("草稿", "drafts"),
    "copied_at": both("用了副本", "copy used"),
    "incomplete": both("读不全的表", "tables not read whole"),
    "next": both("接下来", "next"),
}


class Task(NamedTuple):
    """Something to mend: what it is called, what will be done, and how; None where that gave nothing to tell."""

    name: str
    zh: str
    en: str
    do: "Callable[[Call, Home], dict[str, Any] | None]"


def mend(call: "Call", *, preview: bool, yes: bool) -> None:
    """Says what it will do, does it after a yes, says what was saved and what not."""
    found = _tasks(call)
    for task in found:
        call.tell(f"要做：{task.zh}", f"To do: {task.en}")
    if preview or not found:
        if not found:
            call.tell("没有要修的。", "There is nothing to mend.")
        call.one({"mended": [], "to_do": [task.name for task in found]}, TITLES)
        return
    if not yes and can_ask():
        print(call.say("现在做？[y/N] ", "Do it now? [y/N] "), end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes", "是", "好"):
            raise Stop(REFUSED, "declined", "什么都没有改。", "Nothing was changed.")
    told: dict[str, Any] = {"mended": []}
    for task in found:
        told |= task.do(call, call.home()) or {}
        told["mended"].append(task.name)
    call.one(told, TITLES)


def _tasks(call: "Call") -> list[Task]:
    home = call.home()
    found = []
    if not home.exists():
        return []
    if os.name == "posix" and home.folder.stat().st_mode & 0o077:
        found.append(Task("folder", f"只让自己看 {home.folder}", f"let nobody else look into {home.folder}", _rights))
    if not home.recipe_whole():
        if not home.recipe_copy.exists():
            raise Stop(
                DAMAGED,
                "damaged",
                f"{home.recipe} 坏了，也没有第二份：没有它打不开数据，从备份里拿回来。",
                f"{home.recipe} is damaged and has no second copy: nothing opens without it. Bring it back from a backup.",
            )
        found.append(
            Task("key", f"从第二份写回 {home.recipe}", f"write {home.recipe} anew from its second copy", _recipe)
        )
    if _damaged(call, home):
        found.append(
            Task(
                "store",
                f"把 {home.store_path} 放到一边，换新的，能读的都搬过来",
                f"set {home.store_path} aside, make a new one, bring over what can be read",
                _store,
            )
        )
    return found


def _damaged(call: "Call", home: "Home") -> bool:
    from kefu_tui.desk import reads_cli
    from kefu_tui.desk.home import HomeError

    try:
        store = home.open_store(call.ask_passphrase())
    except HomeError as error:
        if error.code == "damaged":
            return True
        raise
    try:
        return bool(reads_cli.faults(store))
    finally:
        store.close()


def _rights(call: "Call", home: "Home") -> None:
    home.folder.chmod(0o700)


def _recipe(call: "Call", home: "Home") -> None:
    home.mend_recipe()


def _store(call: "Call", home: "Home") -> dict[str, Any]:
    mended = home.mend(call.ask_passphrase())
    for zh, en in _sentences(mended):
        call.tell(zh, en)
    from kefu_tui.cli.times import iso

    return {
        "aside": str(mended.aside),
        "copied_at": iso(mended.copied_at or None, "UTC"),
        "kept": list(mended.kept),
        "lost": list(mended.lost),
        "doubtful": list(mended.doubtful),
        "counted": mended.counted,
        "texts": mended.texts,
        "drafts": mended.rows.get("draft", 0),
        "rows": mended.rows,
        "from_copy": {table: many for table, many in mended.from_copy.items() if many},
        "incomplete": list(mended.incomplete),
        "device_kept": mended.device_kept,
        "signed_in": mended.signed_in,
        "next": "kefu sync --once" if mended.signed_in else "kefu login",
    }


def _sentences(mended: "Mended") -> list[tuple[str, str]]:
    """What was saved and what not, in both languages."""
    told = [
        (
            f"坏的数据留在 {mended.aside}。",
            f"The damaged store is kept in {mended.aside}.",
        ),
        (
            f"{len(mended.kept)} 步没发的还会送出，{mended.rows.get('draft', 0)} 份草稿、"
            f"{mended.rows.get('notice', 0)} 条提醒搬过来了。",
            f"{len(mended.kept)} unsent steps still go out; {mended.rows.get('draft', 0)} drafts and "
            f"{mended.rows.get('notice', 0)} notices were brought over.",
        ),
    ]
    if mended.lost:
        numbers = ", ".join(map(str, mended.lost))
        told.append((f"救不回来的步：{numbers}。", f"Steps that are lost: {numbers}."))
    if mended.doubtful:
        numbers = ", ".join(map(str, mended.doubtful))
        told.append(
            (
                f"不知送出没有的步，不会自己再送：{numbers}。",
                f"Steps of which nobody knows whether they were sent; they are not sent by themselves: {numbers}.",
            )
        )
    if not mended.counted:
        told.append(
            (
                "还有没有别的没发的步，读不出来：看看最近的会话。",
                "Whether more unsent steps are lost cannot be told: look at the latest conversations.",
            )
        )
    if mended.texts:
        told.append(
            (
                f"{mended.texts} 段写好的话在提醒里：kefu notices list。",
                f"{mended.texts} texts stand in the notices: kefu notices list.",
            )
        )
    told.append(
        ("接着同步：kefu sync --once。", "Now sync: kefu sync --once.")
        if mended.signed_in
        else ("重新登录就补发：kefu login。", "Sign in again, and what waits is sent: kefu login.")
    )
    return told

"""What a person names in part: a conversation, a canned reply, a colleague."""

import re
from typing import TYPE_CHECKING

from kefu_tui.cli.errors import REFUSED, Stop, misused, not_found

if TYPE_CHECKING:
    from kefu_tui.desk import Colleague, Desk

SHORTEST = 6
"""Fewest characters of an id that name it."""

_PART = re.compile(r"[0-9a-f-]{6,36}")


def conversation(desk: "Desk", part: str) -> str:
    """The id of the conversation that this is, or begins or ends with it."""
    return _id(desk, "conversation", part, "会话", "conversation")


def canned(desk: "Desk", part: str) -> str:
    """The id of the canned reply that this is, or begins or ends with it, or whose shortcut it is."""
    from kefu_tui.desk import reads_cli

    by_shortcut = [row.id for row in reads_cli.canned_replies(desk) if row.shortcut == part]
    return by_shortcut[0] if len(by_shortcut) == 1 else _id(desk, "canned_reply", part, "话术", "canned reply")


def notice(desk: "Desk", part: str) -> str:
    """The id of the notice that this is, or begins or ends with it."""
    stands = [row.id for row in desk.notices() if len(part) >= SHORTEST and row.id.endswith(part)]
    return stands[0] if len(stands) == 1 else _id(desk, "notice", part, "提醒", "notice")


def colleague(desk: "Desk", name: str, kind: str | None = None) -> "Colleague":
    """The agent or group of this name."""
    from kefu_tui.desk import reads_cli

    found = reads_cli.colleagues_named(desk, name, kind)
    if not found:
        raise not_found(f"没有同事或组叫 {name}。", f"No colleague and no group is called {name}.")
    if len(found) > 1:
        raise Stop(
            REFUSED,
            "ambiguous",
            f"叫 {name} 的不止一个，用 --agent 登录名 或 --group 组名。",
            f"More than one is called {name}. Use --agent LOGIN or --group NAME.",
        )
    return found[0]


def _id(desk: "Desk", table: str, part: str, zh: str, en: str) -> str:
    from kefu_tui.desk import reads_cli

    asked = part.strip().lower()
    if len(asked) < SHORTEST:
        raise misused(
            f"编号 {part!r} 太短，至少写 {SHORTEST} 位（开头或结尾）。",
            f"The id {part!r} is too short: at least {SHORTEST} characters, its beginning or its end.",
        )
    found = reads_cli.ids_like(desk, table, asked) if _PART.fullmatch(asked) else []
    if len(found) > 1:
        raise Stop(
            REFUSED,
            "ambiguous",
            f"{part} 对得上不止一个{zh}，多写几位。",
            f"{part} fits more than one {en}. Write more of it.",
        )
    if not found:
        raise not_found(
            f"这里没有{zh} {part}。刚来的先同步：kefu sync --once",
            f"There is no {en} {part} here. If it is new, sync first: kefu sync --once",
        )
    return found[0]

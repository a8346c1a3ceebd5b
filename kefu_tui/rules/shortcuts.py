"""Shorter ways: what an agent did with many keys that fewer would have done."""

from collections import deque
from typing import NamedTuple

WALK = 3
"""Steps of the cursor that are a walk."""


class Hint(NamedTuple):
    """A shorter way. `command` has the key to tell; `saves` is how many keys it would have saved."""

    name: str
    command: str
    saves: int


class Watch:
    """Watches the commands of an agent in order, and tells the shorter way where there was one."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=12)

    def used(self, command: str, way: str, has_key: bool) -> Hint | None:
        """A command was used by `key`, `palette` or `mouse`."""
        before, self._recent = list(self._recent), self._recent
        self._recent.append(command)
        if way == "palette" and has_key:
            return Hint("palette", command, 4)
        steps = 0
        while before and before[-1] in ("up", "down", "page-up", "page-down"):
            before.pop()
            steps += 1
        if command == "next" and before[-1:] == ["open"]:
            before.pop()
            walked = sum(one in ("up", "down") for one in before[-WALK:])
            if walked >= WALK:
                return Hint("walk", "next", walked + 1)
        if command == "open" and steps >= WALK and before[-1:] in (["queue"], ["back"]):
            return Hint("queue", "unread", steps + 1)
        if command == "resolve" and before[-1:] in (["send-stay"],):
            return Hint("send-resolve", "resolve", 1)
        return None

    def inserted(self, by: str, place: int, offered: bool, typed: int) -> Hint | None:
        """A canned reply was put in by `search`, `number` or `accept`; where it stood before, and what was typed for it."""
        self._recent.append("inserted")
        if by != "search":
            return None
        if offered:
            return Hint("offered", "accept", typed + 1)
        if 1 <= place <= 9:
            return Hint("numbered", f"reply-{place}", typed + 1)
        return None

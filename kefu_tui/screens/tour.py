"""The tour: a few steps on a practice desk, each done by the agent's own keys."""

from collections.abc import Callable
from typing import NamedTuple

Words = tuple[str, str]


class Step(NamedTuple):
    """What is to be done, and the commands that do it."""

    commands: tuple[str, ...]
    words: Words
    """`{key}` stands for the key of the first command."""


STEPS = (
    Step(("next",), (
        "有人在等。{key} 接下最先到期的一位。",
        "Somebody waits. {key} takes who breaches first.",
    )),
    Step(("accept",), (
        "回复已经拟好，灰字就是。{key} 采纳；不合适就 ^N 换，或者自己写。",
        "A reply is offered in grey. {key} takes it; ^N offers another, or write your own.",
    )),
    Step(("send", "send-stay"), (
        "{key} 发出去，下一位自己打开。",
        "{key} sends it, and the next one opens.",
    )),
    Step(("undo",), (
        "三秒之内 ^Z 撤回刚发的，不在写时按 u。试一次。",
        "^Z within three seconds takes it back, u while not writing. Try it.",
    )),
    Step(("search",), (
        "找话术：{key}，打首字母，Enter 用它。",
        "Find a reply: {key}, a few initials, Enter uses it.",
    )),
    Step(("resolve",), (
        "{key} 结束，带个标签；正写着时按 F10，一起发出去。",
        "{key} resolves with a tag; while writing F10 sends as well.",
    )),
    Step(("orders",), (
        "订单一直在右边。{key} 到订单，y 复制运单号。",
        "Orders are always at the right. {key} goes there, y copies the number.",
    )),
    Step(("help",), (
        "{key} 随时看全部的键。",
        "{key} shows every key at any time.",
    )),
)  # fmt: skip


class Tour:
    """How far the tour is."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        """`seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._begun = seconds()
        self._ended = 0.0
        self.place = 0
        self.keys = 0

    @property
    def over(self) -> bool:
        """Whether every step was done."""
        return self.place >= len(STEPS)

    @property
    def step(self) -> Step:
        """What is to be done now; the last where all is done."""
        return STEPS[min(self.place, len(STEPS) - 1)]

    @property
    def took(self) -> int:
        """Seconds that it took, or takes so far."""
        return int((self._ended or self._seconds()) - self._begun)

    def used(self, command: str) -> None:
        """A command was used: perhaps the one that was asked for."""
        if self.place < len(STEPS) and command in self.step.commands:
            self.place += 1
            if self.place == len(STEPS):
                self._ended = self._seconds()

"""What became of an act, in one sentence: done here, or why not."""

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING

from kefu_tui.desk import Refusal, StoreError
from kefu_tui.widgets.ink import say

if TYPE_CHECKING:
    from kefu_tui.desk import Done

UNSAVED = {
    "disk-full": (
        "磁盘满了，没有存下。写的还在这里，腾出空间再试。",
        "The disk is full; not saved. Your words are here: make room, try again.",
    ),
    "damaged": (
        "本机的数据坏了，没有存下。写的还在这里；拷出来，退出后运行 kefu doctor --mend。",
        "The store is damaged; not saved. Copy your words, leave, then run kefu doctor --mend.",
    ),
    "unwritable": (
        "本机的数据写不进去，没有存下。写的还在这里。",
        "The store cannot be written; not saved. Your words are here.",
    ),
}
"""Sentences for what a store can refuse while the workstation runs."""


def unsaved(error: StoreError, lang: str) -> str:
    """One sentence for a store that did not take something."""
    other = ("本机的数据出了问题，没有存下。看 kefu doctor。", "The store failed; not saved. See kefu doctor.")
    zh, en = UNSAVED.get(error.code, other)
    return f"{say(lang, zh, en)} {error.code}"


def copied(what: str, lang: str) -> str:
    """What can be said of something that the terminal was told to copy: whether it did, it does not tell."""
    return say(lang, f"交给终端复制了 {what}", f"Told the terminal to copy {what}")


async def outcome(answer: "Future[Done | Refusal]", lang: str) -> "Done | str":
    """Wait until a verb is committed on this machine; a sentence where it was refused or could not be saved."""
    try:
        result = await asyncio.wrap_future(answer)
    except StoreError as error:
        return unsaved(error, lang)
    return result.say(lang) if isinstance(result, Refusal) else result

"""What the app needs to know of screens to hand them keys: commands of the table, or every key as it comes."""

from textual import events

from kefu_tui.screens.above import Above, ResultT
from kefu_tui.text import cells, fold_key
from kefu_tui.widgets.editing import character

SPELLED = {"shift+\r": "shift+enter", "ctrl+\r": "ctrl+enter"}
"""Keys that Textual misnames where a terminal tells them by xterm's modifyOtherKeys."""


def respelled(event: events.Key) -> events.Key:
    """The same key press under the name that everything else knows it by."""
    name = SPELLED.get(event.key)
    return events.Key(name, None) if name is not None else event


CHINESE = ("输入法处于中文状态，先切到英文。", "Chinese input is on; switch it off for these keys.")
"""What is said where a letter was meant and a Chinese character came."""


def is_chinese(key: str) -> bool:
    """Whether a key is a character that only an input method types: none that is folded to a key."""
    return len(key) == 1 and cells(key) == 2


def key_name(event: events.Key) -> str:
    """The name of a key press as the table of commands writes it; full-width characters fold."""
    folded = fold_key(character(event))
    return event.key if not folded else "space" if folded == " " else folded


class Keyed:
    """Mixed into a screen. `pane` is what commands of one pane are checked against."""

    pane: str

    @property
    def situation(self) -> str:
        """What keys are: commands (moving), text (writing) or search words (searching)."""
        return "moving"

    def heed(self) -> None:
        """A key was pressed: what was said to the last one is read."""

    def stray(self, key: str) -> None:
        """A key that means nothing while moving."""

    def tell_chord(self, chord: str, key: str) -> None:
        """Nothing goes on from the keys of a chord so far with this one."""

    def fact(self, name: str) -> str:
        """What is known of where a command goes: how many are there, who; '' for nothing."""
        return ""

    def leaves(self, name: str) -> bool:
        """Whether a command is left to what has the keys as text."""
        return False

    async def run_command(self, name: str) -> None:
        """Do what a command does."""
        raise NotImplementedError

    async def settled(self) -> None:
        """Wait until what has the keys as text, and this screen, have handled what they were sent."""


class Over(Above[ResultT]):
    """A screen over the workstation that is handed every key, in order, by the app."""

    CSS_PATH = "sheet.tcss"

    async def press(self, event: events.Key) -> None:
        """Do what a key means here."""
        raise NotImplementedError

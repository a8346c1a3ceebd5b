"""What the app needs to know of screens to hand them keys: commands of the table, or every key as it comes."""

from typing import TypeVar

from textual import events
from textual.screen import ModalScreen

from kefu_tui.text import fold_key
from kefu_tui.widgets.editing import character

ResultT = TypeVar("ResultT")

SPELLED = {"shift+\r": "shift+enter", "ctrl+\r": "ctrl+enter"}
"""Keys that Textual misnames where a terminal tells them by xterm's modifyOtherKeys."""


def respelled(event: events.Key) -> events.Key:
    """The same key press under the name that everything else knows it by."""
    name = SPELLED.get(event.key)
    return events.Key(name, None) if name is not None else event


def key_name(event: events.Key) -> str:
    """The name of a key press as the table of commands writes it; full-width characters fold."""
    typed = character(event)
    return fold_key(typed) if typed and typed != " " else event.key


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


class Over(ModalScreen[ResultT]):
    """A screen over the workstation that is handed every key, in order, by the app."""

    CSS_PATH = "sheet.tcss"

    async def press(self, event: events.Key) -> None:
        """Do what a key means here."""
        raise NotImplementedError

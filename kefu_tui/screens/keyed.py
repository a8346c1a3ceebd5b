"""What the app needs to know of screens to hand them keys: commands of the table, or every key as it comes."""

from typing import TypeVar

from textual import events
from textual.screen import ModalScreen

ResultT = TypeVar("ResultT")


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

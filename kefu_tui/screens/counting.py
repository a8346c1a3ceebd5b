"""Keys counted at work, and the shorter way told when nobody waits."""

from kefu_tui.commands import COMMANDS
from kefu_tui.hints import HINTS
from kefu_tui.screens.workplace import Workplace


class Counting(Workplace):
    """What the hands do, handed to the desk's account of it."""

    def count_key(self) -> None:
        """A key was pressed."""
        self.desk.effort.pressed(self.open_id)

    def count_use(self, command: str, way: str = "key") -> None:
        """A command was used by key or palette."""
        if self.app.tour is not None:
            self.app.tour.used(command)
            self.bars()
        if command in COMMANDS:
            self.desk.effort.used(command, way, bool(self.app.keymap.keys.get(command)))

    def shorter_way(self) -> str:
        """The shorter way that was there last, as a sentence; '' none."""
        hint = self.desk.effort.hint
        return self.hint_words(hint.name, hint.command) if hint is not None else ""

    def hint_words(self, name: str, command: str) -> str:
        """A shorter way as a sentence."""
        situation = "writing" if name == "send-resolve" else "moving"
        key = self.app.keymap.shown(command, situation)
        label = self.say(*COMMANDS[command].label) if command in COMMANDS else command
        return self.say(*HINTS[name]).format(key=key, label=label)

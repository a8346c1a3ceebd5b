"""Telling colleagues which ticket is on screen here: once the cursor rests on it, while it is written to, when it is left."""

import time
from typing import TYPE_CHECKING

from textual.timer import Timer

if TYPE_CHECKING:
    from kefu_tui.desk import Desk
    from kefu_tui.screens.ticket_acts import TicketActs

RESTS = 1.0
"""Seconds that a ticket is on screen before it is told of: who goes through a list reads none of it."""
AGAIN = 70.0
"""Seconds after which it is told again: what is younger than a minute is known, what is older than three does not count."""
AWAY = 300.0
"""Seconds without a key after which nobody is there: it is told again after the next key."""


class Looking:
    """What is told of one sheet. No key waits for it, and nothing is said of what becomes of it."""

    def __init__(self, sheet: "TicketActs", desk: "Desk") -> None:
        self._sheet, self._desk = sheet, desk
        self._here = ""
        """The ticket that is on screen, '' none."""
        self._written = ""
        """The ticket that a dialog is open for, '' none."""
        self._told = ""
        """The ticket that colleagues know of, '' none."""
        self._timer: Timer | None = None

    def at(self, id: str) -> None:
        """This ticket is on screen now, '' none; the same one once more changes nothing."""
        if id != self._here:
            self._here = id
            if not self._written:
                self._wait(RESTS)

    def writes(self, id: str) -> None:
        """A dialog is opened, of which something is written to a ticket."""
        if self._written != id:
            self._written = id
            self._tell()

    def back(self) -> None:
        """The dialog is closed; another one may follow at once."""
        if self._written:
            self._written = ""
            self._wait(RESTS)

    def leave(self) -> None:
        """The sheet is closed."""
        self._here = self._written = ""
        self._tell()

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._sheet.set_timer(seconds, self._tell)

    def _tell(self) -> None:
        here, before, tickets = self._written or self._here, self._told, self._desk.tickets
        if self._timer is not None:
            self._timer.stop()
        self._told = here
        if before not in ("", here):
            tickets.look(before, "leaves")
        if here:
            if time.monotonic() - self._sheet.app.pressed_at < AWAY:
                tickets.look(here, "writes" if self._written else "reads")
            self._wait(AGAIN)

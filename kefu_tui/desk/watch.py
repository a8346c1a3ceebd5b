"""Watching for what other processes commit on this store: a `kefu reply` beside an open workstation."""

import threading

from kefu_tui.desk.answers import EVERYTHING
from kefu_tui.desk.desk import Desk

EVERY_S = 0.25


class Watch:
    """Tells the desk's listeners, and the sync, when another process has committed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begins watching."""
        self._thread.start()

    def stop(self) -> None:
        """Ends watching; call it before the store is closed."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        seen = self._desk.store.foreign_version()
        while not self._stop.wait(EVERY_S):
            now = self._desk.store.foreign_version()
            if now != seen:
                seen = now
                self._desk.publish(EVERYTHING)
                self._desk.wake_sync()

"""Commits of other processes: a thread that hears of them and tells the bell."""

import contextlib
import logging
import threading

from kefu_tui.backend.database import DatabaseError, Trouble, head
from kefu_tui.backend.service import Service

_log = logging.getLogger("kefu.backend")

REST_S = 1.0
"""How long to leave it after a fault."""


class Heads:
    """What is called out is only a hint: the head that the database tells counts."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ending = threading.Event()
        self._looked: int | None = None
        """The head as it was last."""
        self._thread = threading.Thread(target=self._work, name="kefu-heads", daemon=True)

    def start(self) -> None:
        """Begins to listen, from the head as it is now: nobody waits yet."""
        with contextlib.suppress(Trouble, DatabaseError):
            self.look()
        self._thread.start()

    def stop(self) -> None:
        """Ends within a moment."""
        self._ending.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                with self._service.database.listening(self._ending) as wait:
                    while not self._ending.is_set():  # first it listens, then it looks: nothing falls in between
                        self.look()
                        wait()
            except (Trouble, DatabaseError) as error:
                _log.warning("heads: %s", error)
                self._ending.wait(REST_S)

    def look(self) -> None:
        """Tells everybody where another process committed since the last time."""
        service = self._service
        with service.database.read() as connection:
            _, seq = head(connection)
            # Not whether the head is beyond what was told: a commit of another process may be followed by one of this.
            strange = self._looked is None or service.commits.others(connection, self._looked, seq)
        if strange:
            service.metrics.head.set(seq)
            service.fanout.notify(seq)
        self._looked = seq

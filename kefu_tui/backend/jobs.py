"""What happens by itself: snoozed conversations wake at their time, commits of other processes are heard."""

import logging
import threading

from kefu_tui.backend.database import head
from kefu_tui.backend.service import Service
from kefu_tui.ids import derive
from kefu_tui.operations.conversation import Wake

_log = logging.getLogger("kefu.backend")

LOOK_S = 0.25
REST_S = 5.0
"""How long to leave it after a fault."""


class Jobs:
    """One thread that looks four times a second."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="kefu-jobs", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the look that is under way."""
        self._ending.set()
        self._thread.join()

    def _work(self) -> None:
        wait = 0.0
        while not self._ending.wait(wait):
            wait = LOOK_S
            try:
                self.look()
            except Exception:
                _log.exception("jobs")
                wait = REST_S

    def look(self) -> None:
        """Looks once: tells of commits that were made elsewhere, and wakes what is due."""
        service = self._service
        with service.database.read() as connection:
            _, seq = head(connection)
            due = connection.execute(
                "SELECT id, snoozed_until FROM conversation WHERE status = 'snoozed' AND snoozed_until <= ?",
                (service.now(),),
            ).fetchall()
        if seq > service.fanout.head:
            service.metrics.head.set(seq)
            service.fanout.notify(seq)
        for id, until in due:
            service.commits.run(Wake(conversation_id=id), derive("wake", id, str(until)))

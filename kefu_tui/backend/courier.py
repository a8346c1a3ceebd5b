"""What carries things out of the house: a thread that looks, is called at commits, and tries again later."""

import logging
import random
import threading
from collections.abc import Callable

import httpx

from kefu_tui.backend.service import Service
from kefu_tui.channels.webhook import client

_log = logging.getLogger("kefu.backend")

LOOK_S = 0.25
"""How often it looks without being called: time passes, and other processes commit too."""


class Courier:
    """One thread; what it does in a round, its heirs say."""

    name = ""

    def __init__(self, service: Service, jitter: Callable[[], float] = random.random) -> None:
        self._service = service
        self._jitter = jitter
        self._called = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"kefu-{self.name}", daemon=True)
        service.fanout.listen(self._called.set)

    def start(self) -> None:
        """Begins to carry."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the attempt that is under way."""
        self._ending.set()
        self._called.set()
        self._thread.join()

    def _work(self) -> None:
        with client() as http:
            while not self._ending.is_set():
                self._called.clear()
                try:
                    busy = self._service.database.turn(self.name) and self.round(http)
                except Exception:
                    _log.exception(self.name)
                    busy = False
                if not busy:
                    self._called.wait(LOOK_S)

    def round(self, http: httpx.Client) -> bool:
        """Tries everything that is due once; True when there was something."""
        raise NotImplementedError

    def _again_at(self, attempts: int) -> int:
        """When (µs UTC) something is tried again that failed so often."""
        settings = self._service.settings
        wait = min(settings.webhook_longest_wait, settings.webhook_first_wait << min(attempts - 1, 20))
        return self._service.now() + int(wait * (0.5 + self._jitter()))

"""Sync in the background: one thread steps the engine, one listens for pokes; only the holder of the lease does either."""

import contextlib
import logging
import pathlib
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from filelock import FileLock, Timeout

from kefu_tui.model.sql import Connection
from kefu_tui.now import Now
from kefu_tui.store import facts, outbox
from kefu_tui.store.copies import Copies
from kefu_tui.store.engine import PAGE, Store, StoreError
from kefu_tui.sync.engine import Engine, Moved, State, Stopped
from kefu_tui.sync.transport import HttpTransport, Refused, Unreachable

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # Nothing is written over the screen; whoever wants to hear adds a handler.

SAFETY_S = 60.0
"""A pull this often even where pokes come."""
POLL_S = 5.0
"""A pull this often where no pokes come."""
COMPARE_S = 60.0
"""How often some rows are compared with the backend's."""
BACKOFF_S = (0.5, 30.0)


class SyncWorker:
    """Keeps a store and its backend level while the process lives.

    `moved` is told what changed, `stands` the state whenever it becomes another; both from the worker's threads.
    """

    def __init__(
        self,
        store: Store,
        backend: str,
        token: str,
        now: Now,
        moved: Callable[[Moved], None],
        stands: Callable[[State], None],
    ) -> None:
        self.store = store
        self.now = now
        self._backend, self._token = backend, token
        self._moved, self._stands = moved, stands
        self._lease = lease(store.path)
        self._stop = threading.Event()
        self._work = threading.Event()
        self._copies = Copies(store, now)
        self._compared = time.monotonic()
        self._told: State | None = None
        self._listening = False
        self._heard: HttpTransport | None = None
        self._threads = [
            threading.Thread(target=self._run, name="sync", daemon=True),
            threading.Thread(target=self._listen, name="sync-listen", daemon=True),
        ]

    def start(self) -> None:
        """Begins; harmless where another process holds the lease: that one syncs, this one waits to take over."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something to push."""
        self._work.set()

    def stop(self) -> None:
        """Ends both threads; what is pending stays pending."""
        self._stop.set()
        self._work.set()
        if self._heard:
            self._heard.close()
        self._threads[0].join(timeout=35)
        self._lease.release()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._lease.acquire(blocking=False)
            except Timeout:
                self._work.wait(1.0)
                self._work.clear()
                continue
            try:
                self._hold()
            except Exception:
                # A fault of ours must not end sync silently behind a status that says it is well.
                _log.exception("sync")
                self._tell("offline")
                self._stop.wait(POLL_S)
        self._lease.release()

    def _hold(self) -> None:
        transport = HttpTransport(self._backend, self._token)
        engine = Engine(self.store, transport, self.now, patient=True)
        wait, idle = BACKOFF_S[0], False
        try:
            while not self._stop.is_set():
                self._work.clear()
                try:
                    engine.level(self._moved, self._stop.is_set)
                except (Unreachable, StoreError) as error:  # No answer, or a full disk here: both may pass.
                    self._tell(_state(error))
                    # Full jitter, so that desks do not all come back in one moment.
                    if not self._stop.wait(random.uniform(0.1, wait)):
                        wait = min(wait * 2, BACKOFF_S[1])
                    continue
                except Stopped as stopped:
                    self._tell(stopped.state)
                    self._stop.wait(POLL_S * 6)
                    continue
                finally:
                    self._copies.keep()
                self._look_over(engine)
                wait = BACKOFF_S[0]
                self._tell("online" if self._listening else "polling")
                waits = engine.waits_s()
                idle = not self._work.wait(waits or (SAFETY_S if self._listening else POLL_S))
                if idle and not waits:
                    self._tidy()
            if engine.waits_s() and self._listening:
                with contextlib.suppress(Unreachable, Refused, Stopped, StoreError):
                    Engine(self.store, transport, self.now).push()  # Who leaves has made up their mind.
        finally:
            transport.close()

    def _look_over(self, engine: Engine) -> None:
        """Once a minute compares a few rows with the backend's, so that nothing stays different for ever."""
        passed = time.monotonic()
        if passed - self._compared < COMPARE_S:
            return
        self._compared = passed
        with contextlib.suppress(Unreachable, StoreError):
            step = engine.compare()
            if step.mended:
                _log.warning("compare: %d rows differed from the backend's and were mended", step.mended)
                self._moved(Moved(step.lanes, False))

    def _tidy(self) -> None:
        """What there is time for while nothing happens."""
        with contextlib.suppress(StoreError):
            self.store.write(lambda connection: outbox.forget(connection, self.now()), PAGE).result()
        self.store.checkpoint()

    def _listen(self) -> None:
        wait = BACKOFF_S[0]
        while not self._stop.is_set():
            if not self._lease.is_locked:
                self._stop.wait(0.2)
                continue
            self._heard = HttpTransport(self._backend, self._token)
            try:
                self._heard.listen(self._event)
                wait = BACKOFF_S[0]
            except (Unreachable, Refused):
                wait = min(wait * 2, BACKOFF_S[1])
            except Exception:
                if not self._stop.is_set():
                    raise
            finally:
                self._listening = False
                self._work.set()
                self._heard.close()
            self._stop.wait(random.uniform(0.1, wait))

    def _event(self, name: str, data: dict[str, Any]) -> bool:
        if name in ("hello", "poke"):
            self._listening = True
            self._work.set()
        return name != "bye" and not self._stop.is_set() and self._lease.is_locked

    def _tell(self, state: State) -> None:
        def work(connection: Connection) -> bool:
            if facts.get(connection, "sync_state") == state:
                return False
            facts.set(connection, "sync_state", state)
            facts.set(connection, "sync_since", str(self.now()))
            return True

        try:
            news = self.store.write(work, PAGE).result()
        except StoreError:
            news = False  # Where nothing can be written the state cannot be either: it is told all the same.
        if news or state != self._told:
            self._told = state
            self._stands(state)


def _state(error: Unreachable | StoreError) -> State:
    if isinstance(error, Unreachable):
        return "offline"
    return "damaged" if error.code == "damaged" else "full"


def lease(path: pathlib.Path) -> FileLock:
    """The lock whose holder syncs the store there; the operating system lets go of it when a process dies."""
    return FileLock(str(path.with_suffix(".sync")), thread_local=False)

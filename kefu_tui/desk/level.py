"""Keeping a desk level with its backend: in the background, or once."""

import contextlib
import time
from collections.abc import Callable, Iterator

from kefu_tui.desk.answers import Changed
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.watch import Watch
from kefu_tui.store import comparing, facts
from kefu_tui.store.engine import Store
from kefu_tui.sync.engine import Engine, Moved, State, Stopped
from kefu_tui.sync.transport import HttpTransport, Unreachable
from kefu_tui.sync.worker import SyncWorker, lease

TRIES = 50
"""How often a stretch is compared again because something changed meanwhile."""


class NotLevel(Exception):
    """Nothing can be compared: something changes all the time, or the backend's last commit is older than its chain of commits."""


def begin_sync(desk: Desk) -> SyncWorker | None:
    """Starts syncing in the background; None for a desk without a backend."""
    with desk.store.read() as connection:
        backend, token = facts.get(connection, "backend"), facts.get(connection, "token")
    if not backend:
        return None

    def moved(what: Moved) -> None:
        desk.publish_lanes(what.lanes, what.notices)

    def stands(state: State) -> None:
        desk.unwritten = (state, desk.now()) if state in ("full", "damaged") else None
        desk.publish(Changed(frozenset(), frozenset(), False, False, True))

    worker = SyncWorker(desk.store, backend, token, desk.now, moved, stands)
    desk.wake_sync = worker.wake
    worker.start()
    return worker


@contextlib.contextmanager
def kept_level(desk: Desk) -> Iterator[None]:
    """Syncs in the background, and notices what other processes commit, as long as the context lasts."""
    worker = begin_sync(desk)
    watch = Watch(desk)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
        if worker:
            worker.stop()


def sync_once(
    desk: Desk,
    wait_s: float = 30.0,
    moved: Callable[[Moved], None] = lambda what: None,
    then: Callable[[Engine], None] = lambda engine: None,
) -> State:
    """Pushes and pulls until level, or waits for the process that holds the lease. Raises Unreachable.

    Returns online, or the state that needs a person. `moved` is told of each step. `then` is done once it is level, but not
    where another process syncs.
    """
    from filelock import Timeout

    with desk.store.read() as connection:
        backend, token = facts.get(connection, "backend"), facts.get(connection, "token")
    if not backend:
        return "local"
    if not token:
        return "needs-auth"
    lock = lease(desk.store.path)
    deadline = time.monotonic() + wait_s
    while True:
        try:
            lock.acquire(timeout=0.1)
            break
        except Timeout:
            # Another process syncs this store: it is level when that one has sent everything.
            status = desk.status()
            if status.state in ("online", "polling") and not status.pending:
                return "online"
            if time.monotonic() > deadline:
                raise Unreachable(backend) from None
    transport = HttpTransport(backend, token)
    try:
        engine = Engine(desk.store, transport, desk.now)
        engine.level(moved)
        then(engine)
        return "online"
    except Stopped as stopped:
        return stopped.state
    finally:
        transport.close()
        lock.release()


def compare_all(engine: Engine) -> Iterator[tuple[int, int]]:
    """Compares every row with the backend's and mends what differs, step by step: rows, and how many of them were mended.

    Raises NotLevel, and Unreachable where the backend does not answer.
    """
    engine.store.write(comparing.begin_anew).result()
    tries = 0
    while True:
        step = engine.compare()
        yield step.rows, step.mended
        if step.over:
            return
        tries = 0 if step.level else tries + 1
        if tries > TRIES:
            raise NotLevel
        if tries:
            engine.level()


def syncing(store: Store) -> bool:
    """Whether some process syncs this store now."""
    from filelock import Timeout

    lock = lease(store.path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False

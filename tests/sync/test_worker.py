"""Sync in the background outlives what goes wrong, and never says that it is well meanwhile."""

import pathlib
import queue
import threading

import pytest

from kefu_tui.now import system_now
from kefu_tui.store import facts
from kefu_tui.store.engine import Store, StoreError
from kefu_tui.sync import worker
from kefu_tui.sync.engine import Engine
from kefu_tui.sync.transport import Unreachable
from kefu_tui.sync.worker import SyncWorker

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Unreachable("no network"), "offline"),
        (StoreError("disk-full"), "full"),
        (StoreError("damaged"), "damaged"),
        (KeyError("a fault of ours"), "offline"),
    ],
    ids=repr,
)
def test_it_comes_back_by_itself(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    healed = threading.Event()

    def level(self: Engine, *_: object) -> None:
        if not healed.is_set():
            raise fault

    monkeypatch.setattr(Engine, "level", level)
    monkeypatch.setattr(worker, "POLL_S", 0.05)
    store = Store(tmp_path / "store.db", None)
    store.write(lambda c: facts.set(c, "sync_state", "online")).result()
    told: queue.Queue[str] = queue.Queue()
    sync = SyncWorker(store, NOWHERE, "token", system_now, lambda what: None, told.put)
    sync.start()
    assert told.get(timeout=30) == said
    healed.set()
    assert told.get(timeout=30) == "polling", "no pokes come from nowhere"
    sync.stop()
    store.close()

"""What another process commits on the same store is seen here."""

import pathlib
import threading

from kefu_tui.desk import Changed
from kefu_tui.desk.watch import Watch
from kefu_tui.store import facts
from kefu_tui.store.engine import Store
from tests.desk.place import KEY, Place


def test_a_foreign_commit_is_told_and_wakes_the_sync(tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    told, woken = threading.Event(), threading.Event()
    heard: list[Changed] = []

    def hear(changed: Changed) -> None:
        heard.append(changed)
        told.set()

    place.desk.subscribe(hear)
    place.desk.wake_sync = woken.set
    watch = Watch(place.desk)
    watch.start()
    other = Store(place.path, KEY)
    other.write(lambda c: facts.set(c, "lang", "en")).result()
    assert told.wait(30)
    assert woken.wait(30)
    assert heard[0].conversations is None
    watch.stop()
    other.close()
    place.store.close()

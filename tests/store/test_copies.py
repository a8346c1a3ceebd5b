"""Hourly copies: of what cannot be pulled again, sealed, few, and no hindrance to who writes."""

import pathlib
import threading

import pytest

from kefu_tui.now import HOUR, SECOND
from kefu_tui.store import aside, copies, facts
from kefu_tui.store.copies import Copies
from kefu_tui.store.engine import Store
from tests.desk.place import KEY, Place
from tests.operations.rows import NOW


def test_a_copy_has_the_own_tables_and_no_token(tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    place.desk.keep_draft("c1", "一句没写完的话").result()
    place.store.write(lambda c: facts.set(c, "token", "secret-token")).result()
    made = copies.copy(place.store, NOW)
    assert made is not None
    rows, roots, salt = copies.read(made, KEY)
    assert set(rows) == set(copies.OWN)
    assert [row["text"] for row in rows["draft"]] == ["一句没写完的话"]
    assert {row["key"] for row in rows["meta"]} == {"agent_id", "login", "device_id", "epoch", "backend"}
    assert {root.name for root in roots} == {*copies.READ, *copies.INDEXES}
    place.store.close()
    assert salt == place.path.read_bytes()[:16]
    data = made.read_bytes()
    assert "没写完".encode() not in data
    assert b"SQLite format" not in data
    assert made.stat().st_mode & 0o077 == 0


def test_one_an_hour_when_something_changed_and_two_are_kept(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LOOKS_EVERY_S", 0.0)
    place = Place(tmp_path)
    keeper = Copies(place.store, lambda: place.time)

    def made_after(seconds: float, change: str = "") -> int:
        before = set(aside.copies(place.path))
        place.wait(seconds)
        if change:
            place.desk.keep_draft("c1", change).result()
        keeper.keep()
        return len(set(aside.copies(place.path)) - before)

    assert made_after(0) == 1
    assert made_after(1800, "half an hour") == 0
    assert made_after(1801) == 1
    assert made_after(7200) == 0, "nothing changed"
    assert made_after(0, "other") == 1
    assert made_after(3600, "more") == 1
    found = aside.copies(place.path)
    assert len(found) == 2
    assert copies.read(found[0], KEY)[0]["draft"][0]["text"] == "more"
    place.time -= 48 * HOUR // 1
    assert made_after(0, "clock set back") == 1
    newest = aside.copies(place.path)[0]
    assert copies.read(newest, KEY)[0]["draft"][0]["text"] == "clock set back"
    place.store.close()


def test_a_writer_does_not_wait_for_a_copy(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    half, go_on = threading.Event(), threading.Event()

    def reach(name: str) -> None:
        if name == "copies.before-commit":
            half.set()
            assert go_on.wait(30)

    monkeypatch.setattr(copies, "reach", reach)
    copying = threading.Thread(target=copies.copy, args=(place.store, NOW))
    copying.start()
    assert half.wait(30)
    place.desk.keep_draft("c1", "written meanwhile").result(timeout=10)
    go_on.set()
    copying.join()
    (made,) = aside.copies(place.path)
    assert copies.read(made, KEY)[0]["draft"] == [], "as of the moment it began"
    place.store.close()


def test_a_full_disk_stops_no_sync(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)

    def full(path: pathlib.Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(aside, "sync", full)
    Copies(place.store, lambda: NOW).keep()
    assert aside.copies(place.path) == []
    assert not list(tmp_path.glob("*copying*"))
    place.store.close()


def test_names_are_moments(tmp_path: pathlib.Path) -> None:
    at = NOW // SECOND * SECOND
    assert aside.made_at(aside.named(tmp_path / "store.db", "copy", at)) == at
    (tmp_path / "store.copy-nothing.db").touch()
    assert aside.copies(tmp_path / "store.db") == []
    Store(tmp_path / "store.db", None).close()

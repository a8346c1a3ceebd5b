"""A home that cannot be used: one clear line, the right exit code, nothing changed."""

import os
import pathlib

import pytest

from kefu_tui.desk.home import Home
from tests.cli.program import KEY, Kefu


def test_nobody_signed_in(nobody: Kefu) -> None:
    for words in (["queue"], ["whoami"], ["take"], ["sync", "--once"], ["logout"], ["undo"]):
        nobody(*words).refused(4, "kefu login")
    assert not nobody.home.exists()


def test_status_tells_even_then(nobody: Kefu) -> None:
    told = nobody.ok("sync", "--status")
    assert set(told) == {"state", "pending", "held", "rejected", "oldest_pending_s", "cursor", "head", "loaded"}


def test_no_key(desk: Kefu) -> None:
    del desk.env["KEFU_STORE_KEY"]
    desk("queue").refused(1, "KEFU_STORE_KEY")


def test_wrong_key(desk: Kefu) -> None:
    desk("queue", KEFU_STORE_KEY="wrong").refused(1, "KEFU_STORE_KEY", "store.db")
    desk.ok("queue")


def test_store_of_a_newer_version(desk: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_STORE_KEY", KEY)
    store = Home(desk.home).open_store()
    store.write(lambda connection: connection.execute("PRAGMA user_version = 99").rowcount).result()
    store.close()
    before = desk.home.joinpath("store.db").read_bytes()
    desk("queue").refused(1, "99", "newer")
    assert desk.home.joinpath("store.db").read_bytes() == before


def test_damaged_recipe_of_the_key(desk: Kefu) -> None:
    desk.home.joinpath("store.json").write_text("{")
    desk.ok("queue")
    found = {row["check"]: row for row in desk("doctor", "--json").data}
    assert (found["key"]["status"], found["key"]["to_do"]) == ("fail", "damaged: kefu doctor --mend")
    assert desk.ok("doctor", "--mend", "--preview")["to_do"] == ["key"]
    assert desk.ok("doctor", "--mend")["mended"] == ["key"]
    assert desk.ok("doctor", "--mend")["mended"] == []
    for name in ("store.json", "store.copy.json"):
        desk.home.joinpath(name).write_text("{")
    desk("queue").refused(5, "store.json")


def test_damaged_store(desk: Kefu) -> None:
    path = desk.home / "store.db"
    data = bytearray(path.read_bytes())
    for place in range(4096 * 40, len(data), 512):
        data[place] ^= 0xFF
    path.write_bytes(data)
    told = [
        desk(*words)
        for words in (["queue", "--view", "all", "--limit", "0"], ["canned", "list"], ["order", "find", "1"])
    ]
    assert any(one.code == 5 and "damaged" in one.err for one in told), [(one.code, one.err) for one in told]
    assert all(one.err.count("\n") <= 1 and "Traceback" not in one.err for one in told)
    assert desk("doctor").code == 1
    row = next(row for row in desk("doctor", "--json").data if row["status"] == "fail")
    assert (row["check"], row["to_do"].partition(":")[0]) == ("store", "kefu doctor --mend")


@pytest.mark.parametrize("place", [50, 4096 * 120 + 50], ids=["header", "page"])
def test_mending_says_what_was_saved(desk: Kefu, place: int) -> None:
    id = desk.ok("queue", "--view", "mine")[0]["id"]
    desk.ok("reply", id, "说过的话")
    path = desk.home / "store.db"
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    before = path.read_bytes()
    desk("doctor", "--mend", KEFU_STORE_KEY="wrong").refused(1, "KEFU_STORE_KEY")
    assert desk.ok("doctor", "--mend", "--preview")["to_do"] == ["store"]
    assert path.read_bytes() == before
    done = desk("doctor", "--mend")
    assert done.code == 0, done.err
    assert "1 unsent steps still go out" in done.err
    told = done.data
    assert (told["mended"], told["kept"], told["lost"], told["doubtful"]) == (["store"], [1], [], [])
    assert pathlib.Path(told["aside"]).read_bytes() == before
    assert desk.ok("sync", "--status")["pending"] == 1
    assert [notice["code"] for notice in desk.ok("notices", "list")] == ["mended"]
    assert desk.ok("doctor", "--json")
    desk("doctor", "--preview").refused(2, "--mend")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o500)
    Kefu(tmp_path / "home")("seed", "--conversations", "1").refused(1, str(tmp_path))


def test_home_that_is_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "home").write_text("")
    Kefu(tmp_path / "home")("seed", "--conversations", "1").refused(1, "home")


def test_unknown_and_ambiguous_ids(desk: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    desk("show", "0123456789").refused(1, "0123456789")
    desk("reply", "zzzzzzzz", "hello").refused(1, "zzzzzzzz")
    rows = desk.ok("queue", "--view", "all", "--limit", "0")
    id = rows[0]["id"]
    assert desk.ok("show", id[-8:])["id"] == id
    assert desk.ok("show", id[-12:].upper())["id"] == id
    monkeypatch.setenv("KEFU_STORE_KEY", KEY)
    store = Home(desk.home).open_store()
    twin = f"{id[:8]}-0000-7000-8000-000000000000"
    sql = "UPDATE conversation SET id = ? WHERE id = ?"
    store.write(lambda connection: connection.execute(sql, (twin, rows[1]["id"])).rowcount).result()
    store.close()
    desk("show", id[:8]).refused(1, "more than one")
    assert desk("-o", "json", "show", "00000000-0000-0000-0000-000000000000").code == 1


def test_doctor(desk: Kefu) -> None:
    found = {row["check"]: row for row in desk.ok("doctor", "--json")}
    assert found["store"]["status"] == "ok"
    assert found["key"]["found"] == "KEFU_STORE_KEY"
    assert {row["status"] for row in found.values()} <= {"ok", "warn"}
    assert desk("doctor", "--json", KEFU_STORE_KEY="wrong").code == 1

"""The store's file: encrypted, gated by version, one writer, and clear words when it cannot be used."""

import pathlib
import subprocess
import sys

import pytest
import sqlcipher3

from kefu_tui.store import facts
from kefu_tui.store.engine import Store, StoreError

KEY = bytes(range(32))


def made(folder: pathlib.Path, key: bytes | None = KEY) -> pathlib.Path:
    path = folder / "store.db"
    store = Store(path, key)
    store.write(lambda c: facts.set(c, "login", "seeded-name-王小美")).result()
    store.close()
    return path


def test_nothing_readable_lies_on_the_disk(tmp_path: pathlib.Path) -> None:
    path = made(tmp_path)
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert b"SQLite format 3" not in data
        assert b"seeded-name" not in data
        assert "王小美".encode() not in data
    assert path.stat().st_mode & 0o077 == 0


def code(path: pathlib.Path, key: bytes | None = KEY) -> str:
    with pytest.raises(StoreError) as caught:
        Store(path, key).close()
    return caught.value.code


def test_a_wrong_key_is_told_apart(tmp_path: pathlib.Path) -> None:
    path = made(tmp_path)
    assert code(path, bytes(32)) == "wrong-key"
    assert code(path, None) == "damaged"


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: pathlib.Path) -> None:
    path = made(tmp_path, None)
    raw = sqlcipher3.connect(str(path))
    raw.execute("PRAGMA user_version = 99")
    raw.commit()
    raw.close()
    before = path.read_bytes()
    assert code(path, None) == "newer"
    assert path.read_bytes() == before


def test_a_damaged_file_is_told_apart(tmp_path: pathlib.Path) -> None:
    path = made(tmp_path, None)
    path.write_bytes(b"not a database at all, but long enough to have a header" * 100)
    assert code(path, None) == "damaged"


def test_a_folder_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError):
        Store(tmp_path / "no" / "store.db", KEY)


def test_a_failed_job_leaves_nothing(tmp_path: pathlib.Path) -> None:
    store = Store(tmp_path / "store.db", KEY)

    def half(connection: facts.Connection) -> None:
        facts.set(connection, "login", "half")
        raise KeyError("planned")

    with pytest.raises(KeyError):
        store.write(half).result()
    with store.read() as connection:
        assert facts.get(connection, "login") == ""
    store.close()


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: pathlib.Path) -> None:
    store = Store(tmp_path / "store.db", KEY)

    def limit(connection: facts.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 1}").fetchall()

    store.write(limit).result()
    with pytest.raises(StoreError) as caught:
        store.write(lambda c: facts.set(c, "login", "x" * 200_000)).result()
    assert caught.value.code == "disk-full"
    with store.read() as connection:
        assert facts.get(connection, "login") == ""
    store.write(lambda c: facts.set(c, "login", "small")).result()
    store.close()


def test_two_processes_may_commit_on_one_store(tmp_path: pathlib.Path) -> None:
    path = made(tmp_path, None)
    store = Store(path, None)
    seen = store.foreign_version()
    store.write(lambda c: facts.set(c, "login", "own")).result()
    assert store.foreign_version() == seen, "own commits are not foreign"
    script = (
        "import pathlib, sys\n"
        "from kefu_tui.store import facts\n"
        "from kefu_tui.store.engine import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]), None)\n"
        "store.write(lambda c: facts.set(c, 'login', 'other')).result()\n"
        "store.close()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, timeout=60)
    assert store.foreign_version() != seen
    with store.read() as connection:
        assert facts.get(connection, "login") == "other"
    store.write(lambda c: facts.set(c, "login", "mine")).result()
    store.close()


def test_verbs_go_before_pages(tmp_path: pathlib.Path) -> None:
    import threading

    from kefu_tui.store.engine import PAGE, VERB

    store = Store(tmp_path / "store.db", None)
    gate, order = threading.Event(), []
    first = store.write(lambda c: gate.wait(30))
    jobs = [store.write(lambda c: order.append("page"), PAGE), store.write(lambda c: order.append("verb"), VERB)]
    gate.set()
    first.result()
    for job in jobs:
        job.result()
    assert order == ["verb", "page"]
    store.close()


def test_rows_are_generated_from_the_tables() -> None:
    import subprocess as run

    from kefu_tui.model import rows, tables

    formatted = run.run(
        [sys.executable, "-m", "ruff", "format", "-"], input=tables.source(), text=True, capture_output=True, check=True
    ).stdout
    assert pathlib.Path(rows.__file__).read_text(encoding="utf-8") == formatted, "run python -m kefu_tui.model.tables"

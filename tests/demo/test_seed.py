"""Filled stores: exactly what was wanted, the same for the same seed, and changes that come in live."""

import pathlib
from typing import Any

import pytest

from kefu_tui.demo.live import live
from kefu_tui.demo.seed import SeedError, seed
from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.model.rows import TABLES
from kefu_tui.now import HOUR, SECOND
from kefu_tui.store import facts

NOW = 1_795_000_000 * SECOND + 17


def fill(folder: pathlib.Path, number: int = 5, now: int = NOW) -> Home:
    seed(folder, 60, 500, 40, number, ask=lambda: "key", now=lambda: now)
    return Home(folder, lambda: now)


def content(home: Home) -> dict[str, list[Any]]:
    store = home.open_store(lambda: "key")
    with store.read() as connection:
        rows = {
            table.table: connection.execute(f"SELECT * FROM {table.table} ORDER BY id").fetchall() for table in TABLES
        }
    store.close()
    return rows


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    return fill(tmp_path / "home")


@pytest.fixture
def desk(home: Home) -> Any:
    store = home.open_store(lambda: "key")
    yield open_desk(home, store, "zh")
    store.close()


def test_as_many_as_were_wanted(home: Home) -> None:
    rows = content(home)
    assert {name: len(rows[name]) for name in ("conversation", "message", "shop_order")} == {
        "conversation": 60,
        "message": 500,
        "shop_order": 40,
    }


def test_the_same_seed_gives_the_same_rows(tmp_path: pathlib.Path, home: Home) -> None:
    assert content(home) == content(fill(tmp_path / "again"))
    assert content(home) != content(fill(tmp_path / "other", 6))


def test_ids_do_not_depend_on_the_hour(tmp_path: pathlib.Path, home: Home) -> None:
    later = content(fill(tmp_path / "later", now=NOW + 30 * HOUR))
    here = content(home)
    for table in ("conversation", "message", "customer"):
        assert [row[0] for row in here[table]] == [row[0] for row in later[table]]


def test_positions_are_dense_and_what_a_conversation_repeats_is_true(desk: Desk) -> None:
    with desk.store.read() as connection:
        for id, last, unanswered, preview, due_at in connection.execute(
            "SELECT id, last_pos, unanswered, preview, due_at FROM conversation"
        ).fetchall():
            lines = connection.execute(
                "SELECT conv_pos, author, text, at FROM message WHERE conversation_id = ? ORDER BY conv_pos", (id,)
            ).fetchall()
            assert [line[0] for line in lines] == list(range(1, last + 1))
            assert lines[0][1] == "customer"
            assert [line[3] for line in lines] == sorted(line[3] for line in lines)
            assert preview == lines[-1][2][:120]
            tail = len(lines) - max((n for n, line in enumerate(lines, 1) if line[1] == "agent"), default=0)
            assert unanswered in (0, tail)
            (first,) = connection.execute(
                "SELECT min(due_at) FROM clock WHERE conversation_id = ? AND outcome = 'running'", (id,)
            ).fetchone()
            assert due_at == first


def test_nothing_lies_in_the_time_to_come(desk: Desk) -> None:
    with desk.store.read() as connection:
        (newest,) = connection.execute("SELECT max(at) FROM message").fetchone()
        (resolved,) = connection.execute("SELECT max(resolved_at) FROM conversation").fetchone()
    assert newest <= NOW
    assert resolved <= NOW


def test_a_practice_agent_is_signed_in_with_work_in_front(desk: Desk) -> None:
    assert desk.me().login == "practice"
    assert desk.status().state == "local"
    first = desk.queue_rows(desk.queue_ids("work"))[0]
    assert first.section == "mine"
    assert first.due is not None
    assert desk.queue_count("waiting") >= 4
    assert desk.canned_count() > 200
    done = desk.take(desk.queue_ids("waiting")[0]).result()
    assert isinstance(done, Done)


def test_one_conversation_is_enough(tmp_path: pathlib.Path) -> None:
    told = seed(tmp_path / "one", 1, 1, ask=lambda: "key")
    assert (told["conversations"], told["messages"], told["orders"]) == (1, 1, 0)


def test_a_home_that_is_taken_is_left_alone(home: Home) -> None:
    before = content(home)
    with pytest.raises(SeedError, match="has a store already"):
        fill(home.folder)
    assert content(home) == before


def test_fewer_messages_than_conversations_are_refused_before_anything_is_made(tmp_path: pathlib.Path) -> None:
    with pytest.raises(SeedError, match="each begins with one"):
        seed(tmp_path / "x", 10, 9, ask=lambda: "key")
    assert not (tmp_path / "x").exists()


def test_a_filling_that_fails_leaves_nothing(tmp_path: pathlib.Path) -> None:
    def broken(done: int, total: int) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        seed(tmp_path / "x", 10, 20, ask=lambda: "key", progress=broken)
    assert not (tmp_path / "x").exists()


def test_live_changes_come_in_as_pages(home: Home) -> None:
    before = content(home)
    store = home.open_store(lambda: "key")
    with store.read() as connection:
        (cursor,) = connection.execute("SELECT min(seq) FROM cursor").fetchone()
    store.close()
    assert live(home.folder, 1000, 0.03, ask=lambda: "key", now=lambda: NOW) == 30
    store = home.open_store(lambda: "key")
    with store.read() as connection:
        assert connection.execute("SELECT min(seq) FROM cursor").fetchone() == (cursor + 30,)
        for id, last in connection.execute("SELECT id, last_pos FROM conversation").fetchall():
            found = connection.execute(
                "SELECT count(*), max(conv_pos) FROM message WHERE conversation_id = ?", (id,)
            ).fetchone()
            assert found == (last, last)
    store.close()
    assert len(content(home)["message"]) > len(before["message"])


def test_live_changes_are_for_filled_stores_only(home: Home) -> None:
    store = home.open_store(lambda: "key")
    store.write(lambda connection: facts.set(connection, "backend", "http://127.0.0.1:1")).result()
    store.close()
    with pytest.raises(SeedError, match="backend"):
        live(home.folder, 10, 1, ask=lambda: "key")
    with pytest.raises(SeedError, match="between"):
        live(home.folder, 0, 1, ask=lambda: "key")

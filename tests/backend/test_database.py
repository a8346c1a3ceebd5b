"""The database under the backend, SQLite and PostgreSQL: what both do alike."""

import contextlib
import pathlib
import threading
from collections.abc import Iterator

import pytest

from kefu_tui.backend.commits import Commits
from kefu_tui.backend.database import Conflict, Database, Trouble, head
from kefu_tui.backend.postgres import Postgres
from kefu_tui.backend.sqlite import Sqlite
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
from kefu_tui.operations.people import AddGroup
from tests.postgres import Cluster


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: pathlib.Path, database_kind: str) -> Iterator[Database]:
    if database_kind == "sqlite":
        made: Database = Sqlite(tmp_path / "kefu.db")
    else:
        cluster: Cluster = request.getfixturevalue("postgres")
        made = Postgres(cluster.database())
    made.create("e1")
    yield made
    made.close()


def test_tables_and_columns_that_are_missing_are_made(database: Database) -> None:
    with database.write() as connection:
        connection.execute("UPDATE sync_head SET seq = 7")
        connection.execute("INSERT INTO sync_commit (seq, at) VALUES (7, 1)")
        connection.execute("ALTER TABLE sync_head DROP COLUMN chain")
        connection.execute("ALTER TABLE sync_commit DROP COLUMN chain")
        connection.execute("DROP TABLE ticket_reader")
        connection.execute("DROP TABLE alembic_version")  # made before there were migrations
    database.create("e2")
    with database.read() as connection:
        assert head(connection) == ("e1", 7)
        assert connection.execute("SELECT seq, chain FROM sync_head").fetchall() == [(7, "")]
        assert connection.execute("SELECT seq, at, chain FROM sync_commit").fetchall() == [(7, 1, "")]
        assert connection.execute("SELECT count(*) FROM ticket_reader").fetchall() == [(0,)]


def test_text_is_ordered_by_its_bytes_and_numbers_have_64_bits(database: Database) -> None:
    names = ["a", "B", "á", "中", "_", "Z", "😀", "a b", "a-b", "ab"]
    with database.write() as connection:
        for number, name in enumerate(names):
            connection.execute("INSERT INTO job_cursor VALUES (?, ?)", (name, (1 << 62) + number))
        connection.execute("INSERT INTO visitor VALUES ('v?', 'h', 'it''s ?', 'zh', 1, ?)", (1 << 40,))
    with database.read() as connection:
        found = connection.execute("SELECT name FROM job_cursor WHERE name >= ? ORDER BY name", ("",)).fetchall()
        assert [name for (name,) in found] == sorted(names, key=str.encode)
        assert connection.execute("SELECT max(at) FROM job_cursor").fetchone() == ((1 << 62) + len(names) - 1,)
        asked = "SELECT id, name, read_pos FROM visitor WHERE name = 'it''s ?' AND read_pos > ?"
        assert connection.execute(asked, (7,)).fetchall() == [("v?", "it's ?", 1 << 40)]


def test_what_the_tables_refuse_is_a_conflict_and_leaves_nothing(database: Database) -> None:
    def work() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO job_cursor VALUES ('new', 1)")
            connection.execute("INSERT INTO sync_head (space_id, epoch, seq) VALUES ('main', 'e3', 0)")

    with pytest.raises(Conflict):
        work()
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM job_cursor").fetchone() == (0,)


def test_a_reader_sees_one_moment_and_a_writer_what_was_last(database: Database) -> None:
    def count_up() -> None:
        with database.write() as connection:
            connection.execute("UPDATE sync_head SET seq = seq + 1")

    with database.read() as connection:
        assert head(connection)[1] == 0
        writer = threading.Thread(target=count_up)
        writer.start()
        writer.join()
        assert head(connection)[1] == 0
    count_up()
    with database.read() as connection:
        assert head(connection)[1] == 2


def test_numbers_run_without_holes_and_no_reader_misses_one(database: Database) -> None:
    """Three threads commit, some of their transactions come to nothing; a fourth reads on from the last number it saw."""
    commits, ids, over = Commits(database, system_now), Ids(), threading.Event()
    seen: list[int] = []

    def work(name: str) -> None:
        for number in range(15):
            commits.run(AddGroup(group_id=f"{name}{number}", name=f"{name}{number}"), ids())
            with contextlib.suppress(ZeroDivisionError), database.write() as connection:
                commits.within(connection, AddGroup(group_id="never", name="never"), ids())
                raise ZeroDivisionError

    def look() -> None:
        while True:
            last = over.is_set()
            with database.read() as connection:
                known = seen[-1] if seen else 0
                seen.extend(
                    seq
                    for (seq,) in connection.execute("SELECT seq FROM sync_commit WHERE seq > ? ORDER BY seq", (known,))
                )
            if last:
                return

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    reader = threading.Thread(target=look)
    for thread in (reader, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    reader.join()
    assert seen == list(range(1, 46))


def test_a_closed_database_opens_anew(database: Database) -> None:
    database.close()
    with database.read() as connection:
        assert head(connection) == ("e1", 0)


def test_a_table_that_is_gone_is_trouble(database: Database) -> None:
    with database.write() as connection:
        connection.execute("DROP TABLE job_cursor")
    with pytest.raises(Trouble, match="job_cursor"), database.read() as connection:
        connection.execute("SELECT * FROM job_cursor")

"""A database that was made before gets what it lacks, with all that is in it."""

import pathlib

from kefu_tui.backend.database import Database, head


def test_tables_and_columns_that_are_missing_are_made(tmp_path: pathlib.Path) -> None:
    database = Database(tmp_path / "kefu.db")
    database.create("e1")
    with database.write() as connection:
        connection.execute("UPDATE sync_head SET seq = 7")
        connection.execute("INSERT INTO sync_commit (seq, at) VALUES (7, 1)")
        connection.execute("ALTER TABLE sync_head DROP COLUMN chain")
        connection.execute("ALTER TABLE sync_commit DROP COLUMN chain")
        connection.execute("DROP TABLE ticket_reader")
    database.create("e2")
    with database.read() as connection:
        assert head(connection) == ("e1", 7)
        assert connection.execute("SELECT seq, chain FROM sync_head").fetchall() == [(7, "")]
        assert connection.execute("SELECT seq, at, chain FROM sync_commit").fetchall() == [(7, 1, "")]
        assert connection.execute("SELECT count(*) FROM ticket_reader").fetchall() == [(0,)]
    database.close()

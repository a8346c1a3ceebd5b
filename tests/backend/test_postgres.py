"""PostgreSQL's own: who waits, who gives in, what is cut off, and an address that is told without its password."""

import contextlib
import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.backend.commits import Commits
from kefu_tui.backend.database import Busy, DatabaseError, head
from kefu_tui.backend.postgres import Postgres, numbered
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
from kefu_tui.operations import Outcome
from kefu_tui.operations.people import AddGroup
from tests.postgres import Cluster, name_of


@pytest.fixture
def url(postgres: Cluster) -> str:
    return postgres.database()


@pytest.fixture
def database(url: str) -> Iterator[Postgres]:
    with contextlib.closing(Postgres(url)) as made:
        made.create("e1")
        yield made


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT ? WHERE a = ? AND b IN (?, ?)", "SELECT $1 WHERE a = $2 AND b IN ($3, $4)"),
        ("SELECT '?', 'it''s ?', ? LIKE '%?'", "SELECT '?', 'it''s ?', $1 LIKE '%?'"),
    ],
)
def test_parameters_are_numbered_outside_quotes(told: str, sent: str) -> None:
    assert numbered(told) == sent


def test_a_transaction_that_gives_in_is_run_again(database: Postgres, postgres: Cluster, url: str) -> None:
    """The database refuses the first two writes as it does at a deadlock; a sequence counts them, also what is undone."""
    for statement in (
        "CREATE SEQUENCE times",
        "CREATE FUNCTION gives_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF nextval('times') <= 2 THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER gives_in BEFORE INSERT ON sync_commit FOR EACH ROW EXECUTE FUNCTION gives_in()",
    ):
        postgres.sql(statement, name_of(url))
    outcome = Commits(database, system_now).run(AddGroup(group_id="g", name="g"), Ids()())
    assert isinstance(outcome, Outcome)
    assert postgres.sql("SELECT last_value FROM times", name_of(url)) == [(3,)]
    with database.read() as connection:
        assert head(connection)[1] == 1


def test_a_commit_calls_out_its_number_and_nothing_else_does(database: Postgres, url: str) -> None:
    commits, ids = Commits(database, system_now), Ids()
    with database.alone() as raw:
        raw.execute("LISTEN kefu")
        with contextlib.suppress(ZeroDivisionError), database.write() as connection:
            commits.within(connection, AddGroup(group_id="never", name="never"), ids())
            raise ZeroDivisionError
        with database.write() as connection:
            connection.execute("INSERT INTO job_cursor VALUES ('a', 1)")
        for name in "gh":
            commits.run(AddGroup(group_id=name, name=name), ids())
        heard = [told.payload for told in raw.notifies(timeout=20, stop_after=2)]
    assert heard == ["1", "2"]


def test_who_waits_too_long_for_the_counter_is_told_so(database: Postgres, url: str) -> None:
    with contextlib.closing(Postgres(url)) as other, other.write():
        with pytest.raises(Busy, match="lock"), database.write():
            pytest.fail("two writers at once")
        with database.read() as connection:
            assert head(connection)[1] == 0


def test_connections_that_were_cut_off_are_passed_over(database: Postgres, postgres: Cluster, url: str) -> None:
    with database.read(), database.write():
        pass  # two lie in the pool now
    postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'")
    for _ in range(3):
        with database.read() as connection:
            assert head(connection) == ("e1", 0)
        with database.write() as connection:
            connection.execute("UPDATE sync_head SET seq = seq")


def test_a_connection_that_is_cut_off_at_work_is_busy_and_nothing_is_kept(
    database: Postgres, postgres: Cluster, url: str
) -> None:
    def work() -> None:
        with database.write() as connection:
            connection.execute("UPDATE sync_head SET seq = 9")
            postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'")
            connection.execute("SELECT 1")

    with pytest.raises(Busy):
        work()
    with database.read() as connection:
        assert head(connection)[1] == 0


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://kefu:top%40secret@127.0.0.1:1/shop",
        "postgresql://kefu:top@secret@127.0.0.1:1/shop",
        "postgres://kefu:top/secret@127.0.0.1/shop",
        "postgresql://kefu@127.0.0.1:1/shop?password=secret&nonsense=1",
        "mysql://kefu:secret@127.0.0.1/shop",
        "secret",
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseError) as told:
        Postgres(url).create("e1")
    for text in (told.value.zh, told.value.en, str(told.value)):
        assert "secret" not in text
        assert "\n" not in text


def test_a_database_in_another_encoding_is_refused(postgres: Cluster, tmp_path: pathlib.Path) -> None:
    postgres.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(DatabaseError, match="UTF8"):
        Postgres(postgres.url("latin")).create("e1")

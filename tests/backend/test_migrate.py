"""Migrations make the tables that the models tell, on both databases, and lose nothing on the way."""

import contextlib
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler

from kefu_tui.backend.database import Database, DatabaseError, make_tables
from kefu_tui.backend.migrate import FOLDER, NEWEST
from kefu_tui.backend.postgres import Postgres
from kefu_tui.backend.sqlite import Sqlite

INDEXES = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT tablename, indexname, indexdef FROM pg_indexes",
}
Told = dict[str, dict[str, Any]]


@pytest.fixture
def two(request: pytest.FixtureRequest, tmp_path: pathlib.Path, database_kind: str) -> Iterator[list[Database]]:
    """Two empty databases of one kind."""

    def made(name: str) -> Database:
        if database_kind == "sqlite":
            return Sqlite(tmp_path / name)
        return Postgres(request.getfixturevalue("postgres").database())

    with contextlib.ExitStack() as ends:
        yield [ends.enter_context(contextlib.closing(made(name))) for name in ("one.db", "two.db")]


def told(database: Database) -> Told:
    """Everything about the tables but alembic's own."""
    engine = database.engine()
    if isinstance(database, Postgres):  # reflection asks in types of its own
        engine.dialect.type_compiler_instance = PGTypeCompiler(engine.dialect)
    look = inspect(engine)
    told = {
        name: {
            "columns": {
                column["name"]: [repr(column[key]) for key in ("type", "nullable", "default")] for column in found
            },
            "order": [column["name"] for column in found],
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted(one["column_names"] for one in look.get_unique_constraints(name)),
            "indexes": {},
        }
        for name in look.get_table_names()
        if name != "alembic_version"
        for found in [look.get_columns(name)]
    }
    with engine.connect() as connection:
        for table, name, sql in connection.execute(text(INDEXES[engine.dialect.name])):
            if table in told:
                told[table]["indexes"][name] = sql
    return told


def test_what_is_migrated_is_what_the_models_tell(two: list[Database]) -> None:
    migrated, created = two
    migrated.create("e1")
    engine = created.engine()
    with engine.begin() as connection:
        make_tables(
            connection.exec_driver_sql,
            engine.dialect,
            lambda table: [c["name"] for c in inspect(connection).get_columns(table)],
        )
    assert told(migrated) == told(created)
    assert len(told(migrated)) > 40


def test_a_database_of_before_there_were_migrations_is_brought_level(two: list[Database]) -> None:
    old, new = two
    for one in two:
        one.create("e1")
    with old.write() as connection:
        connection.execute("INSERT INTO job_cursor VALUES ('kept', 7)")
        connection.execute("DROP TABLE alembic_version")
        connection.execute("DROP TABLE chat_line")
        connection.execute("DROP INDEX clock_warns")
        connection.execute("ALTER TABLE outbound DROP COLUMN doubtful")
    old.create("e2")
    level, expected = told(old), told(new)
    assert level["outbound"].pop("order") != expected["outbound"].pop("order")  # what is added comes last
    assert level == expected
    with old.read() as connection:
        assert connection.execute("SELECT at FROM job_cursor").fetchall() == [(7,)]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(NEWEST,)]
        assert connection.execute("SELECT epoch FROM sync_head").fetchall() == [("e1",)]


def test_a_database_of_a_newer_version_is_refused(two: list[Database]) -> None:
    two[0].create("e1")
    with two[0].write() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="newer"):
        two[0].create("e1")


def test_migrations_have_one_line_of_descent() -> None:
    told = [path.read_text(encoding="utf-8") for path in sorted((FOLDER / "versions").glob("m*.py"))]
    revisions = [re.findall(r'^revision = "(\d+)"', text, re.M)[0] for text in told]
    before = [re.findall(r'^down_revision = (?:"(\d+)"|None)', text, re.M)[0] for text in told]
    assert before == ["", *revisions[:-1]]
    assert revisions[-1] == NEWEST

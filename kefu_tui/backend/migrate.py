"""Bringing a database's tables up to date: by alembic's migrations, from empty and from every release."""

import contextlib
import pathlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from kefu_tui.backend.database import DatabaseError, make_tables

FOLDER = pathlib.Path(__file__).parent / "migrations"
NEWEST = max(path.name[1:5] for path in (FOLDER / "versions").glob("m*.py"))
"""The newest migration."""
VERSION = "SELECT version_num FROM alembic_version"


@contextlib.contextmanager
def migrating(place: object) -> Iterator[None]:
    """Says in one line what keeps the tables of a place from being brought up to date: raises DatabaseError."""
    from alembic.util.exc import CommandError

    try:
        yield
    except CommandError as error:
        raise DatabaseError(
            f"{place} 是更新的 kefu 建的，这一版打不开。", f"{place} was made by a newer kefu; this one cannot use it."
        ) from error
    except DBAPIError as error:
        why = " ".join(str(error.orig).split())
        raise DatabaseError(f"{place}：{why}", f"{place}: {why}") from error


def migrate(connection: Connection) -> None:
    """Runs what is missing, in the caller's transaction.

    A database of before there were migrations lacks no more than tables and columns: it gets them and counts as up to date.
    """
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(FOLDER))
    tables = set(inspect(connection).get_table_names())
    if "sync_head" in tables and "alembic_version" not in tables:

        def columns(table: str) -> Iterable[str]:
            return [column["name"] for column in inspect(connection).get_columns(table)]

        make_tables(connection.exec_driver_sql, connection.dialect, columns)
        MigrationContext.configure(connection).stamp(script, NEWEST)
        return

    def steps(revision: str, context: MigrationContext) -> Any:
        return script._upgrade_revs(NEWEST, revision)

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()

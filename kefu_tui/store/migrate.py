"""Making a store and bringing an older one up to date: small steps, forward only."""

from kefu_tui.model.sql import Connection

CURRENT = 1
"""Version of the store's schema (`PRAGMA user_version`)."""


READING = (
    "CREATE INDEX conversation_work ON conversation (status, assignee_id, offered_to_id, due_at, last_at, id)",
    "CREATE INDEX conversation_offered ON conversation (offered_to_id, status, assignee_id, due_at, last_at, id) "
    "WHERE offered_to_id IS NOT NULL",
    "CREATE INDEX clock_running ON clock (due_at IS NULL, due_at, id, conversation_id) WHERE outcome = 'running'",
    "CREATE INDEX message_canned ON message (author_id, canned_id) WHERE canned_id IS NOT NULL",
)
"""Indexes that only a desk needs: what its lists read stands in them, so that a read after a page decrypts little."""


def create(connection: Connection) -> None:
    """Makes all tables of an empty store, inside the caller's transaction."""
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable

    from kefu_tui.model import tables  # noqa: F401
    from kefu_tui.model.base import Replicated
    from kefu_tui.store import schema

    dialect = sqlite.dialect()
    for metadata in (Replicated.metadata, schema.Own.metadata):
        for table in metadata.sorted_tables:
            connection.execute(str(CreateTable(table).compile(dialect=dialect)))
            for index in table.indexes:
                connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
    for statement in READING:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {CURRENT}")


def migrate(connection: Connection, version: int) -> None:
    """Runs the steps from `version` to CURRENT inside the caller's transaction."""
    for step in STEPS[version - 1 :]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {CURRENT}")


STEPS: tuple[tuple[str, ...], ...] = ()
"""Statements from version n to n + 1, for n = 1, 2, …"""

"""Making a store and bringing an older one up to date: small steps, forward only."""

from kefu_tui.model.sql import Connection
from kefu_tui.store.fulltext import SCHEMA as FULLTEXT

CURRENT = 8
"""Version of the store's schema (`PRAGMA user_version`)."""


READING = (
    "CREATE INDEX IF NOT EXISTS conversation_work ON conversation "
    "(status, assignee_id, offered_to_id, due_at, last_at, id)",
    "CREATE INDEX IF NOT EXISTS conversation_offered ON conversation "
    "(offered_to_id, status, assignee_id, due_at, last_at, id) WHERE offered_to_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS clock_running ON clock (due_at IS NULL, due_at, id, conversation_id) "
    "WHERE outcome = 'running'",
    "CREATE INDEX IF NOT EXISTS clock_rounds ON clock (started_at, kind, conversation_id, stopped_at, outcome) "
    "WHERE kind IN ('first_response_chat', 'first_response_async', 'next_response')",
    "CREATE INDEX IF NOT EXISTS conversation_ringing ON conversation (due_from, id) WHERE due_kind = 'phone_pick_up'",
    "CREATE INDEX IF NOT EXISTS conversation_last ON conversation (last_at)",
    "CREATE INDEX IF NOT EXISTS message_held ON message (at, author_id) WHERE state = 'held'",
    "CREATE INDEX IF NOT EXISTS message_canned ON message (author_id, canned_id) WHERE canned_id IS NOT NULL",
)
"""Indexes that only a desk needs: what its lists read stands in them, so that a read after a page decrypts little."""

STEPS: tuple[tuple[str, ...], ...] = (
    ("ALTER TABLE outbox ADD COLUMN hold_until BIGINT",),
    (),
    (),
    ("ALTER TABLE outbox ADD COLUMN delivery VARCHAR",),
    (),
    (),
    ("DELETE FROM sync_unapplied", "ALTER TABLE sync_unapplied RENAME COLUMN raw TO error"),
)
"""What changes tables that were there, from version n to n + 1, for n = 1, 2, …; new tables and indexes need no step."""


def create(connection: Connection) -> None:
    """Makes all tables and indexes that are missing, inside the caller's transaction."""
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable

    from kefu_tui.model import tables  # noqa: F401
    from kefu_tui.model.base import Replicated
    from kefu_tui.store import schema

    dialect = sqlite.dialect()
    for metadata in (Replicated.metadata, schema.Own.metadata):
        for table in metadata.sorted_tables:
            connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
            for index in table.indexes:
                connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)))
    for statement in (*READING, *FULLTEXT):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {CURRENT}")


def migrate(connection: Connection, version: int) -> None:
    """Brings a store of an older version up to CURRENT, inside the caller's transaction."""
    for step in STEPS[version - 1 :]:
        for statement in step:
            connection.execute(statement)
    create(connection)

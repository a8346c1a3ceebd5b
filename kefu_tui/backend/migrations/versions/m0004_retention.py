"""Removals of long ago are forgotten: how far, and what finds them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the column and the index."""
    op.add_column("sync_head", sa.Column("min_seq", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("CREATE INDEX IF NOT EXISTS sync_change_removed ON sync_change (seq) WHERE op <> 'P'")

"""Who gave a field a value that somebody else replaced without knowing of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table, and the index that finds earlier values."""
    op.create_table(
        "overruled",
        sa.Column("op_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("op_id", "what"),
    )
    op.create_index("overruled_agent", "overruled", ["agent_id", "seq"])
    op.create_index(op.f("ix_overruled_seq"), "overruled", ["seq"])
    op.execute(
        "CREATE INDEX IF NOT EXISTS audit_fields ON audit (lane, seq) "
        "WHERE kind IN ('conversation.priority', 'ticket.set')"
    )

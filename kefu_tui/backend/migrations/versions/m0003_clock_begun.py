"""The job that ends calls looks for clocks that began long ago."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the index."""
    op.execute("CREATE INDEX IF NOT EXISTS clock_begun ON clock (kind, started_at) WHERE outcome = 'running'")

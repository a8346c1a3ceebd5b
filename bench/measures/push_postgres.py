"""Deciding pushed operations at the backend on PostgreSQL, without HTTP: one in a commit, 50, and 200."""

import psycopg

from bench.figures import Figure, Skipped
from bench.ground import Ground
from bench.measures.push import pushed
from kefu_tui.backend.postgres import URL, Postgres
from kefu_tui.wire import MAX_OPERATIONS

SCHEMA = "kefu_bench"


def measure(ground: Ground) -> list[Figure]:
    """As on SQLite, in a schema of its own that is gone afterwards."""
    if not ground.database:
        raise Skipped("no --database was told")
    figures = []
    for batch, target in ((1, ""), (50, "≥ 5,000"), (MAX_OPERATIONS, "≥ 5,000")):
        with psycopg.connect(URL.sub("postgresql://", ground.database, count=1), autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
            among = "&" if "?" in ground.database else "?"
            rate = pushed(Postgres(f"{ground.database}{among}options=-csearch_path%3D{SCHEMA}"), batch)
            connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        figures.append(Figure(f"push on PostgreSQL, {batch} in a commit", rate, "operations/s", target))
    return figures

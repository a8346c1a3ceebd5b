"""Applying pulled pages of 2,000 rows into a new encrypted store."""

import functools
import itertools
import pathlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bench.figures import Figure
from bench.ground import Ground, desk_at
from kefu_tui.desk import Desk
from kefu_tui.model.rows import SCHEMA, TABLES
from kefu_tui.model.sql import COLUMNS, Connection
from kefu_tui.store import facts, pages
from kefu_tui.store.engine import PAGE as PAGE_ORDER
from kefu_tui.store.engine import Store
from kefu_tui.wire import PAGE, Page

MOST = 200_000
"""Rows, of which a store at 100 times the data has many more."""


def measure(ground: Ground) -> list[Figure]:
    """Rows of the filled store, as a desk that begins anew would get them."""
    with desk_at(ground.home()) as desk, tempfile.TemporaryDirectory() as name:
        told = list(_pages(desk))
        store = Store(pathlib.Path(name) / "store.db", bytes(32))
        try:
            store.write(_begin).result()
            begun = time.perf_counter()
            for page in told:
                store.write(functools.partial(pages.apply, page=page, now=0), PAGE_ORDER).result()
            seconds = time.perf_counter() - begun
        finally:
            store.close()
    rows = sum(len(some) for page in told for some in page.rows.values())
    return [Figure("pull: apply, encrypted", rows / seconds, "rows/s", "≥ 50,000")]


def _begin(connection: Connection) -> None:
    facts.set(connection, "epoch", "bench")
    pages.rescope(connection, ["all"], [], "")


def _pages(desk: Desk) -> Iterator[Page]:
    """Pages of mixed tables, as commits mix them."""
    with desk.store.read() as connection:
        share = {table: connection.execute(f"SELECT count(*) FROM {table.table}").fetchone()[0] for table in TABLES}
        total = sum(share.values())
        count = min(total, MOST) // PAGE + 1
        cursors = {
            table: iter(connection.execute(f"SELECT {COLUMNS[table]} FROM {table.table} ORDER BY rowid"))
            for table in TABLES
        }
        for place in range(count):
            rows: dict[str, list[list[Any]]] = defaultdict(list)
            for table in TABLES:
                some = itertools.islice(cursors[table], max(1, share[table] * PAGE // total))
                rows[table.table].extend(list(values) for values in some)
            yield Page(
                epoch="bench", schema=SCHEMA, begin={"all": place}, to=place + 1, head=count, more=place + 1 < count,
                rows=rows, gone=[], left=[], last_op_no=0, results=[],
            )  # fmt: skip

"""A desk over a real encrypted store in a folder, with rows as if they had been pulled."""

import pathlib
from typing import Any

from kefu_tui.desk.desk import Desk
from kefu_tui.ids import Ids
from kefu_tui.model.rows import Row
from kefu_tui.model.sql import Connection, upsert
from kefu_tui.now import SECOND
from kefu_tui.store import facts, pages
from kefu_tui.store.engine import Store
from tests.operations.rows import NOW, Cast

KEY = bytes(range(32))


class Place:
    """Agent mei's desk; the cast of the operations' tests is in its store. Time stands until `wait` moves it."""

    def __init__(self, folder: pathlib.Path, key: bytes | None = KEY) -> None:
        self.time = NOW + 1000
        self.path = folder / "store.db"
        self.key = key
        self.store = Store(self.path, key)
        cast = Cast()
        rows = {
            table: cast.connection.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("agent_group", "agent", "membership", "policy", "customer")
        }

        def fill(connection: Connection) -> None:
            for table, known in rows.items():
                for values in known:
                    marks = ", ".join("?" * len(values))
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)
            for key, value in {
                "agent_id": "mei",
                "login": "mei",
                "device_id": "d1",
                "epoch": "e1",
                "backend": "x",
            }.items():
                facts.set(connection, key, value)

        self.store.write(fill).result()
        self.desk = Desk(self.store, lambda: self.time, Ids(lambda: self.time))

    def put(self, *rows: Row) -> None:
        def work(connection: Connection) -> None:
            for row in rows:
                upsert(connection, row)

        self.store.write(work).result()

    def wait(self, seconds: float) -> None:
        self.time += int(seconds * SECOND)

    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.path, self.key)
        self.desk = Desk(self.store, lambda: self.time, Ids(lambda: self.time))

    def sent(self) -> None:
        """As if every pending operation had left the desk."""
        self.store.write(lambda c: c.execute("UPDATE outbox SET tries = 1 WHERE state = 'pending'").rowcount).result()

    def cursors(self) -> dict[str, int]:
        with self.store.read() as connection:
            return pages.cursors(connection)

    def ask(self, sql: str, *parameters: Any) -> list[Any]:
        with self.store.read() as connection:
            return connection.execute(sql, parameters).fetchall()

"""What a transaction reads for many operations at once, before they ask for it one by one."""

from collections.abc import Iterable
from typing import Any, TypeVar

from kefu_tui.model.rows import Row
from kefu_tui.model.sql import COLUMNS, Reader, build, chunks

R = TypeVar("R", bound=Row)


class Remembered(Reader):
    """A reader that may read ahead. Good until the transaction's first write of replicated rows; views on it ask once."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._rows: dict[tuple[type[Row], str], Any] = {}
        self._ways: dict[str, tuple[str, str] | None] = {}
        self._lists: dict[tuple[type[Row], str, str | int], Any] = {}

    def ahead(self, table: type[Row], column: str, values: Iterable[str]) -> None:
        """Reads in one go what will be asked for one by one: rows by `id`, or lists by another column."""
        for some in chunks(list(dict.fromkeys(values))):
            found = self.connection.execute(
                f"SELECT {COLUMNS[table]} FROM {table.table} WHERE {column} IN ({', '.join('?' * len(some))}) ORDER BY id",
                some,
            )
            rows = [build(table, values) for values in found]
            if column == "id":
                self._rows.update(((table, id), None) for id in some)
            else:
                self._lists.update(((table, column, value), []) for value in some)
                for row in rows:
                    self._lists[table, column, getattr(row, column)].append(row)
            self._rows.update(((table, row.id), row) for row in rows)

    def get(self, table: type[R], id: str) -> R | None:
        """The row with this id, or None."""
        found: R | None = self._rows[table, id] if (table, id) in self._rows else super().get(table, id)
        return found

    def where(self, table: type[R], column: str, value: str) -> list[R]:
        """The rows whose column has this value, in id order."""
        key = (table, column, value)
        found: list[R] = self._lists[key] if key in self._lists else super().where(table, column, value)
        return found

    def way(self, channel: str) -> tuple[str, str] | None:
        """The kind of a channel and the address that replies go to; None where there is no such channel."""
        if channel not in self._ways:
            found = self.connection.execute("SELECT kind, address FROM channel WHERE name = ?", (channel,)).fetchone()
            self._ways[channel] = found
        return self._ways[channel]

"""The view an operation decides on: plain rows read through, writes kept aside until the operation has said yes."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec

from kefu_tui.model.rows import Message, Row

R = TypeVar("R", bound=Row)
Key = tuple[type[Row], str]


def question(table: type[Row], column: str, value: str) -> str:
    """The lane of a look-up that no lane of rows covers: whoever brings a row that would answer it names it too."""
    return f"?:{table.table}.{column}={value}"


class Source(Protocol):
    """Where a view reads: a store, a backend's database, or another view under it."""

    def get(self, table: type[R], id: str) -> R | None: ...
    def where(self, table: type[R], column: str, value: str) -> list[R]: ...
    def messages_after(self, conversation_id: str, position: int) -> list[Message]: ...


class View:
    """Rows as an operation sees them, with its own writes on top.

    `written` maps (table, id) to the new row, or None for a row taken away, in the order of the first write. `lanes` are those
    of every row read, written, or looked for and missed: an operation must be replayed when any of them changes. The source is
    asked each question once: nobody else writes to it while a view stands on it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.written: dict[Key, Row | None] = {}
        self.lanes: set[str] = set()
        self.touched: dict[Key, tuple[bool, Row | None]] = {}
        """What was written since the last `mark`: whether it stood in `written` before, and how."""
        self._found: dict[Key, Row | None] = {}
        self._asked: dict[tuple[type[Row], str, str], Sequence[Row]] = {}
        self._ids: dict[tuple[type[Row], str], dict[str, None]] = {}

    def mark(self) -> None:
        """What follows can be taken back to here."""
        self.touched = {}

    def take_back(self) -> None:
        """Forgets what was written since the last mark."""
        for key, (stood, row) in self.touched.items():
            if stood:
                self.written[key] = row
            else:
                del self.written[key]
        self.touched = {}

    def before(self, table: type[R], id: str) -> R | None:
        """The row as it is without what was written here."""
        key = (table, id)
        if key not in self._found:
            self._found[key] = self._source.get(table, id)
        return self._found[key]  # type: ignore[return-value]

    def get(self, table: type[R], id: str) -> R | None:
        """The row with this id, or None."""
        key = (table, id)
        row = self.written[key] if key in self.written else self.before(table, id)
        if row is not None:
            self.lanes.add(row.lane)
        elif table.lane_column == "id":
            self.lanes.add(f"{table.lane_prefix}:{id}")
        return row  # type: ignore[return-value]

    def where(self, table: type[R], column: str, value: str) -> list[R]:
        """The rows whose column has this value, in id order."""
        lane = f"{table.lane_prefix}:{value}" if table.lane_column == column else None
        self.lanes.add(lane or question(table, column, value))
        asked = (table, column, value)
        if asked not in self._asked:
            self._asked[asked] = self._source.where(table, column, value)
            self._found.update({(table, row.id): row for row in self._asked[asked]})
        rows: dict[str, R] = {row.id: row for row in self._asked[asked]}  # type: ignore[misc]
        for id in [*rows, *self._ids.get((table, lane or ""), ())]:
            if (table, id) not in self.written:
                continue
            rows.pop(id, None)
            row = self.written[table, id]
            if row is not None and getattr(row, column) == value:
                rows[id] = row  # type: ignore[assignment]
        self.lanes.update(row.lane for row in rows.values())
        return [rows[id] for id in sorted(rows)]

    def messages_after(self, conversation_id: str, position: int) -> list[Message]:
        """The messages of a conversation that have a place behind `position`, in order."""
        lane = f"c:{conversation_id}"
        self.lanes.add(lane)
        rows = {row.id: row for row in self._source.messages_after(conversation_id, position)}
        for id in [*rows, *self._ids.get((Message, lane), ())]:
            if (Message, id) not in self.written:
                continue
            rows.pop(id, None)
            row = self.written[Message, id]
            if isinstance(row, Message) and row.conversation_id == conversation_id and (row.conv_pos or 0) > position:
                rows[id] = row
        return sorted(rows.values(), key=lambda row: row.conv_pos or 0)

    def put(self, row: R) -> R:
        """Writes a row, new or changed."""
        self._write((type(row), row.id), row)
        self.lanes.add(row.lane)
        return row

    def change(self, row: R, **values: object) -> R:
        """Writes a copy of a row with some values changed, and returns it."""
        return self.put(msgspec.structs.replace(row, **values))

    def delete(self, row: Row) -> None:
        """Takes a row away."""
        self._write((type(row), row.id), None)
        self.lanes.add(row.lane)

    def _write(self, key: Key, row: Row | None) -> None:
        if key not in self.touched:
            self.touched[key] = key in self.written, self.written.get(key)
        self.written[key] = row
        if row is not None:
            table, id = key
            for lane in (row.lane, ""):
                self._ids.setdefault((table, lane), {})[id] = None

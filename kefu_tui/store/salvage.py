"""Reading what can be read of a damaged store: row by row around pages that are gone, in several images of it.

The damaged file is never written. Each image is a second name of it with a log of its own, so that frames behind a damaged one
count again, and a first page that cannot be read is replaced by one that knows where the tables begin.
"""

import contextlib
import pathlib
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlcipher3

from kefu_tui.store import aside, frames, sealed

PAGE = sealed.PAGE
MOST_ROWS = 1 << 17
"""Rows of a table that are looked for where its last pages cannot be read."""
MOST_FAILURES = 300
"""Reads of a table that may fail before the rest of it is given up."""

FAULTS = (sqlcipher3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file may raise; the second of a plain store, where a changed bit of a text is not noticed before."""
FAR = 4096
"""Rows of a piece from which on it is looked at from its beginning, not from its middle: most tables are small."""

Rows = list[dict[str, Any]]


class Root(NamedTuple):
    """Where a table or an index begins in a file, and what makes it."""

    name: str
    page: int
    sql: str


class Scan(NamedTuple):
    """What was read of a table, and whether that is all of it."""

    rows: Rows
    whole: bool


class Image:
    """One look at a store that may be damaged. After a fault SQLCipher reads no more: then it is opened anew."""

    def __init__(self, path: pathlib.Path, key: bytes | None, salt: bytes = b"", *, doubtful: bool = False) -> None:
        self.path = path
        self._key = key
        self._salt = salt
        self._doubtful = doubtful
        self.makeshift = False
        """Whether its first page is not its own: it knows few tables then."""
        self._connection: Any = None
        self._holding: Any = None  # As long as somebody has it open nobody need read the log anew.

    def close(self) -> None:
        """Ends it."""
        self._drop()
        if self._holding is not None:
            self._holding.close()
            self._holding = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def readable(self) -> bool:
        """Whether its schema can be read."""
        try:
            return bool(
                self._opened().execute("SELECT count(*) FROM sqlite_master WHERE name = 'outbox'").fetchone()[0]
            )
        except FAULTS:
            self._drop()
            return False

    def scan(self, table: str) -> Scan:
        """Every row of a table that can be read."""
        try:
            names = [name for _, name, *_ in self._opened().execute(f"PRAGMA table_info({table})").fetchall()]
        except FAULTS:
            self._drop()
            return Scan([], False)
        if not names:
            return Scan([], not self.makeshift)
        found, whole = self._pieces(
            f"SELECT rowid, * FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        )
        return Scan([dict(zip(names, found[row], strict=True)) for row in sorted(found)], whole and not self._doubtful)

    def pending_numbers(self) -> tuple[set[int], bool]:
        """Numbers of pending operations as the index tells them, and whether those are all."""
        found, whole = self._pieces(
            "SELECT op_no FROM outbox INDEXED BY outbox_state WHERE state = 'pending' AND op_no BETWEEN ? AND ? ORDER BY op_no"
        )
        return set(found), whole and not self._doubtful

    def unsent(self, agent_id: str) -> list[tuple[str, str, str, int]]:
        """Words of an agent that the backend has not seen: id of the operation, text, conversation, moment."""
        found, _ = self._pieces(
            "SELECT rowid, op_id, text, conversation_id, at FROM message NOT INDEXED WHERE rowid BETWEEN ? AND ? "
            "AND author_id = ? AND version = 0 AND conv_pos IS NULL ORDER BY rowid",
            agent_id,
        )
        return [(str(op_id), str(text), str(conversation), at) for op_id, text, conversation, at in found.values()]

    def _pieces(self, sql: str, *more: str) -> tuple[dict[int, Sequence[Any]], bool]:
        """Rows by their first column, read from both ends of every piece that is left."""
        found: dict[int, Sequence[Any]] = {}
        pieces = deque([(1, 1 << 62)])
        failures = 0
        while pieces and failures < MOST_FAILURES:
            low, high = pieces.popleft()
            last = low - 1
            for number, row in self._rows(sql, (low, high, *more)):
                found[number] = row
                last = number
            if not self._failed:
                continue
            failures += 1
            first = high + 1
            for number, row in self._rows(f"{sql} DESC", (low, high, *more)):
                found[number] = row
                first = number
            if high > MOST_ROWS and first > high:
                first = max(MOST_ROWS, last + 1) + 1
            if last + 1 < first - 1:
                middle = (last + first) // 2 if first - last < FAR else last + FAR // 4
                pieces += [(last + 1, middle), (middle + 1, first - 1)]
        return found, failures == 0

    def _rows(self, sql: str, values: tuple[int | str, ...]) -> Iterator[tuple[int, Sequence[Any]]]:
        self._failed = False
        try:
            for number, *row in self._opened().execute(sql, values):
                yield number, row
        except FAULTS:
            self._failed = True
            self._drop()

    def _opened(self) -> Any:
        if self._connection is None:
            self._connection = self._open()
        if self._holding is None:
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            self._holding, self._connection = self._connection, self._open()
        return self._connection

    def _open(self) -> Any:
        connection = sqlcipher3.connect(
            f"{self.path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
        if self._key is not None:
            connection.execute(f"PRAGMA key = \"x'{self._key.hex()}{self._salt.hex()}'\"")
        return connection


class Images(NamedTuple):
    """Looks at one damaged store, from the most to the least certain.

    `now`: as it was, with holes where pages are gone. `before`: with older versions of those pages that the log has. `torn`: also
    with what no commit follows.
    """

    now: Image
    before: Image | None
    torn: Image | None

    def unsent(self, agent_id: str) -> list[tuple[str, str, str, int]]:
        """Words of an agent that the backend has not seen: id of the operation, text, conversation, moment."""
        return [words for look in (self.now, self.before) if look for words in look.unsent(agent_id)]

    def close(self) -> None:
        """Ends them."""
        for image in filter(None, self):
            image.close()


@contextlib.contextmanager
def images(
    path: pathlib.Path, key: bytes | None, folder: pathlib.Path, roots: Sequence[Root], salt: bytes = b""
) -> Iterator[Images]:
    """Looks at a damaged store from within a folder that is empty.

    `roots` are where its tables should begin, `salt` what its salt should be where it cannot be read.
    """
    salt = sealed.salt(path, key, salt) or b"" if key is not None else b""
    log = _judged(frames.read(aside.log_of(path), PAGE), key, salt)
    whole = [frame for frame in log.committed if frame.whole]
    kept = {
        "now": log.committed if key is not None else whole,
    }
    if len(whole) < len(kept["now"]):
        kept["before"] = whole
    if log.torn:
        kept["torn"] = [frame for frame in (*log.committed, *log.torn) if frame.whole]
    doubtful = key is None and len(whole) < len(log.committed)
    made: dict[str, Image] = {}
    for name, chosen in kept.items():
        place = folder / name
        place.mkdir()
        made[name] = _image(path, place / path.name, key, salt, chosen, roots, doubtful=doubtful)
    together = Images(made["now"], made.get("before"), made.get("torn"))
    try:
        yield together
    finally:
        together.close()


def _judged(log: frames.Log, key: bytes | None, salt: bytes) -> frames.Log:
    """The same frames; in an encrypted store the seal of a page says more than the checksum of its frame."""
    if key is None or not salt:
        return log
    seals = sealed.Seals(key, salt)
    committed, torn = (
        [frame._replace(whole=seals.whole(frame.page, frame.data)) for frame in some]
        for some in (log.committed, log.torn)
    )
    return log._replace(committed=committed, torn=torn)


def _image(
    path: pathlib.Path,
    place: pathlib.Path,
    key: bytes | None,
    salt: bytes,
    chosen: Sequence[frames.Frame],
    roots: Sequence[Root],
    *,
    doubtful: bool,
) -> Image:
    try:
        place.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, place)
    frames.write(aside.log_of(place), chosen, PAGE)
    image = Image(place, key, salt, doubtful=doubtful)
    if not image.readable() and roots:
        pages = max([path.stat().st_size // PAGE, *(frame.page for frame in chosen)])
        first = frames.Frame(1, pages, _first_page(place.with_name("first.db"), key, salt, roots, pages), True)
        image.close()
        image.makeshift = True
        frames.write(aside.log_of(place), [*chosen, first], PAGE)
    return image


def _first_page(path: pathlib.Path, key: bytes | None, salt: bytes, roots: Sequence[Root], pages: int) -> bytes:
    """A first page that says where these tables and indexes begin, and how many pages there are."""
    connection = sqlcipher3.connect(str(path), isolation_level=None)
    if key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    for root in roots:
        connection.execute(root.sql)
    connection.execute("PRAGMA writable_schema = ON")
    for root in roots:
        connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (root.page, root.name))
    connection.close()
    made = path.read_bytes()
    if key is None:
        return made[: sealed.SIZE_AT] + pages.to_bytes(4, "big") + made[sealed.SIZE_AT + 4 : PAGE]
    return sealed.Seals(key, salt).resized(made[:PAGE], len(made) // PAGE, pages)


def roots_of(connection: Any, tables: Sequence[str], indexes: Sequence[str] = ()) -> list[Root]:
    """Where tables and indexes begin in a sound store, with the shortest statements that make them: many fit into one page."""
    found = []
    for name in (*tables, *indexes):
        page, sql = connection.execute("SELECT rootpage, sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        if name in tables:
            columns = [f'"{column}"' for _, column, *_ in connection.execute(f"PRAGMA table_info({name})").fetchall()]
            sql = f"CREATE TABLE {name} ({', '.join(columns)})"
        found.append(Root(name, page, sql))
    return found

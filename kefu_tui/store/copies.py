"""Hourly copies of what cannot be pulled again: the desk's own tables, in a file beside the store, sealed with its key."""

import contextlib
import hashlib
import logging
import pathlib
import time
from typing import Any

import sqlcipher3

from kefu_tui.failpoints import reach
from kefu_tui.now import HOUR, SECOND, Now
from kefu_tui.store import aside
from kefu_tui.store.engine import Store, StoreError, meaning
from kefu_tui.store.salvage import Root, Rows, roots_of

OWN = ("outbox", "draft", "notice", "meta", "pin", "effort", "key_use")
"""Tables that are copied and salvaged, in the order of what must not be lost."""
READ = (*OWN, "outbox_lane", "message")
"""Tables that are read in a damaged store."""
INDEXES = ("outbox_state",)
KEPT = 2
"""Copies that are kept."""
SECRETS = ("token", "token_expires_at")
"""Facts that are in no copy: signing out must not leave them behind."""
PASSING = ("head", "sync_state", "sync_since", "compare_place")
"""Facts that change all the time and are worth no new copy."""
LOOKS_EVERY_S = 60.0

_log = logging.getLogger(__name__)


class Copies:
    """Makes the copies of one store; for whoever holds the sync lease."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store = store
        self._now = now
        self._looked: float | None = None

    def keep(self) -> None:
        """Makes a copy where an hour has passed since the last and something changed. A fault of it stops nothing."""
        passed = time.monotonic()
        if self._looked is not None and passed - self._looked < LOOKS_EVERY_S:
            return
        self._looked = passed
        found = aside.copies(self._store.path)
        if found and 0 <= self._now() - aside.made_at(found[0]) < HOUR:
            return
        try:
            copy(self._store, self._now())
        except (OSError, StoreError) as error:
            _log.warning("copy: %s", error)


def copy(store: Store, now: int) -> pathlib.Path | None:
    """Writes a copy and removes all but the newest two; None where the newest holds the same.

    Reads in one transaction and holds up no writer. Raises StoreError, OSError. No copy is made of a damaged store, and the older
    ones stay.
    """
    known = aside.copies(store.path)
    at = max(now, aside.made_at(known[0]) + SECOND) if known else now
    draft = store.path.with_name(f"{store.path.stem}.copying{store.path.suffix}")
    draft.unlink(missing_ok=True)
    connection = store.own_connection()
    try:
        draft.touch(mode=0o600)
        with meaning(store.path):
            told = _told(known[0], store.key).get("digest", "") if known else ""
            filled = _fill(connection, store, draft, told)
        if filled:
            aside.sync(draft)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    finally:
        connection.close()
    if not filled:
        draft.unlink()
        return None
    reach("copies.filled")
    place = draft.replace(aside.named(store.path, "copy", at))
    aside.settle(store.path.parent)
    reach("copies.placed")
    for old in aside.copies(store.path)[KEPT:]:
        old.unlink(missing_ok=True)
    return place


def read(path: pathlib.Path, key: bytes | None) -> tuple[dict[str, Rows], list[Root], bytes]:
    """The rows of a copy by table, where the store's tables began, and the store's salt. Raises DatabaseError."""
    with contextlib.closing(_opened(path, key)) as connection:
        rows = {}
        for table in OWN:
            cursor = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            rows[table] = [dict(zip(names, values, strict=True)) for values in cursor]
        roots = [Root(*values) for values in connection.execute("SELECT name, page, sql FROM root")]
        (salt,) = connection.execute("SELECT value FROM told WHERE key = 'salt'").fetchone()
        return rows, roots, bytes.fromhex(salt)


def _fill(connection: Any, store: Store, draft: pathlib.Path, known: str) -> bool:
    """Fills a file, as of one moment; False where that is what is known already."""
    key = "''" if store.key is None else f"\"x'{store.key.hex()}'\""
    connection.execute(f"ATTACH ? AS copy KEY {key}", (str(draft),))
    connection.execute("BEGIN")
    digest = _digest(connection)
    if digest == known:
        connection.execute("ROLLBACK")
        return False
    for table in OWN:
        connection.execute(f"CREATE TABLE copy.{table} AS SELECT * FROM main.{table}{_but(table, SECRETS)}")
        reach("copies.table")
    connection.execute("CREATE TABLE copy.root (name, page, sql)")
    connection.executemany("INSERT INTO copy.root VALUES (?, ?, ?)", roots_of(connection, READ, INDEXES))
    connection.execute("CREATE TABLE copy.told (key, value)")
    salt = connection.execute("PRAGMA main.cipher_salt").fetchone() if store.key is not None else None
    told = {"digest": digest, "salt": salt[0] if salt else ""}
    connection.executemany("INSERT INTO copy.told VALUES (?, ?)", list(told.items()))
    reach("copies.before-commit")
    connection.execute("COMMIT")
    connection.execute("DETACH copy")
    return True


def _digest(connection: Any) -> str:
    """What tells one state of the own tables from another."""
    made = hashlib.sha256()
    for table in OWN:
        some = _but(table, (*SECRETS, *PASSING))
        for row in connection.execute(f"SELECT * FROM main.{table}{some} ORDER BY rowid"):
            made.update(repr(row).encode())
    return made.hexdigest()


def _but(table: str, names: tuple[str, ...]) -> str:
    """Of facts, all but these."""
    return f" WHERE key NOT IN {names!r}" if table == "meta" else ""


def _told(path: pathlib.Path, key: bytes | None) -> dict[str, str]:
    try:
        with contextlib.closing(_opened(path, key)) as connection:
            return dict(connection.execute("SELECT key, value FROM told").fetchall())
    except (sqlcipher3.Error, ValueError):
        return {}


def _opened(path: pathlib.Path, key: bytes | None) -> Any:
    connection = sqlcipher3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
    if key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection

"""A new store in the place of a damaged one, with everything that could be read of what this desk alone had."""

import contextlib
import pathlib
import shutil
from typing import Any, NamedTuple

import sqlcipher3

from kefu_tui.failpoints import reach
from kefu_tui.model.sql import Connection
from kefu_tui.store import aside, copies, facts, outbox, recovered, sealed
from kefu_tui.store.engine import Store, StoreError
from kefu_tui.store.salvage import Images, Root, Rows, images, roots_of

KEYS = {
    "outbox": ("op_no",),
    "outbox_lane": ("lane", "op_no"),
    "draft": ("conversation_id",),
    "notice": ("id",),
    "meta": ("key",),
    "pin": ("conversation_id",),
    "effort": ("conversation_id",),
    "key_use": ("day", "command", "way"),
    "shadow": ("type", "id"),
}
"""What tells the rows of the desk's own tables from each other; those of replicated tables have an id."""


class Mended(NamedTuple):
    """What became of a damaged store: where it is, and what the new one has of it.

    `copied_at` is the moment (µs UTC) of the copy that was used, 0 without one. `kept`, `lost` and `doubtful` are the numbers of
    operations that were waiting to be sent; doubtful ones are not sent by themselves. `counted`:
    no others are lost. `texts` are words that stand in notices now.
    """

    aside: pathlib.Path
    copied_at: int
    rows: dict[str, int]
    from_copy: dict[str, int]
    incomplete: tuple[str, ...]
    kept: tuple[int, ...]
    lost: tuple[int, ...]
    doubtful: tuple[int, ...]
    counted: bool
    texts: int
    device_kept: bool
    signed_in: bool


class Collected(NamedTuple):
    """Rows of a table by key, each with where it comes from: now, before, copy."""

    rows: dict[tuple[Any, ...], tuple[dict[str, Any], str]]
    whole: bool


def mend(path: pathlib.Path, key: bytes | None, now: int) -> Mended:
    """Sets a damaged store aside and puts a new one in its place. The caller holds the sync lease.

    Killed at any moment it has either not happened, or is brought to its end by whoever opens the store next. Raises StoreError:
    in-use, wrong-key, missing, or what the disk says.
    """
    use = aside.Use(path)
    try:
        if not use.alone():
            raise StoreError("in-use", str(path))
        aside.take_place(path)
        if not path.exists():
            raise StoreError("missing", str(path))
        if key is not None and not sealed.fits(path, key):
            raise StoreError("wrong-key", str(path))
        return _mend(path, key, now)
    except OSError as error:
        raise StoreError("disk-full" if error.errno == 28 else "unwritable", f"{path}: {error}") from error
    finally:
        shutil.rmtree(aside.scratch(path), ignore_errors=True)
        use.close()


def _mend(path: pathlib.Path, key: bytes | None, now: int) -> Mended:
    folder = aside.scratch(path)
    shutil.rmtree(folder, ignore_errors=True)
    for place in (folder, folder / "fresh", folder / "damaged"):
        place.mkdir(mode=0o700)
    fresh = Store(folder / "fresh" / path.name, key)
    try:
        copied_at, known, roots, salt = _copy(path, key)
        if not roots:
            with fresh.read() as connection:
                roots = roots_of(connection, copies.READ, copies.INDEXES)
        with images(path, key, folder / "damaged", roots, salt) as looks:
            mended = fresh.write(lambda connection: _bring(connection, looks, known, now)).result()
        reach("mending.filled")
    finally:
        fresh.close()
    aside.sync(fresh.path)
    place = aside.set_aside(path, now)
    fresh.path.replace(aside.mended(path))
    aside.settle(path.parent)
    reach("mending.ready")
    aside.take_place(path)
    return mended._replace(aside=place, copied_at=copied_at if any(mended.from_copy.values()) else 0)


def _copy(path: pathlib.Path, key: bytes | None) -> tuple[int, dict[str, Rows], list[Root], bytes]:
    """The newest copy that can be read."""
    for file in aside.copies(path):
        with contextlib.suppress(sqlcipher3.Error, ValueError, TypeError):
            known, roots, salt = copies.read(file, key)
            return aside.made_at(file), known, roots, salt
    return 0, {}, [], b""


def _bring(connection: Connection, looks: Images, known: dict[str, Rows], now: int) -> Mended:
    """Fills a new store in the caller's transaction."""
    found = {table: _collect(looks, known, table) for table in (*copies.OWN, "outbox_lane")}
    known_facts = {row["key"]: row["value"] for row, _ in found["meta"].rows.values()}
    local = "agent_id" in known_facts and not known_facts.get("backend")
    if local:  # Nothing of it can be pulled again.
        found |= {table: _collect(looks, known, table) for table in ("shadow", *_replicated())}
    operations = recovered.operations(looks, found["outbox"], found["outbox_lane"], known.get("outbox", []))
    put = {
        table: _put(connection, table, [row for row, _ in found[table].rows.values()])
        for table in found
        if table != "outbox" and (local or table != "outbox_lane")
    }
    put["outbox"] = _put(connection, "outbox", list(operations.rows))
    reach("mending.rows")
    known_ids = {row["op_id"] for row in operations.rows}
    texts = recovered.tell(connection, looks, operations, known_ids, facts.get(connection, "agent_id"), now)
    facts.set(connection, "head", "0")
    if facts.get(connection, "sync_state") == "damaged":
        facts.set(connection, "sync_state", "offline")
    if not local:
        connection.execute(
            "INSERT OR IGNORE INTO outbox_lane (lane, op_no, wrote) SELECT lane, op_no, 1 FROM outbox "
            "WHERE state = 'pending' AND kind <> 'void'"
        )
        lanes = {lane for (lane,) in connection.execute("SELECT lane FROM outbox_lane")}
        outbox.replay(connection, lanes)
        if not operations.whole:
            facts.forget(connection, "device_id", "token", "token_expires_at")
    return Mended(
        aside=pathlib.Path(),
        copied_at=0,
        rows=put,
        from_copy={table: sum(source == "copy" for _, source in some.rows.values()) for table, some in found.items()},
        incomplete=tuple(table for table, some in found.items() if not some.whole),
        kept=operations.kept,
        lost=operations.lost,
        doubtful=operations.doubtful,
        counted=operations.counted,
        texts=texts,
        device_kept=bool(facts.get(connection, "device_id")),
        signed_in=local or bool(facts.get(connection, "token")),
    )


def _collect(looks: Images, known: dict[str, Rows], table: str) -> Collected:
    """What is known of a table: as it was; where that is not all, older versions of its pages and the copy fill the holes."""
    key = KEYS.get(table, ("id",))
    found: dict[tuple[Any, ...], tuple[dict[str, Any], str]] = {}
    scan = looks.now.scan(table)
    sources: list[tuple[str, Rows]] = [("now", scan.rows)]
    if not scan.whole:
        sources += [("before", looks.before.scan(table).rows if looks.before else []), ("copy", known.get(table, []))]
    for source, rows in sources:
        for row in rows:
            found.setdefault(tuple(row.get(name) for name in key), (row, source))
    return Collected(found, scan.whole)


def _put(connection: Connection, table: str, rows: Rows) -> int:
    """Writes rows as far as the new table takes them; says how many."""
    names = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall()}
    many = 0
    for row in rows:
        fits = {name: value for name, value in row.items() if name in names}
        columns = ", ".join(f'"{name}"' for name in fits)
        marks = ", ".join("?" * len(fits))
        with contextlib.suppress(sqlcipher3.IntegrityError, sqlcipher3.InterfaceError):
            connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(fits.values()))
            many += 1
    return many


def _replicated() -> list[str]:
    from kefu_tui.model.rows import TABLES

    return [table.table for table in TABLES]

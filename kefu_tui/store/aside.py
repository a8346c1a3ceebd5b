"""Files beside a store: its copies, damaged ones set aside, and a mended one that takes its place."""

import contextlib
import os
import pathlib
import shutil
import time
from datetime import UTC, datetime

from kefu_tui.failpoints import reach
from kefu_tui.now import SECOND

FORM = "%Y%m%dT%H%M%SZ"
"""How a moment stands in the name of a file."""
LOGS = ("-wal", "-shm")
"""What SQLite keeps beside a store; the first holds what is committed and not in the file yet."""
PATIENCE_S = 30.0
"""Seconds for which opening a store waits for somebody who mends it."""


def named(path: pathlib.Path, what: str, at: int) -> pathlib.Path:
    """The name of a copy, or of a damaged store, of a moment (µs UTC)."""
    return path.with_name(f"{path.stem}.{what}-{datetime.fromtimestamp(at // SECOND, UTC):{FORM}}{path.suffix}")


def made_at(path: pathlib.Path) -> int:
    """The moment in such a name, µs UTC."""
    told = datetime.strptime(path.stem.rpartition("-")[2], FORM).replace(tzinfo=UTC)
    return int(told.timestamp()) * SECOND


def copies(path: pathlib.Path) -> list[pathlib.Path]:
    """The copies of a store's own tables, the newest first."""
    return _beside(path, "copy")


def damaged(path: pathlib.Path) -> list[pathlib.Path]:
    """Damaged stores that were set aside here, the newest first."""
    return _beside(path, "damaged")


def _beside(path: pathlib.Path, what: str) -> list[pathlib.Path]:
    found = []
    for file in path.parent.glob(f"{path.stem}.{what}-*{path.suffix}"):
        with contextlib.suppress(ValueError):
            found.append((made_at(file), file))
    return [file for _, file in sorted(found, reverse=True)]


def log_of(path: pathlib.Path) -> pathlib.Path:
    """The write-ahead log of a store."""
    return path.with_name(path.name + LOGS[0])


def mended(path: pathlib.Path) -> pathlib.Path:
    """A whole store that waits to take the place of a damaged one."""
    return path.with_name(f"{path.stem}.mended{path.suffix}")


def scratch(path: pathlib.Path) -> pathlib.Path:
    """The folder in which a store is mended."""
    return path.with_name(f"{path.stem}.mending")


class Use:
    """The use of a store by this process, told to others by a lock on a file beside it; it ends with the process.

    Not on the store itself: closing any handle of that would end the locks that SQLite has on it.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self._handle = os.open(path.with_suffix(".use"), os.O_RDWR | os.O_CREAT, 0o600)

    def alone(self) -> bool:
        """Whether nobody else has the store open; nobody opens it then until `share` or `close`."""
        return self._lock(exclusive=True)

    def share(self, patience_s: float = PATIENCE_S) -> bool:
        """Others may have it open as well; False where somebody mends it and does not come to an end."""
        until = time.monotonic() + patience_s
        while not self._lock(exclusive=False):
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def close(self) -> None:
        """Ends it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _lock(self, *, exclusive: bool) -> bool:
        try:
            import fcntl
        except ImportError:
            return True  # There a file that is open cannot be replaced: mending fails by itself.
        try:
            fcntl.flock(self._handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def set_aside(path: pathlib.Path, at: int) -> pathlib.Path:
    """Gives a damaged store a second name, with its log: whatever happens from then on, it stays. Returns the name."""
    for known in damaged(path):
        if known.samefile(path):
            return known
    place = named(path, "damaged", at)
    while place.exists():
        at += SECOND
        place = named(path, "damaged", at)
    if log_of(path).exists():
        _twice(log_of(path), log_of(place))
    reach("aside.log-named")
    _twice(path, place)
    settle(path.parent)
    reach("aside.named")
    return place


def _twice(path: pathlib.Path, place: pathlib.Path) -> None:
    place.unlink(missing_ok=True)
    try:
        place.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, place)
        place.chmod(0o600)
        sync(place)


def take_place(path: pathlib.Path) -> None:
    """A mended store that waits becomes the store. Who opens the store alone does this first, so that a kill does no harm."""
    shutil.rmtree(scratch(path), ignore_errors=True)
    if not mended(path).exists():
        return
    for log in LOGS:
        path.with_name(path.name + log).unlink(missing_ok=True)
        reach("aside.log-gone")
    mended(path).replace(path)
    settle(path.parent)
    reach("aside.placed")


def sync(path: pathlib.Path) -> None:
    """What was written to a file is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def settle(folder: pathlib.Path) -> None:
    """The names in a folder are on the disk."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Which processes serve besides the first one: the children of the process that it forks them from."""

import contextlib
import pathlib


def workers_of(pid: int) -> list[int]:
    """The workers of a backend, as they now are."""
    return [worker for child in _children(pid) if b"forkserver" in _command(child) for worker in _children(child)]


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):  # it has just ended
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""

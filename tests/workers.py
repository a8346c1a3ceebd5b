"""Which processes serve besides the first one: the children of the process that it forks them from."""

import contextlib
import os
import pathlib
import signal
import time


def workers_of(pid: int) -> list[int]:
    """The workers of a backend, as they now are."""
    return [worker for fork in _forks_of(pid) for worker in _children(fork)]


def kill(pid: int) -> None:
    """Kills a backend and its workers as a power cut would, and returns when they are gone: none begins meanwhile."""
    there = [pid, *_forks_of(pid)]
    _signal(there, signal.SIGSTOP, "TZX")
    there += workers_of(pid)
    _signal(there, signal.SIGKILL, "ZX")


def _forks_of(pid: int) -> list[int]:
    return [child for child in _children(pid) if b"forkserver" in _command(child)]


def _signal(pids: list[int], number: int, states: str) -> None:
    """Sends a signal and waits until each is in one of these states: only then it forks nothing, or has closed its files."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    while any(_state(pid) not in states for pid in pids):
        time.sleep(0.005)


def _state(pid: int) -> str:
    """As proc(5) says it; X where it is gone."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return "X"


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):  # it has just ended
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""

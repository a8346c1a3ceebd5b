"""Several processes that do the same: begun together, begun again when one dies, ended together."""

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import FrameType
from typing import Any

REST_S = 1.0
"""How long a place stays empty before the next one begins there: a database that is out of reach is not run against."""

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["kefu_tui.backend.serve"])
"""Workers are forked from a process that has read all modules and opened nothing: they begin at once and share that memory."""


def supervise(work: Callable[..., None], given: tuple[Any, ...], workers: int, ready: Callable[[], None]) -> bool:
    """Runs `work(number, life, *given)` in so many processes until SIGINT or SIGTERM; a second signal ends them at once.

    Each says `ready` by `life` and must end by itself when that closes. `ready` is called once all have. False when one dies before
    it ever answered: then all end.
    """
    ending = 0
    places: dict[int, tuple[ForkServerProcess, Connection]] = {}

    def end(sig: int, frame: FrameType | None) -> None:
        nonlocal ending
        ending += 1
        for process, _ in list(places.values()):
            process.terminate() if ending == 1 else process.kill()

    before = {sign: signal.signal(sign, end) for sign in (signal.SIGINT, signal.SIGTERM)}
    unready = set(range(1, workers + 1))
    try:
        for number in range(1, workers + 1):
            places[number] = _begin(work, number, given)
        while not ending:
            heard: list[Any] = [process.sentinel for process, _ in places.values()]
            heard += [life for number, (_, life) in places.items() if number in unready]
            wait(heard, timeout=REST_S)
            for number, (process, life) in list(places.items()):
                if number in unready and life.poll() and _said(life):
                    unready.discard(number)
                    if not unready:
                        ready()
                if not process.is_alive() and not ending:
                    if number in unready:
                        return False
                    life.close()
                    time.sleep(REST_S)
                    places[number] = _begin(work, number, given)
        return True
    finally:
        for _, life in places.values():
            life.close()  # also for one that began while the signal came
        for process, _ in places.values():
            process.join()
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _begin(work: Callable[..., None], number: int, given: tuple[Any, ...]) -> tuple[ForkServerProcess, Connection]:
    ours, theirs = _forks.Pipe()
    process = _forks.Process(target=work, args=(number, theirs, *given), name=f"kefu-worker-{number}")
    process.start()
    theirs.close()
    return process, ours


def _said(life: Connection) -> bool:
    try:
        return life.recv_bytes() == b"ready"
    except (EOFError, OSError):
        return False

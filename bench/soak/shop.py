"""The processes of a run: one backend, desks behind a proxy each, and a channel's own server that remembers what it was sent."""

import contextlib
import json
import multiprocessing
import os
import pathlib
import select
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

import psycopg

from bench.soak import desk as agent
from bench.soak import serving
from bench.soak.desk import DAMAGED, SIGN_IN_AGAIN
from bench.soak.proxy import Proxy
from kefu_tui import failpoints
from kefu_tui.backend.bootstrap import FILE
from kefu_tui.backend.database import Database
from kefu_tui.backend.postgres import Postgres
from kefu_tui.backend.sqlite import Sqlite
from kefu_tui.desk.home import Home
from kefu_tui.now import DAY
from kefu_tui.store.engine import Store
from tests import workers
from tests.postgres import Cluster, name_of

PASSWORD = "correct horse"
PASSPHRASE = "a passphrase for soaks"
ANSWER_S = 30.0
KEPT = 90 * DAY
"""How long removals are kept, where a run does not say otherwise."""


_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["bench.soak.warm"])


class Process:
    """A child that is started, frozen, killed and started again; forked from a process that has read all modules already."""

    def __init__(self, main: Callable[[dict[str, Any]], None]) -> None:
        self._main = main
        self.process: ForkServerProcess | None = None
        self._orders: Connection | None = None
        self._answers: Connection | None = None
        self._read = b""

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.is_alive()

    def begin(self, told: dict[str, Any], errors: pathlib.Path, failpoint: str = "") -> None:
        """Starts it; with a failpoint it dies there by itself."""
        orders, self._orders = _forks.Pipe(duplex=False)
        self._answers, answers = _forks.Pipe(duplex=False)
        self.process = _forks.Process(
            target=_become, args=(self._main, told, orders, answers, errors, failpoint), daemon=False
        )
        self.process.start()
        orders.close()
        answers.close()
        self._read = b""

    def say(self, line: str) -> None:
        """Gives it an order."""
        with contextlib.suppress(OSError):
            assert self._orders is not None
            os.write(self._orders.fileno(), line.encode() + b"\n")

    def hear(self, seconds: float) -> str | None:
        """Its next line; None where none came, or it died."""
        assert self._answers is not None
        number, end = self._answers.fileno(), time.monotonic() + seconds
        while b"\n" not in self._read:
            left = end - time.monotonic()
            if left <= 0 or not select.select([number], [], [], left)[0]:
                return None
            piece = os.read(number, 65536)
            if not piece:
                return None
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()

    def signal(self, number: int) -> None:
        """Sends it a signal, where it still runs."""
        if self.process is not None and self.process.pid and self.alive:
            os.kill(self.process.pid, number)

    def kill(self) -> None:
        """As a power cut would end it."""
        self.signal(signal.SIGKILL)
        self.gone()

    def gone(self) -> int:
        """Waits for its end; its exit code."""
        if self.process is None:
            return 0
        if self._orders is not None:
            self._orders.close()
        self.process.join(30)
        if self._answers is not None:
            self._answers.close()  # Only now: it may still be answering.
        self._orders = self._answers = None
        assert self.process.exitcode is not None, "a process does not end"
        return self.process.exitcode


def _become(
    main: Callable[[dict[str, Any]], None],
    told: dict[str, Any],
    orders: Connection,
    answers: Connection,
    errors: pathlib.Path,
    failpoint: str,
) -> None:
    """What a fresh child does: its pipes and its environment, then its work."""
    for name in [name for name in os.environ if name.startswith("KEFU_")]:
        del os.environ[name]
    os.environ["KEFU_STORE_KEY"] = PASSPHRASE
    failpoints.wanted = os.environ["KEFU_FAILPOINT"] = failpoint
    with errors.open("a") as file:
        for number, stands_for in ((orders.fileno(), 0), (answers.fileno(), 1), (file.fileno(), 2)):
            os.dup2(number, stands_for)
    orders.close()
    answers.close()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    main(told)


class Backend(Process):
    """The backend on its folder, always on the same port: one process on SQLite, or several on a database of a cluster."""

    def __init__(self, folder: pathlib.Path, cluster: Cluster | None = None, workers: int = 1) -> None:
        super().__init__(serving.main)
        self.folder, self.data = folder, folder / "backend"
        self.cluster, self.workers = cluster, workers if cluster else 1
        self.url = cluster.database() if cluster else ""
        self.port = 0
        self.failpoint = ""
        self.removals_kept = KEPT
        self._copy = ""
        self._look = Postgres(self.url) if self.url else None

    @property
    def copied(self) -> bool:
        """Whether there is an older copy."""
        return bool(self._copy)

    def start(self, failpoint: str = "") -> None:
        """Starts it and waits until it answers; where it died before, once more without a failpoint."""
        told = {
            "data": str(self.data), "port": self.port, "url": self.url, "workers": self.workers,
            "removals_kept": self.removals_kept,
        }  # fmt: skip
        self.failpoint = failpoint
        self.begin(told, self.folder / "backend.err", failpoint)
        line = self.hear(ANSWER_S)
        if line is None:
            self.kill()
            self.failpoint = ""
            self.begin(told, self.folder / "backend.err")
            line = self.hear(ANSWER_S)
        assert line is not None, f"the backend did not start: see {self.folder / 'backend.err'}"
        self.port = int(line)

    def workers_now(self) -> list[int]:
        """The processes that serve besides the first one."""
        if self.process is None or not self.alive:
            return []
        return workers.workers_of(self.process.pid or 0)

    def crash(self, choose: Callable[[list[int]], int]) -> None:
        """As a power cut would: the one process, or one of several, which is begun again by itself."""
        there = self.workers_now()
        if there:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choose(there), signal.SIGKILL)
        else:
            self.kill()
            self.start()

    def kill(self) -> None:
        """Everything of it at once."""
        if self.process is not None and self.process.pid and self.alive:
            workers.kill(self.process.pid)
        self.gone()

    def says(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of its database, read beside it."""
        if self._look is not None:
            with self._look.read() as connection:
                return list(connection.execute(sql, values).fetchall())
        place = f"file:{self.data / FILE}?mode=ro"
        with contextlib.closing(sqlite3.connect(place, uri=True, timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()

    def database(self) -> Database:
        """Its database, once it has ended."""
        return Postgres(self.url) if self.url else Sqlite(self.data / FILE)

    def copy(self) -> None:
        """Keeps a copy of its database as it is now."""
        if self.cluster is not None:
            self._closed()
            if self._copy:
                self.cluster.drop(self._copy)
            self._copy = self.cluster.database(name_of(self.url))
            self.start()
            return
        self._copy = str(self.folder / "copy.db")
        with (
            contextlib.closing(sqlite3.connect(self.data / FILE)) as source,
            contextlib.closing(sqlite3.connect(self._copy)) as copy,
        ):
            source.backup(copy)

    def restore(self) -> None:
        """Kills it, and starts it on the older copy."""
        if self.cluster is not None:
            self._closed()
            self.cluster.drop(self.url)
            self.cluster.sql(f"CREATE DATABASE {name_of(self.url)} TEMPLATE {name_of(self._copy)}")
            self.cluster.sql(
                "CHECKPOINT"
            )  # PostgreSQL forgets how far a copied sequence was logged, if it crashes before one
        else:
            self.kill()
            for end in ("", "-wal", "-shm"):
                (self.data / (FILE + end)).unlink(missing_ok=True)
            shutil.copy(self._copy, self.data / FILE)
        self.start()

    def lose_tail(self) -> None:
        """PostgreSQL goes down and comes back without what it committed last; the backend lives through it."""
        assert self.cluster is not None
        self._look_again()
        self.cluster.crash()

    def hold(self, seconds: float) -> None:
        """Somebody else has the counter row locked for a while: nobody can commit."""
        assert self.cluster is not None
        with psycopg.connect(f"host={self.cluster.folder} dbname={name_of(self.url)} user=kefu") as connection:
            connection.execute("SELECT seq FROM sync_head FOR UPDATE")
            time.sleep(seconds)

    def _look_again(self) -> None:
        if self._look is not None:
            self._look.close()
            self._look = Postgres(self.url)

    def _closed(self) -> None:
        """Nobody has the database open."""
        self.kill()
        self._look_again()
        assert self.cluster is not None
        self.cluster.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(self.url)}'"
        )

    def gone_for_good(self) -> None:
        """Ends it, and whatever was kept of it elsewhere."""
        self.kill()
        if self._look is not None:
            self._look.close()
        for url in filter(None, (self.url, self._copy if self.cluster else "")):
            assert self.cluster is not None
            self.cluster.drop(url)


class Desk(Process):
    """An agent's desk: a home, a log of what it was told is committed, a proxy on its way to the backend."""

    def __init__(self, folder: pathlib.Path, login: str, place: str, backend: Backend, seed: int) -> None:
        super().__init__(agent.main)
        self.folder, self.login, self.backend, self.seed = folder, login, backend, seed
        self.home, self.log = folder / place, folder / f"{place}.log"
        self.proxy = Proxy(lambda: backend.port, seed)
        self.proxy.start()
        self.skew_s = 0
        self.starts = 0
        self.monotonic = False
        """Whether no older copy of the backend comes back."""
        self._asked = 0
        self.damaged = False
        """Whether its store was damaged in this run: then it may say that something is lost."""
        self._mends = 0
        """How often it is to have been mended: a kill in the middle of it leaves that to the next start."""

    @property
    def to_be_mended(self) -> bool:
        """Whether its store is damaged as far as the run knows: it was to be mended, and did not come to it."""
        return self._mended() < self._mends

    def _mended(self) -> int:
        return sum("mended" in line for line in self.logged())

    def copied(self, seed: int) -> "Desk":
        """Another desk, not started, with a copy of its store, its damage included."""
        twin = Desk(self.folder, self.login, f"{self.home.name}x", self.backend, seed)
        twin.monotonic, twin.damaged = self.monotonic, self.damaged
        shutil.copytree(self.home, twin.home, ignore=shutil.ignore_patterns("*.sync", "*.use"))
        return twin

    def start(self, failpoint: str = "", *, mend: bool = False) -> None:
        """Starts it; it signs in by itself once it gets through."""
        self.starts += 1
        self._mends = max(self._mends, self._mended() + mend)
        mend = self.to_be_mended
        told = {
            "home": str(self.home), "backend": f"http://127.0.0.1:{self.proxy.port}", "login": self.login, "password": PASSWORD,
            "log": str(self.log), "seed": self.seed * 1000 + self.starts, "skew_s": self.skew_s, "mend": mend,
            "monotonic": self.monotonic,
        }  # fmt: skip
        self.begin(told, self.folder / f"{self.home.name}.err", failpoint)

    def again(self, failpoint: str = "") -> None:
        """Starts it where it has ended: mended, signed in anew, or as it was."""
        code = self.gone()
        if code not in (0, -signal.SIGKILL, SIGN_IN_AGAIN, DAMAGED):
            errors = (self.folder / f"{self.home.name}.err").read_text(encoding="utf-8")[-2000:]
            raise AssertionError(f"{self.home.name} ended with {code}:\n{errors}")
        self.start(failpoint, mend=code == DAMAGED)

    def stands(self) -> dict[str, Any] | None:
        """How it stands; None where it does not answer yet."""
        self._asked += 1
        self.say(f"level {self._asked}")
        end = time.monotonic() + 5
        while (line := self.hear(end - time.monotonic())) is not None:
            told = json.loads(line)
            if told is None:
                return None
            if told.get("asked") == str(self._asked):  # no answer that came too late for a question before
                return dict(told)
        return None

    def logged(self) -> list[dict[str, Any]]:
        """What it was told is committed, line by line; the last may be cut off by a kill."""
        found = []
        for line in self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []:
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def store(self) -> Store:
        """Its store, once it has ended."""
        return Home(self.home).open_store(lambda: PASSPHRASE)


__all__ = ["PASSWORD", "Backend", "Desk", "Process", "serving"]

"""A PostgreSQL of one's own for a test run: a cluster in a temporary folder, and databases copied from one that is made once."""

import contextlib
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

USER = "postgres"
"""Whose the cluster is where the tests run as root."""
NOT_HERE = "no PostgreSQL (initdb, postgres) on this machine"


def programs() -> pathlib.Path | None:
    """Where PostgreSQL's programs are: the newest of Debian's folders, else what PATH finds; None where there is none."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: int(bin.parent.name))
    found = shutil.which("initdb")
    folders += [pathlib.Path(found).resolve().parent] if found else []
    there = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    lacking = os.getuid() == 0 and USER not in {user.pw_name for user in pwd.getpwall()}
    return there[-1] if there and not lacking else None


class Cluster:
    """A running cluster on a unix socket. Text is ordered as a dictionary orders it: whoever needs bytes must say so."""

    def __init__(self, folder: pathlib.Path, begin: "Callable[[], subprocess.Popen[bytes]]") -> None:
        self.folder = folder
        self._begin = begin
        self.process = begin()
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://kefu@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Runs a statement outside a transaction."""
        with psycopg.connect(f"host={self.folder} dbname={database} user=kefu", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def database(self, template: str = "template0") -> str:
        """A fresh database, empty or a copy; its address."""
        name = f"kefu_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def crash(self) -> None:
        """Ends it at once and begins it again: what was committed in the last moments may be gone, as after a failover."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        self.process = self._begin()
        _answers(self)

    def drop(self, url: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {name_of(url)} WITH (FORCE)")


def name_of(url: str) -> str:
    """The name of the database that an address is of."""
    return url.partition("?")[0].rpartition("/")[2]


@contextlib.contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A cluster as long as the block lasts; None where PostgreSQL is missing. It refuses root: then it is user `postgres`."""
    bin = programs()
    if bin is None:
        yield None
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kefu-pg-"))
    who: dict[str, Any] = {}
    if os.getuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    try:
        making = [bin / "initdb", "-D", folder / "data", "-U", "kefu", "-A", "trust", "-E", "UTF8", "--no-sync"]
        making += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und"]
        subprocess.run(making, check=True, capture_output=True, cwd=folder, **who)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": folder,
            "fsync": "off",
            "full_page_writes": "off",
        }
        settings |= {
            "synchronous_commit": "off",
            "autovacuum": "off",
            "shared_buffers": "32MB",
            "max_connections": "200",
        }
        serving = [bin / "postgres", "-D", folder / "data", *(f"--{name}={value}" for name, value in settings.items())]

        def begin() -> "subprocess.Popen[bytes]":
            with open(folder / "log", "ab") as log:
                return subprocess.Popen(serving, stdout=log, stderr=log, cwd=folder, **who)

        here = Cluster(folder, begin)
        try:
            _answers(here)
            yield here
        finally:
            here.process.send_signal(signal.SIGQUIT)  # at once: nothing is kept
            here.process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(here: Cluster) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            here.sql("SELECT 1")
            return
        except psycopg.OperationalError:
            assert here.process.poll() is None, (here.folder / "log").read_text()
            assert time.monotonic() < end, "PostgreSQL does not answer"
            time.sleep(0.02)

"""The backend of a soak as a process: opens what is there, serves on a port, ends with a signal or with who began it."""

import os
import pathlib
import signal
import sys
import threading
from typing import Any

from argon2 import PasswordHasher

from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.serve import serve
from kefu_tui.backend.service import Service, Settings
from kefu_tui.ids import Ids
from kefu_tui.now import DAY, SECOND, system_now

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def settings(data: pathlib.Path, removals_kept: int = 90 * DAY) -> Settings:
    """What suits very many tries in a short time."""
    return Settings(
        data_dir=data,
        removals_kept=removals_kept,
        allow_private_webhooks=True,
        load_from=40,
        webhook_tries=200,
        webhook_first_wait=SECOND // 10,
        webhook_longest_wait=SECOND // 2,
        free_tries=1_000_000,
    )


def opened(data: pathlib.Path, url: str = "") -> Service:
    """The service on a folder, or on PostgreSQL, in this process."""
    return prepare(
        data, system_now, Ids(), url=url, settings=settings(data), hasher=CHEAP, environ={}, say=lambda line: None
    )


def main(told: dict[str, Any]) -> None:
    """Told {data, port, url, workers, removals_kept}; says its port."""
    data = pathlib.Path(told["data"])

    def orphaned() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=orphaned, daemon=True).start()
    serve(
        data,
        "127.0.0.1",
        told["port"],
        database=told["url"],
        workers=told["workers"],
        settings=settings(data, told["removals_kept"]),
        ready=lambda url: print(url.rpartition(":")[2], flush=True),
    )

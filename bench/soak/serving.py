"""The backend of a soak as a process: opens what is there, serves on a port, ends with a signal or with who began it."""

import json
import pathlib
import signal
import sys
import threading

from argon2 import PasswordHasher

from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.serve import start_in_thread
from kefu_tui.backend.service import Service, Settings
from kefu_tui.ids import Ids
from kefu_tui.now import SECOND, system_now

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def opened(data: pathlib.Path) -> Service:
    """The service on a folder, with settings that suit very many tries in a short time."""
    settings = Settings(
        data_dir=data,
        allow_private_webhooks=True,
        load_from=40,
        webhook_tries=200,
        webhook_first_wait=SECOND // 10,
        webhook_longest_wait=SECOND // 2,
        free_tries=1_000_000,
    )
    return prepare(data, system_now, Ids(), settings=settings, hasher=CHEAP, environ={}, say=lambda line: None)


def main() -> None:
    """Told {data, port} on its command line; says its port."""
    told = json.loads(sys.argv[1])
    service = opened(pathlib.Path(told["data"]))
    running = start_in_thread(service, "127.0.0.1", told["port"])
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    print(running.url.rpartition(":")[2], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    ended.wait()
    running.stop()
    service.close()


if __name__ == "__main__":
    main()

"""Serving: one process on one port, in the foreground (`kefu serve`) or in a thread (`kefu demo`, `kefu up`, tests)."""

import contextlib
import errno
import pathlib
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType

import uvicorn

from kefu_tui.backend.app import create_app
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.logs import logging_to
from kefu_tui.backend.service import Service, Settings
from kefu_tui.backend.workers import supervise
from kefu_tui.ids import Ids
from kefu_tui.now import system_now
from kefu_tui.spoken import Spoken

GRACE_S = 5
"""How long requests under way may take at the end."""


class ServeError(Spoken):
    """The service cannot be started; the message is one line that says why and what to do."""


class _Server(uvicorn.Server):
    """Says when it answers, and says goodbye to streams before it ends."""

    def __init__(self, service: Service, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            create_app(service),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)
        self._service = service
        self._ready = ready
        self._told = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.fanout.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A first signal ends gracefully and with success, a second at once."""
        self.force_exit, self._told = self._told, True
        self.should_exit = True


def serve(
    data_dir: pathlib.Path,
    host: str,
    port: int,
    *,
    database: str = "",
    workers: int = 1,
    settings: Settings | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serves a data folder until SIGINT or SIGTERM; `ready` gets the address once it answers (port 0: a free one).

    The data is in the folder, or in PostgreSQL at the address `database`; only there several `workers` can serve it. Raises
    ServeError when the address cannot be had or a worker does not begin, DatabaseError when the database cannot be used.
    """
    if workers > 1 and not database:
        raise ServeError(
            "SQLite 只能一个进程开；--workers 多于 1 要 --database postgresql+psycopg://…。",
            "SQLite is served by one process: --workers above 1 needs --database postgresql+psycopg://….",
        )
    listening = _listen(host, port)
    with listening:
        settings = settings or Settings(data_dir=data_dir)
        service = prepare(data_dir, system_now, Ids(), url=database, settings=settings)
        url = _url(host, listening)
        try:
            if workers == 1:
                with logging_to(data_dir):
                    _Server(service, lambda: ready(url)).run(sockets=[listening])
        finally:
            service.close()
        if workers > 1 and not supervise(work, (settings, database, listening), workers, lambda: ready(url)):
            raise ServeError("后台没有起来，见 backend-*.log。", "A worker did not begin; see backend-*.log.")


def work(number: int, life: Connection, settings: Settings, database: str, listening: socket.socket) -> None:
    """One of several processes on one socket: says by `life` that it answers, and ends when the other end of that is gone."""
    with logging_to(settings.data_dir, f"backend-{number}"), listening:
        service = prepare(settings.data_dir, system_now, Ids(), url=database, settings=settings)
        server = _Server(service, lambda: life.send_bytes(b"ready"))

        def orphaned() -> None:
            with contextlib.suppress(EOFError, OSError):
                life.recv_bytes()
            server.should_exit = True

        threading.Thread(target=orphaned, name="kefu-life", daemon=True).start()
        try:
            server.run(sockets=[listening])
        finally:
            service.close()


class Running:
    """A service in a thread. `url` is where it answers; `service` stays the caller's to close."""

    def __init__(self, service: Service, url: str, server: uvicorn.Server, thread: threading.Thread) -> None:
        self.service = service
        self.url = url
        self._server = server
        self._thread = thread

    def stop(self) -> None:
        """Ends it gracefully and waits for that; harmless twice."""
        self._server.should_exit = True
        self._thread.join()


def start_in_thread(service: Service, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serves in a thread and returns when it answers. Raises ServeError when the address cannot be had."""
    listening = _listen(host, port)
    answering = threading.Event()
    server = _Server(service, answering.set)
    failed: list[BaseException] = []

    def work() -> None:
        with listening, logging_to(service.settings.data_dir):
            try:
                server.run(sockets=[listening])
            except BaseException as error:
                failed.append(error)
            finally:
                answering.set()

    thread = threading.Thread(target=work, name="kefu-serve", daemon=True)
    url = _url(host, listening)
    thread.start()
    answering.wait()
    if failed:
        raise ServeError(f"后台没有起来：{failed[0]!r}", f"The backend did not start: {failed[0]!r}")
    return Running(service, url, server, thread)


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ServeError(
            f"端口 {port} 不行：端口从 0 到 65535。", f"Cannot listen on port {port}: ports go from 0 to 65535."
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(f"不能在 {host} 上监听：{error}。", f"Cannot listen on {host}: {error}.") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise ServeError(
                f"{host} 的端口 {port} 被占了。换一个；0 是随便哪个空的。",
                f"Port {port} on {host} is taken. Choose another; 0 takes a free one.",
            ) from error
        raise ServeError(
            f"不能在 {host} 的端口 {port} 上监听：{error.strerror}。",
            f"Cannot listen on {host} port {port}: {error.strerror}.",
        ) from error
    return listening


def _url(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"

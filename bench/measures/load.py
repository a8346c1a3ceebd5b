"""A new desk at a backend that has very much: seconds until there is something to answer, and until all of it is here."""

import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.ground import MESSAGES, Ground, environment, passphrase
from kefu_tui.backend import index
from kefu_tui.backend.accounts import add_user
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.service import Service
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.level import sync_once
from kefu_tui.ids import Ids
from kefu_tui.model.rows import Clock, Conversation, Customer, Message
from kefu_tui.model.sql import Reader
from kefu_tui.now import MINUTE, system_now
from kefu_tui.operations.view import View

PASSWORD = "correct horse"
BATCH = 200
"""Conversations in one commit while the backend is filled."""
TEXT = "您好，我上周买的那件外套尺码偏小，想换大一号，麻烦看一下还有没有货，订单尾号 7340376。"


def measure(ground: Ground) -> list[Figure]:
    """The backend as a process of its own, HTTP over loopback, an encrypted store."""
    usable: list[float] = []
    with served(ground.conversations, MESSAGES * ground.scale // ground.conversations) as desk:
        begun = time.perf_counter()

        def moved(what: object) -> None:
            if not usable and desk.queue_rows(desk.queue_ids("waiting", 20)):
                usable.append(time.perf_counter() - begun)

        sync_once(desk, moved=moved)
        seconds = time.perf_counter() - begun
        with desk.store.read() as connection:
            rows = sum(
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("conversation", "message", "customer", "clock")
            )
    return [
        Figure("a new desk: something to answer", usable[0], "s", "≤ 2"),
        Figure("a new desk: all of it here", seconds, "s", "≤ 20 at ×100"),
        Figure("a new desk: rows", rows / seconds, "rows/s", "≥ 50,000"),
    ]


@contextlib.contextmanager
def served(conversations: int, messages: int) -> Iterator[Desk]:
    """A desk that has just signed in at a backend, a process of its own, that has so many conversations with so many messages."""
    with tempfile.TemporaryDirectory(prefix="kefu-load-") as name, contextlib.ExitStack() as ends:
        folder = pathlib.Path(name)
        service = prepare(folder / "backend", system_now, Ids(), environ={}, say=lambda line: None)
        try:
            add_user(service, "new", "agent", (), PASSWORD)
            _fill(service, conversations, messages)
        finally:
            service.close()
        serving = subprocess.Popen(
            [sys.executable, "-m", "kefu_tui", "serve", "--port", "0", "--data", str(folder / "backend")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(),
        )
        ends.callback(serving.wait)
        ends.callback(serving.terminate)
        assert serving.stdout is not None
        home = Home(folder / "home")
        home.folder.mkdir()
        home.make(passphrase)
        home.sign_in(serving.stdout.readline().split()[-1], "new", PASSWORD, "zh", passphrase)
        store = ends.enter_context(contextlib.closing(home.open_store(passphrase)))
        yield open_desk(home, store, "zh")


def _fill(service: Service, conversations: int, messages: int) -> None:
    ids, now = service.ids, system_now()
    with service.database.read() as connection:
        (group,) = connection.execute("SELECT id FROM agent_group WHERE name = 'default'").fetchone()
    for begin in range(0, conversations, BATCH):
        with service.database.write() as connection:
            view = View(Reader(connection))
            for number in range(begin, min(conversations, begin + BATCH)):
                at = now - (conversations - number) * MINUTE
                customer = view.put(Customer(id=ids(), channel="web", external_id=f"b{number}", first_seen_at=at))
                conversation = view.put(
                    Conversation(
                        id=ids(), customer_id=customer.id, channel="web", group_id=group, opened_at=at, last_at=at,
                        last_pos=messages, preview=TEXT, status="waiting" if number % 20 == 0 else "resolved",
                    )
                )  # fmt: skip
                view.put(Clock(id=ids(), conversation_id=conversation.id, kind="resolution", started_at=at))
                for place in range(1, messages + 1):
                    id = ids()
                    view.put(
                        Message(
                            id=id, conversation_id=conversation.id, conv_pos=place, author="customer", text=TEXT, at=at,
                            state="received", op_id=id,
                        )
                    )  # fmt: skip
            (seq,) = connection.execute("UPDATE sync_head SET seq = seq + 1 RETURNING seq").fetchone()
            index.write(connection, view, seq)
            connection.execute("INSERT INTO sync_commit (seq, at) VALUES (?, ?)", (seq, now))

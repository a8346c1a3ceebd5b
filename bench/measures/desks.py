"""Very many desks live on one backend: how soon a commit is heard of, and pulled, by everyone who may see it."""

import asyncio
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import urllib.parse
from typing import NamedTuple

from bench.figures import Figure, spread
from bench.ground import Ground, environment
from kefu_tui.backend.accounts import token_hash
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.visibility import EVERYONE, personal
from kefu_tui.ids import Ids, derive
from kefu_tui.model.rows import SCHEMA
from kefu_tui.now import DAY, system_now
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.people import AddAgent, AddGroup
from kefu_tui.wire import PROTOCOL

DESKS, GROUPS = 2_000, 100
COMMITS_S, SECONDS = 10, 20
AT_ONCE = 40
"""Streams that are opened at the same time."""


class Told(NamedTuple):
    """An answer over HTTP."""

    status: int
    body: bytes


class Line:
    """A connection that is kept, with one request at a time."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> Told:
        """Sends a request and reads its answer; again where the connection was closed meanwhile for want of work."""
        first = b""
        while not first:
            try:
                reader, _ = await self.begin(method, path, body)
                first = await reader.readline()
            except ConnectionError:
                first = b""
            if not first:
                self.close()
        length, status = 0, int(first.split()[1])
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return Told(status, await reader.readexactly(length))

    async def begin(
        self, method: str, path: str, body: bytes = b""
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Sends a request; the answer is the caller's to read."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        return reader, writer

    def close(self) -> None:
        """Ends it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class LiveDesk:
    """A desk that follows its stream and pulls when it is poked."""

    def __init__(self, port: int, number: int, group: str, seq: int) -> None:
        self.number, self.group = number, group
        self.agent_id = derive("agent", str(number))
        self.device_id = derive("device", str(number))
        self.cursors = {EVERYONE: seq, personal(self.agent_id): seq, group: seq}
        self.poked: list[tuple[int, float]] = []
        self.pulled: list[tuple[int, float]] = []
        self.stream, self.line = Line(port, _token(number)), Line(port, _token(number))
        self.op_no = 0
        self._wanted = asyncio.Event()

    async def open(self) -> asyncio.StreamReader:
        """Opens the stream; returns once the backend has greeted."""
        reader, _ = await self.stream.begin("GET", "/sync/v1/events")
        while not (await reader.readline()).startswith(b"event: hello"):
            pass
        return reader

    async def follow(self, reader: asyncio.StreamReader) -> None:
        """Hears pokes for ever."""
        event = b""
        while line := await reader.readline():
            if line.startswith(b"event: "):
                event = line[7:].strip()
            elif line.startswith(b"data: ") and event == b"poke":
                self.poked.append((json.loads(line[6:])["seq"], time.perf_counter()))
                self._wanted.set()

    async def pull(self) -> None:
        """Pulls whenever it was poked, one at a time."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            cursors = urllib.parse.quote(json.dumps(self.cursors))
            told = await self.line.ask("GET", f"/sync/v1/pull?cursors={cursors}&acked={self.op_no}")
            assert told.status == 200, told
            to = json.loads(told.body)["to"]
            self.cursors = dict.fromkeys(self.cursors, to)
            self.pulled.append((to, time.perf_counter()))

    async def note(self, line: Line, conversation_id: str, number: int) -> tuple[int, float]:
        """Commits something everyone in the group sees: its number, and when it was begun."""
        self.op_no += 1
        id = derive("note", str(self.number), str(number))
        args = {"conversation_id": conversation_id, "message_id": id, "text": f"备注 {number}"}
        operation = {
            "op_no": self.op_no, "op_id": id, "kind": "conversation.note", "v": 1, "actor": self.agent_id,
            "at": system_now(), "basis": {}, "args": args,
        }  # fmt: skip
        batch = {"protocol": PROTOCOL, "schema": SCHEMA, "epoch": "", "device_id": self.device_id, "ops": [operation]}
        begun = time.perf_counter()
        told = await line.ask("POST", "/sync/v1/push", json.dumps(batch).encode())
        assert told.status == 200, told
        return json.loads(told.body)["results"][0]["seq"], begun


def measure(ground: Ground) -> list[Figure]:
    """2,000 desks in 100 groups, 10 commits a second; the desks are driven from the same machine."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 3 * DESKS + 1_000), most))
    with tempfile.TemporaryDirectory(prefix="kefu-desks-") as name:
        folder = pathlib.Path(name)
        conversations, seq = _fill(folder)
        serving = subprocess.Popen(
            [sys.executable, "-m", "kefu_tui", "serve", "--port", "0", "--data", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(),
        )
        try:
            assert serving.stdout is not None
            port = int(serving.stdout.readline().rpartition(":")[2])
            return asyncio.run(_live(port, conversations, seq))
        finally:
            serving.terminate()
            serving.wait()


async def _live(port: int, conversations: list[str], seq: int) -> list[Figure]:
    desks = [LiveDesk(port, number, _group(number % GROUPS), seq) for number in range(DESKS)]
    begun = time.perf_counter()
    room = asyncio.Semaphore(AT_ONCE)

    async def opened(desk: LiveDesk) -> asyncio.StreamReader:
        async with room:
            return await desk.open()

    readers = await asyncio.gather(*(opened(desk) for desk in desks))
    opening = time.perf_counter() - begun
    tasks = [asyncio.create_task(desk.follow(reader)) for desk, reader in zip(desks, readers, strict=True)]
    tasks += [asyncio.create_task(desk.pull()) for desk in desks]
    writers = [Line(port, _token(number)) for number in range(GROUPS)]
    commits: list[tuple[int, int, float]] = []

    async def commit(number: int) -> None:
        place = number % GROUPS
        commits.append((place, *await desks[place].note(writers[place], conversations[place], number)))

    working = []
    for number in range(COMMITS_S * SECONDS):
        working.append(asyncio.create_task(commit(number)))
        await asyncio.sleep(1 / COMMITS_S)
    await asyncio.gather(*working)
    until = time.perf_counter() + 30
    while any(max(desk.cursors.values()) < _last_of(commits, desk) for desk in desks):
        if time.perf_counter() > until:
            raise TimeoutError("not every desk has pulled what it may see")
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for line in [*writers, *(desk.stream for desk in desks), *(desk.line for desk in desks)]:
        line.close()
    heard, pulled = [], []
    for place, seq, at in commits:
        for desk in desks[place::GROUPS]:
            heard.append((next(when for to, when in desk.poked if to >= seq) - at) * 1e3)
            pulled.append((next(when for to, when in desk.pulled if to >= seq) - at) * 1e3)
    return [
        Figure(f"{DESKS:,} desks: streams opened in", opening, "s"),
        *spread(f"{DESKS:,} desks: commit → poke", heard, "ms", p99="≤ 500"),
        *spread(f"{DESKS:,} desks: commit → pulled", pulled, "ms", p99="≤ 2,000"),
    ]


def _last_of(commits: list[tuple[int, int, float]], desk: LiveDesk) -> int:
    return max((seq for place, seq, _ in commits if place == desk.number % GROUPS), default=0)


def _fill(folder: pathlib.Path) -> tuple[list[str], int]:
    """Groups, agents with devices that are signed in, and a conversation for each group; the last commit number."""
    ids, now = Ids(), system_now()
    service = prepare(folder, system_now, ids, environ={}, say=lambda line: None)
    database, commits = service.database, service.commits
    conversations = []
    try:
        for number in range(GROUPS):
            commits.run(AddGroup(group_id=_group(number), name=f"g{number}"), ids())
            conversations.append(ids())
            come = Receive(
                channel="web", group_id=_group(number), external_id=str(number), message_id=ids(), customer_id=ids(),
                conversation_id=conversations[-1], text="我的快递到哪了",
            )  # fmt: skip
            commits.run(come, ids())
        for number in range(DESKS):
            agent_id = derive("agent", str(number))
            add = AddAgent(agent_id=agent_id, login=f"a{number}", name=f"A{number}", groups=(_group(number % GROUPS),))
            commits.run(add, ids())
        with database.write() as connection:
            connection.executemany(
                "INSERT INTO device (id, agent_id, name, app_version, last_op_no, token_hash, token_expires_at, created_at, "
                "seen_at) VALUES (?, ?, '', '', 0, ?, ?, ?, ?)",
                [
                    (derive("device", str(n)), derive("agent", str(n)), token_hash(_token(n)), now + DAY, now, now)
                    for n in range(DESKS)
                ],
            )
            (seq,) = connection.execute("SELECT seq FROM sync_head").fetchone()
    finally:
        service.close()
    return conversations, seq


def _group(number: int) -> str:
    return derive("group", f"g{number}")


def _token(number: int) -> str:
    return f"token-of-desk-{number}"

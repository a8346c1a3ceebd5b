"""A shop for tests: a real backend on a loopback port, agents at desks, visitors on the chat page."""

import contextlib
import json
import pathlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
from argon2 import PasswordHasher
from httpx_sse import ServerSentEvent, connect_sse

from kefu_tui.backend.accounts import add_user
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.serve import Running, start_in_thread
from kefu_tui.backend.service import Service, Settings
from kefu_tui.ids import Ids
from kefu_tui.model.rows import BY_NAME, SCHEMA
from kefu_tui.now import system_now

PASSWORD = "correct horse"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """The machine's time and what the test adds to it, µs."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return system_now() + self.ahead


class Shop:
    """A backend that runs, and those who use it."""

    def __init__(self, folder: pathlib.Path, url: str = "", **settings: Any) -> None:
        self.clock = Clock()
        self.folder = folder
        self.url = url
        """Where its PostgreSQL is; '' on SQLite."""
        self.service: Service = prepare(
            folder,
            self.clock,
            Ids(self.clock),
            url=url,
            settings=Settings(data_dir=folder, **settings),
            hasher=CHEAP,
            environ={},
            say=lambda line: None,
        )
        self.running: Running = start_in_thread(self.service)
        self.http = httpx.Client(base_url=self.running.url, timeout=20, trust_env=False)

    def close(self) -> None:
        self.http.close()
        self.running.stop()
        self.service.close()

    def sql(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows straight from the database; also changes."""
        with self.service.database.write() as connection:
            found = connection.execute(sql, values)
            return found.fetchall() if sql.startswith("SELECT") else []

    def hire(self, login: str, role: str = "agent", groups: tuple[str, ...] = (), *, device: str = "") -> "Desk":
        """A new agent, signed in."""
        add_user(self.service, login, role, groups, PASSWORD, create_group=True)
        return self.sign_in(login, device or f"device-of-{login}")

    def sign_in(self, login: str, device: str) -> "Desk":
        answer = self.http.post("/auth/v1/sign-in", json={"login": login, "password": PASSWORD, "device_id": device})
        assert answer.status_code == 200, answer.text
        return Desk(self, device, answer.json())

    def visitor(self, **body: str) -> "Visitor":
        answer = self.http.post("/chat/v1/visitors", json=body)
        assert answer.status_code == 201, answer.text
        return Visitor(self, answer.json())


class Party:
    """Somebody with a bearer token."""

    def __init__(self, shop: Shop, token: str) -> None:
        self.shop = shop
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.shop.http.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.shop.http.post(path, json=body, headers=self.headers)

    @contextlib.contextmanager
    def events(self, path: str) -> Iterator[Iterator[ServerSentEvent]]:
        """An open event stream; ten seconds without a word, less than the time between pings, fail the test."""
        with (
            httpx.Client(base_url=self.shop.http.base_url, timeout=10, trust_env=False) as http,
            connect_sse(http, "GET", path, headers=self.headers) as source,
        ):
            yield source.iter_sse()


class Desk(Party):
    """A desk that speaks the sync protocol by hand."""

    def __init__(self, shop: Shop, device: str, signed: Mapping[str, Any]) -> None:
        super().__init__(shop, signed["token"])
        self.device = device
        self.signed = signed
        self.agent_id: str = signed["agent_id"]
        self.op_no: int = signed["last_op_no"]

    def op(self, kind: str, args: Mapping[str, Any], **basis: Any) -> dict[str, Any]:
        """The next operation of this device."""
        self.op_no += 1
        return {
            "op_no": self.op_no,
            "op_id": self.shop.service.ids(),
            "kind": kind,
            "v": 1,
            "actor": self.agent_id,
            "at": self.shop.clock(),
            "basis": basis,
            "args": args,
        }

    def batch(self, *ops: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        return {"protocol": 1, "epoch": "", "device_id": self.device, "schema": SCHEMA, "ops": ops, **changes}

    def push(self, *ops: Mapping[str, Any], **changes: Any) -> httpx.Response:
        return self.post("/sync/v1/push", self.batch(*ops, **changes))

    def do(self, kind: str, args: Mapping[str, Any], **basis: Any) -> dict[str, Any]:
        """Pushes one operation and gives its result."""
        answer = self.push(self.op(kind, args, **basis))
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["results"][0]
        return result

    def claim(self, conversation_id: str) -> None:
        assert self.do("conversation.claim", {"conversation_id": conversation_id})["status"] == "applied"

    def reply(self, conversation_id: str, text: str, **basis: Any) -> tuple[str, str]:
        """Answers a claimed conversation: the message's id and the status of the operation."""
        id = self.shop.service.ids()
        args = {"conversation_id": conversation_id, "message_id": id, "text": text}
        held = {"claim": self.agent_id, "last_pos": 1_000_000, **basis}
        return id, self.do("conversation.reply", args, **held)["status"]

    def pull(self, cursors: Mapping[str, int] | None = None, **query: Any) -> httpx.Response:
        begin = dict.fromkeys(self.signed["groups"], 0) if cursors is None else cursors
        return self.get("/sync/v1/pull", cursors=json.dumps(begin), **query)

    def rows(self, table: str) -> list[Any]:
        """What a pull from the start brings of a table."""
        page = self.pull().json()
        fields = BY_NAME[table].__struct_fields__
        return [dict(zip(fields, values, strict=True)) for values in page["rows"].get(table, [])]


class Visitor(Party):
    """A person on the chat page."""

    def __init__(self, shop: Shop, made: Mapping[str, str]) -> None:
        super().__init__(shop, made["token"])
        self.id = made["visitor_id"]

    def say(self, text: str, client_id: str | None = None) -> dict[str, Any]:
        answer = self.post("/chat/v1/messages", {"client_id": client_id or self.shop.service.ids(), "text": text})
        assert answer.status_code == 202, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def read(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.get("/chat/v1/messages", after=after)
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Checks that an answer is this problem, whole and in form, and gives it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body["type"].rpartition(":")[2] == code
    assert body["type"].startswith("urn:kefu:")
    assert body["status"] == status
    assert body["title"]
    return body


MakeShop = Callable[..., Shop]


def until(what: Callable[[], bool]) -> None:
    """Waits for something that a job of the backend does; fails when it never comes."""
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)

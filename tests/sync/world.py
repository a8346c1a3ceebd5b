"""A small world of desks, a backend and an adversary between them, driven by one seed in virtual time."""

import contextlib
import json
import pathlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from kefu_tui.backend import chain, compare, feed, load, retention
from kefu_tui.backend.commits import Commits, PushRefused
from kefu_tui.backend.database import Database
from kefu_tui.backend.visibility import scope
from kefu_tui.ids import Ids, derive
from kefu_tui.model.rows import TABLES, Agent
from kefu_tui.model.sql import COLUMNS, Reader
from kefu_tui.now import MINUTE, SECOND
from kefu_tui.operations import Basis, Operation, Refusal, View
from kefu_tui.operations.base import actor_of
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.people import AddAgent, AddGroup, JoinGroup
from kefu_tui.operations.service_policy import SetPolicy
from kefu_tui.store import facts, outbox, pages
from kefu_tui.store.engine import Store
from kefu_tui.sync.engine import Engine, Stopped
from kefu_tui.sync.transport import Refused, Unreachable
from kefu_tui.wire import Common, Compared, Mark, Page, Part, Problem, Push, PushAnswer, Stretch
from tests.sync.acts import Acts
from tests.sync.spaces import OnSqlite, Space

POLICY: dict[str, Any] = {
    "name": "test",
    "zone": "Asia/Shanghai",
    "shift": {"daily": ["09:00-21:00"]},
    "calendar": {"announced": [2026], "holidays": [], "make_up_days": []},
    "clock": {
        "first_response_chat": {"target": "5m", "calendar": "shift", "warn": 0.8, "soon": 0.5},
        "first_response_async": {"target": "20m", "calendar": "shift", "warn": 0.8, "soon": 0.5},
        "next_response": {"target": "3m", "calendar": "shift", "warn": 0.8, "soon": 0.5},
        "resolution": {"target": "24h", "calendar": "wall", "warn": 0.8, "soon": 0.5},
    },
}


class Stored(Protocol):
    """What has a backend's database."""

    database: Database


class Here(Protocol):
    """What has an agent's store."""

    login: str
    agent_id: str
    store: Store


class Violation(AssertionError):
    """An invariant of the protocol does not hold."""


def problem(code: str, **facts: Any) -> Refused:
    return Refused(Problem(type=f"urn:kefu:sync:{code}", title=code, status=409, **facts))


class Wire:
    """A desk's transport with the adversary in it: loses, repeats, delays. Every shape goes through its JSON."""

    def __init__(self, world: "World", device_id: str, agent_id: str) -> None:
        self.world, self.device_id, self.agent_id = world, device_id, agent_id
        self.late: list[Page] = []
        self.late_parts: list[Part] = []

    def push(self, batch: Push) -> PushAnswer:
        batch = msgspec.json.decode(msgspec.json.encode(batch), type=Push)
        fault = self.world.fault()
        if fault == "lost":
            raise Unreachable("request lost")
        for _ in range(2 if fault == "twice" else 1):
            answer = self._push(batch)
        if fault == "answer-lost":
            raise Unreachable("answer lost")
        if fault == "cut":
            self._push(Push(**{**msgspec.structs.asdict(batch), "ops": batch.ops[: len(batch.ops) // 2]}))
        return answer

    def _push(self, batch: Push) -> PushAnswer:
        try:
            results, last = self.world.commits.push(self.device_id, self.agent_id, batch.ops)
        except PushRefused as refused:
            raise problem(refused.code, **refused.facts) from None
        return PushAnswer(epoch="e1", last_op_no=last, head=0, results=results)

    def negotiate(self, marks: Sequence[Mark]) -> Common:
        if self.world.fault() in ("lost", "answer-lost"):
            raise Unreachable("lost")
        with self.world.database.read() as connection:
            return chain.common(connection, self.device_id, marks)

    def compare(self, stretch: Stretch) -> Compared:
        if self.world.fault() in ("lost", "answer-lost"):
            raise Unreachable("lost")
        with self.world.database.read() as connection:
            agent = View(Reader(connection)).get(Agent, self.agent_id)
            assert agent
            groups = scope(connection, actor_of(View(Reader(connection)), agent))
        told = compare.compare(self.world.database, groups, stretch)
        return msgspec.json.decode(msgspec.json.encode(told), type=Compared)

    def load(self, group: str, after: str) -> Part:
        fault = self.world.fault()
        if fault == "lost":
            raise Unreachable("request lost")
        many = self.world.random.choice((1, 2, 50))
        part = load.part(self.world.database, group, after, many, many)
        part = msgspec.json.decode(msgspec.json.encode(part), type=Part)
        if fault == "answer-lost":
            self.late_parts.append(part)
            raise Unreachable("answer lost")
        if fault == "stale" and self.late_parts:
            return self.late_parts.pop(self.world.random.randrange(len(self.late_parts)))
        return part

    def pull(
        self,
        cursors: Mapping[str, int],
        acked: int,
        wait: int = 0,
        mark: Mark | None = None,
        loading: Sequence[str] = (),
    ) -> Page:
        with self.world.database.read() as connection:
            view = View(Reader(connection))
            agent = view.get(Agent, self.agent_id)
            assert agent
            allowed = scope(connection, actor_of(view, agent))
            large = load.first(connection, cursors, self.world.load_from)
        known = {*cursors, *loading}
        if allowed != known:
            raise problem("scope-changed", added=sorted(allowed - known), removed=sorted(known - allowed))
        if large:
            raise problem("load-first", added=large)
        fault = self.world.fault()
        if fault == "lost":
            raise Unreachable("request lost")
        limit = self.world.random.choice((3, 20, 500))
        try:
            page = feed.page(self.world.database, self.device_id, cursors, acked, limit, mark, loading)
        except chain.Diverged:
            raise problem("history-diverged") from None
        except feed.TooOld:
            raise problem("cursor-too-old") from None
        page = msgspec.json.decode(msgspec.json.encode(page), type=Page)
        if fault == "answer-lost":
            self.late.append(page)
            raise Unreachable("answer lost")
        if fault == "stale" and self.late:
            return self.late.pop(self.world.random.randrange(len(self.late)))
        return page


class DeskHere:
    """One agent's store with its engine."""

    def __init__(self, world: "World", path: pathlib.Path, login: str) -> None:
        self.world, self.path, self.login = world, path, login
        self.agent_id = derive("agent", login)
        self.device_id = derive("device", login)
        self.wire = Wire(world, self.device_id, self.agent_id)
        self.store = Store(path, None)
        self.engine = Engine(self.store, self.wire, world.now)
        self.cursor: dict[str, int] = {}
        self.acknowledged = 0
        self.issued: dict[str, str] = {}
        self.voided: set[str] = set()
        with world.database.write() as connection:
            connection.execute(
                "INSERT INTO device (id, agent_id, name, app_version, last_op_no, token_expires_at, created_at, seen_at) "
                "VALUES (?, ?, '', '', 0, 0, 0, 0)",
                (self.device_id, self.agent_id),
            )

        def sign_in(connection: outbox.Connection) -> None:
            for key, value in {"agent_id": self.agent_id, "device_id": self.device_id, "epoch": "e1"}.items():
                facts.set(connection, key, value)
            pages.rescope(connection, ["all", f"agent:{self.agent_id}"], [], self.agent_id)

        self.store.write(sign_in).result()

    def crash(self) -> None:
        self.store.close()
        self.store = Store(self.path, None)
        self.engine = Engine(self.store, self.wire, self.world.now)

    def do(self, operation: Operation, basis: Basis | None = None) -> outbox.Issued:
        now, op_id = self.world.now(), self.world.ids()
        issued = self.store.write(
            lambda connection: outbox.issue(connection, operation, self.agent_id, basis or Basis(), now, op_id)
        ).result()
        if issued.op_no is not None:
            self.issued[op_id] = operation.kind
        return issued

    def sync(self) -> None:
        self.step(self.engine.push if self.world.random.random() < 0.5 else self.engine.pull)

    def step(self, what: Callable[[], object]) -> None:
        """One push or pull, which may fail."""
        with contextlib.suppress(Unreachable):
            what()
        self.check_cursor()

    def level(self) -> None:
        """Pushes and pulls until level; a backend that does not get on is a violation."""
        try:
            self.engine.level()
        except Unreachable as error:
            raise Violation(f"I13: {self.login}: {error}") from None
        self.cursor = {}  # It may have been another history's.

    def check_cursor(self) -> None:
        with self.store.read() as connection:
            now = pages.cursors(connection)
        for group, seq in self.cursor.items():
            if group in now and now[group] < seq and now[group] != 0:
                raise Violation(f"{self.login}: cursor of {group} went back from {seq} to {now[group]}")
        self.cursor = now

    def ids(self, sql: str, *parameters: Any) -> list[Any]:
        with self.store.read() as connection:
            return connection.execute(sql, parameters).fetchall()


class World(Acts):
    """Everything, from one seed. `quiet` turns the adversary off."""

    def __init__(self, folder: pathlib.Path, seed: int, desks: int = 3, space: Space | None = None) -> None:
        self.random = random.Random(seed)
        self.time = 1_792_000_000 * SECOND
        self.ids = Ids(self.now, self.random.randbytes)
        self.quiet = False
        self.load_from = (10_000, 1, 15)[seed % 3]
        """Entries of a group from which on it is loaded."""
        self.trace: list[str] = []
        self.stepped = 0
        self.forgets = seed % 2 == 1
        """Whether the backend forgets removals while it lives."""
        self.space = space or OnSqlite(folder)
        self.database = self.space.open()
        self.database.create("e1")
        self.commits = Commits(self.database, self.now)
        self.groups = [derive("group", name) for name in ("one", "two")]
        for name, id in zip(("one", "two"), self.groups, strict=True):
            self.run(AddGroup(group_id=id, name=name))
        self.run(SetPolicy(name="test", body=json.dumps(POLICY)))
        plans = [("a", "agent", (0,)), ("b", "agent", (0, 1)), ("c", "lead", (1,)), ("d", "agent", (0, 1))][:desks]
        self.desks = []
        for login, role, of in plans:
            self.run(
                AddAgent(
                    agent_id=derive("agent", login),
                    login=login,
                    name=login.upper(),
                    role=role,
                    groups=tuple(self.groups[i] for i in of),
                )
            )
            self.desks.append(DeskHere(self, folder / f"{login}.db", login))
        self.customers = [f"customer-{n}" for n in range(4)]
        self.steps: list[Any] = []

    def now(self) -> int:
        self.time += 137_000
        return self.time

    def run(self, operation: Operation) -> None:
        outcome = self.commits.run(operation, self.ids())
        assert not isinstance(outcome, Refusal), outcome

    def fault(self) -> str:
        if self.quiet:
            return ""
        return self.random.choice(("", "", "", "lost", "answer-lost", "twice", "cut", "stale"))

    def step(self) -> "DeskHere | None":
        """One thing happens; the desk it happened at, if any."""
        self.stepped += 1
        if self.forgets and self.stepped % 15 == 0:
            self.forget((0, MINUTE, 10 * MINUTE)[self.stepped // 15 % 3])
        self.time += self.random.choice((0, 0, SECOND, MINUTE))
        what = self.random.random()
        desk = self.random.choice(self.desks)
        if what < 0.15:
            self.customer_writes() if what < 0.12 else self.membership_changes()
            return None
        if what < 0.55:
            self.agent_acts(desk)
        elif what < 0.97:
            desk.sync()
        else:
            desk.crash()
        return desk

    def customer_writes(self) -> None:
        who = self.random.choice(self.customers)
        self.run(
            Receive(
                channel="web",
                group_id=self.groups[0] if who < "customer-2" else self.groups[1],
                external_id=who,
                message_id=self.ids(),
                customer_id=self.ids(),
                conversation_id=self.ids(),
                text=self.random.choice(("我的快递到哪了", "退货", "订单 126036803257340376 没到", "hello")),
            )
        )

    def back_up(self) -> None:
        """Keeps a copy of the backend as it is now."""
        self.database.close()
        self.space.back_up()

    def restore(self) -> None:
        """The copy comes back, where there is one: what was decided after it was made is gone there."""
        self.database.close()
        self.space.restore()

    def forget(self, kept: int) -> None:
        """The backend forgets removals that are older than that."""
        retention.forget(self.database, self.time - kept)

    def membership_changes(self) -> None:
        desk = self.desks[0]
        leave = self.random.random() < 0.5
        self.run(JoinGroup(agent_id=desk.agent_id, group_id=self.groups[1], leave=leave))

    def heal(self) -> None:
        """Turns the adversary off and lets everything level out, in a bounded number of rounds."""
        self.quiet = True
        for _ in range(3):
            for desk in self.desks:
                desk.wire.late.clear()
                desk.wire.late_parts.clear()
                desk.level()

    def close(self) -> None:
        for desk in self.desks:
            desk.store.close()
        self.database.close()


def visible(world: Stored, desk: Here) -> dict[str, dict[str, tuple[Any, ...]]]:
    """The rows that the index lets this desk see, by table and id."""
    with world.database.read() as connection:
        view = View(Reader(connection))
        agent = view.get(Agent, desk.agent_id)
        assert agent
        groups = scope(connection, actor_of(view, agent))
        marks = ", ".join("?" * len(groups))
        seen: dict[str, dict[str, tuple[Any, ...]]] = {table.table: {} for table in TABLES}
        entries = connection.execute(
            f"SELECT DISTINCT type, id FROM sync_change WHERE op = 'P' AND group_id IN ({marks})", tuple(groups)
        ).fetchall()
        by_type: dict[str, set[str]] = {}
        for type, id in entries:
            by_type.setdefault(type, set()).add(id)
        for table in TABLES:
            for values in connection.execute(f"SELECT {COLUMNS[table]} FROM {table.table}"):
                if values[0] in by_type.get(table.table, ()):
                    seen[table.table][values[0]] = values
        return seen


def held_here(desk: Here) -> dict[str, dict[str, tuple[Any, ...]]]:
    """The rows in this desk's store, by table and id."""
    with desk.store.read() as connection:
        return {
            table.table: {
                values[0]: values for values in connection.execute(f"SELECT {COLUMNS[table]} FROM {table.table}")
            }
            for table in TABLES
        }


__all__ = ["DeskHere", "Here", "Stopped", "Stored", "Violation", "World", "held_here", "visible"]

"""One run with real processes: a plan from a seed, faults while it lasts, healing, and the look whether all of it held."""

import contextlib
import json
import pathlib
import random
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from bench.soak import checks
from bench.soak.outside import Outside
from bench.soak.proxy import FAULTS
from bench.soak.serving import opened
from bench.soak.shop import KEPT, PASSWORD, Backend, Desk
from kefu_tui.backend.accounts import add_user, group_id
from kefu_tui.backend.channels_admin import add_channel
from kefu_tui.ids import derive
from kefu_tui.now import SECOND
from kefu_tui.operations.people import JoinGroup
from tests.postgres import Cluster

LEVEL_S = 60.0
"""How long everything may take to be level once it is healed, starts of processes included."""
OPERATIONS, CUSTOMERS = 25, 10
"""What has to be done in a run, by all agents and by customers, before it ends."""
LEAST = 64 << 10
"""Bytes of a store that is damaged: one that was killed when it was made has a single page, and nothing to lose."""
DESK_FAILPOINTS = (
    "store.before-begin", "store.before-commit", "store.after-commit", "outbox.shadowed", "outbox.written", "pages.acknowledged",
    "pages.cursor", "pages.rewound", "pages.written", "sync.answered", "sync.before-send", "sync.parted", "sync.pulled",
)  # fmt: skip
LOADING_FAILPOINTS = ("sync.loaded", "loading.written", "loading.placed")
BACKEND_FAILPOINTS = (
    "backend.written",
    "push.decided",
    "push.committed",
    "outbound.before-send",
    "outbound.after-send",
)
EVENTS = {
    "desk killed": "F1", "desk dies at a failpoint": "F1", "backend killed": "F2", "backend dies at a failpoint": "F2",
    "disk full": "F10", "writes fail": "F11", "store damaged": "F13", "backend ended and started": "F14",
    "older copy comes back": "F15", "token worthless": "F17", "second process": "F21", "store copied": "F22",
    "group lost": "F24", "desk frozen": "F27", "desk dies while loading": "F28", "database loses its tail": "F16",
    "counter row held": "F26",
}  # fmt: skip
"""What happens to processes and files, and the fault of the list that this is."""
GIVEN = {"clock wrong": "F9", "removals forgotten": "F30"}
"""What a run is like from its beginning on."""
STORES = {"store damaged", "store copied"}
COPIES = {"older copy comes back", "database loses its tail"}
OF_POSTGRESQL = {"database loses its tail", "counter row held"}
WEIGHTS = {"older copy comes back": 2.5, "store damaged": 1.5, "second process": 0.6}


class Run:
    """A shop of one seed in a folder of its own."""

    def __init__(
        self,
        folder: pathlib.Path,
        seed: int,
        seconds: float,
        desks: int,
        cluster: Cluster | None = None,
        workers: int = 1,
    ) -> None:
        self.folder, self.seed, self.seconds = folder, seed, seconds
        self.random = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.plan: list[str] = []
        self.figures: dict[str, float] = {}
        self.backend = Backend(folder, cluster, workers)
        if self.random.random() < 0.4:
            self.backend.removals_kept = 2 * SECOND
        self.outside = Outside(seed)
        self.taken: dict[str, str] = {}
        """Messages that the backend said it has: id to words."""
        self._secret = self._furnish(desks)
        self.desks = [Desk(folder, f"d{n}", f"d{n}", self.backend, seed * 100 + n) for n in range(desks)]
        self._quiet = threading.Event()
        self._unlike = self.random.choice((STORES, COPIES)) | (set() if cluster else OF_POSTGRESQL)
        """What does not happen in this run: a store that lost its journal cannot offer anything again."""
        for desk in self.desks:
            desk.monotonic = self._unlike >= COPIES

    def _furnish(self, desks: int) -> str:
        service = opened(self.backend.data, self.backend.url)
        try:
            for number in range(desks):
                groups = ("default", "far") if number % 2 else ("default",)
                role = "lead" if number % 4 == 3 else "agent"
                add_user(service, f"d{number}", role, groups, PASSWORD, create_group=True)
            return add_channel(service, "shop", "webhook", address=self.outside.url)
        finally:
            service.close()

    def go(self) -> None:
        """The whole run. Raises checks.Violation."""
        begun = time.monotonic()
        try:
            self.backend.start()
            for desk in self.desks:
                desk.skew_s = self.random.choice((0, 0, 0, 3600, -3600, 10 * 365 * 86400))
                self.faults["clock wrong"] += desk.skew_s != 0
                desk.start()
            customers = threading.Thread(target=self._customers, daemon=True)
            customers.start()
            while (passed := time.monotonic() - begun) < self.seconds or (passed < LEVEL_S and not self._worked()):
                time.sleep(self.random.uniform(0.1, 0.5))
                self._tend()
                self._event()
            self._quiet.set()
            customers.join()
            self._heal()
            self._end()
            checks.everything(self)
        finally:
            self._quiet.set()
            for desk in self.desks:
                desk.signal(signal.SIGCONT)
                desk.kill()
                desk.proxy.stop()
                self.faults.update(desk.proxy.done)
            self.backend.gone_for_good()
            self.outside.stop()

    def _customers(self) -> None:
        """They write through the channel, and repeat what nobody said arrived."""
        chance = random.Random(self.seed + 1)
        with httpx.Client(timeout=5, trust_env=False) as http:
            number = 0
            while not self._quiet.is_set():
                id, text = f"m{number}", f"在吗 {number}"
                told = {
                    "message_id": id, "customer": {"external_id": f"u{chance.randrange(12)}"}, "text": text,
                    "sent_at": datetime.now(UTC).isoformat(),
                }  # fmt: skip
                body = json.dumps(told)
                while not self._quiet.is_set():
                    with contextlib.suppress(httpx.HTTPError):
                        if self._post(http, body) == 202:
                            self.taken[id] = text
                            break
                    time.sleep(0.05)
                number += 1
                time.sleep(chance.uniform(0.02, 0.15))

    def _post(self, http: httpx.Client, body: str) -> int:
        now = datetime.now(UTC)
        headers = {
            "webhook-id": "w",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._secret).sign("w", now, body),
        }
        url = f"http://127.0.0.1:{self.backend.port}/intake/v1/shop/messages"
        return http.post(url, content=body.encode(), headers=headers).status_code

    def _tend(self) -> None:
        """Whoever has died is started again."""
        if not self.backend.alive:
            self.backend.gone()
            self.backend.start()
        for desk in self.desks:
            if not desk.alive:
                desk.again()

    def _event(self) -> None:
        """The next thing of the plan."""
        names = [name for name in EVENTS if name not in self._unlike]
        name = self.random.choices(names, [WEIGHTS.get(one, 1.0) for one in names])[0]
        desk = self.random.choice(self.desks)
        done = self._happens(name, desk)
        if done:
            self.faults[name] += 1
            self.plan.append(f"{name} {desk.home.name}")

    def _happens(self, name: str, desk: Desk) -> bool:
        chance = self.random
        if name == "desk killed":
            desk.kill()
            desk.start()
        elif name == "desk dies at a failpoint":
            desk.kill()
            desk.start(f"{chance.choice(DESK_FAILPOINTS)}:{chance.randint(1, 12)}")
        elif name == "desk dies while loading":
            desk.kill()
            desk.start(f"{chance.choice(LOADING_FAILPOINTS)}:{chance.randint(1, 3)}")
        elif name == "database loses its tail":
            self.backend.lose_tail()
        elif name == "counter row held":
            self.backend.hold(chance.uniform(0.5, 4.0))
        elif name == "backend killed":
            self.backend.crash(chance.choice)
        elif name == "backend dies at a failpoint":
            self.backend.kill()
            self.backend.start(f"{chance.choice(BACKEND_FAILPOINTS)}:{chance.randint(1, 20)}")
        elif name == "backend ended and started":
            self.backend.signal(signal.SIGTERM)
            self.backend.gone()
            self.backend.start()
        elif name == "desk frozen":
            desk.signal(signal.SIGSTOP)
            time.sleep(chance.uniform(0.3, 2.0))
            desk.signal(signal.SIGCONT)
        elif name in ("disk full", "writes fail"):
            desk.say("full" if name == "disk full" else "failing")
            time.sleep(chance.uniform(0.2, 1.0))
            desk.say("room")
        elif name == "older copy comes back":
            if not self.backend.copied or chance.random() < 0.5:
                self.backend.copy()
                return False
            self.backend.restore()
        elif name == "token worthless":
            self._at_the_backend(f"UPDATE device SET token_expires_at = 1 WHERE agent_id = '{self._agent(desk)}'")
        elif name == "group lost":
            self._moves(desk)
        else:
            return self._to_the_store(name, desk)
        return True

    def _to_the_store(self, name: str, desk: Desk) -> bool:
        if not (desk.home / "store.db").exists():
            return False
        if name == "second process":
            checks.kefu(desk, "take")
        elif name == "store copied":
            if any(one.home.name.endswith("x") for one in self.desks):
                return False
            desk.kill()
            twin = desk.copied(desk.seed + 50)
            self.desks.append(twin)
            twin.start(mend=desk.to_be_mended)
            desk.start()
        elif name == "store damaged":
            size = (desk.home / "store.db").stat().st_size
            if size < LEAST:
                return False
            desk.kill()
            desk.damaged = True
            with (desk.home / "store.db").open("r+b") as file:
                for _ in range(self.random.randint(1, 3)):
                    file.seek(self.random.randrange(size))
                    file.write(self.random.randbytes(1))
            desk.start(mend=True)  # As after `kefu doctor`, which reads all of it: some damage shows late.
        return True

    def _agent(self, desk: Desk) -> str:
        with (
            contextlib.closing(opened(self.backend.data, self.backend.url)) as service,
            service.database.read() as connection,
        ):
            found = connection.execute("SELECT agent_id FROM account WHERE login = ?", (desk.login,)).fetchone()
        return str(found[0])

    def _at_the_backend(self, sql: str) -> None:
        with (
            contextlib.closing(opened(self.backend.data, self.backend.url)) as service,
            service.database.write() as connection,
        ):
            connection.execute(sql)

    def _moves(self, desk: Desk) -> None:
        """An agent leaves a group, or comes back into it."""
        agent = self._agent(desk)
        with contextlib.closing(opened(self.backend.data, self.backend.url)) as service:
            leave = self.random.random() < 0.5
            operation = JoinGroup(agent_id=agent, group_id=group_id("far"), leave=leave)
            service.commits.run(operation, derive("move", str(len(self.plan)), str(self.seed)))

    def _heal(self) -> None:
        """No more faults; everything must become level in time, and the backend ends with nothing that came after."""
        self.faults["removals forgotten"] += self._says("SELECT min_seq FROM sync_head") > 0
        if self.backend.failpoint or self.backend.removals_kept != KEPT:
            self.backend.kill()
            self.backend.removals_kept = KEPT  # else whoever is level may have to begin anew at any moment
            self.backend.start()
        for desk in self.desks:
            desk.proxy.quiet = True
            desk.signal(signal.SIGCONT)
            desk.say("room")
        begun = time.monotonic()
        until = begun + LEVEL_S
        while True:
            head = self._head()
            self._tend()
            for desk in self.desks:
                desk.say("quiet")
            calm = [self._calm(desk) for desk in self.desks]
            if all(calm) and not self._going_out() and self._head() == head:  # nothing came after one was looked at
                self.figures.setdefault("level_s", time.monotonic() - begun)
                self.backend.signal(signal.SIGTERM)
                self.backend.gone()
                if self._head() == head:  # nor by itself
                    break
                self.backend.start()
            if time.monotonic() > until:
                told = {desk.home.name: (desk.alive, desk.stands()) for desk in self.desks}
                raise checks.Violation(f"I13: not level after {LEVEL_S:.0f} s: {told}")
            time.sleep(0.1)

    def _worked(self) -> bool:
        """Whether agents and customers have done enough: else a run shows nothing."""
        done = sum(desk.log.read_bytes().count(b"op_id") for desk in self.desks if desk.log.exists())
        return len(self.taken) >= CUSTOMERS and done >= OPERATIONS

    def _calm(self, desk: Desk) -> bool:
        stands = desk.stands() if desk.alive else None
        return bool(stands and not stands["pending"] and stands["whole"] and self._pulled(stands["cursors"]))

    def _head(self) -> int:
        return self._says("SELECT seq FROM sync_head")

    def _says(self, sql: str, *values: Any) -> int:
        return int(self.backend.says(sql, *values)[0][0])

    def _pulled(self, cursors: dict[str, int]) -> bool:
        """Whether a desk has all that is in its groups."""
        marks = ", ".join("?" * len(cursors))
        newest = f"SELECT coalesce(max(seq), 0) FROM sync_change WHERE group_id IN ({marks})"
        forgotten = "SELECT min_seq FROM sync_head"
        return bool(cursors) and min(cursors.values()) >= max(self._says(newest, *cursors), self._says(forgotten))

    def _going_out(self) -> bool:
        waiting = "SELECT count(*) FROM outbound WHERE state IN ('queued', 'sending')"
        return bool(self.backend.says(waiting)[0][0])

    def _end(self) -> None:
        for desk in self.desks:
            checks.measure(self, desk)
            desk.say("end")
            desk.gone()


def fault_numbers(faults: Counter[str]) -> Counter[str]:
    """How often each fault of the list was met."""
    found: Counter[str] = Counter()
    for name, many in faults.items():
        found[(FAULTS | EVENTS | GIVEN)[name]] += many
    return found

"""A shop's day through the real backend and real desks, in virtual time, from one seed.

Customers write, the backend's own jobs look, offer and remind, agents take what they are offered, answer, put off, hand over and
resolve by the operations that desks push; a surge and an outage come between. The day keeps books of its own and judges by them.
"""

import argparse
import hashlib
import heapq
import json
import pathlib
import random
import sys
import tempfile
import time
import tomllib
from collections import Counter
from typing import Any, NamedTuple

from kefu_tui.backend.jobs import Jobs
from kefu_tui.backend.load import LARGE
from kefu_tui.backend.service import Settings, assemble
from kefu_tui.backend.sqlite import Sqlite
from kefu_tui.ids import Ids, derive
from kefu_tui.model.rows import Clock, Conversation, Group
from kefu_tui.model.sql import COLUMNS, Reader, build
from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.operations import Basis, Operation, Refusal
from kefu_tui.operations.automation import SaveAutomation, SwitchAutomation, rule_id
from kefu_tui.operations.base import arguments
from kefu_tui.operations.conversation import Claim, Resolve, Snooze, Transfer
from kefu_tui.operations.emergency import BeginMode, EndMode
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply
from kefu_tui.operations.people import AddAgent, AddGroup
from kefu_tui.operations.routing import SetPresence, SetSkills
from kefu_tui.operations.service_policy import SetPolicy
from kefu_tui.rules import clocks
from kefu_tui.rules.routing import parse_routing
from kefu_tui.rules.routing_figures import Fairness, fairness
from kefu_tui.wire import Envelope
from tests.sync.world import DeskHere, held_here, visible

DATA = pathlib.Path(__file__).parents[1] / "data"
MIDNIGHT = 1_780_329_600 * SECOND
"""The beginning of Tuesday, 2 June 2026, in Shanghai."""
SURGE = (11 * HOUR, 13 * HOUR)
OUTAGE = (15 * HOUR, 15 * HOUR + 30 * MINUTE)
OPENS, CLOSES, LAST = 9 * HOUR, 21 * HOUR, 20 * HOUR + 30 * MINUTE
LOOK = 5 * SECOND
AUDIT = 10 * MINUTE
MISSED, ASKS_AGAIN, PUTS_OFF, HANDS_OVER, VIPS, RETURNS = 0.05, 0.4, 0.05, 0.03, 0.08, 0.1
MOST, LEAST, GINI = 1.25, 0.70, 0.10
"""Bounds of fairness, those of the rules alone (tests/rules/test_routing_day.py); they are for a day of 1,000 and more."""
WORDS = {
    "我的快递到哪了": 34, "改一下收货地址": 18, "有货吗，穿什么码": 18, "想退货，不合适": 10, "收到是坏的，退款": 8,
    "蓝牙连不上，没反应": 6, "我要投诉，没人理": 3, "开发票，抬头发您": 3,
}  # fmt: skip
LIVE = ("waiting", "open", "snoozed")


class Worker(NamedTuple):
    """An agent of the day; times in µs of the day."""

    id: str
    tier: str
    skills: tuple[str, ...]
    begins: int
    ends: int
    rests: tuple[int, int]

    @property
    def minutes(self) -> float:
        """Minutes in which work could be given."""
        out = max(0, min(self.ends, OUTAGE[1]) - max(self.begins, OUTAGE[0]))
        both = max(0, min(self.rests[1], OUTAGE[1]) - max(self.rests[0], OUTAGE[0]))
        return (self.ends - self.begins - (self.rests[1] - self.rests[0]) - out + both) / MINUTE


def crew(many: int) -> list[Worker]:
    """Two shifts; a fifth of each is second line, one is the expert, a third of the first line knows technical things."""
    people = []
    for number in range(many):
        early = number % 2 == 0
        begins, ends = (OPENS, 17 * HOUR) if early else (13 * HOUR, CLOSES)
        rests = begins + 3 * HOUR + number % 4 * 20 * MINUTE
        tier = "expert" if number == 0 else "second" if number % 5 == 4 else "first"
        skills = ("technical",) if number % 3 == 0 else ()
        people.append(Worker(f"a{number:02}", tier, skills, begins, ends, (rests, rests + 30 * MINUTE)))
    return people


class Day:
    """One day in two shifts, about as many customers as `conversations`; the first `desks` agents have a real store, a lead too.

    A tenth of those who come were here before.
    """

    def __init__(self, folder: pathlib.Path, seed: int, conversations: int, agents: int, desks: int) -> None:
        self.random = random.Random(seed)
        self.time = MIDNIGHT + OPENS - MINUTE
        self.ids = Ids(self.now, self.random.randbytes)
        self.load_from = LARGE
        self.database = Sqlite(folder / "backend.db")
        self.database.create("e1")
        self.service = assemble(self.database, self.now, self.ids, Settings(data_dir=folder))
        self.commits = self.service.commits
        self.jobs = Jobs(self.service)
        self.group = derive("group", "shop")
        self.crew = {derive("agent", one.id): one for one in crew(agents)}
        self.events: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self.number = 0
        self.op_no: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        """Weight of the conversations that each took from an offer."""
        self.broken: list[str] = []
        self._offered: set[str] = set()
        self.offers = self.missed = self.rounds = self.customers = 0
        self._furnish()
        self.weights = parse_routing(self.policy.get("routing", {}))
        self.desks = [DeskHere(self, folder / f"{login}.db", login) for login in self._desks(desks)]  # type: ignore[arg-type]
        for at in sorted(self._arrival() for _ in range(round(conversations / (1 - RETURNS)))):
            self.at(at, "arrives")

    def _desks(self, many: int) -> list[str]:
        return ["lead", *(one.id for one in list(self.crew.values())[:many])]

    def _arrival(self) -> int:
        """A third of the day's customers come in the two hours of the surge."""
        surge = self.random.random() < 0.33
        return round(self.random.uniform(*SURGE) if surge else self.random.uniform(OPENS, LAST))

    def _furnish(self) -> None:
        self.policy: dict[str, Any] = tomllib.loads((DATA / "policies" / "standard.toml").read_text(encoding="utf-8"))
        self.run(AddGroup(group_id=self.group, name="shop", distribution="push"))
        self.run(SetPolicy(name="standard", body=json.dumps(self.policy, default=str)))
        people = [("lead", "lead", "first"), *((one.id, "agent", one.tier) for one in self.crew.values())]
        for login, role, tier in people:
            id = derive("agent", login)
            self.run(AddAgent(agent_id=id, login=login, name=login.upper(), role=role, groups=(self.group,)))
            with self.database.write() as connection:
                connection.execute("UPDATE agent SET tier = ?, capacity = 5 WHERE id = ?", (tier, id))
                connection.execute(
                    "INSERT INTO device (id, agent_id, name, app_version, last_op_no, token_expires_at, created_at, seen_at) "
                    "VALUES (?, ?, '', '', 0, 0, 0, 0)",
                    (f"hand of {id}", id),
                )
        for id, worker in self.crew.items():
            if worker.skills:
                self.run(SetSkills(agent_id=id, skills=worker.skills))
            for at, presence in (
                (worker.begins, "online"), (worker.rests[0], "away"), (worker.rests[1], "online"), (worker.ends, "offline"),
            ):  # fmt: skip
                self.at(at, "is", id, presence)
        for name in ("urging", "complaint_first", "late_to_leads"):
            body = (DATA / "automation" / f"{name}.toml").read_text(encoding="utf-8")
            self.run(SaveAutomation(rule_id=rule_id(name), body=body))
            self.run(SwitchAutomation(rule_id=rule_id(name), on=True))
        self.at(SURGE[0], "mode", BeginMode(of="surge", level=150))
        self.at(SURGE[1], "mode", EndMode(of="surge"))
        self.at(OUTAGE[0], "mode", BeginMode(of="outage"))
        self.at(OUTAGE[1], "mode", EndMode(of="outage"))

    # Time

    def now(self) -> int:
        """The day's moment, a little later each time it is asked."""
        self.time += 1
        return self.time

    def fault(self) -> str:
        """No adversary: that is the world's of the sync tests."""
        return ""

    def at(self, at: int, what: str, *about: Any) -> None:
        """Something is to happen at a time of the day; what people do stands still in the outage."""
        if OUTAGE[0] <= at < OUTAGE[1] and what in ("answers", "writes", "ends", "decides"):
            at = OUTAGE[1] + (at - OUTAGE[0]) // 10
        self.number += 1
        heapq.heappush(self.events, (at, self.number, what, about))

    def go(self) -> None:
        """The whole day until midnight, looks of the backend between; then every desk is level."""
        looked = audited = 0
        while self.events and self.events[0][0] < 24 * HOUR:
            at = self.events[0][0]
            while looked and looked + LOOK < at and self._waits():
                looked += LOOK
                self._look(looked)
            at, _, what, about = heapq.heappop(self.events)
            self.time = max(self.time, MIDNIGHT + at)
            getattr(self, f"_{what}")(at, *about)
            self._look(at)
            looked = at
            if at - audited >= AUDIT:
                audited = at
                self._audit(at)
        self.time = max(self.time, MIDNIGHT + 24 * HOUR)
        self.jobs.look()
        self._audit(24 * HOUR)
        for desk in self.desks:
            desk.level()

    def _waits(self) -> bool:
        with self.database.read() as connection:
            sql = "SELECT 1 FROM conversation WHERE status = 'waiting' LIMIT 1"
            return connection.execute(sql).fetchone() is not None

    def _look(self, at: int) -> None:
        """The backend looks; whoever was offered something new decides in a while."""
        self.time = max(self.time, MIDNIGHT + at)
        self.jobs.look()
        with self.database.read() as connection:
            fresh = connection.execute(
                "SELECT id, conversation_id, agent_id FROM routing_offer WHERE answer = '' AND id NOT IN "
                "(SELECT value FROM json_each(?))",
                (json.dumps(list(self._offered)),),
            ).fetchall()
        for offer, conversation, agent in fresh:
            self._offered.add(offer)
            self.offers += 1
            worker = self.crew[agent]
            local = at % (24 * HOUR)
            if not worker.begins <= local < worker.ends or worker.rests[0] <= local < worker.rests[1]:
                self.broken.append(f"{at}: {worker.id} was offered work while away")
            if self.random.random() < MISSED:
                self.missed += 1
                continue
            self.at(at + round(self.random.uniform(2, 20) * SECOND), "decides", conversation, agent)

    # What happens

    def _is(self, at: int, agent: str, presence: Any) -> None:
        self.push(agent, SetPresence(agent_id=agent, presence=presence))

    def _mode(self, at: int, operation: Operation) -> None:
        self.push(derive("agent", "lead"), operation)

    def _arrives(self, at: int) -> None:
        """Somebody new, or now and then somebody who was here before."""
        back = self.customers and self.random.random() < RETURNS
        number = self.random.randrange(self.customers) if back else self.customers
        self.customers += not back
        who = f"u{number:04}"
        id = self._receive(who, self.random.choices(list(WORDS), list(WORDS.values()))[0])
        if self.conversation(id).assignee_id is not None:  # who had this customer goes on
            self.at(at + round(self.random.uniform(15, 90) * SECOND), "answers", id)

    def _receive(self, who: str, text: str) -> str:
        """A customer's message; the conversation it came to."""
        message, tier = self.ids(), "vip" if int(who[1:]) % 100 < VIPS * 100 else "regular"
        self.run(
            Receive(
                channel="web",
                group_id=self.group,
                external_id=who,
                message_id=message,
                customer_id=self.ids(),
                conversation_id=self.ids(),
                text=text,
                name=who,
                tier=tier,
            )
        )
        with self.database.read() as connection:
            return str(connection.execute("SELECT conversation_id FROM message WHERE id = ?", (message,)).fetchone()[0])

    def _decides(self, at: int, id: str, agent: str) -> None:
        """Takes what was offered, where it still is."""
        there = self.conversation(id)
        if there.offered_to_id != agent or there.status != "waiting":
            return
        outcome = self.push(agent, Claim(conversation_id=id))
        if outcome == "applied":
            self.taken[agent] += self.weights.weight(there.kind)
            self.at(at + round(self.random.uniform(15, 90) * SECOND), "answers", id)

    def _answers(self, at: int, id: str) -> None:
        there = self.conversation(id)
        agent = there.assignee_id
        if agent is None or there.status not in LIVE:
            return
        reply = Reply(conversation_id=id, message_id=self.ids(), text="您好，我来查，稍等。")
        told = self.push(agent, reply, Basis(claim=agent, last_pos=there.last_pos, status=there.status))
        if told != "applied":
            self.broken.append(f"{at}: a reply was {told}")
            return
        self.rounds += 1
        dice = self.random.random()
        if dice < ASKS_AGAIN:
            self.at(at + round(self.random.uniform(20, 240) * SECOND), "writes", id)
        elif dice < ASKS_AGAIN + PUTS_OFF:
            until = self.time + round(self.random.uniform(10, 40) * MINUTE)
            self.push(agent, Snooze(conversation_id=id, until=until, by_customer=True))
            self.at(until - MIDNIGHT + MINUTE, "ends", id)
        elif dice < ASKS_AGAIN + PUTS_OFF + HANDS_OVER:
            other = self._colleague(agent, at)
            if other is not None:
                self.push(agent, Transfer(conversation_id=id, to_agent_id=other))
                self.push(other, Claim(conversation_id=id))
            self.at(at + round(self.random.uniform(60, 240) * SECOND), "ends", id)
        else:
            self.at(at + round(self.random.uniform(30, 300) * SECOND), "ends", id)

    def _colleague(self, agent: str, at: int) -> str | None:
        there = [id for id, one in self.crew.items() if id != agent and one.begins <= at < one.ends]
        return self.random.choice(there) if there else None

    def _writes(self, at: int, id: str) -> None:
        """The customer asks again; the agent answers in a while."""
        there = self.conversation(id)
        with self.database.read() as connection:
            (who,) = connection.execute(
                "SELECT external_id FROM customer WHERE id = ?", (there.customer_id,)
            ).fetchone()
        self._receive(who, "那什么时候到")
        self.at(at + round(self.random.uniform(10, 150) * SECOND), "answers", id)

    def _ends(self, at: int, id: str) -> None:
        there = self.conversation(id)
        if there.status not in LIVE or there.assignee_id is None:
            return
        if there.unanswered:
            self.at(at + MINUTE, "answers", id)
            return
        record = {"said": "没人理", "done": "道歉并处理"} if there.kind == "complaint" else {}
        if (told := self.push(there.assignee_id, Resolve(conversation_id=id, record=record))) != "applied":
            self.broken.append(f"{at}: resolving was {told}")

    # Doing

    def run(self, operation: Operation) -> None:
        """The backend's own operation."""
        outcome = self.commits.run(operation, self.ids())
        assert not isinstance(outcome, Refusal), outcome

    def push(self, agent: str, operation: Operation, basis: Basis | None = None) -> str:
        """An agent's operation, as a desk pushes it; what became of it."""
        device = f"hand of {agent}"
        self.op_no[device] += 1
        envelope = Envelope(
            op_no=self.op_no[device], op_id=self.ids(), kind=operation.kind, v=operation.v, actor=agent, at=self.now(),
            basis=_plain(basis), args=arguments(operation),
        )  # fmt: skip
        results, _ = self.commits.push(device, agent, [envelope])
        return results[0].status if results[0].code is None else f"{results[0].status} {results[0].code}"

    def conversation(self, id: str) -> Conversation:
        """A conversation as the backend has it."""
        with self.database.read() as connection:
            there = Reader(connection).get(Conversation, id)
        assert there is not None
        return there

    # Judging

    def _audit(self, at: int) -> None:
        """Nobody is without an owner or a queue, at any time."""
        with self.database.read() as connection:
            lost = connection.execute(
                "SELECT id, status FROM conversation WHERE status IN ('waiting', 'open', 'snoozed') AND NOT ("
                "assignee_id IS NOT NULL AND status IN ('open', 'snoozed') OR assignee_id IS NULL AND status = 'waiting' "
                "AND group_id IN (SELECT id FROM agent_group))"
            ).fetchall()
            (over,) = connection.execute(
                "SELECT count(*) FROM (SELECT assignee_id, count(*) AS many FROM conversation WHERE status = 'open' "
                "AND assignee_id IS NOT NULL GROUP BY assignee_id) WHERE many > 15"
            ).fetchone()
        self.broken += [f"{at}: {id} is {status} and nobody's" for id, status in lost]
        if over:
            self.broken.append(f"{at}: somebody is overfull")

    def clocks(self) -> Counter[tuple[str, str]]:
        """Every clock by kind and outcome, each judged anew from its own facts; wrong ones are broken promises."""
        rules = clocks.parse_policy(self.policy)
        counted: Counter[tuple[str, str]] = Counter()
        with self.database.read() as connection:
            rows = connection.execute(f"SELECT {COLUMNS[Clock]} FROM clock ORDER BY id").fetchall()
            group = Reader(connection).get(Group, self.group)
        assert group is not None
        for values in rows:
            clock = build(Clock, values)
            counted[clock.kind, clock.outcome] += 1
            pauses = [(begin, end) for begin, end, *_ in json.loads(clock.pauses)]
            if any(end is None for _, end in pauses):
                continue
            due = clocks.due(rules, clock.kind, clock.started_at, pauses, group.name).due_at
            late = clock.stopped_at is not None and due is not None and clock.stopped_at > due
            told = {"met": False, "breached": True}.get(clock.outcome)
            runs = clock.outcome == "running"
            if due != clock.due_at or (told is not None and told != late) or runs != (clock.stopped_at is None):
                self.broken.append(f"clock {clock.kind} {clock.outcome}: due {clock.due_at}, by its facts {due}")
        return counted

    def differences(self) -> list[str]:
        """Where a desk's store and what the backend lets it see are not the same."""
        found = []
        for desk in self.desks:
            there, here = visible(self, desk), held_here(desk)  # type: ignore[arg-type]
            for table, rows in there.items():
                if rows != here[table]:
                    ids = {id for id in rows.keys() | here[table].keys() if rows.get(id) != here[table].get(id)}
                    found.append(f"{desk.login}: {table}: {len(ids)} of {len(rows)}")
        return found

    def fairness(self, begins: int) -> Fairness:
        """How evenly work was given in the first line of a shift, by weight for a minute on shift."""
        peers = [(id, one) for id, one in self.crew.items() if one.begins == begins and one.tier == "first"]
        return fairness([self.taken[id] for id, _ in peers], [one.minutes for _, one in peers])

    def trace(self) -> str:
        """A digest of everything that the day left behind."""
        told = hashlib.sha256()
        with self.database.read() as connection:
            for table in ("conversation", "message", "clock", "routing_offer", "automation_run"):
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY id"):
                    told.update(repr(row).encode())
        return told.hexdigest()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the backend."""
        with self.database.read() as connection:
            return connection.execute(sql).fetchall()

    def close(self) -> None:
        """Closes every store."""
        for desk in self.desks:
            desk.store.close()
        self.service.close()


def _plain(basis: Basis | None) -> dict[str, Any]:
    return {} if basis is None else {"claim": basis.claim, "last_pos": basis.last_pos, "status": basis.status}


def main() -> None:
    """A whole day of the size that is asked for, and what it came to."""
    parse = argparse.ArgumentParser(prog="python -m tests.day", description=(__doc__ or "").splitlines()[0])
    for name, usual in (("seed", 1), ("conversations", 2000), ("agents", 20), ("desks", 6)):
        parse.add_argument(f"--{name}", type=int, default=usual)
    given = parse.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        day = Day(pathlib.Path(folder), given.seed, given.conversations, given.agents, given.desks)
        day.go()
        counted, differences = day.clocks(), day.differences()
        print(f"seed {given.seed}: {day.customers} customers, {day.offers} offers, {day.missed} not taken, "
              f"{day.rounds} rounds answered; {time.monotonic() - begun:.0f} s")  # fmt: skip
        print("conversations:", dict(day.rows("SELECT status, count(*) FROM conversation GROUP BY status")))
        for kind in sorted({kind for kind, _ in counted}):
            print(f"clock {kind}:", {outcome: many for (one, outcome), many in sorted(counted.items()) if one == kind})
        unfair = 0
        for name, begins in (("early", OPENS), ("late", 13 * HOUR)):
            told = day.fairness(begins)
            kept = told.within(MOST, LEAST, GINI)
            unfair += not kept and given.conversations >= 1000
            print(f"fairness {name}: most {told.most:.3f}, least {told.least:.3f} of the mean, Gini {told.gini:.3f}; "
                  f"bounds {MOST}, {LEAST}, {GINI}: {'kept' if kept else 'not kept'}")  # fmt: skip
        level = len(day.desks) - len({one.partition(":")[0] for one in differences})
        print(f"desks level with the backend: {level} of {len(day.desks)}")
        print(
            f"digest {day.trace()[:16]}; broken promises: {len(day.broken)}", *day.broken[:20], *differences, sep="\n  "
        )
        day.close()
    sys.exit(bool(day.broken or differences or unfair))


if __name__ == "__main__":
    main()

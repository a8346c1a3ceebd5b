"""A day of routing in virtual time: 2,000 conversations, a promotion's surge, an outage, 20 agents in two shifts with breaks.

The day keeps its own books and judges by them: who could have had a conversation is worked out here again, in the plainest
way, never asked of the rules under test.
"""

import heapq
import random
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.rules.routing import Asked, Candidate, RoutingPolicy, Tier, choose, line, parse_routing, position

DATA = Path(__file__).parents[2] / "data"
MIDNIGHT = 1_780_012_800_000_000
CONVERSATIONS = 2000
CUSTOMERS = 900
CAPACITY = 4.0
"""Small, so that the surge fills everybody."""
SURGE = (11 * HOUR, 13 * HOUR)
SURGE_FACTOR = 1.5
OUTAGE = (15 * HOUR, 15 * HOUR + 30 * MINUTE)
LAST = 20 * HOUR + 30 * MINUTE
"""Nobody writes later, so that the late shift can work everything off."""
LOOK = 5 * SECOND
"""How often the waiting line is looked at while nothing happens, for offers and lines that become due."""
FORGOTTEN = 5
"""Golden windows after which an offer that was not answered is forgotten, so that nobody is out of agents for ever."""
UNANSWERED = 0.05
KINDS = {
    "logistics": 30, "order": 20, "presale": 18, "return": 10, "aftersale": 8, "technical": 6, "complaint": 4, "praise": 4,
}  # fmt: skip
SKILLED = ("technical", "en")
WORKED_OFF = SURGE[1] + 30 * MINUTE
"""From then on nobody has more in hand than the usual capacity: what the surge gave beyond it has ended."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent of the day; times in µs of the day."""

    id: str
    tier: Tier
    skills: frozenset[str]
    begins: int
    ends: int
    rests: tuple[int, int]

    def on_shift(self, at: int) -> bool:
        """Whether a time of the day lies in the shift."""
        return self.begins <= at < self.ends

    def rests_at(self, at: int) -> bool:
        """Whether a time of the day lies in the break."""
        return self.rests[0] <= at < self.rests[1]

    @property
    def minutes(self) -> float:
        """Minutes on shift without the break and the outage, in which nothing could be given."""
        out = max(0, min(self.ends, OUTAGE[1]) - max(self.begins, OUTAGE[0]))
        both = max(0, min(self.rests[1], OUTAGE[1]) - max(self.rests[0], OUTAGE[0]))
        return (self.ends - self.begins - (self.rests[1] - self.rests[0]) - out + both) / MINUTE


@dataclass(slots=True)
class Result:
    """What the day came to. `broken`: sentences about promises that were not kept; times in µs."""

    log: list[tuple[int, str, str]] = field(default_factory=list)
    """Every offer: time of the day, conversation, agent."""
    done: int = 0
    offers: int = 0
    unanswered: int = 0
    longest_line: int = 0
    waits: dict[bool, list[int]] = field(default_factory=lambda: {True: [], False: []})
    """How long conversations waited for whoever answered, the outage not counted; VIPs under True."""
    sticky: int = 0
    """Offers for which the same agent was free, and was asked."""
    overflown: Counter[str] = field(default_factory=Counter)
    vip_waits: int = 0
    """Looks at the line at which a VIP waited."""
    lighter: int = 0
    """Offers of a lighter conversation into room that a waiting VIP was too heavy for."""
    taken: dict[str, float] = field(default_factory=dict)
    """Weight of the conversations that each took."""
    broken: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Offer:
    asked: Asked
    agent: str
    at: int
    number: int


class Day:
    """One day from one seed. `shuffled`: candidates and line are handed over in another order each time."""

    def __init__(self, seed: int, shuffled: int | None = None) -> None:
        text = (DATA / "policies" / "standard.toml").read_text("utf-8")
        self.policy: RoutingPolicy = parse_routing(tomllib.loads(text).get("routing", {}))
        self.dice = random.Random(seed)
        self.orders = None if shuffled is None else random.Random(shuffled)
        self.crew = {worker.id: worker for worker in crew()}
        self.events: list[tuple[int, int, str, str]] = []
        self.waiting: dict[str, Asked] = {}
        self.offered: dict[str, _Offer] = {}
        self.owned: dict[str, tuple[Asked, str]] = {}
        self.customer: dict[str, str] = {}
        self.had: dict[str, dict[str, int]] = {}
        self.last: dict[str, int] = {}
        self.arrived = self.number = 0
        self.result = Result(taken=dict.fromkeys(self.crew, 0.0))

    def run(self, *, stop: bool = False) -> Result:
        """The whole day, until nothing is left to happen; `stop`: until a promise is broken."""
        for number, at in enumerate(_arrivals(self.dice)):
            self._at(at, "arrives", f"c{number:04}")
        self._at(OUTAGE[1], "looks", "")
        while self.events and not (stop and self.result.broken):
            at, _, what, about = heapq.heappop(self.events)
            if OUTAGE[0] <= at < OUTAGE[1] and what != "arrives":  # everything but the customers stands still
                self._at(OUTAGE[1] + (at - OUTAGE[0]), what, about)
                continue
            getattr(self, f"_{what}")(at, about)
            if not OUTAGE[0] <= at < OUTAGE[1]:
                self._route(at)
            self._audit(at)
        if self.waiting or self.offered or self.owned:
            self.result.broken.append(f"left over: {len(self.waiting)}, {len(self.offered)}, {len(self.owned)}")
        return self.result

    def _at(self, at: int, what: str, about: str) -> None:
        self.number += 1
        heapq.heappush(self.events, (at, self.number, what, about))

    # What happens

    def _arrives(self, at: int, id: str) -> None:
        dice = self.dice
        who = f"u{dice.randrange(CUSTOMERS):03}"
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        mail = dice.random() < 0.1
        needs = {"technical"} if kind == "technical" else {"en"} if dice.random() < 0.05 else set()
        self.customer[id] = who
        self.waiting[id] = Asked(
            conversation_id=id,
            kind=kind,
            vip=int(who[1:]) % 12 == 0,
            priority=3,
            due_at=MIDNIGHT + at + (20 if mail else 5) * MINUTE,
            waiting_since=MIDNIGHT + at,
            needs=frozenset(needs),
        )
        self.arrived += 1

    def _looks(self, at: int, _: str) -> None:
        """Only time has passed."""

    def _answers(self, at: int, about: str) -> None:
        id, number = about.split()
        offer = self.offered.get(id)
        if offer is None or offer.number != int(number):
            return
        del self.offered[id]
        asked, agent = offer.asked, offer.agent
        self.owned[id] = asked, agent
        self.had.setdefault(self.customer[id], {})[agent] = MIDNIGHT + at
        self.result.taken[agent] += self.policy.weight(asked.kind)
        came = asked.waiting_since - MIDNIGHT
        out = max(0, min(at, OUTAGE[1]) - max(came, OUTAGE[0]))
        self.result.waits[asked.vip].append(at - came - out)
        minutes = self.dice.uniform(3, 12) * self.policy.weight(asked.kind)
        self._at(at + round(minutes * MINUTE), "ends", id)

    def _misses(self, at: int, about: str) -> None:
        """The golden window passed without an answer."""
        id, number = about.split()
        offer = self.offered.get(id)
        if offer is None or offer.number != int(number):
            return
        del self.offered[id]
        self.result.unanswered += 1
        made = (offer.agent, MIDNIGHT + offer.at)
        self.waiting[id] = offer.asked._replace(offers=(*offer.asked.offers, made))

    def _ends(self, at: int, id: str) -> None:
        _, agent = self.owned.pop(id)
        self.had[self.customer[id]][agent] = MIDNIGHT + at
        self.result.done += 1

    # Routing, as the backend does it

    def _route(self, at: int) -> None:
        now = MIDNIGHT + at
        factor = SURGE_FACTOR if SURGE[0] <= at < SURGE[1] else 1.0
        forgotten = now - FORGOTTEN * self.policy.golden
        for id, asked in self.waiting.items():
            if asked.offers and asked.offers[0][1] <= forgotten:
                self.waiting[id] = asked._replace(offers=tuple(made for made in asked.offers if made[1] > forgotten))
        loads = self._loads()
        crew = {id: self._candidate(worker, at, loads[id]) for id, worker in self.crew.items()}
        self.result.vip_waits += any(asked.vip for asked in self.waiting.values())
        hopeless: set[tuple[object, ...]] = set()
        kept: set[str] = set()
        for asked in line(self._shuffled(self.waiting.values())):
            waited = now - asked.waiting_since
            late = waited >= self.policy.second_after, waited >= self.policy.expert_after
            alike = asked.vip, asked.needs, self.policy.weight(asked.kind), late
            if (
                alike in hopeless and not asked.vip
            ):  # agents only get fuller in one look: nobody for one is nobody for the like
                continue
            had = self.had.get(self.customer[asked.conversation_id], {})
            candidates = [one._replace(had_customer_at=had[id]) if id in had else one for id, one in crew.items()]
            choice = choose(asked, self._shuffled(candidates), self.policy, now, capacity_factor=factor, kept=kept)
            if choice.keeps is not None:
                kept.add(choice.keeps)
            if sorted(reason.agent_id for reason in choice.reasons) != sorted(crew):
                self.result.broken.append(f"{asked.conversation_id}: not one reason for each")
            free = [one for one in candidates if asked.vip or one.agent_id not in kept]
            self._judge(asked, choice.agent_id, {one.agent_id: one for one in free}, now, factor)
            if choice.agent_id is not None:
                self._offer(asked, choice.agent_id, at)
                chosen = self.crew[choice.agent_id]
                crew[chosen.id] = self._candidate(chosen, at, loads[chosen.id] + self.policy.weight(asked.kind))
                loads[chosen.id] += self.policy.weight(asked.kind)
            elif not asked.offers:
                hopeless.add(alike)
        if self.waiting and (not self.events or self.events[0][0] > at + LOOK):
            self._at(at + LOOK, "looks", "")

    def _offer(self, asked: Asked, agent: str, at: int) -> None:
        id = asked.conversation_id
        del self.waiting[id]
        self.number += 1
        self.offered[id] = _Offer(asked, agent, at, self.number)
        self.last[agent] = MIDNIGHT + at
        self.result.offers += 1
        self.result.log.append((at, id, agent))
        self.result.overflown[self.crew[agent].tier] += 1
        if self.dice.random() < UNANSWERED:
            self._at(at + self.policy.golden, "misses", f"{id} {self.number}")
        else:
            self._at(at + round(self.dice.uniform(2, 20) * SECOND), "answers", f"{id} {self.number}")

    def _candidate(self, worker: Worker, at: int, load: float) -> Candidate:
        return Candidate(
            agent_id=worker.id,
            name=worker.id,
            tier=worker.tier,
            skills=worker.skills,
            presence="away" if worker.rests_at(at) else "online",
            on_shift=worker.on_shift(at),
            capacity=CAPACITY,
            load=load,
            last_assigned_at=self.last.get(worker.id),
        )

    def _loads(self) -> dict[str, float]:
        """What each agent has in hand, offers included, counted anew from the books."""
        loads = dict.fromkeys(self.crew, 0.0)
        for asked, agent in self.owned.values():
            loads[agent] += self.policy.weight(asked.kind)
        for offer in self.offered.values():
            loads[offer.agent] += self.policy.weight(offer.asked.kind)
        return loads

    def _shuffled(self, things: Iterable[T]) -> list[T]:
        there = list(things)
        if self.orders is not None:
            self.orders.shuffle(there)
        return there

    # Judging

    def _judge(self, asked: Asked, chosen: str | None, crew: dict[str, Candidate], now: int, factor: float) -> None:
        broken, id = self.result.broken, asked.conversation_id
        able = [one for one in crew.values() if self._able(asked, one, now, factor)]
        if chosen is None:
            if able:
                broken.append(f"{id}: waits while {able[0].agent_id} could have it")
            return
        if chosen not in {one.agent_id for one in able}:
            broken.append(f"{id}: offered to {chosen} ({crew[chosen]})")
        had = [
            one for one in able if one.had_customer_at is not None and now - one.had_customer_at <= self.policy.sticky
        ]
        if had:
            same = max(had, key=lambda one: one.had_customer_at or 0)
            self.result.sticky += 1
            if same.agent_id != chosen:
                broken.append(f"{id}: {same.agent_id} had the customer and was free, {chosen} was asked")
        if asked.vip:
            return
        for other in self.waiting.values():
            if not other.vip or not self._able(other, crew[chosen], now, factor, heavy=True):
                continue
            if self._able(other, crew[chosen], now, factor):
                broken.append(f"{other.conversation_id}: a VIP waits behind {id}")
            else:
                self.result.lighter += 1

    def _able(self, asked: Asked, one: Candidate, now: int, factor: float, *, heavy: bool = False) -> bool:
        """Whether an agent could have a conversation; `heavy`: whatever it weighs."""
        waited = now - asked.waiting_since
        after = {"first": 0, "second": self.policy.second_after, "expert": self.policy.expert_after}[one.tier]
        return (
            one.on_shift
            and one.presence == "online"
            and all(need in one.skills for need in asked.needs)
            and waited >= after
            and (heavy or one.load + self.policy.weight(asked.kind) <= one.capacity * factor)
            and one.agent_id not in [agent for agent, _ in asked.offers]
        )

    def _audit(self, at: int) -> None:
        """What holds at every moment."""
        broken, result = self.result.broken, self.result
        places = [set(self.waiting), set(self.offered), set(self.owned)]
        if sum(map(len, places)) + result.done != self.arrived or len(set.union(*places)) != sum(map(len, places)):
            broken.append(f"{at}: somebody has neither an owner nor a place in the line, or both")
        result.longest_line = max(result.longest_line, len(self.waiting))
        most = CAPACITY * (SURGE_FACTOR if SURGE[0] <= at < WORKED_OFF else 1.0)
        for agent, load in self._loads().items():
            if load > most:
                broken.append(f"{at}: {agent} is over capacity")
        ordered = line(self.waiting.values())
        if ordered and [position(ordered[0], ordered), position(ordered[-1], ordered)] != [1, len(ordered)]:
            broken.append(f"{at}: the places in the line are not 1 to {len(ordered)}")


def crew() -> list[Worker]:
    """Two shifts of ten: seven of the first line, two of the second, an expert; breaks of half an hour, one after another."""
    workers = []
    for name, begins in (("e", 9 * HOUR), ("l", 13 * HOUR)):
        for number in range(10):
            tier: Tier = "first" if number < 7 else "second" if number < 9 else "expert"
            skills = {"technical"} if number % 3 == 0 else {"en"} if number % 3 == 1 else set()
            rest = begins + 2 * HOUR + number * 30 * MINUTE
            workers.append(
                Worker(
                    f"{name}{number}",
                    tier,
                    frozenset(set(SKILLED) if tier == "expert" else skills),
                    begins,
                    begins + 8 * HOUR,
                    (rest, rest + 30 * MINUTE),
                )
            )
    return workers


def _arrivals(dice: random.Random) -> list[int]:
    """Times of the day: a quarter in the surge, the others spread over the day."""
    times = [
        dice.randrange(*SURGE) if dice.random() < 0.25 else dice.randrange(9 * HOUR, LAST) for _ in range(CONVERSATIONS)
    ]
    return sorted(times)

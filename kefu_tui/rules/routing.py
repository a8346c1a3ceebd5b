"""Routing: who is offered a conversation, or its place in the waiting line; each decision with its reasons.

Group by channel and scenario → skills → tier and priority → stickiness → capacity → presence and shift. Nothing is random:
the same facts give the same choice everywhere.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple, cast

from kefu_tui.now import DAY, HOUR, MINUTE, SECOND

Tier = Literal["first", "second", "expert"]
TIERS: tuple[Tier, ...] = ("first", "second", "expert")
"""First line, second line, experts."""
USUAL_WEIGHT = 1.0


class RoutingError(Exception):
    """Figures that cannot be used; the message is one line: where, and what is wrong."""


class RoutingPolicy(NamedTuple):
    """Figures of routing. Times in µs; capacity is counted in weights of conversations."""

    weights: Mapping[str, float]
    """What a conversation of a kind takes of an agent's capacity; 1 where it is not named."""
    sticky: int = DAY
    """So long after an agent had a customer the customer comes to that agent again."""
    golden: int = 60 * SECOND
    """So long an offer stands before it goes to the next."""
    second_after: int = 5 * MINUTE
    """A wait after which the second line is asked, too."""
    expert_after: int = 15 * MINUTE
    """And the experts."""

    def weight(self, kind: str) -> float:
        """What a conversation of a kind takes of an agent's capacity."""
        return self.weights.get(kind, USUAL_WEIGHT)


class Candidate(NamedTuple):
    """An agent of the group. `load` in weights; times in µs UTC, None: never."""

    agent_id: str
    name: str
    tier: Tier
    skills: frozenset[str]
    presence: str
    on_shift: bool
    capacity: float
    load: float
    last_assigned_at: int | None = None
    had_customer_at: int | None = None
    """When this agent had the customer last."""
    first_asked: bool = False
    """Who took the customer first stays responsible."""


class Asked(NamedTuple):
    """A conversation that waits. `needs`: skills; `offers`: whom it was offered to, and when (µs UTC)."""

    conversation_id: str
    kind: str
    vip: bool
    priority: int
    due_at: int | None
    waiting_since: int
    needs: frozenset[str] = frozenset()
    offers: tuple[tuple[str, int], ...] = ()
    escalated: Tier | None = None
    """The line that an escalation asks for: only it and those above are asked, at once."""


class Reason(NamedTuple):
    """Why a candidate was chosen or not; `fit`: could have been."""

    agent_id: str
    name: str
    fit: bool
    zh: str
    en: str

    def say(self, lang: str) -> str:
        """In a language."""
        return self.en if lang == "en" else self.zh


class Choice(NamedTuple):
    """Whom a conversation is offered to, None: it waits; a reason for each candidate, the chosen one first."""

    agent_id: str | None
    reasons: tuple[Reason, ...]
    keeps: str | None = None
    """The agent whose room is kept for a VIP that is too heavy for it yet; the `kept` of those behind in the line."""


def parse_routing(data: object) -> RoutingPolicy:
    """The section `routing` of a policy: `weights`, and times as `60s`, `5m`, `24h`. Raises RoutingError."""
    if not isinstance(data, Mapping):
        raise RoutingError(f"routing: a table is needed, not {data!r}")
    known = {"weights", "sticky", "golden", "second_after", "expert_after"}
    for key in data:
        if key not in known:
            raise RoutingError(f"routing.{key}: not known here ({', '.join(sorted(known))})")
    weights = data.get("weights", {})
    if not isinstance(weights, Mapping):
        raise RoutingError(f"routing.weights: a table is needed, not {weights!r}")
    for kind, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 10:
            raise RoutingError(f"routing.weights.{kind}: {weight!r} is no weight (0.5, 1, 2)")
    times = {key: _time(value, key) for key, value in data.items() if key != "weights"}
    return RoutingPolicy(cast("Mapping[str, float]", dict(weights)), **times)


def choose(
    asked: Asked,
    candidates: Iterable[Candidate],
    policy: RoutingPolicy,
    now: int,
    *,
    capacity_factor: float = 1.0,
    kept: Collection[str] = (),
) -> Choice:
    """Whom a conversation is offered to. `capacity_factor`: more than 1 in a promotion's surge.

    `kept`: agents whose room is kept for a VIP ahead in the line, so that lighter ones do not slip in for ever.
    """
    lines = _lines(asked, policy, now)
    weight = policy.weight(asked.kind)
    fit: list[tuple[tuple[object, ...], Candidate, tuple[str, str]]] = []
    unfit: list[Reason] = []
    heavy: list[tuple[float, str]] = []
    for one in sorted(candidates, key=lambda one: one.agent_id):
        capacity = one.capacity * capacity_factor
        why = _unfit(asked, one, policy, now, lines, weight, capacity)
        if why is None and one.agent_id in kept and not asked.vip:
            why = "留给排在前面的 VIP", "kept for a VIP ahead"
        elif why is not None and asked.vip and one.agent_id not in kept:
            empty = one._replace(load=0.0)
            if _unfit(asked, empty, policy, now, lines, weight, capacity) is None:
                heavy.append((one.load - capacity, one.agent_id))
        if why is not None:
            unfit.append(Reason(one.agent_id, one.name, False, *why))
            continue
        fit.append((_order(one, policy, now, capacity), one, _speaks(one, policy, now, capacity)))
    fit.sort(key=lambda found: found[0])
    reasons = [Reason(one.agent_id, one.name, True, *why) for _, one, why in fit]
    keeps = min(heavy)[1] if heavy and not fit else None
    return Choice(fit[0][1].agent_id if fit else None, (*reasons, *unfit), keeps)


def line(waiting: Iterable[Asked]) -> list[Asked]:
    """The waiting line: VIP first, then by priority, then who breaches first, then who waits longest."""
    return sorted(waiting, key=_place)


def position(asked: Asked, waiting: Iterable[Asked]) -> int:
    """The place in the waiting line, from 1."""
    return sum(_place(other) < _place(asked) for other in waiting) + 1


def _place(asked: Asked) -> tuple[object, ...]:
    due = asked.due_at
    return (not asked.vip, asked.priority, due is None, due or 0, asked.waiting_since, asked.conversation_id)


def _lines(asked: Asked, policy: RoutingPolicy, now: int) -> tuple[Tier, ...]:
    """The lines that are asked by now."""
    if asked.escalated is not None:
        return TIERS[TIERS.index(asked.escalated) :]
    waited = now - asked.waiting_since
    return TIERS[: 1 + (waited >= policy.second_after) + (waited >= policy.expert_after)]


def _unfit(
    asked: Asked,
    one: Candidate,
    policy: RoutingPolicy,
    now: int,
    lines: tuple[Tier, ...],
    weight: float,
    capacity: float,
) -> tuple[str, str] | None:
    """Why a candidate cannot have it, None where it can."""
    if not one.on_shift:
        return "不在班上", "off shift"
    if one.presence != "online":
        states = {"busy": ("忙", "busy"), "away": ("离开了", "away"), "offline": ("离线", "offline")}
        return states.get(one.presence, (one.presence, one.presence))
    lacks = sorted(asked.needs - one.skills)
    if lacks:
        return f"不会：{'、'.join(lacks)}", f"lacks {', '.join(lacks)}"
    if one.tier not in lines and asked.escalated is not None:
        return "已升级，不问这一线", "escalated past this line"
    if one.tier not in lines:
        line_zh, line_en, waits = {
            "second": ("二线", "second line", policy.second_after),
            "expert": ("专家", "expert", policy.expert_after),
        }[one.tier]
        zh, en = (
            (f"{waits // MINUTE} 分", f"{waits // MINUTE} min")
            if waits >= MINUTE
            else (f"{waits // SECOND} 秒", f"{waits // SECOND} s")
        )
        return f"{line_zh}，等满 {zh}才问", f"{line_en}, asked after {en}"
    if one.load + weight > capacity:
        return f"满了 {one.load:g}/{capacity:g}", f"full {one.load:g}/{capacity:g}"
    for agent_id, at in asked.offers:
        if agent_id == one.agent_id:
            ago = (now - at) // SECOND
            return f"{ago} 秒前给过，没接", f"had it offered {ago} s ago and did not take it"
    return None


def _order(one: Candidate, policy: RoutingPolicy, now: int, capacity: float) -> tuple[object, ...]:
    """Who comes first: the same agent within a day, the first-asked owner, then the least loaded, the longest idle."""
    had = one.had_customer_at
    sticky = had is not None and now - had <= policy.sticky
    return (
        not sticky,
        -(had or 0) if sticky else 0,
        not one.first_asked,
        TIERS.index(one.tier),
        one.load / capacity if capacity else 1.0,
        one.last_assigned_at is not None,
        one.last_assigned_at or 0,
        one.agent_id,
    )


def _speaks(one: Candidate, policy: RoutingPolicy, now: int, capacity: float) -> tuple[str, str]:
    """What speaks for a candidate."""
    load = f"{one.load:g}/{capacity:g}"
    if one.had_customer_at is not None and now - one.had_customer_at <= policy.sticky:
        hours = (now - one.had_customer_at) // HOUR
        return f"{hours} 小时前接待过，在手 {load}", f"had this customer {hours} h ago, load {load}"
    if one.first_asked:
        return f"首问负责，在手 {load}", f"first-asked owner, load {load}"
    if one.last_assigned_at is None:
        return f"在手 {load}，还没接过", f"load {load}, none given yet"
    idle = (now - one.last_assigned_at) // SECOND
    return f"在手 {load}，{idle} 秒没分到", f"load {load}, none given for {idle} s"


def _time(value: object, where: str) -> int:
    units = {"s": SECOND, "m": MINUTE, "h": HOUR}
    text = value if isinstance(value, str) else ""
    if len(text) < 2 or not text[:-1].isdecimal() or text[-1] not in units or int(text[:-1]) == 0:
        raise RoutingError(f"routing.{where}: {value!r} is no time (60s, 5m, 24h)")
    return int(text[:-1]) * units[text[-1]]

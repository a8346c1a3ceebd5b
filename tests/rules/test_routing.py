"""Routing in tables to be checked by hand, its properties, and a day of 2,000 conversations with a surge and an outage."""

import heapq
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.rules.routing import (
    Asked,
    Candidate,
    RoutingError,
    RoutingPolicy,
    choose,
    line,
    parse_routing,
    position,
)
from kefu_tui.rules.routing_figures import fairness

NOW = 1_780_000_000_000_000
POLICY = RoutingPolicy({"complaint": 2.0, "praise": 0.5})
ASKED = Asked("c1", "logistics", False, 3, NOW + MINUTE, NOW - 10 * SECOND)


def one(id: str, **told: object) -> Candidate:
    usual = {
        "tier": "first",
        "skills": frozenset(),
        "presence": "online",
        "on_shift": True,
        "capacity": 8.0,
        "load": 0.0,
    }
    return Candidate(agent_id=id, name=id.title(), **{**usual, **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidates", "asked", "chosen"),
    [
        ([], ASKED, None),
        ([one("a", load=3.0), one("b", load=1.0)], ASKED, "b"),  # the least loaded
        ([one("a", load=4.0, capacity=16.0), one("b", load=3.0)], ASKED, "a"),  # by the share of the capacity
        ([one("b"), one("a")], ASKED, "a"),  # nothing between them
        ([one("a", last_assigned_at=NOW - 5), one("b", last_assigned_at=NOW - 9)], ASKED, "b"),  # the longest idle
        ([one("a", last_assigned_at=NOW - 5), one("b")], ASKED, "b"),  # none given yet
        ([one("a"), one("b", load=7.0, had_customer_at=NOW - HOUR)], ASKED, "b"),  # the same agent within a day
        ([one("a"), one("b", load=7.0, had_customer_at=NOW - 25 * HOUR)], ASKED, "a"),
        ([one("a"), one("b", load=7.0, first_asked=True)], ASKED, "b"),  # who took the customer first
        ([one("a", first_asked=True), one("b", had_customer_at=NOW - HOUR)], ASKED, "b"),
        ([one("a", presence="away"), one("b", presence="busy"), one("c", presence="offline")], ASKED, None),
        ([one("a", on_shift=False)], ASKED, None),
        ([one("a", load=8.0)], ASKED, None),
        ([one("a", load=7.0)], ASKED._replace(kind="complaint"), None),  # which takes two
        ([one("a", load=7.5)], ASKED._replace(kind="praise"), "a"),  # which takes half
        ([one("a"), one("b", skills=frozenset({"en"}))], ASKED._replace(needs=frozenset({"en"})), "b"),
        ([one("a", tier="second")], ASKED, None),
        ([one("a", tier="second")], ASKED._replace(waiting_since=NOW - 5 * MINUTE), "a"),
        ([one("a", tier="second"), one("b", load=7.0)], ASKED._replace(waiting_since=NOW - 5 * MINUTE), "b"),
        ([one("a", tier="expert")], ASKED._replace(waiting_since=NOW - 14 * MINUTE), None),
        ([one("a", tier="expert")], ASKED._replace(waiting_since=NOW - 15 * MINUTE), "a"),
        ([one("a"), one("b", load=7.0)], ASKED._replace(offers=(("a", NOW - 70 * SECOND),)), "b"),
    ],
)
def test_who_is_chosen(candidates: list[Candidate], asked: Asked, chosen: str | None) -> None:
    found = choose(asked, candidates, POLICY, NOW)
    assert found.agent_id == chosen
    assert [reason.agent_id for reason in found.reasons[:1]] == (
        [chosen] if chosen else [c.agent_id for c in candidates[:1]]
    )
    assert len(found.reasons) == len(candidates)


def test_reasons_are_told_in_both_languages() -> None:
    crew = [
        one("a", load=8.0), one("b", on_shift=False), one("c", presence="away"), one("d", tier="expert"),
        one("e", had_customer_at=NOW - 2 * HOUR), one("f", last_assigned_at=NOW - 40 * SECOND),
    ]  # fmt: skip
    found = choose(ASKED._replace(needs=frozenset()), crew, POLICY, NOW)
    told = {reason.agent_id: (reason.zh, reason.en) for reason in found.reasons}
    assert told["e"] == ("2 小时前接待过，在手 0/8", "had this customer 2 h ago, load 0/8")
    assert told["f"] == ("在手 0/8，40 秒没分到", "load 0/8, none given for 40 s")
    assert told["a"] == ("满了 8/8", "full 8/8")
    assert told["b"] == ("不在班上", "off shift")
    assert told["d"] == ("专家，等满 15 分才问", "expert, asked after 15 min")


def test_a_surge_makes_room() -> None:
    full = [one("a", load=8.0)]
    assert choose(ASKED, full, POLICY, NOW).agent_id is None
    assert choose(ASKED, full, POLICY, NOW, capacity_factor=1.5).agent_id == "a"


def test_the_line() -> None:
    waiting = [
        ASKED._replace(conversation_id="late", due_at=NOW + HOUR),
        ASKED._replace(conversation_id="soon", due_at=NOW + MINUTE),
        ASKED._replace(conversation_id="vip", due_at=NOW + HOUR, vip=True),
        ASKED._replace(conversation_id="urgent", due_at=NOW + HOUR, priority=1),
        ASKED._replace(conversation_id="long", due_at=None, waiting_since=NOW - HOUR),
        ASKED._replace(conversation_id="short", due_at=None),
    ]
    order = ["vip", "urgent", "soon", "late", "long", "short"]
    assert [each.conversation_id for each in line(waiting)] == order
    assert [position(each, waiting) for each in line(waiting)] == [1, 2, 3, 4, 5, 6]


CREW = st.lists(
    st.builds(
        one,
        st.sampled_from("abcdefgh"),
        load=st.sampled_from([0.0, 1.0, 4.0, 7.5, 8.0]),
        presence=st.sampled_from(["online", "away"]),
        on_shift=st.booleans(),
        tier=st.sampled_from(["first", "second", "expert"]),
        skills=st.sampled_from([frozenset(), frozenset({"en"})]),
        had_customer_at=st.sampled_from([None, NOW - HOUR]),
        first_asked=st.booleans(),
        last_assigned_at=st.sampled_from([None, NOW - MINUTE, NOW - HOUR]),
    ),
    unique_by=lambda candidate: candidate.agent_id,
)


@given(CREW, st.booleans(), st.randoms())
def test_the_order_of_candidates_does_not_matter_and_none_that_cannot_is_chosen(
    crew: list[Candidate], english: bool, dice: random.Random
) -> None:
    asked = ASKED._replace(needs=frozenset({"en"}) if english else frozenset())
    found = choose(asked, crew, POLICY, NOW)
    dice.shuffle(crew)
    assert choose(asked, crew, POLICY, NOW) == found
    assert sorted(reason.agent_id for reason in found.reasons) == sorted(each.agent_id for each in crew)
    chosen = next((each for each in crew if each.agent_id == found.agent_id), None)
    if chosen is not None:
        assert chosen.on_shift
        assert chosen.presence == "online"
        assert chosen.load + 1 <= chosen.capacity
        assert asked.needs <= chosen.skills
        without = [each for each in crew if each.agent_id == chosen.agent_id or each.presence == "online"]
        assert choose(asked, without, POLICY, NOW).agent_id == found.agent_id, "who cannot have it changes nothing"
    else:
        assert not any(reason.fit for reason in found.reasons)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("x", "a table"), ({"colour": 1}, "routing.colour"), ({"sticky": "1d"}, "routing.sticky"),
        ({"golden": 60}, "routing.golden"),
        ({"golden": "0s"}, "routing.golden"), ({"weights": 1}, "routing.weights"), ({"weights": {"x": 0}}, "routing.weights.x"),
        ({"weights": {"x": True}}, "routing.weights.x"),
    ],
)  # fmt: skip
def test_wrong_figures_are_told_in_one_line(data: object, told: str) -> None:
    with pytest.raises(RoutingError, match=told) as caught:
        parse_routing(data)
    assert "\n" not in str(caught.value)


def day(seed: int) -> tuple[list[tuple[int, str]], Counter[str], dict[str, float], int]:
    """A day in virtual time: two shifts of ten, 2,000 conversations with a surge at noon and an outage of half an hour.

    Returns who got what when, how many each got, minutes on shift of each, and how many waited at most.
    """
    dice = random.Random(seed)
    opens = NOW - NOW % (24 * HOUR)
    early = [f"e{number}" for number in range(10)]
    late = [f"l{number}" for number in range(10)]
    shift = dict.fromkeys(early, (9 * HOUR, 17 * HOUR)) | dict.fromkeys(late, (13 * HOUR, 21 * HOUR))
    outage = (15 * HOUR, 15 * HOUR + 30 * MINUTE)
    arrivals = sorted(
        int(9 * HOUR + (dice.random() if dice.random() < 0.8 else 0.25 + 0.15 * dice.random()) * 11.5 * HOUR)
        for _ in range(2000)
    )
    events: list[tuple[int, int, str, str]] = [(at, 0, f"c{n}", "") for n, at in enumerate(arrivals)]
    heapq.heapify(events)
    waiting: dict[str, Asked] = {}
    load: Counter[str] = Counter()
    given: Counter[str] = Counter()
    had: dict[str, tuple[str, int]] = {}
    last: dict[str, int] = {}
    log: list[tuple[int, str]] = []
    most = 0
    while events:
        at, kind, id, agent = heapq.heappop(events)
        if kind == 0:
            customer = f"u{dice.randrange(900)}"
            waiting[id] = Asked(id, customer, dice.random() < 0.05, 3, opens + at + 5 * MINUTE, opens + at)
        elif kind == 1:
            load[agent] -= 1
        if outage[0] <= at < outage[1]:
            if not any(event[1] == 2 for event in events):
                heapq.heappush(events, (outage[1], 2, "", ""))
            continue
        for asked in line(waiting.values()):
            crew = [
                one(
                    name,
                    on_shift=begin <= at < end,
                    load=float(load[name]),
                    last_assigned_at=last.get(name),
                    had_customer_at=opens + had[asked.kind][1]
                    if asked.kind in had and had[asked.kind][0] == name
                    else None,
                )
                for name, (begin, end) in shift.items()
            ]
            choice = choose(asked, crew, POLICY, opens + at, capacity_factor=1.5 if 11 * HOUR < at < 14 * HOUR else 1.0)
            if choice.agent_id is None:
                break
            name = choice.agent_id
            assert shift[name][0] <= at < shift[name][1], "nothing is given to somebody off shift"
            assert load[name] + 1 <= 12, "nobody is over the capacity, the surge included"
            del waiting[asked.conversation_id]
            load[name] += 1
            given[name] += 1
            last[name] = opens + at
            had[asked.kind] = (name, at)
            log.append((at, name))
            heapq.heappush(events, (at + dice.randint(3, 16) * MINUTE, 1, asked.conversation_id, name))
        most = max(most, len(waiting))
    assert waiting == {}, "no conversation is left without an owner"
    return log, given, {name: (end - begin) / MINUTE for name, (begin, end) in shift.items()}, most


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day(seed: int) -> None:
    log, given, minutes, most = day(seed)
    assert sum(given.values()) == 2000
    assert most < 120, "the outage's queue is worked off"
    for shift in ("e", "l"):
        names = [name for name in minutes if name.startswith(shift)]
        evenness = fairness([given[name] for name in names], [minutes[name] for name in names]).most
        assert evenness <= 1.25, (shift, evenness, "stickiness may favour somebody, by a quarter at most")
    assert day(seed)[0] == log, "the same day again"


def test_an_escalation_asks_its_line_at_once() -> None:
    crew = [one("a"), one("b", tier="second", load=7.0), one("c", tier="expert")]
    assert choose(ASKED._replace(escalated="second"), crew, POLICY, NOW).agent_id == "b"
    found = choose(ASKED._replace(escalated="expert"), crew, POLICY, NOW)
    assert found.agent_id == "c"
    assert found.reasons[1][3:] == ("已升级，不问这一线", "escalated past this line")


def test_room_is_kept_for_a_vip_that_is_too_heavy_yet() -> None:
    crew = [one("a", load=7.5), one("b", load=7.0), one("c", presence="away")]
    vip = choose(ASKED._replace(kind="complaint", vip=True), crew, POLICY, NOW)
    assert (vip.agent_id, vip.keeps) == (None, "b")
    assert choose(ASKED, crew, POLICY, NOW).agent_id == "b"
    behind = choose(ASKED, crew, POLICY, NOW, kept={"b"})
    assert behind.agent_id is None
    assert [each.zh for each in behind.reasons if each.agent_id == "b"] == ["留给排在前面的 VIP"]
    assert choose(ASKED._replace(vip=True), crew, POLICY, NOW, kept={"b"}).agent_id == "b"
    assert choose(ASKED._replace(kind="complaint"), crew, POLICY, NOW).keeps is None

"""A simulated day keeps every promise of routing: nobody is lost, overfull or asked off shift; the same seed, the same day."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from kefu_tui.now import MINUTE, SECOND
from kefu_tui.rules import routing
from kefu_tui.rules.routing import Asked, Candidate, Choice
from kefu_tui.rules.routing_figures import fairness
from tests.rules import routing_day
from tests.rules.routing_day import CONVERSATIONS, Day, Result

SEEDS = (1, 2, 3)
MOST, LEAST, GINI = 1.25, 0.70, 0.10
"""Bounds of fairness inside one shift's first line, by weight taken for a minute on shift.

Three things pull it apart on purpose. A fifth of the offers go to the agent who had the customer, whatever the load. Three of
seven alone take what is technical, 6 % of all at a weight of 1.5, and two alone what is English. Breaks fall into the surge
for some and beside it for others. Over seeds 1 to 12 the shares lay between 0.748 and 1.156 of the mean, the Gini coefficient
at most at 0.056: the bounds leave room for other seeds. The second line and the expert are only asked when a wait is long, and
are few: they are not compared.
"""


@cache
def day(seed: int) -> tuple[Day, Result]:
    the_day = Day(seed)
    return the_day, the_day.run()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken(seed: int) -> None:
    """An owner or a place in the line; nobody over capacity or asked off shift; the same agent where free; VIPs first."""
    _, result = day(seed)
    assert result.broken == []
    assert result.done == CONVERSATIONS
    assert result.offers == CONVERSATIONS + result.unanswered


@pytest.mark.parametrize("seed", SEEDS)
def test_the_day_asks_something_of_routing(seed: int) -> None:
    """Else the promises would be kept by a day on which nothing happens."""
    _, result = day(seed)
    assert result.longest_line > 50
    assert result.unanswered > 50
    assert result.sticky > 200
    assert result.vip_waits > 100
    assert min(result.overflown["second"], result.overflown["expert"]) > 10


@pytest.mark.parametrize("seed", SEEDS)
def test_vips_wait_less(seed: int) -> None:
    _, result = day(seed)
    vips, others = (sorted(result.waits[vip]) for vip in (True, False))
    nine_in_ten = [waits[len(waits) * 9 // 10] for waits in (vips, others)]
    assert nine_in_ten[0] * 3 < nine_in_ten[1]
    assert nine_in_ten[0] < 3 * MINUTE
    assert vips[len(vips) // 2] < 30 * SECOND


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shift", ["e", "l"])
def test_work_is_given_fairly(seed: int, shift: str) -> None:
    the_day, result = day(seed)
    peers = [worker for worker in the_day.crew.values() if worker.id.startswith(shift) and worker.tier == "first"]
    found = fairness([result.taken[one.id] for one in peers], [one.minutes for one in peers])
    assert found.within(MOST, LEAST, GINI), found


def test_the_same_seed_is_the_same_day_whatever_order_the_facts_come_in() -> None:
    assert Day(1, shuffled=7).run().log == day(1)[1].log
    assert day(2)[1].log != day(1)[1].log


def _all_alike(**told: Any) -> Any:
    """A mistake: choosing as if the candidates were told otherwise."""

    def choose(asked: Asked, candidates: Iterable[Candidate], *rest: Any, **named: Any) -> Choice:
        return routing.choose(asked, [one._replace(**told) for one in candidates], *rest, **named)

    return choose


def _waits(asked: Asked, candidates: Iterable[Candidate], *_: Any, **__: Any) -> Choice:
    """A mistake: nobody is ever asked."""
    return Choice(None, tuple(routing.Reason(one.agent_id, one.name, False, "", "") for one in candidates))


@pytest.mark.parametrize(
    ("name", "mistake", "told"),
    [
        ("choose", _all_alike(on_shift=True), "offered to"),
        ("choose", _all_alike(presence="online"), "offered to"),
        ("choose", _all_alike(skills=frozenset({"technical", "en"})), "offered to"),
        ("choose", _all_alike(tier="first"), "offered to"),
        ("choose", _all_alike(load=0.0), "offered to"),
        ("choose", _all_alike(had_customer_at=None), "had the customer and was free"),
        ("choose", _waits, "waits while"),
        ("line", lambda waiting: routing.line(one._replace(vip=False) for one in waiting), "a VIP waits behind"),
    ],
)
def test_the_day_sees_planted_mistakes(monkeypatch: pytest.MonkeyPatch, name: str, mistake: Any, told: str) -> None:
    monkeypatch.setattr(routing_day, name, mistake)
    assert told in "; ".join(Day(1).run(stop=True).broken)


def test_the_bounds_see_a_rule_that_favours_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Always the first by name who has room: in the late shift, where there is room, it shows."""
    monkeypatch.setattr(routing, "_order", lambda one, *_: (routing.TIERS.index(one.tier), one.agent_id))
    the_day = Day(1)
    result = the_day.run()
    peers = [one for one in the_day.crew.values() if one.id.startswith("l") and one.tier == "first"]
    found = fairness([result.taken[one.id] for one in peers], [one.minutes for one in peers])
    assert not found.within(MOST, LEAST, GINI), found

"""Properties of choosing: only who is able is chosen, who is unable changes nothing, one reason each, in any order."""

import random

from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.rules.routing import TIERS, Asked, Candidate, RoutingPolicy, choose

NOW = 1_780_000_000_000_000
POLICY = RoutingPolicy({"complaint": 2.0, "praise": 0.5})
SKILLS = st.frozensets(st.sampled_from(["en", "technical"]))
CREWS = st.lists(
    st.builds(
        Candidate,
        st.sampled_from("abcdefghij"),
        st.just("somebody"),
        st.sampled_from(TIERS),
        SKILLS,
        st.sampled_from(["online", "online", "online", "busy", "away", "offline"]),
        st.sampled_from([True, True, True, False]),
        st.sampled_from([0.0, 4.0, 8.0]),
        st.sampled_from([0.0, 2.5, 3.0, 7.5, 8.0]),
        st.sampled_from([None, NOW - MINUTE, NOW - HOUR]),
        st.sampled_from([None, NOW - HOUR, NOW - 25 * HOUR]),
        st.booleans(),
    ),
    unique_by=lambda one: one.agent_id,
)
ASKEDS = st.builds(
    Asked,
    st.just("c1"),
    st.sampled_from(["logistics", "complaint", "praise"]),
    st.booleans(),
    st.integers(1, 5),
    st.none(),
    st.sampled_from([NOW, NOW - 5 * MINUTE, NOW - 15 * MINUTE]),
    SKILLS,
    st.lists(st.tuples(st.sampled_from("abc"), st.just(NOW - 70 * SECOND)), max_size=2).map(tuple),
    st.sampled_from([None, *TIERS]),
)
FACTORS = st.sampled_from([1.0, 1.5])


def able(asked: Asked, one: Candidate, factor: float) -> bool:
    """Who may be asked, in the plainest way."""
    after = {"first": 0, "second": 5, "expert": 15}[one.tier] * MINUTE
    waited = NOW - asked.waiting_since >= after
    in_line = waited if asked.escalated is None else TIERS.index(one.tier) >= TIERS.index(asked.escalated)
    weight = {"complaint": 2.0, "praise": 0.5}.get(asked.kind, 1.0)
    return (
        one.on_shift
        and one.presence == "online"
        and asked.needs <= one.skills
        and in_line
        and one.load + weight <= one.capacity * factor
        and one.agent_id not in dict(asked.offers)
    )


@given(ASKEDS, CREWS, FACTORS)
def test_one_of_the_able_is_chosen_wherever_there_is_one(asked: Asked, crew: list[Candidate], factor: float) -> None:
    found = choose(asked, crew, POLICY, NOW, capacity_factor=factor)
    fit = {one.agent_id for one in crew if able(asked, one, factor)}
    assert (found.agent_id in fit) if fit else found.agent_id is None
    assert {reason.agent_id for reason in found.reasons if reason.fit} == fit


@given(ASKEDS, CREWS, FACTORS)
def test_who_is_unable_changes_nothing(asked: Asked, crew: list[Candidate], factor: float) -> None:
    with_all = choose(asked, crew, POLICY, NOW, capacity_factor=factor)
    with_some = choose(asked, [one for one in crew if able(asked, one, factor)], POLICY, NOW, capacity_factor=factor)
    assert with_some.agent_id == with_all.agent_id
    assert with_some.reasons == tuple(reason for reason in with_all.reasons if reason.fit)


@given(ASKEDS, CREWS, st.randoms())
def test_each_has_one_reason_in_both_languages_in_any_order(
    asked: Asked, crew: list[Candidate], dice: random.Random
) -> None:
    found = choose(asked, crew, POLICY, NOW)
    assert sorted(reason.agent_id for reason in found.reasons) == sorted(one.agent_id for one in crew)
    assert all(reason.zh and reason.en and "\n" not in reason.zh + reason.en for reason in found.reasons)
    assert [reason.agent_id for reason in found.reasons[:1] if found.agent_id] == [found.agent_id] * bool(
        found.agent_id
    )
    dice.shuffle(crew)
    assert choose(asked, crew, POLICY, NOW) == found

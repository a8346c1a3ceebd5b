"""Figures about routing: fairness with its bounds, the place in the line in words that pass the guard."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules.guard import check, parse_rules
from kefu_tui.rules.routing_figures import Fairness, fairness, holding_text

DATA = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize(
    ("taken", "minutes", "told"),
    [
        ([5, 5, 5], [60, 60, 60], (5, 1, 1, 0)),
        ([10, 5], [120, 60], (5, 1, 1, 0)),  # twice the time, twice the work
        ([9, 0], [60, 60], (4.5, 2, 0, 0.5)),  # one has all: (n - 1) / n
        ([9, 0, 0, 0], [60] * 4, (2.25, 4, 0, 0.75)),
        ([3, 1], [60, 60], (2, 1.5, 0.5, 0.25)),
        ([9, 7], [60, 0], (9, 1, 1, 0)),  # who was not there does not count
        ([0, 0], [60, 60], (0, 1, 1, 0)),
        ([], [], (0, 1, 1, 0)),
    ],
)
def test_fairness(taken: list[float], minutes: list[float], told: tuple[float, ...]) -> None:
    assert fairness(taken, minutes) == pytest.approx(told)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 480)), max_size=20), st.randoms())
def test_fairness_has_bounds_and_no_order(people: list[tuple[int, int]], dice: object) -> None:
    found = fairness([taken for taken, _ in people], [time for _, time in people])
    assert 0 <= found.gini < 1
    assert found.least <= 1 + 1e-9
    assert found.most >= 1 - 1e-9
    dice.shuffle(people)  # type: ignore[attr-defined]
    assert fairness([taken for taken, _ in people], [time for _, time in people]) == pytest.approx(found)


def test_lists_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        fairness([1, 2], [60])


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (Fairness(9, 1.25, 0.75, 0.1), True),
        (Fairness(9, 1.26, 0.75, 0.1), False),
        (Fairness(9, 1.25, 0.74, 0.1), False),
        (Fairness(9, 1.25, 0.75, 0.11), False),
    ],
)
def test_bounds(found: Fairness, kept: bool) -> None:
    assert found.within(1.25, 0.75, 0.1) is kept


@pytest.mark.parametrize(
    ("position", "lang", "text"),
    [
        (1, "zh", "您前面没有其他人在等候。"),
        (3, "zh", "您前面还有 2 位在等候。"),
        (1, "en", "Nobody is ahead of you in the line."),
        (2, "en", "1 customer is ahead of you in the line."),
        (13, "en", "12 customers are ahead of you in the line."),
    ],
)
def test_the_place_in_words(position: int, lang: str, text: str) -> None:
    assert holding_text(position, lang) == text
    rules = parse_rules(tomllib.loads((DATA / "guard" / f"{lang}.toml").read_text("utf-8")))
    assert check(text, rules) == []

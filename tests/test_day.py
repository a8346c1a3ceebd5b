"""A simulated day through the real backend and real desks keeps every promise; `make day` runs the large one."""

import pathlib
from collections.abc import Callable, Iterator

import pytest

from tests.day import Day

MakeDay = Callable[..., Day]


@pytest.fixture
def make_day(tmp_path: pathlib.Path) -> Iterator[MakeDay]:
    made: list[Day] = []

    def make(seed: int, conversations: int = 50, agents: int = 6, desks: int = 2) -> Day:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Day(folder, seed, conversations, agents, desks))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_no_promise_is_broken_and_every_desk_is_the_same(make_day: MakeDay) -> None:
    day = make_day(1)
    day.go()
    counted = day.clocks()
    assert day.broken == []
    assert day.differences() == []
    opened = day.rows("SELECT count(*) FROM conversation")[0][0]
    asked = sum(many for (kind, _), many in counted.items() if kind in ("first_response_chat", "first_response_async"))
    assert asked == opened, "each conversation had its first wait timed"
    assert sum(many for (kind, _), many in counted.items() if kind == "resolution") == opened
    assert day.rounds > opened
    assert day.missed > 0
    assert day.rows("SELECT count(*) > 0 FROM automation_run") == [(1,)]
    assert day.rows("SELECT count(*) FROM message WHERE author = 'bot'")[0][0] > 0, (
        "the outage and the line told customers"
    )


def test_the_same_seed_is_the_same_day(make_day: MakeDay) -> None:
    one, two, other = (make_day(seed, 10, 4, 0) for seed in (3, 3, 4))
    for day in (one, two, other):
        day.go()
    assert one.trace() == two.trace() != other.trace()


def test_the_day_sees_a_clock_that_is_wrong_and_a_desk_that_differs(make_day: MakeDay) -> None:
    """Else it would keep its promises by looking away."""
    day = make_day(2, 6, 4, 1)
    day.go()
    with day.database.write() as connection:
        first = "(SELECT min(id) FROM clock WHERE kind = 'resolution')"
        connection.execute(f"UPDATE clock SET due_at = due_at + 1 WHERE id = {first}")
        first = "(SELECT min(id) FROM conversation)"
        connection.execute(f"UPDATE conversation SET assignee_id = NULL, status = 'open' WHERE id = {first}")
    day.clocks()
    day._audit(0)
    assert any("clock resolution" in told for told in day.broken)
    assert any("nobody's" in told for told in day.broken)
    assert day.differences() != []

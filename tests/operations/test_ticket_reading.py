"""Verbs on who is at a ticket right now: who may be, what is told twice, leaving, and being forgotten."""

import pytest

from kefu_tui.model.rows import Ticket, TicketReader
from kefu_tui.now import MINUTE, SECOND
from kefu_tui.operations import Refusal
from kefu_tui.operations.ticket_parts import WatchTicket
from kefu_tui.operations.ticket_reading import COUNTS, FORGOTTEN, ForgetReaders, LookAtTicket
from tests.operations.rows import NOW
from tests.operations.test_ticket import Shop

READS, WRITES, LEAVES = (LookAtTicket(ticket_id="t1", doing=doing) for doing in ("reads", "writes", "leaves"))


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.opens(group_id="one")
    return shop


def readers(shop: Shop) -> dict[str, tuple[int, int]]:
    """Whether each writes, and how many seconds after the beginning that was told."""
    return {row.agent_id: (row.writing, (row.at - NOW) // SECOND) for row in shop.all(TicketReader)}


def after(seconds: int) -> int:
    return NOW + seconds * SECOND


def code(shop: Shop, operation: LookAtTicket | ForgetReaders, who: str = "mei", seconds: int = 0) -> str:
    outcome, view = shop.run(operation, who, now=after(seconds))
    assert bool(view.written) == (not isinstance(outcome, Refusal) and outcome.status == "applied")
    return outcome.code if isinstance(outcome, Refusal) else outcome.status


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("mei", "applied"),
        ("lin", "applied"),
        ("lao", "applied"),
        ("boss", "applied"),
        ("far", "forbidden"),
        ("eye", "forbidden"),
    ],
)
def test_whoever_sees_a_ticket_can_be_at_it(shop: Shop, who: str, expected: str) -> None:
    assert code(shop, READS, who) == expected
    assert code(shop, WRITES, who) == expected
    assert code(shop, LEAVES, who) == ("noop" if expected == "applied" else expected)


def test_of_a_ticket_that_is_not_there_nothing_is_told(shop: Shop) -> None:
    assert code(shop, LookAtTicket(ticket_id="nope", doing="reads")) == "gone"


def test_a_closed_one_is_read_too(shop: Shop) -> None:
    shop.connection.execute("UPDATE ticket SET category = 'closed'")
    before: Ticket = shop.ticket()
    shop.does(READS, "lin")
    assert list(readers(shop)) == ["lin"]
    assert shop.ticket() == before, "being read changes nothing about it"


def test_those_who_are_let_in_are_seen_and_sight_comes_from_nothing_else(shop: Shop) -> None:
    shop.does(WatchTicket(ticket_id="t1", agent_id="far", part="collaborator"))
    shop.does(READS, "far")
    shop.does(WatchTicket(ticket_id="t1", agent_id="far", leave=True))
    assert list(readers(shop)) == ["far"]
    assert code(shop, WRITES, "far") == "forbidden", "a row of a reader lets nobody in"


def test_the_same_is_told_again_after_a_minute_and_another_at_once(shop: Shop) -> None:
    shop.does(READS, now=after(0))
    assert code(shop, READS, seconds=59) == "noop"
    shop.does(WRITES, now=after(10))
    assert readers(shop) == {"mei": (1, 10)}
    assert code(shop, WRITES, seconds=69) == "noop"
    shop.does(WRITES, now=after(70))
    assert readers(shop) == {"mei": (1, 70)}
    shop.does(READS, now=after(71))
    assert readers(shop) == {"mei": (0, 71)}
    assert code(shop, READS, seconds=-300) == "applied", "a clock that is behind does not keep it from being told"


def test_leaving_takes_away_only_oneself(shop: Shop) -> None:
    shop.does(READS, "mei")
    shop.does(WRITES, "lin")
    shop.does(LEAVES, "mei")
    assert list(readers(shop)) == ["lin"]
    assert code(shop, LEAVES, "mei") == "noop"


@pytest.mark.parametrize("operation", [READS, WRITES, LEAVES, ForgetReaders(ticket_id="t1")])
def test_there_is_no_way_back(shop: Shop, operation: LookAtTicket | ForgetReaders) -> None:
    from tests.operations.test_ticket import told

    shop.does(READS)
    assert operation.inverse(*told(shop)) is None


def test_those_of_long_ago_are_forgotten_by_the_backend_alone(shop: Shop) -> None:
    shop.does(READS, "mei", now=NOW)
    shop.does(WRITES, "lin", now=NOW + COUNTS)
    forget = ForgetReaders(ticket_id="t1")
    long_after = FORGOTTEN // SECOND
    for who in ("mei", "boss", "eye"):
        assert code(shop, forget, who, long_after + 1) == "forbidden"
    assert code(shop, forget, "system", long_after) == "noop"
    shop.does(forget, "system", now=NOW + FORGOTTEN + MINUTE)
    assert list(readers(shop)) == ["lin"]

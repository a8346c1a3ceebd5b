"""Looking at a ticket is no act: it is not undone, lets no reply go, counts as nothing unsent, and a refusal is no notice."""

import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.desk import Done
from kefu_tui.model.rows import SCHEMA, Conversation, Ticket, TicketReader
from kefu_tui.now import MINUTE
from kefu_tui.store import outbox, pages
from kefu_tui.wire import Page, Result
from tests.desk.place import Place
from tests.desk.test_hold import done, taken, waits
from tests.operations.rows import NOW


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Iterator[Place]:
    place = Place(tmp_path)
    ticket = {"title": "破损", "state": "received", "group_id": "one", "opened_by": "mei", "opened_at": NOW}
    place.put(
        Conversation(
            id="c1", customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, version=1,
            status="open", assignee_id="mei", unanswered=1,
        ),
        *(Ticket(id=id, workflow="complaint", changed_at=NOW, **ticket) for id in ("t1", "t2")),  # type: ignore[arg-type]
    )  # fmt: skip
    yield place
    place.store.close()


def looks(place: Place) -> None:
    place.desk.tickets.look("t1", "reads").result()
    place.desk.tickets.look("t1", "writes").result()
    place.desk.tickets.look("t1", "leaves").result()
    place.desk.tickets.look("t2", "reads").result()


def test_undo_goes_past_it(place: Place) -> None:
    place.desk.tickets.comment("t1", "看过").result()
    looks(place)
    what = place.desk.can_undo()
    assert what is not None
    assert what[0] == "已记一句"
    undone = place.desk.undo().result()
    assert isinstance(undone, Done)
    assert place.ask("SELECT count(*) FROM ticket_event") == [(0,)]
    assert place.ask("SELECT ticket_id FROM ticket_reader") == [("t2",)]
    assert place.desk.can_undo() is None


def test_a_reply_waits_on_for_a_change_of_mind(place: Place) -> None:
    done(place)
    looks(place)
    assert waits(place) == 3_000_000
    assert taken(place) == []
    place.wait(3)
    assert taken(place) == ["conversation.reply", *["ticket.look"] * 4]


def test_it_is_nothing_that_is_still_to_be_sent(place: Place) -> None:
    looks(place)
    assert place.desk.status().pending == 0
    assert [one.kind for one in place.store.write(outbox.take).result()] == ["ticket.look"] * 4


def test_told_twice_it_is_written_once(place: Place) -> None:
    for _ in range(3):
        place.desk.tickets.look("t1", "reads").result()
    assert place.ask("SELECT count(*) FROM outbox") == [(1,)]


def test_a_refusal_is_no_notice(place: Place) -> None:
    place.desk.tickets.look("t1", "reads").result()
    ((op_id,),) = place.ask("SELECT op_id FROM outbox")
    refused = Result(op_no=1, op_id=op_id, status="rejected", seq=1, code="forbidden", facts={})
    page = Page(
        epoch="e1", schema=SCHEMA, begin={}, to=1, head=1, more=False, rows={}, gone=[], left=[], last_op_no=1,
        results=[refused],
    )  # fmt: skip
    applied = place.store.write(lambda connection: pages.apply(connection, page, place.time)).result()
    assert not applied.notices
    assert place.desk.notices() == []
    assert place.ask("SELECT count(*) FROM ticket_reader") == [(0,)]


def test_those_are_shown_who_were_there_in_the_last_minutes(place: Place) -> None:
    def shown() -> list[tuple[str, bool, int]]:
        card = place.desk.tickets.one("t1")
        assert card is not None
        return card.readers

    place.put(
        TicketReader(id="r1", ticket_id="t1", agent_id="lin", at=NOW),
        TicketReader(id="r2", ticket_id="t1", agent_id="lao", writing=1, at=NOW + MINUTE),
        TicketReader(id="r3", ticket_id="t2", agent_id="far", at=NOW),
    )
    place.desk.tickets.look("t1", "reads").result()
    assert shown() == [("Lao", True, NOW + MINUTE), ("Lin", False, NOW)], "not oneself"
    place.wait(180)
    assert shown() == [("Lao", True, NOW + MINUTE)]
    place.wait(60)
    assert shown() == []

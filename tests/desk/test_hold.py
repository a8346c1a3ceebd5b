"""A sent reply waits a moment for a change of mind: only the last thing done, only before its first try."""

import pathlib
from collections.abc import Iterator

import pytest

from kefu_tui.desk import Done, Sending
from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection
from kefu_tui.store import outbox
from tests.desk.place import Place
from tests.operations.rows import NOW

HOLD = Sending(hold_s=3)


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Iterator[Place]:
    place = Place(tmp_path)
    for id in ("c1", "c2"):
        place.put(
            Conversation(
                id=id, customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, version=1,
                status="open", assignee_id="mei", unanswered=1,
            )
        )  # fmt: skip
    yield place
    place.store.close()


def taken(place: Place) -> list[str]:
    """The kinds that a patient sync would push now."""
    return [one.kind for one in place.store.write(lambda c: outbox.take(c, place.time)).result()]


def waits(place: Place) -> int:
    def work(connection: Connection) -> int:
        return outbox.held_back(connection, place.time)

    return place.store.write(work).result()


def done(place: Place, id: str = "c1", sending: Sending = HOLD) -> Done:
    told = place.desk.reply(id, "您好", sending=sending).result()
    assert isinstance(told, Done)
    return told


def test_it_goes_when_the_time_is_over(place: Place) -> None:
    done(place)
    assert taken(place) == []
    assert waits(place) == 3_000_000
    place.wait(3)
    assert waits(place) == 0
    assert taken(place) == ["conversation.reply"]


def test_what_was_done_before_does_not_wait(place: Place) -> None:
    place.desk.tag("c2", "催件").result()
    done(place)
    assert taken(place) == ["conversation.tag"]


def test_the_next_thing_done_lets_it_go(place: Place) -> None:
    done(place)
    place.desk.tag("c2", "催件").result()
    assert waits(place) == 0
    assert taken(place) == ["conversation.reply", "conversation.tag"]


def test_a_second_reply_lets_the_first_go_and_waits_itself(place: Place) -> None:
    done(place)
    done(place, "c2")
    assert taken(place) == ["conversation.reply"]
    assert waits(place) == 3_000_000


def test_who_is_in_a_hurry_takes_everything(place: Place) -> None:
    done(place)
    assert [one.kind for one in place.store.write(outbox.take).result()] == ["conversation.reply"]


def test_taken_back_it_never_goes_and_its_words_are_a_draft(place: Place) -> None:
    done(place)
    assert isinstance(place.desk.undo().result(), Done)
    assert waits(place) == 0
    assert taken(place) == ["void"]
    draft = place.desk.draft("c1")
    assert draft is not None
    assert draft.text == "您好"
    assert place.desk.thread("c1") == []


def test_send_and_resolve_are_one_thing_to_wait_for_and_to_take_back(place: Place) -> None:
    done(place, sending=Sending(3, resolve=True, tag="物流"))
    assert place.ask("SELECT status FROM conversation WHERE id = 'c1'") == [("resolved",)]
    assert taken(place) == []
    assert isinstance(place.desk.undo().result(), Done)
    assert place.ask("SELECT status FROM conversation WHERE id = 'c1'") == [("open",)]
    assert place.desk.tags() == []
    assert taken(place) == ["void", "void", "void"]


def test_once_sent_the_rest_of_it_can_still_be_taken_back(place: Place) -> None:
    done(place, sending=Sending(3, resolve=True, tag="物流"))
    place.sent()
    told = place.desk.undo().result()
    assert isinstance(told, Done)
    assert told.said.endswith("已经发出的回复收不回")
    assert place.ask("SELECT status FROM conversation WHERE id = 'c1'") == [("open",)]
    assert [item.text for item in place.desk.thread("c1")] == ["您好"]
    assert place.desk.can_undo() is None


def test_a_refused_resolve_sends_nothing(place: Place) -> None:
    refused = place.desk.reply("c1", "您好", sending=Sending(3, resolve=True, tag="长" * 41)).result()
    assert not isinstance(refused, Done)
    assert place.desk.thread("c1") == []
    assert place.ask("SELECT count(*) FROM outbox") == [(0,)]

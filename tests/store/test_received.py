"""Rows that cannot be taken neither stop what comes with them nor take anything away; they are told, and asked for again."""

import pathlib
from typing import Any

import msgspec
import pytest

from kefu_tui.model.rows import SCHEMA, Agent, Conversation, Message, Row
from kefu_tui.model.sql import Connection
from kefu_tui.store import loading, pages, received
from kefu_tui.wire import Page, Part
from tests.desk.place import Place
from tests.operations.rows import NOW


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Any:
    place = Place(tmp_path)
    yield place
    place.store.close()


def conversation(id: str, version: int, status: str = "waiting") -> Conversation:
    return Conversation(
        id=id, customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, status=status, version=version
    )  # fmt: skip


def agent(id: str, login: str, version: int) -> Agent:
    return Agent(id=id, login=login, name=login, version=version)


def values(*rows: Row) -> list[list[Any]]:
    return [list(msgspec.structs.astuple(row)) for row in rows]


def with_(row: Row, column: str, value: Any) -> list[Any]:
    (whole,) = values(row)
    whole[row.__struct_fields__.index(column)] = value
    return whole


def comes(place: Place, rows: dict[str, list[list[Any]]], to: int = 9) -> None:
    def work(connection: Connection) -> pages.Applied:
        pages.rescope(connection, ["all"], [], "mei")
        page = Page(
            epoch="e1", schema=SCHEMA, begin=pages.cursors(connection), to=to, head=to, more=False, rows=rows, gone=[],
            left=[], last_op_no=0, results=[],
        )  # fmt: skip
        return pages.apply(connection, page, NOW)

    assert not place.store.write(work).result().stale


def flagged(place: Place) -> list[tuple[str, str]]:
    return place.ask("SELECT type, id FROM sync_unapplied ORDER BY type, id")


GOOD = conversation("c1", 9)
STRANGE = {
    "too short": ["c2", "wang"],
    "too long": [*values(conversation("c2", 9))[0], "more"],
    "nothing where something must be": with_(conversation("c2", 9), "customer_id", None),
    "a text for a number": with_(conversation("c2", 9), "last_at", "today"),
    "a number that is too large": with_(conversation("c2", 9), "last_at", 2**63),
    "a list": with_(conversation("c2", 9), "status", ["waiting"]),
}


@pytest.mark.parametrize("row", STRANGE.values(), ids=STRANGE)
def test_a_row_that_does_not_fit_is_told_and_the_others_come(place: Place, row: list[Any]) -> None:
    comes(place, {"conversation": [row, *values(GOOD)], "of_the_future": [["x1", {}], []]})
    assert place.ask("SELECT id FROM conversation") == [("c1",)]
    assert place.cursors() == {"all": 9}
    assert flagged(place) == [("conversation", "c2"), ("of_the_future", ""), ("of_the_future", "x1")]


def test_what_was_there_of_a_row_that_does_not_fit_stays(place: Place) -> None:
    place.put(conversation("c1", 3))
    comes(place, {"conversation": [with_(conversation("c1", 9), "last_at", None)]})
    assert place.ask("SELECT id, version FROM conversation") == [("c1", 3)]


def test_a_name_goes_from_one_to_the_other(place: Place) -> None:
    comes(place, {"agent": values(agent("a1", "first", 3), agent("a2", "second", 4))}, 4)
    comes(place, {"agent": values(agent("a1", "second", 7), agent("a2", "first", 8))}, 8)
    assert place.ask("SELECT id, login FROM agent WHERE id LIKE 'a_' ORDER BY id") == [
        ("a1", "second"),
        ("a2", "first"),
    ]
    assert not flagged(place)


def test_a_name_is_somebody_elses_and_the_one_before_comes_later(place: Place) -> None:
    comes(place, {"agent": values(agent("a1", "first", 3))}, 4)
    comes(place, {"agent": values(agent("a2", "first", 7))}, 7)
    assert place.ask("SELECT id FROM agent WHERE login = 'first'") == [("a2",)]
    comes(place, {"agent": values(agent("a1", "third", 6))}, 8)
    assert place.ask("SELECT id, login FROM agent WHERE id LIKE 'a_' ORDER BY id") == [("a1", "third"), ("a2", "first")]


def test_places_of_messages_are_their_own_too(place: Place) -> None:
    def message(id: str, version: int) -> Message:
        return Message(
            id=id,
            conversation_id="c1",
            author="customer",
            text=id,
            at=NOW,
            conv_pos=1,
            op_id=id,
            state="received",
            version=version,
        )

    comes(place, {"message": values(message("m1", 3))}, 4)
    comes(place, {"message": values(message("m2", 5))}, 5)
    assert place.ask("SELECT id FROM message") == [("m2",)]


def test_what_stands_in_the_way_of_a_newer_one_does_not_come(place: Place) -> None:
    comes(place, {"agent": values(agent("a1", "first", 9))})
    comes(place, {"agent": values(agent("a2", "first", 3), agent("a3", "third", 3))})
    assert place.ask("SELECT id FROM agent WHERE id LIKE 'a_' ORDER BY id") == [("a1",), ("a3",)]
    assert flagged(place) == [("agent", "a2")]


def test_a_part_takes_nothing_away_for_a_row_that_does_not_fit(place: Place) -> None:
    place.put(conversation("c1", 3), conversation("c2", 3))

    def work(connection: Connection) -> pages.Applied:
        pages.rescope(connection, ["one"], [], "mei")
        loading.begin(connection, ["one"])
        rows = {"conversation": [*values(conversation("c1", 5)), with_(conversation("c2", 5), "customer_id", None)]}
        return loading.apply(
            connection, Part(epoch="e1", schema=SCHEMA, group="one", seq=9, begin="", after="", rows=rows)
        )

    assert not place.store.write(work).result().stale
    assert place.ask("SELECT id, version FROM conversation ORDER BY id") == [("c1", 5), ("c2", 3)]
    assert flagged(place) == [("conversation", "c2")]


def test_looking_again_forgets_what_was_told_of_a_stretch(place: Place) -> None:
    def work(connection: Connection) -> list[int]:
        received.flag(connection, [received.Misfit("tag", id, "") for id in "abcd"], 1)
        left = [received.flagged(connection)]
        for table, after, end in (("agent", "", ""), ("tag", "a", "b"), ("tag", "c", ""), ("tag", "", "")):
            received.unflag(connection, table, after, end)
            left.append(received.flagged(connection))
        return left

    assert place.store.write(work).result() == [4, 4, 3, 2, 0]

"""A full or read-only disk: every verb says so, nothing is half written, words stay, and afterwards all goes on."""

import pathlib
from collections.abc import Callable

import pytest

from kefu_tui.desk import Done, StoreError
from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection
from tests.desk.place import Place
from tests.operations.rows import NOW

Way = Callable[[Connection], object]


def no_room(connection: Connection) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()


def room(connection: Connection) -> None:
    connection.execute("PRAGMA max_page_count = 4294967294").fetchall()


def only_read(connection: Connection) -> None:
    connection.execute("PRAGMA query_only = ON").fetchall()


def write_again(connection: Connection) -> None:
    connection.execute("PRAGMA query_only = OFF").fetchall()


def refused(place: Place, text: str) -> str:
    """Why a reply cannot be saved; the first may still find room in pages that are there."""
    for number in range(20):
        error = place.desk.reply("c1", f"{number}{text}").exception()
        if error is not None:
            assert isinstance(error, StoreError)
            return error.code
    return ""


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [(no_room, room, "disk-full"), (only_read, write_again, "unwritable")],
    ids=["full", "read-only"],
)
def test_verbs_are_refused_and_go_on_afterwards(tmp_path: pathlib.Path, begins: Way, ends: Way, code: str) -> None:
    place = Place(tmp_path)
    place.put(
        Conversation(
            id="c1", customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, status="open",
            assignee_id="mei", unanswered=1,
        )
    )  # fmt: skip
    place.desk.keep_draft("c1", "写到一半").result()
    tables = ("outbox", "outbox_lane", "shadow", "message")
    before = [place.ask(f"SELECT * FROM {table}") for table in tables]
    place.store._bare(begins, 0)
    long = "很长的回复" * 150
    for _ in range(3):
        assert refused(place, long) == code
    with pytest.raises(StoreError) as caught:
        place.desk.keep_draft("c1", long * 40).result()
    assert caught.value.code == code
    sent = len(place.ask("SELECT 1 FROM outbox"))
    assert sent == len(place.ask("SELECT 1 FROM message")), "nothing is half written"
    if sent == 0:
        assert [place.ask(f"SELECT * FROM {table}") for table in tables] == before
        draft = place.desk.draft("c1")
        assert draft is not None
        assert draft.text == "写到一半"
    place.store._bare(ends, 0)
    assert isinstance(place.desk.reply("c1", long).result(), Done)
    place.desk.keep_draft("c1", long * 40).result()
    assert place.ask("PRAGMA quick_check") == [("ok",)]
    place.store.close()


def test_how_sync_stands_is_told_where_it_cannot_be_written(tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    place.desk.unwritten = ("full", NOW)
    assert place.desk.status()[:2] == ("full", NOW)
    place.store.close()

"""The index of texts finds what a reading of every text finds, whatever was changed since it was filled."""

import pathlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu_tui.model.rows import Message
from kefu_tui.model.sql import Connection, delete, upsert
from kefu_tui.rules.simplified import ways
from kefu_tui.store import fulltext
from tests.operations.rows import NOW, database

LETTERS = "我你的快递发發髮货貨吗了里裡abR1２ ，。é臺灣𠮷"


def message(number: int, text: str) -> Message:
    return Message(
        id=f"m{number}", conversation_id="c1", conv_pos=number, author="customer", text=text, at=NOW + number,
        state="received", op_id=f"o{number}",
    )  # fmt: skip


def found(connection: Connection, *words: str) -> list[str]:
    """The ids that a search gives, checked against their texts as every caller does."""
    rows = fulltext.candidates(connection, "message", words, "x.id, x.text", "", "1", {})
    hits = [values for _, values in rows if values and fulltext.spans(values[1], words) is not None]
    return list(dict.fromkeys(id for id, _ in hits))


def read(connection: Connection, *words: str) -> set[str]:
    """The ids whose text holds every word, written in any way, by reading everything."""
    return {
        id
        for id, text in connection.execute("SELECT id, text FROM message")
        if all(any(way in fulltext.folded(text) for way in ways(fulltext.folded(word))) for word in words)
    }


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = database()
    yield connection
    connection.close()


@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=12),
    filled=st.integers(0, 12),
    changes=st.lists(st.tuples(st.integers(0, 11), st.one_of(st.none(), st.text(LETTERS, max_size=8))), max_size=6),
    words=st.lists(st.text(LETTERS.replace(" ", ""), min_size=1, max_size=4), min_size=1, max_size=2),
    again=st.booleans(),
)
def test_it_finds_what_a_reading_of_everything_finds(
    texts: list[str],
    filled: int,
    changes: list[tuple[int, str | None]],
    words: list[str],
    again: bool,
) -> None:
    connection = database()
    for number, text in enumerate(texts):
        upsert(connection, message(number, text))
        if number == filled:
            fulltext.fill(connection, 1000)
    for number, text in changes:
        if text is None:
            delete(connection, Message, f"m{number}")
        else:
            upsert(connection, message(number, text))
    if again:
        while fulltext.fill(connection, 3):
            pass
        assert fulltext.waiting(connection) == 0
    assert set(found(connection, *words)) == read(connection, *words)
    connection.close()


def test_the_newest_come_first(connection: Connection) -> None:
    for number in range(50):
        upsert(connection, message(number, f"快递 {number}"))
    fulltext.fill(connection, 40)
    assert found(connection, "快递") == [f"m{number}" for number in reversed(range(50))]


def test_a_row_that_takes_the_place_of_another_is_found_by_its_own_words(connection: Connection) -> None:
    upsert(connection, message(1, "旧的话"))
    fulltext.fill(connection)
    delete(connection, Message, "m1")
    upsert(connection, message(2, "新的话"))
    assert found(connection, "旧的") == []
    assert found(connection, "新的") == ["m2"]
    fulltext.fill(connection)
    assert found(connection, "新的") == ["m2"]


@pytest.mark.parametrize(
    ("text", "words", "spans"),
    [
        ("我的快递还没到", ("快递",), [(2, 4)]),
        ("我的快递，快递呢", ("快递",), [(2, 4), (5, 7)]),
        ("ＡＢＣ", ("abc",), [(0, 3)]),
        ("㎏ 是公斤", ("kg",), [(0, 1)]),
        ("发货", ("快递",), None),
        ("快递到哪了", ("快", "哪"), [(0, 1), (3, 4)]),
    ],
)
def test_where_the_words_stand(text: str, words: tuple[str, ...], spans: list[tuple[int, int]] | None) -> None:
    assert fulltext.spans(text, words) == spans


def test_a_store_on_disk_has_the_index(tmp_path: pathlib.Path) -> None:
    from tests.desk.place import Place

    place = Place(tmp_path)
    place.put(message(1, "我的快递到哪了"))
    assert place.store.write(fulltext.fill).result() > 0
    with place.store.read() as connection:
        assert found(connection, "快递") == ["m1"]
    place.store.close()

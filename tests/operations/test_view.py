"""A view answers as if its writes stood in its source, whatever was asked before."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kefu_tui.model.rows import Message, Row, Tag
from kefu_tui.operations.view import View

IDS = st.sampled_from(["1", "2", "3"])
LANES = st.sampled_from(["a", "b"])
NAMES = st.sampled_from(["x", "y"])


class Plain:
    """Rows in a dictionary, looked through anew for each question."""

    def __init__(self, rows: dict[tuple[type[Row], str], Row]) -> None:
        self.rows = rows
        self.asked: list[tuple[Any, ...]] = []

    def get(self, table: type[Any], id: str) -> Any:
        self.asked.append((table, id))
        return self.rows.get((table, id))

    def where(self, table: type[Any], column: str, value: str) -> list[Any]:
        self.asked.append((table, column, value))
        found = [row for (of, _), row in self.rows.items() if of is table and getattr(row, column) == value]
        return sorted(found, key=lambda row: row.id)

    def messages_after(self, conversation_id: str, position: int) -> list[Message]:
        found = self.where(Message, "conversation_id", conversation_id)
        return sorted((row for row in found if (row.conv_pos or 0) > position), key=lambda row: row.conv_pos or 0)


def tag(id: str, lane: str, name: str) -> Tag:
    return Tag(id=id, conversation_id=lane, name=name, by_id="mei", at=1)


class Views(RuleBasedStateMachine):
    """One view over a source that stays, beside a dictionary with everything written into it."""

    @initialize(there=st.dictionaries(IDS, st.tuples(LANES, NAMES)))
    def begin(self, there: dict[str, tuple[str, str]]) -> None:
        rows: dict[tuple[type[Row], str], Row] = {(Tag, id): tag(id, *told) for id, told in there.items()}
        self.source = Plain(rows)
        self.whole = Plain(dict(rows))
        self.marked = dict(rows)
        self.view = View(self.source)

    @rule(id=IDS, lane=LANES, name=NAMES)
    def put(self, id: str, lane: str, name: str) -> None:
        self.whole.rows[Tag, id] = self.view.put(tag(id, lane, name))

    @rule(id=IDS, lane=LANES)
    def move(self, id: str, lane: str) -> None:
        if (row := self.view.get(Tag, id)) is not None:
            self.whole.rows[Tag, id] = self.view.change(row, conversation_id=lane)

    @rule(id=IDS)
    def delete(self, id: str) -> None:
        if (row := self.view.get(Tag, id)) is not None:
            self.view.delete(row)
            del self.whole.rows[Tag, id]

    @rule()
    def mark(self) -> None:
        self.view.mark()
        self.marked = dict(self.whole.rows)

    @rule()
    def take_back(self) -> None:
        self.view.take_back()
        self.whole.rows = dict(self.marked)

    @rule(id=IDS)
    def get(self, id: str) -> None:
        assert self.view.get(Tag, id) == self.whole.get(Tag, id)
        assert self.view.before(Tag, id) == self.source.rows.get((Tag, id))

    @rule(lane=LANES, name=NAMES)
    def where(self, lane: str, name: str) -> None:
        assert self.view.where(Tag, "conversation_id", lane) == self.whole.where(Tag, "conversation_id", lane)
        assert self.view.where(Tag, "name", name) == self.whole.where(Tag, "name", name)

    @invariant()
    def asks_once(self) -> None:
        assert len(self.source.asked) == len(set(self.source.asked))


TestViews = Views.TestCase
TestViews.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_messages_after_a_place_with_what_was_written_and_moved_away() -> None:
    lines = [
        Message(
            id=str(n),
            conversation_id="a",
            author="customer",
            kind="text",
            state="kept",
            text="",
            at=n,
            conv_pos=n,
            op_id=str(n),
        )
        for n in range(1, 5)
    ]
    view = View(Plain({(Message, line.id): line for line in lines}))
    view.change(lines[2], conversation_id="b")
    view.put(msgspec.structs.replace(lines[3], id="5", conv_pos=5))
    view.delete(lines[3])
    assert [line.id for line in view.messages_after("a", 1)] == ["2", "5"]

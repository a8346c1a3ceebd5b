"""The conflict table of the sync protocol: what was done elsewhere first, and what becomes of a verb that comes late."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from kefu_tui.model.rows import Conversation, Message
from kefu_tui.operations import Basis, Operation, Refusal
from kefu_tui.operations.archive import Archive
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, SetPriority, Snooze, Transfer, Wake
from kefu_tui.operations.message import Note, Reply, SettleHeld
from kefu_tui.operations.refusals import reason
from kefu_tui.operations.tag import Tag as PutTag
from kefu_tui.operations.tag import Untag
from kefu_tui.operations.void import Void
from tests.operations.rows import NOW, Cast

C = {"conversation_id": "c1"}
REPLY = Reply(**C, message_id="m1", text="您好")
MINE = Basis(claim="mei", status="open", last_pos=3)
PHRASE = {"canned_id": "r1", "title": "问候", "text": "您好", "stage": "greet", "scenario": "greeting"}


class Done(NamedTuple):
    """What somebody did before, as the backend has it."""

    operation: Operation
    who: str = "lin"


class Row(NamedTuple):
    """A line of the table. `expected` is a status, or the code of a refusal; `says` must stand in its sentence."""

    name: str
    there: dict[str, Any]
    before: Sequence[Done]
    late: Operation
    expected: str
    code: str | None = None
    says: str = ""
    basis: Basis = MINE
    who: str = "mei"


FREE = {"status": "waiting"}
HERS = {"status": "open", "assignee_id": "mei"}
CLOSED = {"status": "resolved", "assignee_id": "mei"}
TABLE = [
    Row("claim, still free", FREE, (), Claim(**C), "applied"),
    Row("claim, mine already", FREE, (Done(Claim(**C), "mei"),), Claim(**C), "noop"),
    Row("claim, another was first", FREE, (Done(Claim(**C)),), Claim(**C), "refused", "already-claimed", "Lin"),
    Row("claim, closed", CLOSED, (), Claim(**C), "refused", "conversation-closed", who="lin"),
    Row("release, not mine any more", HERS, (Done(Claim(**C, take_over=True), "lao"),), Release(**C), "noop"),
    Row("reply, mine", HERS, (), REPLY, "applied"),
    Row("reply, claim lost", HERS, (Done(Claim(**C, take_over=True), "lao"),), REPLY, "held", "claim-lost", "Lao"),
    Row("reply, put back", HERS, (Done(Release(**C), "mei"),), REPLY, "held", "claim-freed"),
    Row("reply, closed by another", HERS, (Done(Resolve(**C), "lao"),), REPLY, "held", "closed"),
    Row("reply, closed as the customer had gone", HERS | {"status": "closed"}, (), REPLY, "applied"),
    Row(
        "reply, answered meanwhile", HERS,
        (Done(Claim(**C, take_over=True), "lao"), Done(Reply(**C, message_id="m0", text="在"), "lao"),
         Done(Transfer(**C, to_agent_id="mei"), "lao"), Done(Claim(**C), "mei")),
        REPLY, "held", "answered", "Lao",
    ),
    Row("reply, the same again", HERS, (Done(REPLY, "mei"),), REPLY, "noop"),
    Row("reply, archived", CLOSED, (Done(Archive(**C), "lao"),), REPLY, "refused", "archived"),
    Row("note, claim lost", HERS, (Done(Claim(**C, take_over=True), "lao"),), Note(**C, message_id="n1", text="记"), "applied"),
    Row("note, closed", CLOSED, (), Note(**C, message_id="n1", text="记"), "applied"),
    Row(
        "hand over, another has it", HERS, (Done(Claim(**C, take_over=True), "lao"),),
        Transfer(**C, to_agent_id="lin"), "refused", "not-owner", "Lao",
    ),
    Row(
        "hand over, the same again", HERS, (Done(Transfer(**C, to_agent_id="lin"), "mei"),),
        Transfer(**C, to_agent_id="lin"), "noop",
    ),
    Row("hand over, nobody there", HERS, (), Transfer(**C, to_agent_id="nobody"), "refused", "no-such-target"),
    Row("hand over, no such group", HERS, (), Transfer(**C, to_group_id="nowhere"), "refused", "no-such-target"),
    Row("resolve, resolved already", HERS, (Done(Resolve(**C), "lao"),), Resolve(**C), "noop"),
    Row("reopen, open already", HERS, (), Reopen(**C), "noop"),
    Row("wake, awake already", HERS, (), Wake(**C), "noop"),
    Row("snooze, the same again", HERS, (Done(Snooze(**C, until=NOW + 9**9), "mei"),), Snooze(**C, until=NOW + 9**9), "noop"),
    Row("priority, another set it", HERS, (Done(SetPriority(**C, priority=1), "lin"),), SetPriority(**C, priority=5), "applied"),
    Row("priority, the same", HERS, (Done(SetPriority(**C, priority=1), "lin"),), SetPriority(**C, priority=1), "noop"),
    Row("tag, there already", HERS, (Done(PutTag(**C, name="急")),), PutTag(**C, name="急"), "noop"),
    Row("untag, gone already", HERS, (), Untag(**C, name="急"), "noop"),
    Row(
        "canned reply, edited by another", {}, (Done(SaveCanned(**PHRASE), "boss"),),
        SaveCanned(**{**PHRASE, "text": "您好呀"}), "refused", "stale-version", basis=Basis(version=7), who="lao",
    ),
    Row(
        "canned reply, removed by another", {}, (Done(SaveCanned(**PHRASE), "boss"), Done(RemoveCanned(canned_id="r1"), "boss")),
        RemoveCanned(canned_id="r1"), "noop", who="boss",
    ),
    Row("archive, archived already", CLOSED, (Done(Archive(**C), "lao"),), Archive(**C), "noop", who="lao"),
    Row("archive, worked on since", CLOSED, (Done(Reopen(**C), "mei"),), Archive(**C), "refused", "not-resolved", who="lao"),
    Row("anything, not there", {"id": "c2"}, (), Note(**C, message_id="n1", text="记"), "refused", "gone"),
    Row("anything, in no group of mine", HERS, (), PutTag(**C, name="急"), "refused", "forbidden", who="far"),
    Row("taken back before it was sent", HERS, (), Void(), "noop"),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_row_of_the_table(row: Row) -> None:
    cast = Cast()
    cast.conversation(**row.there)
    for number, done in enumerate(row.before):
        op_id = "late" if done.operation == row.late else f"before{number}"
        basis = Basis(claim=done.who, status="open", last_pos=9)
        cast.commit(done.operation, done.who, basis, NOW + number, op_id)
        _placed(cast)
    outcome, view = cast.run(row.late, row.who, row.basis, NOW + 1000, "late")
    if isinstance(outcome, Refusal):
        assert ("refused", outcome.code) == (row.expected, row.code)
        assert not view.written, "what is refused writes nothing"
    else:
        assert (outcome.status, outcome.code) == (row.expected, row.code)
        assert bool(view.written) == (row.expected != "noop")
    if row.code:
        for lang in ("zh", "en"):
            said = reason(row.code, outcome.facts, lang)
            assert said not in ("", row.code)
            assert row.says in said
            assert "{" not in said


def _placed(cast: Cast) -> None:
    """New messages get their places, as the backend gives them."""
    found = cast.connection.execute("SELECT id FROM message WHERE conv_pos IS NULL AND state <> 'held'").fetchall()
    for (id,) in found:
        cast.connection.execute("UPDATE message SET conv_pos = 4 + rowid WHERE id = ?", (id,))


@pytest.mark.parametrize("order", [1, -1])
def test_tags_by_two_agents_are_the_same_in_any_order(order: int) -> None:
    cast = Cast()
    cast.conversation(**HERS)
    for number, done in enumerate([Done(PutTag(**C, name="急")), Done(PutTag(**C, name="vip"), "mei")][::order]):
        cast.commit(done.operation, done.who, op_id=str(number))
    names = cast.connection.execute("SELECT name FROM tag ORDER BY name").fetchall()
    assert [name for (name,) in names] == ["vip", "急"]


def test_two_fields_changed_by_two_agents_both_stand() -> None:
    cast = Cast()
    cast.conversation(**HERS)
    cast.commit(SetPriority(**C, priority=1), "lin")
    cast.commit(Snooze(**C, until=NOW + 9**9), "mei")
    found = cast.get(Conversation, "c1")
    assert (found.priority, found.status) == (1, "snoozed")


@pytest.mark.parametrize("first", ["send", "note", "discard"])
@pytest.mark.parametrize("second", ["send", "note", "discard"])
def test_a_held_reply_is_decided_once(first: str, second: str) -> None:
    cast = Cast()
    cast.conversation(**HERS)
    cast.message(id="m1", state="held", reason="closed", conv_pos=None)
    cast.commit(SettleHeld(**C, message_id="m1", action=first), "lao")  # type: ignore[arg-type]
    before = cast.get(Message, "m1")
    outcome, view = cast.run(SettleHeld(**C, message_id="m1", action=second), "mei", op_id="late")  # type: ignore[arg-type]
    assert not isinstance(outcome, Refusal)
    assert (outcome.status, view.written) == ("noop", {})
    assert cast.get(Message, "m1") == before

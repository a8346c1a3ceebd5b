"""Each verb on each state by each role: applied, no-op, held or refused with which code."""

import pytest

from kefu_tui.operations import Basis, Operation, Refusal
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, Snooze, Transfer, Wake
from kefu_tui.operations.message import Note, Reply
from kefu_tui.operations.tag import Tag, Untag
from tests.operations.rows import NOW, Cast

VERBS: dict[str, Operation] = {
    "claim": Claim(conversation_id="c1"),
    "release": Release(conversation_id="c1"),
    "reply": Reply(conversation_id="c1", message_id="m1", text="您好"),
    "note": Note(conversation_id="c1", message_id="m1", text="记"),
    "to_agent": Transfer(conversation_id="c1", to_agent_id="lin"),
    "to_group": Transfer(conversation_id="c1", to_group_id="two"),
    "snooze": Snooze(conversation_id="c1", until=NOW + 10**9),
    "wake": Wake(conversation_id="c1"),
    "resolve": Resolve(conversation_id="c1"),
    "reopen": Reopen(conversation_id="c1"),
    "tag": Tag(conversation_id="c1", name="催件"),
    "untag": Untag(conversation_id="c1", name="催件"),
}

# Who acts on: waiting (nobody's), mine (mei's, open), snoozed (mei's), resolved (mei's), archived (mei's).
STATES = ("waiting", "open", "snoozed", "resolved", "archived")
EXPECTED = {
    "mei": {
        "claim": "applied noop noop noop archived",
        "release": "noop applied applied conversation-closed archived",
        "reply": "not-taken applied applied applied archived",
        "note": "applied applied applied applied archived",
        "to_agent": "not-taken applied applied conversation-closed archived",
        "to_group": "not-taken applied applied conversation-closed archived",
        "snooze": "not-taken applied applied conversation-closed archived",
        "wake": "noop noop applied noop archived",
        "resolve": "not-taken applied applied noop archived",
        "reopen": "noop noop noop applied archived",
        "tag": "applied applied applied applied archived",
        "untag": "noop noop noop noop archived",
    },
    "lin": {
        "claim": "applied already-claimed already-claimed conversation-closed archived",
        "release": "noop noop noop noop archived",
        "reply": "not-taken not-owner not-owner not-owner archived",
        "note": "applied applied applied applied archived",
        "to_agent": "not-taken not-owner not-owner conversation-closed archived",
        "to_group": "not-taken not-owner not-owner conversation-closed archived",
        "snooze": "not-taken not-owner not-owner conversation-closed archived",
        "wake": "noop noop applied noop archived",
        "resolve": "not-taken not-owner not-owner noop archived",
        "reopen": "noop noop noop applied archived",
        "tag": "applied applied applied applied archived",
        "untag": "noop noop noop noop archived",
    },
    "lao": {
        "claim": "applied already-claimed already-claimed conversation-closed archived",
        "release": "noop applied applied conversation-closed archived",
        "reply": "not-taken not-owner not-owner not-owner archived",
        "note": "applied applied applied applied archived",
        "to_agent": "applied applied applied conversation-closed archived",
        "to_group": "applied applied applied conversation-closed archived",
        "snooze": "applied applied applied conversation-closed archived",
        "wake": "noop noop applied noop archived",
        "resolve": "applied applied applied noop archived",
        "reopen": "noop noop noop applied archived",
        "tag": "applied applied applied applied archived",
        "untag": "noop noop noop noop archived",
    },
}
OUT_OF_SIGHT = {"far": "forbidden", "eye": "forbidden"}


def cast_in(state: str) -> Cast:
    cast = Cast()
    assignee = None if state == "waiting" else "mei"
    until = NOW + 10**8 if state == "snoozed" else None
    cast.conversation(status=state, assignee_id=assignee, owner_id=assignee, snoozed_until=until, resolved_at=NOW)
    return cast


def code(outcome: object) -> str:
    return outcome.code if isinstance(outcome, Refusal) else outcome.status  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("who", [*EXPECTED, *OUT_OF_SIGHT])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_in_every_state(who: str, verb: str) -> None:
    told = EXPECTED[who][verb].split() if who in EXPECTED else [OUT_OF_SIGHT[who]] * len(STATES)
    for state, expected in zip(STATES, told, strict=True):
        cast = cast_in(state)
        basis = Basis(claim=None if state == "waiting" else "mei", status=state, last_pos=3)
        outcome, view = cast.run(VERBS[verb], who, basis)
        assert (state, code(outcome)) == (state, expected)
        assert bool(view.written) == (expected == "applied"), (state, view.written)


@pytest.mark.parametrize("verb", VERBS)
def test_deciding_again_from_the_same_rows_writes_the_same(verb: str) -> None:
    cast = cast_in("open")
    basis = Basis(claim="mei", status="open", last_pos=3)
    assert cast.run(VERBS[verb], "mei", basis)[1].written == cast.run(VERBS[verb], "mei", basis)[1].written


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_conversation_is_gone(verb: str) -> None:
    outcome, view = Cast().run(VERBS[verb])
    assert code(outcome) == "gone"
    assert "c:c1" in view.lanes, "a missed look-up must be recorded: the operation is tried again when it appears"

"""A reply whose premise was lost is held, with the reason; anything else goes out once."""

import pytest

from kefu_tui.model.rows import Clock, Conversation, Message
from kefu_tui.operations import Basis, Outcome, Refusal
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply, SettleHeld
from tests.operations.rows import NOW, Cast

REPLY = Reply(conversation_id="c1", message_id="m1", text="您好，马上帮您查")
KNOWN = Basis(claim="mei", status="open", last_pos=3)


def status(outcome: Outcome | Refusal) -> tuple[str, str | None]:
    return ("refused", outcome.code) if isinstance(outcome, Refusal) else (outcome.status, outcome.code)


@pytest.mark.parametrize(
    ("now", "basis", "expected"),
    [
        ({"assignee_id": "mei"}, KNOWN, ("applied", None)),
        ({"assignee_id": "lin"}, KNOWN, ("held", "claim-lost")),
        ({"assignee_id": None, "status": "waiting"}, KNOWN, ("held", "claim-freed")),
        ({"assignee_id": "lin", "group_id": "two"}, KNOWN, ("held", "claim-lost")),
        ({"assignee_id": "mei", "status": "resolved"}, KNOWN, ("held", "closed")),
        (
            {"assignee_id": "mei", "status": "resolved"},
            Basis(claim="mei", status="resolved", last_pos=3),
            ("applied", None),
        ),
        ({"assignee_id": "lin"}, Basis(), ("refused", "not-owner")),
        ({"assignee_id": "lin", "group_id": "two"}, Basis(), ("refused", "forbidden")),
        ({"assignee_id": "mei", "status": "archived"}, KNOWN, ("refused", "archived")),
    ],
)
def test_what_happened_since_the_draft_began(
    now: dict[str, str], basis: Basis, expected: tuple[str, str | None]
) -> None:
    cast = Cast()
    cast.conversation(**{"status": "open", **now})
    outcome, view = cast.run(REPLY, "mei", basis)
    assert status(outcome) == expected
    if expected[0] == "held":
        (message,) = [row for row in view.written.values() if isinstance(row, Message)]
        assert (message.state, message.reason, message.text) == ("held", expected[1], REPLY.text)
        assert not [row for row in view.written.values() if isinstance(row, Conversation)]


@pytest.mark.parametrize(
    ("message", "held"),
    [
        ({"author_id": "lin", "conv_pos": 4}, True),
        ({"author": "bot", "author_id": None, "conv_pos": 4}, True),
        ({"author_id": "lin", "conv_pos": 3}, False),
        ({"author_id": "mei", "conv_pos": 4}, False),
        ({"author": "customer", "author_id": "wang", "conv_pos": 4}, False),
        ({"author_id": "lin", "conv_pos": 4, "kind": "note", "state": "kept"}, False),
    ],
)
def test_only_another_agents_or_a_bots_answer_holds_it(message: dict[str, str], held: bool) -> None:
    cast = Cast()
    cast.conversation(status="open", assignee_id="mei")
    cast.message(**message)
    assert status(cast.run(REPLY, "mei", KNOWN)[0]) == (("held", "answered") if held else ("applied", None))


def test_a_group_may_choose_to_send_all_the_same() -> None:
    cast = Cast()
    cast.connection.execute("UPDATE agent_group SET reply_policy = 'send' WHERE id = 'one'")
    cast.conversation(status="open", assignee_id="mei")
    cast.message(author_id="lin", conv_pos=4)
    assert status(cast.run(REPLY, "mei", KNOWN)[0]) == ("applied", None)


@pytest.mark.parametrize(("version", "held"), [(7, False), (6, True)])
def test_an_order_that_changed_holds_a_reply_that_speaks_of_it(version: int, held: bool) -> None:
    cast = Cast()
    cast.conversation(status="open", assignee_id="mei")
    cast.order(status="refunding")
    basis = Basis(claim="mei", status="open", last_pos=3, orders={"o1": version})
    outcome, _ = cast.run(REPLY, "mei", basis)
    assert status(outcome) == (("held", "order-changed") if held else ("applied", None))
    if isinstance(outcome, Outcome) and held:
        assert dict(outcome.facts) == {"order": "1", "status": "refunding"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "empty"), (" \n\t", "empty"), ("好" * 10_001, "too-long"), ("好" * 20_000, "too-long")],
)
def test_a_text_that_cannot_be_a_reply(text: str, expected: str) -> None:
    cast = Cast()
    cast.conversation(status="open", assignee_id="mei")
    outcome, view = cast.run(Reply(conversation_id="c1", message_id="m1", text=text), "mei", KNOWN)
    assert status(outcome) == ("refused", expected)
    assert not view.written


def test_the_longest_reply_goes() -> None:
    cast = Cast()
    cast.conversation(status="open", assignee_id="mei")
    assert (
        status(cast.run(Reply(conversation_id="c1", message_id="m1", text="好" * 10_000), "mei", KNOWN)[0])[0]
        == "applied"
    )


def test_an_answer_stops_response_clocks_and_leaves_resolution_running() -> None:
    cast = Cast()
    receive(cast, "m0", NOW)
    (conversation,) = conversations(cast)
    cast.connection.execute("UPDATE conversation SET assignee_id = 'mei', status = 'open'")
    reply = Reply(conversation_id=conversation.id, message_id="m1", text="您好")
    cast.commit(reply, "mei", Basis(claim="mei", status="open", last_pos=1), NOW + 60_000_000)
    clocks = {clock.kind: clock for clock in cast_clocks(cast)}
    assert clocks["first_response_chat"].outcome == "met"
    assert clocks["resolution"].outcome == "running"
    (after,) = conversations(cast)
    assert (after.unanswered, after.waiting_since, after.due_kind) == (0, None, "resolution")


def test_a_second_round_runs_on_next_response() -> None:
    cast = Cast()
    receive(cast, "m0", NOW)
    (conversation,) = conversations(cast)
    cast.connection.execute("UPDATE conversation SET assignee_id = 'mei', status = 'open', last_pos = 1")
    reply = Reply(conversation_id=conversation.id, message_id="m1", text="您好")
    cast.commit(reply, "mei", Basis(claim="mei", status="open", last_pos=1), NOW + 1_000_000)
    receive(cast, "m2", NOW + 2_000_000)
    receive(cast, "m3", NOW + 3_000_000)
    running = [clock for clock in cast_clocks(cast) if clock.outcome == "running" and clock.kind == "next_response"]
    assert [clock.started_at for clock in running] == [NOW + 2_000_000], "a round is timed from its first message"
    (after,) = conversations(cast)
    assert (after.unanswered, after.due_kind) == (2, "next_response")


@pytest.mark.parametrize(
    ("action", "state", "kind"),
    [("send", "queued", "text"), ("note", "kept", "note"), ("discard", "discarded", "text")],
)
def test_a_held_reply_is_decided_once(action: str, state: str, kind: str) -> None:
    cast = Cast()
    cast.conversation(status="open", assignee_id="lin")
    cast.message(id="m1", state="held", reason="claim-lost", op_id="first")
    settle = SettleHeld(conversation_id="c1", message_id="m1", action=action)  # type: ignore[arg-type]
    cast.commit(settle, "mei")
    message = cast.get(Message, "m1")
    assert (message.state, message.kind, message.text) == (state, kind, "您好")
    assert cast.run(settle, "mei")[0].status == "noop"  # type: ignore[union-attr]


@pytest.mark.parametrize(("who", "expected"), [("lin", "forbidden"), ("far", "forbidden"), ("lao", None)])
def test_only_its_author_or_a_lead_decides_a_held_reply(who: str, expected: str | None) -> None:
    cast = Cast()
    cast.conversation(status="open", assignee_id="lin")
    cast.message(id="m1", state="held", reason="claim-lost")
    outcome, _ = cast.run(SettleHeld(conversation_id="c1", message_id="m1", action="discard"), who)
    assert (outcome.code if isinstance(outcome, Refusal) else None) == expected


def receive(cast: Cast, id: str, now: int) -> None:
    cast.commit(
        Receive(
            channel="web",
            group_id="one",
            external_id="v1",
            message_id=id,
            customer_id="unused",
            conversation_id="fresh",
            text="我的快递到哪了",
        ),
        "system",
        now=now,
    )


def conversations(cast: Cast) -> list[Conversation]:
    ids = cast.connection.execute("SELECT id FROM conversation").fetchall()
    return [cast.get(Conversation, id) for (id,) in ids]


def cast_clocks(cast: Cast) -> list[Clock]:
    ids = cast.connection.execute("SELECT id FROM clock").fetchall()
    return [cast.get(Clock, id) for (id,) in ids]

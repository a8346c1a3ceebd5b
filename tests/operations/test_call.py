"""Telephone calls: they ring once, are picked up by whoever takes them, are missed, are logged by hand; clocks by the facts."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kefu_tui.model.rows import Clock, Conversation, Customer, Message, Policy, Reminder
from kefu_tui.model.sql import Reader
from kefu_tui.now import DAY, HOUR, SECOND
from kefu_tui.operations import Basis, Refusal
from kefu_tui.operations.automation_steps import Subject, perform
from kefu_tui.operations.base import SYSTEM, Context, Operation
from kefu_tui.operations.call import AnswerCall, EndCall, LogCall, RingCall
from kefu_tui.operations.conversation import Claim, Release, Resolve
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply, SettleHeld
from kefu_tui.operations.pick_up import call_of
from kefu_tui.operations.routing import HoldLine
from kefu_tui.operations.view import View
from kefu_tui.rules import calls
from kefu_tui.rules.automation_parse import parse
from tests.operations.rows import NOW, Cast
from tests.operations.test_automation import body
from tests.operations.test_timing import BODY

NUMBER = "13800001111"
NIGHT = int(datetime(2026, 6, 1, 20, 59, 55, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()) * SECOND


class Line:
    """A telephone line: who rings, who answers, and what the clocks say."""

    def __init__(self, **changes: Any) -> None:
        self.cast = Cast()
        pick_up = {"phone_pick_up": {"target": "10s", "calendar": "shift"}}
        body = BODY | {"clock": BODY["clock"] | pick_up} | changes
        self.cast.put(Policy(id="default", name="test", body=json.dumps(body)))
        self.step = 0

    def does(self, second: float, operation: Operation, who: str = "system") -> None:
        self.step += 1
        self.cast.commit(operation, who, Basis(), at(second), f"op{self.step}")
        self.cast.connection.execute("UPDATE message SET conv_pos = rowid WHERE conv_pos IS NULL")

    def tries(self, second: float, operation: Operation, who: str = "mei") -> str:
        outcome, _ = self.cast.run(operation, who, Basis(claim=who), at(second))
        return outcome.code if isinstance(outcome, Refusal) else outcome.status

    def rings(self, second: float, call: str = "k1", **changes: Any) -> None:
        self.does(second, ring(call, **changes))

    def clocks(self, kind: str = "phone_pick_up") -> list[tuple[str, float, float | None]]:
        """Outcome, second of the start and of the due time, oldest first."""
        found = Reader(self.cast.connection).where(Clock, "kind", kind)
        return [
            (row.outcome, seconds(row.started_at), None if row.due_at is None else seconds(row.due_at))
            for row in sorted(found, key=lambda row: row.started_at)
        ]

    def call(self, id: str = "k1") -> calls.Call:
        call = call_of(self.cast.get(Message, id))
        assert call is not None
        return call

    @property
    def conversation(self) -> Conversation:
        row: Conversation = self.cast.get(Conversation, "c1")
        return row


def ring(call: str = "k1", **changes: Any) -> RingCall:
    told = {
        "channel": "phone", "group_id": "one", "external_id": NUMBER, "call_id": call, "customer_id": "u1",
        "conversation_id": "c1", "phone": NUMBER,
    }  # fmt: skip
    return RingCall(**(told | changes))


def log(**changes: Any) -> LogCall:
    told = {
        "group_id": "one", "customer_id": "u1", "conversation_id": "c1", "call_id": "k1", "note_id": "n1",
        "phone": "+86 138-0000-1111", "text": "问包裹到哪了",
    }  # fmt: skip
    return LogCall(**(told | changes))


def at(second: float) -> int:
    return NOW + round(second * SECOND)


def seconds(us: int) -> float:
    return (us - NOW) / SECOND


def test_a_call_rings_in_a_new_conversation_that_waits() -> None:
    line = Line()
    line.rings(0)
    customer: Customer = line.cast.get(Customer, "u1")
    assert (customer.channel, customer.external_id, customer.name, customer.phone) == (
        "phone",
        NUMBER,
        "138****1111",
        NUMBER,
    )
    assert (line.conversation.status, line.conversation.assignee_id, line.conversation.unanswered) == (
        "waiting",
        None,
        0,
    )
    assert (line.conversation.due_kind, line.conversation.due_at) == ("phone_pick_up", at(10))
    assert line.clocks() == [("running", 0, 10)]
    assert len(line.clocks("resolution")) == 1
    message: Message = line.cast.get(Message, "k1")
    assert (message.author, message.kind, message.state) == ("system", "event", "kept"), "it is sent to nobody"
    assert line.call() == calls.Call(way="in", rang_at=at(0))


def test_the_same_call_rings_once() -> None:
    line = Line()
    line.rings(0)
    assert line.tries(1, ring(), "boss") == "noop"
    assert line.tries(1, ring(), "mei") == "forbidden"
    assert line.tries(1, ring("k2", channel="web"), "boss") == "invalid"


def test_a_second_call_goes_on_with_the_living_conversation_and_one_after_its_end_begins_another() -> None:
    line = Line()
    line.rings(0, name="李女士")
    line.rings(60, "k2", conversation_id="c2")
    assert line.cast.get(Conversation, "c2") is None
    assert line.cast.get(Customer, "u1").name == "李女士", "a call without a name leaves the name that is known"
    assert line.clocks() == [("running", 0, 10)], "who rings again waits since the first ring"
    line.does(70, Claim(conversation_id="c1"), "mei")
    line.does(80, Resolve(conversation_id="c1"), "mei")
    line.rings(90, "k3", conversation_id="c2")
    assert line.cast.get(Conversation, "c2").status == "waiting"


@pytest.mark.parametrize(("second", "outcome"), [(7, "met"), (10, "met"), (10.001, "breached"), (60, "breached")])
def test_taking_it_picks_up(second: float, outcome: str) -> None:
    line = Line()
    line.rings(0)
    line.does(second, Claim(conversation_id="c1"), "mei")
    assert line.clocks() == [(outcome, 0, 10)]
    assert line.call() == calls.Call(way="in", rang_at=at(0), answered_at=at(second))
    assert line.cast.get(Message, "k1").author_id == "mei"
    assert (line.conversation.due_kind, line.conversation.waiting_since) == ("resolution", None)


def test_outside_the_hours_a_ring_has_until_the_shop_opens() -> None:
    line = Line(shift={"daily": ["09:00-21:00"]})
    line.rings(seconds(NIGHT))
    ((_, began, due),) = line.clocks()
    assert due is not None
    assert due - began == 12 * HOUR / SECOND + 10, "5 seconds before the end of one day, 5 in the next"


def test_who_has_it_already_picks_up_the_next_ring_with_the_same_key() -> None:
    line = Line()
    line.rings(0)
    line.does(5, Claim(conversation_id="c1"), "mei")
    assert line.tries(6, Claim(conversation_id="c1")) == "noop"
    line.rings(100, "k2")
    assert line.tries(104, Claim(conversation_id="c1"), "lin") == "already-claimed"
    line.does(105, Claim(conversation_id="c1"), "mei")
    assert line.clocks() == [("met", 0, 10), ("met", 100, 110)]
    assert line.call("k2").answered_at == at(105)
    assert line.tries(106, Claim(conversation_id="c1")) == "noop"


def test_the_exchange_says_who_answered() -> None:
    line = Line()
    line.rings(0)
    line.does(30, AnswerCall(conversation_id="c1", call_id="k1", agent_id="mei", at=at(7)))
    assert line.clocks() == [("met", 0, 10)], "by the moment the exchange tells, not by that of its message"
    assert (line.conversation.assignee_id, line.conversation.status) == ("mei", "open")
    assert line.tries(31, AnswerCall(conversation_id="c1", call_id="k1", agent_id="lin"), "boss") == "noop"


def test_an_answer_of_nobody_known_keeps_the_promise_and_leaves_it_to_be_taken() -> None:
    line = Line()
    line.rings(0)
    line.does(8, AnswerCall(conversation_id="c1", call_id="k1"))
    assert line.clocks() == [("met", 0, 10)]
    assert (line.conversation.assignee_id, line.conversation.status) == (None, "waiting")
    line.does(9, Claim(conversation_id="c1"), "lin")
    assert line.call().answered_at == at(8)


def test_an_answer_does_not_take_it_from_who_has_it() -> None:
    line = Line()
    line.rings(0)
    line.does(5, Claim(conversation_id="c1"), "mei")
    line.rings(100, "k2")
    line.does(103, AnswerCall(conversation_id="c1", call_id="k2", agent_id="lin"))
    assert line.conversation.assignee_id == "mei"
    assert line.cast.get(Message, "k2").author_id == "lin"


@pytest.mark.parametrize(
    ("operation", "who", "code"),
    [
        (AnswerCall(conversation_id="c1", call_id="k1"), "mei", "forbidden"),
        (AnswerCall(conversation_id="c1", call_id="k9"), "boss", "gone"),
        (AnswerCall(conversation_id="c9", call_id="k1"), "boss", "gone"),
        (AnswerCall(conversation_id="c1", call_id="k1", agent_id="eye"), "boss", "no-such-target"),
        (AnswerCall(conversation_id="c1", call_id="k1", at=at(1000)), "boss", "call-times"),
        (EndCall(conversation_id="c1", call_id="k1"), "mei", "forbidden"),
        (EndCall(conversation_id="c1", call_id="k1", at=at(-DAY / SECOND)), "boss", "call-times"),
        (ring("k2", at=at(-2 * DAY / SECOND)), "boss", "call-times"),
    ],
)
def test_what_an_exchange_cannot_tell(operation: Operation, who: str, code: str) -> None:
    line = Line()
    line.rings(0)
    assert line.tries(5, operation, who) == code


@pytest.mark.parametrize(("second", "outcome"), [(4, "void"), (10, "void"), (30, "breached")])
def test_a_missed_call_waits_to_be_called_back(second: float, outcome: str) -> None:
    line = Line()
    line.rings(0)
    line.does(second, EndCall(conversation_id="c1", call_id="k1", missed=True))
    assert line.clocks() == [(outcome, 0, 10)], "who hangs up before it was due was not kept waiting too long"
    assert line.call() == calls.Call(way="in", rang_at=at(0), ended_at=at(second), missed=True)
    assert (line.conversation.status, line.conversation.waiting_since) == ("waiting", at(0))
    line.does(60, Claim(conversation_id="c1"), "mei")
    assert line.call().missed, "taking it later is no picking up"
    assert line.clocks() == [(outcome, 0, 10)]


def test_a_missed_call_in_ones_own_conversation_is_a_call_back_to_make() -> None:
    line = Line()
    line.rings(0)
    line.does(5, Claim(conversation_id="c1"), "mei")
    line.does(6, EndCall(conversation_id="c1", call_id="k1"))
    assert not line.call().missed, "it was answered"
    line.rings(100, "k2")
    line.does(104, EndCall(conversation_id="c1", call_id="k2"))
    (reminder,) = Reader(line.cast.connection).where(Reminder, "conversation_id", "c1")
    assert (reminder.agent_id, reminder.kind, reminder.due_at) == ("mei", "call_back", at(104))
    assert line.tries(105, EndCall(conversation_id="c1", call_id="k2"), "boss") == "noop"


def test_a_blocked_caller_is_refused() -> None:
    line = Line()
    line.cast.put(Customer(id="u9", channel="phone", external_id=NUMBER, risk="blocked", first_seen_at=NOW))
    assert line.tries(0, ring(), "boss") == "forbidden"


# By hand


def test_a_call_logged_by_hand_is_the_agents_with_a_line_and_a_note() -> None:
    line = Line()
    line.does(0, log(name="李女士", of="logistics"), "mei")
    assert line.cast.get(Customer, "u1").external_id == NUMBER, "as an exchange would tell it"
    conversation = line.conversation
    assert (conversation.assignee_id, conversation.owner_id, conversation.status) == ("mei", "mei", "open")
    assert (conversation.channel, conversation.kind, conversation.preview) == ("phone", "logistics", "问包裹到哪了")
    note: Message = line.cast.get(Message, "n1")
    assert (note.author_id, note.kind, note.state, note.text) == ("mei", "note", "kept", "问包裹到哪了")
    assert line.call() == calls.Call(way="in")
    assert line.clocks() == []
    assert line.tries(1, log()) == "noop"


@pytest.mark.parametrize(
    ("rang", "answered", "expected"),
    [
        (-120, -113, ("met", -120, -110)),
        (-120, -110, ("met", -120, -110)),
        (-120, -109, ("breached", -120, -110)),
        (-120, None, ("breached", -120, -110)),
        (-5, None, ("void", -5, 5)),
    ],
)
def test_the_pick_up_clock_by_the_facts(rang: float, answered: float | None, expected: Any) -> None:
    line = Line()
    answered_at = None if answered is None else at(answered)
    line.does(0, log(rang_at=at(rang), answered_at=answered_at), "mei")
    assert line.clocks() == [expected]
    assert line.call().missed == (answered is None)
    assert line.conversation.due_kind == "resolution"


def test_nobody_promises_to_be_answered() -> None:
    line = Line()
    line.does(0, log(direction="out", rang_at=at(-60), answered_at=at(-20)), "mei")
    assert line.clocks() == []
    assert line.call().way == "out"


def test_it_goes_on_with_ones_own_else_with_what_nobody_has_else_begins() -> None:
    line = Line()
    line.rings(0)
    line.does(5, EndCall(conversation_id="c1", call_id="k1"))
    line.does(60, log(conversation_id="c2", call_id="k2", direction="out"), "mei")
    assert line.conversation.assignee_id == "mei", "the call-back is made"
    assert line.cast.get(Message, "n1").conversation_id == "c1"
    assert line.conversation.waiting_since is None
    line.does(90, log(conversation_id="c2", call_id="k3", note_id="n2"), "lin")
    assert line.cast.get(Conversation, "c2").assignee_id == "lin", "a colleague's is left alone"
    line.does(99, log(conversation_id="c3", call_id="k4", note_id="n3"), "mei")
    assert line.cast.get(Message, "n3").conversation_id == "c1"


def test_it_goes_on_on_the_line_that_knows_the_number() -> None:
    line = Line()
    line.rings(0, channel="phone-400")
    line.does(5, log(customer_id="u2", conversation_id="c2", call_id="k2"), "mei")
    assert line.conversation.assignee_id == "mei"
    assert line.cast.get(Customer, "u2") is None


def test_what_rings_there_is_the_call_that_is_logged() -> None:
    line = Line()
    line.rings(0)
    line.does(90, log(call_id="k2", rang_at=at(-1), answered_at=at(6)), "mei")
    assert line.clocks() == [("met", 0, 10)]
    assert line.cast.get(Message, "k2") is None
    assert line.call().answered_at == at(6)
    line.rings(200, "k5")
    line.does(203, log(call_id="k6", note_id="n2", rang_at=at(20), answered_at=at(50)), "mei")
    assert line.clocks() == [("met", 0, 10), ("breached", 20, 30), ("met", 200, 210)], "an earlier one has its own"
    line.rings(300, "k7")
    line.does(400, log(call_id="k8", note_id="n3", direction="out"), "mei")
    assert line.call("k7").missed, "who is called back was not answered"
    assert line.clocks()[-1] == ("breached", 300, 310)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": "abc"}, "no-number"),
        ({"phone": ""}, "no-number"),
        ({"phone": "9" * 40}, "no-number"),
        ({"phone": "\x1b[2J\x1b]0;x\x07"}, "no-number"),
        ({"text": "  "}, "empty"),
        ({"text": "字" * 10_001}, "too-long"),
        ({"name": "字" * 201}, "too-long"),
        ({"of": "gossip"}, "invalid"),
        ({"rang_at": at(60)}, "call-times"),
        ({"rang_at": at(-60), "answered_at": at(60)}, "call-times"),
        ({"rang_at": at(-DAY / SECOND - 1)}, "call-times"),
        ({"answered_at": at(-10)}, "call-times"),
        ({"rang_at": at(-10), "answered_at": at(-20)}, "call-times"),
        ({"logged_at": at(HOUR / SECOND)}, "call-times"),
        ({"group_id": "two"}, "forbidden"),
        ({"group_id": "nine"}, "no-such-target"),
    ],
)
def test_what_cannot_be_logged(changes: dict[str, Any], code: str) -> None:
    assert Line().tries(0, log(**changes)) == code


@pytest.mark.parametrize("who", ["eye", "system"])
def test_who_cannot_log(who: str) -> None:
    assert Line().tries(0, log(), who) == "forbidden"


def test_logged_offline_and_decided_days_later_it_is_what_it_was() -> None:
    line = Line()
    line.does(3 * DAY / SECOND, log(rang_at=at(-20), answered_at=at(-13), logged_at=at(0)), "mei")
    assert line.clocks() == [("met", -20, -10)]


# Nothing is written to a caller


def test_nothing_can_be_written_to_a_caller() -> None:
    line = Line()
    line.rings(0)
    line.does(5, Claim(conversation_id="c1"), "mei")
    assert line.tries(6, Reply(conversation_id="c1", message_id="a1", text="您好")) == "no-text-here"
    held = Message(
        id="h1", conversation_id="c1", author="agent", author_id="mei", text="您好", at=NOW, state="held", op_id="x"
    )
    line.cast.put(held)
    assert line.tries(6, SettleHeld(conversation_id="c1", message_id="h1", action="send")) == "no-text-here"
    assert line.tries(6, SettleHeld(conversation_id="c1", message_id="h1", action="note")) == "applied"
    line.does(7, Release(conversation_id="c1"), "mei")
    assert line.tries(30, HoldLine(conversation_id="c1", text="请稍候"), "system") == "noop"
    receive = Receive(
        channel="phone", group_id="one", external_id=NUMBER, message_id="m1", customer_id="u1", conversation_id="c1",
        text="在吗",
    )  # fmt: skip
    assert line.tries(8, receive, "system") == "invalid"


def test_a_rule_cannot_write_to_a_caller_either() -> None:
    line = Line()
    line.rings(0)
    view = View(Reader(line.cast.connection))
    rule = parse(body("say 您好"))
    done = perform(view, Context(SYSTEM, NOW, "op", Basis()), rule, Subject(line.conversation, None, "run"))
    assert done.refused is not None
    assert done.refused[1].code == "no-text-here"
    assert not view.written


def test_no_round_of_text_begins_with_a_call() -> None:
    line = Line()
    line.rings(0)
    line.does(5, Claim(conversation_id="c1"), "mei")
    line.does(9, log(call_id="k2"), "mei")
    kinds = {row.kind for row in Reader(line.cast.connection).where(Clock, "conversation_id", "c1")}
    assert kinds == {"phone_pick_up", "resolution"}

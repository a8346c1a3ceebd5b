"""A customer comes in before writing: greeted in time or not, asks and is promised an answer, or goes without a word."""

import json
from typing import Any

import pytest

from kefu_tui.model.rows import Clock, Conversation, Customer, Message, Mode, Policy
from kefu_tui.model.sql import Reader
from kefu_tui.now import HOUR, SECOND
from kefu_tui.operations import Refusal
from kefu_tui.operations.automation import RunAutomation, SaveAutomation, rule_id
from kefu_tui.operations.base import APPLIED, NOOP
from kefu_tui.operations.conversation import Claim, Reopen, Resolve, Snooze
from kefu_tui.operations.entering import Enter, Leave
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply
from kefu_tui.operations.routing import HoldLine
from tests.operations.rows import NOW, Cast
from tests.operations.test_timing import BODY, DAY, Story, at

SECONDS = 1 / 60
"""Of a minute."""
CLOCKS = BODY["clock"] | {"greeting": {"target": "10s", "calendar": "shift"}}
RULE = rule_id("greet")
GREET = 'name = "greet"\nzh = "招呼"\nen = "Greets"\non = "entered"\ndo = ["say 您好"]\n'


class Visit(Story):
    """One customer who comes in, second by second."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**{"clock": CLOCKS, "entering": {"open": True}} | changes)

    def enters(self, minute: float, id: str = "c1") -> str:
        """What became of it."""
        entering = Enter(channel="web", group_id="one", external_id="v1", customer_id="wang", conversation_id=id)
        outcome, _ = self.cast.run(entering, "system", now=at(minute))
        assert not isinstance(outcome, Refusal)
        if outcome == APPLIED:
            self.cast.commit(entering, "system", now=at(minute))
        return outcome.status

    def bot_greets(self, minute: float) -> None:
        """A rule's line."""
        self.cast.commit(SaveAutomation(rule_id=RULE, body=GREET), "lao")
        self.does(minute, RunAutomation(conversation_id="c1", rule_id=RULE, cause="x", event="entered"), "lao")
        self.cast.connection.execute("UPDATE message SET conv_pos = rowid WHERE conv_pos IS NULL")

    def leaves(self, minute: float) -> None:
        self.does(minute, Leave(conversation_id="c1"), "system")


def outcomes(visit: Visit, kind: str) -> list[str]:
    return [outcome for outcome, _ in visit.clocks().get(kind, [])]


class TestGreeting:
    def test_a_customer_comes_in_and_waits_to_be_greeted(self) -> None:
        visit = Visit()
        assert visit.enters(0) == "applied"
        row = visit.conversation
        assert (row.status, row.kind, row.last_pos, row.unanswered, row.waiting_since) == (
            "waiting",
            "other",
            0,
            0,
            None,
        )
        assert (row.preview, row.due_kind, row.due_at) == ("", "greeting", NOW + 10 * SECOND)
        assert visit.clocks() == {"greeting": [("running", 10 * SECONDS)], "resolution": [("running", DAY)]}

    @pytest.mark.parametrize(("second", "outcome"), [(9, "met"), (10, "met"), (11, "breached")])
    def test_a_line_of_a_rule_greets(self, second: int, outcome: str) -> None:
        visit = Visit()
        visit.enters(0)
        visit.bot_greets(second * SECONDS)
        assert outcomes(visit, "greeting") == [outcome]
        assert visit.conversation.due_kind == "resolution", "and no answer was given: that one does not stand"

    def test_an_agent_greets(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.does(2 * SECONDS, Claim(conversation_id="c1"))
        assert outcomes(visit, "greeting") == ["running"], "taking is no greeting"
        visit.answers(5 * SECONDS)
        assert outcomes(visit, "greeting") == ["met"]

    def test_a_line_that_stands_in_or_tells_to_wait_greets(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.cast.put(Mode(id="outage", kind="outage", since=NOW, by_id="lao"))
        visit.says(3 * SECONDS)
        assert outcomes(visit, "greeting") == ["met"]
        visit = Visit()
        visit.enters(0)
        visit.says(3 * SECONDS)
        visit.does(8 * SECONDS, HoldLine(conversation_id="c1", text="您前面没有其他人在等候。"), "system")
        assert outcomes(visit, "greeting") == ["met"]
        assert outcomes(visit, "first_response_chat") == ["running"]


class TestWriting:
    def test_who_writes_before_the_greeting_has_both_promises(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.says(4 * SECONDS)
        assert outcomes(visit, "greeting") == ["running"]
        assert visit.clocks()["first_response_chat"] == [("running", 5 + 4 * SECONDS)]
        visit.bot_greets(6 * SECONDS)
        assert outcomes(visit, "greeting") == ["met"]
        assert outcomes(visit, "first_response_chat") == ["running"], "only a person keeps that one"
        visit.does(1, Claim(conversation_id="c1"))
        visit.answers(2)
        assert outcomes(visit, "first_response_chat") == ["met"]
        visit.says(3)
        assert outcomes(visit, "next_response") == ["running"]

    @pytest.mark.parametrize("person", [False, True])
    def test_the_first_words_are_a_first_question_whoever_spoke_before(self, person: bool) -> None:
        visit = Visit()
        visit.enters(0)
        if person:
            visit.does(0, Claim(conversation_id="c1"))
            visit.answers(5 * SECONDS)
        else:
            visit.bot_greets(5 * SECONDS)
        assert visit.conversation.last_pos > 0
        visit.says(1)
        assert visit.clocks()["first_response_chat"] == [("running", 6)]
        assert "next_response" not in visit.clocks()
        visit.does(2, Claim(conversation_id="c1"))
        visit.answers(3)
        visit.says(4)
        assert outcomes(visit, "next_response") == ["running"]
        assert outcomes(visit, "first_response_chat") == ["met"]

    def test_a_later_round_is_one_also_where_the_policy_promises_no_first_answer(self) -> None:
        visit = Visit(clock={"next_response": CLOCKS["next_response"]})
        visit.says(0)
        assert visit.clocks() == {}
        visit.does(1, Claim(conversation_id="c1"))
        visit.answers(2)
        visit.says(3)
        assert outcomes(visit, "next_response") == ["running"]

    def test_its_kind_is_that_of_the_first_words_and_so_are_its_promises(self) -> None:
        dispute = {"target": "1h", "calendar": "shift", "start": "opened", "stop": ["resolved"], "kinds": ["complaint"]}
        visit = Visit(clock=CLOCKS | {"complaint_seen": dispute})
        visit.enters(0)
        assert "complaint_seen" not in visit.clocks()
        asking = Receive(
            channel="web", group_id="one", external_id="v1", message_id="m", customer_id="wang", conversation_id="new",
            text="我要投诉你们",
        )  # fmt: skip
        visit.cast.commit(asking, "system", now=at(1))
        assert visit.conversation.kind == "complaint"
        assert visit.clocks()["complaint_seen"] == [("running", 61)]
        assert visit.clocks()["resolution"] == [("running", DAY)], "that one has run since they came in"
        assert visit.cast.get(Conversation, "new") is None


class TestNobodyTwice:
    def test_again_and_again(self) -> None:
        visit = Visit()
        assert [visit.enters(0), visit.enters(0.1, "c2")] == ["applied", "noop"]
        assert visit.enters(0.2) == "noop"
        assert len(visit.cast.connection.execute("SELECT id FROM conversation").fetchall()) == 1

    @pytest.mark.parametrize("status", ["waiting", "open", "snoozed"])
    def test_a_conversation_that_is_alive(self, status: str) -> None:
        visit = Visit()
        visit.cast.conversation(id="c9", status=status)
        assert visit.enters(0) == "noop"

    def test_one_that_a_message_would_reopen_and_one_that_it_would_not(self) -> None:
        visit = Visit()
        visit.cast.conversation(id="c9", status="resolved", resolved_at=NOW)
        assert visit.enters(DAY) == "noop"
        assert visit.enters(DAY + 1) == "applied"

    def test_who_went_without_a_word(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.leaves(10)
        assert visit.enters(60, "c2") == "noop"
        assert visit.enters(DAY + 1, "c2") == "applied"

    def test_where_the_shop_does_not_want_it(self) -> None:
        for section in ({}, {"open": False, "leave_after": "5m"}):
            assert Visit(entering=section).enters(0) == "noop"
        visit = Visit()
        visit.cast.connection.execute("DELETE FROM policy")
        assert visit.enters(0) == "noop"

    def test_who_may(self) -> None:
        visit = Visit()
        entering = Enter(channel="web", group_id="one", external_id="v7", customer_id="u7", conversation_id="c7")
        for who in ("mei", "lao", "eye"):
            assert visit.cast.run(entering, who)[0] == Refusal("forbidden")
            assert visit.cast.run(Leave(conversation_id="c1"), who)[0] == Refusal("forbidden")
        assert visit.cast.run(Leave(conversation_id="c1"), "boss")[0] == Refusal("forbidden")
        visit.cast.commit(entering, "boss")
        assert visit.cast.get(Customer, "u7").external_id == "v7"

    def test_the_blocked_are_refused(self) -> None:
        visit = Visit()
        visit.cast.connection.execute("UPDATE customer SET risk = 'blocked'")
        entering = Enter(channel="web", group_id="one", external_id="v1", customer_id="wang", conversation_id="c1")
        outcome, view = visit.cast.run(entering, "system")
        assert outcome == Refusal("forbidden")
        assert view.written == {}


class TestLeaving:
    def test_nobody_greeted_them(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.leaves(10)
        row = visit.conversation
        assert (row.status, row.resolved_at, row.due_kind) == ("closed", None, None)
        assert (outcomes(visit, "greeting"), outcomes(visit, "resolution")) == (["breached"], ["void"])
        assert outcomes(visit, "archive") == ["running"], "it becomes a record like any other, and is nobody's work"

    def test_greeted_and_gone(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.bot_greets(2 * SECONDS)
        visit.leaves(10)
        assert (outcomes(visit, "greeting"), outcomes(visit, "resolution")) == (["met"], ["void"])

    def test_gone_before_the_greeting_was_due(self) -> None:
        visit = Visit(shift={"daily": ["00:00-00:01"]})
        visit.enters(0)
        visit.leaves(10)
        assert outcomes(visit, "greeting") == ["void"]

    @pytest.mark.parametrize("spoken", [True, False])
    def test_who_has_written_stays(self, spoken: bool) -> None:
        visit = Visit()
        visit.enters(0)
        visit.says(1)
        if spoken:
            visit.does(2, Claim(conversation_id="c1"))
            visit.answers(3)
        assert visit.cast.run(Leave(conversation_id="c1"), "system", now=at(60))[0] == NOOP
        assert visit.cast.run(Leave(conversation_id="nothing"), "system")[0] == Refusal("gone")

    def test_what_is_over_or_put_off_is_left_alone(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.does(1, Claim(conversation_id="c1"))
        visit.does(2, Snooze(conversation_id="c1", until=at(600)))
        assert visit.cast.run(Leave(conversation_id="c1"), "system", now=at(60))[0] == NOOP
        visit.does(3, Resolve(conversation_id="c1"))
        assert visit.cast.run(Leave(conversation_id="c1"), "system", now=at(60))[0] == NOOP

    def test_no_close_out_record_is_asked_for(self) -> None:
        visit = Visit(close_out={kind: ["result"] for kind in ("other", "complaint")})
        visit.enters(0)
        visit.leaves(10)
        assert visit.conversation.status == "closed"
        assert visit.cast.connection.execute("SELECT count(*) FROM close_out").fetchone() == (0,)

    def test_who_writes_after_all_goes_on_there_with_every_promise(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.does(0, Claim(conversation_id="c1"))
        visit.answers(5 * SECONDS)
        visit.leaves(10)
        visit.says(30)
        row = visit.conversation
        assert (row.status, row.assignee_id, row.unanswered) == ("open", "mei", 1), "with whoever greeted them"
        assert visit.clocks()["first_response_chat"] == [("running", 35)]
        assert visit.clocks()["resolution"] == [("void", pytest.approx(DAY + 10 - 5 * SECONDS)), ("running", DAY + 30)]
        assert outcomes(visit, "archive") == ["void"]
        assert outcomes(visit, "greeting") == ["met"]

    def test_after_a_day_another_begins(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.leaves(10)
        asking = Receive(
            channel="web", group_id="one", external_id="v1", message_id="m", customer_id="wang", conversation_id="new",
            text="在吗",
        )  # fmt: skip
        visit.cast.commit(asking, "system", now=at(0) + 24 * HOUR + 1)
        assert visit.conversation.status == "closed"
        assert visit.cast.get(Conversation, "new").unanswered == 1

    def test_opened_again_by_hand_it_is_work_again(self) -> None:
        visit = Visit()
        visit.enters(0)
        visit.leaves(10)
        visit.does(20, Reopen(conversation_id="c1"))
        row = visit.conversation
        assert (row.status, row.due_kind) == ("open", "resolution")
        assert visit.clocks()["resolution"] == [("void", DAY), ("running", DAY + 20)]
        visit.does(21, Reply(conversation_id="c1", message_id="a", text="您好"))
        assert visit.cast.get(Message, "a").state == "queued"


def test_a_closed_one_that_a_customer_had_written_in_is_not_opened_by_a_message() -> None:
    cast = Cast()
    cast.put(Policy(id="default", name="test", body=json.dumps(BODY | {"entering": {"open": True}})))
    cast.conversation(id="c9", status="closed", unanswered=0)
    cast.message(id="m8", conversation_id="c9", author="customer", author_id="wang", conv_pos=1, state="received")
    entering = Enter(channel="web", group_id="one", external_id="v1", customer_id="wang", conversation_id="c1")
    cast.commit(entering, "system")
    assert Reader(cast.connection).where(Clock, "conversation_id", "c9") == []
    assert cast.get(Conversation, "c9").status == "closed"

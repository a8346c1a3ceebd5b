"""Clocks under operations, in tables to be checked by hand: rounds, snoozes, waits, groups with other hours, archive."""

import json
from typing import Any

import pytest

from kefu_tui.model.rows import Clock, Conversation, Policy
from kefu_tui.model.sql import Reader
from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.operations import Basis, Refusal, timing
from kefu_tui.operations.archive import Archive
from kefu_tui.operations.conversation import Claim, Reopen, Resolve, Snooze, Transfer, Wake
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Reply
from kefu_tui.operations.order import ImportOrders, ShopOrder, order_id
from kefu_tui.operations.returns import ReviewReturn
from kefu_tui.operations.view import View
from tests.operations.rows import NOW, Cast

BODY: dict[str, Any] = {
    "name": "test",
    "shift": {"daily": ["00:00-24:00"]},
    "calendar": {"announced": [2026]},
    "clock": {
        "first_response_chat": {"target": "5m", "calendar": "shift"},
        "next_response": {"target": "3m", "calendar": "shift"},
        "resolution": {"target": "24h", "calendar": "wall"},
        "archive": {"target": "7wd", "calendar": "working"},
        "order_confirmation": {"target": "1h", "calendar": "shift"},
        "return_review": {"target": "30m", "calendar": "shift"},
    },
}


class Story:
    """One customer's conversation, minute by minute."""

    def __init__(self, **changes: Any) -> None:
        self.cast = Cast()
        self.cast.put(Policy(id="default", name="test", body=json.dumps(BODY | changes)))
        self.step = 0

    def says(self, minute: float) -> None:
        """The customer writes."""
        self.step += 1
        self.cast.commit(
            Receive(
                channel="web", group_id="one", external_id="v1", message_id=f"m{self.step}", customer_id="wang",
                conversation_id="c1", text="在吗",
            ),
            "system",
            now=at(minute),
        )  # fmt: skip
        self.cast.connection.execute("UPDATE message SET conv_pos = rowid WHERE conv_pos IS NULL")
        self.cast.connection.execute("UPDATE conversation SET last_pos = ?", (self.step,))

    def does(self, minute: float, operation: Any, who: str = "mei") -> None:
        self.step += 1
        basis = Basis(claim=who, status="open", last_pos=self.step)
        self.cast.commit(operation, who, basis, at(minute), f"op{self.step}")
        self.cast.connection.execute("UPDATE conversation SET last_pos = ?", (self.step,))

    def answers(self, minute: float) -> None:
        self.does(minute, Reply(conversation_id="c1", message_id=f"a{self.step}", text="您好"))

    def clocks(self) -> dict[str, list[tuple[str, float | None]]]:
        """Each kind with its clocks, oldest first: outcome and due minute."""
        found: dict[str, list[tuple[str, float | None]]] = {}
        rows = sorted(
            Reader(self.cast.connection).where(Clock, "conversation_id", "c1"), key=lambda row: row.started_at
        )
        for row in rows:
            found.setdefault(row.kind, []).append((row.outcome, minutes(row.due_at)))
        return found

    @property
    def conversation(self) -> Conversation:
        row: Conversation = self.cast.get(Conversation, "c1")
        return row


def at(minute: float) -> int:
    return NOW + round(minute * MINUTE)


def minutes(us: int | None) -> float | None:
    return None if us is None else (us - NOW) / MINUTE


DAY = 24 * 60


def test_rounds() -> None:
    story = Story()
    story.says(0)
    assert story.clocks() == {"first_response_chat": [("running", 5)], "resolution": [("running", DAY)]}
    story.says(1)
    assert story.clocks()["first_response_chat"] == [("running", 5)], "repeated questions are one round, from the first"
    story.does(2, Claim(conversation_id="c1"))
    story.answers(3)
    assert story.clocks()["first_response_chat"] == [("met", 5)]
    story.says(10)
    story.says(11)
    assert story.clocks()["next_response"] == [("running", 13)]
    story.answers(13.5)
    assert story.clocks()["next_response"] == [("breached", 13)]
    story.says(20)
    assert story.clocks()["next_response"] == [("breached", 13), ("running", 23)]
    assert minutes(story.conversation.due_at) == 23


def test_while_the_customer_is_waited_for_the_solution_stands() -> None:
    story = Story()
    story.says(0)
    story.does(1, Claim(conversation_id="c1"))
    story.answers(2)
    assert story.clocks()["resolution"] == [("running", None)]
    assert (story.conversation.due_kind, story.conversation.due_at) == ("resolution", None)
    story.says(62)
    assert story.clocks()["resolution"] == [("running", DAY + 60)]
    assert minutes(story.conversation.due_at) == 65


def test_overlapping_causes_are_a_union() -> None:
    story = Story()
    story.says(0)
    story.does(1, Claim(conversation_id="c1"))
    story.answers(10)  # waits for the customer from 10
    story.does(20, Snooze(conversation_id="c1", until=at(100), by_customer=True))  # and snoozed from 20
    story.does(50, Wake(conversation_id="c1"))  # to 50: still waiting
    assert story.clocks()["resolution"] == [("running", None)]
    story.says(70)  # to 70
    assert story.clocks()["resolution"] == [("running", DAY + 60)]


def test_the_customer_writes_again_while_it_is_snoozed() -> None:
    story = Story()
    story.says(0)
    story.does(1, Claim(conversation_id="c1"))
    story.does(2, Snooze(conversation_id="c1", until=at(600), by_customer=True))
    assert story.clocks()["first_response_chat"] == [("running", 5)], "nobody answered yet: that promise goes on"
    story.says(62)
    assert story.conversation.status == "open"
    assert story.clocks()["resolution"] == [("running", DAY + 60)]


def test_a_pause_over_midnight_in_a_shop_that_closes() -> None:
    story = Story(shift={"daily": ["09:00-21:00"]}, clock={
        "resolution": {"target": "2h", "calendar": "shift", "start": "opened", "stop": ["resolved"], "pause": ["snoozed"]},
    })  # fmt: skip
    from datetime import datetime
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Shanghai")
    evening = datetime.fromtimestamp(NOW / 1e6, zone).replace(hour=20, minute=0, second=0, microsecond=0)
    begin = (evening.timestamp() * 1e6 - NOW) / MINUTE
    story.says(begin)
    story.does(begin + 30, Claim(conversation_id="c1"))
    story.does(begin + 30, Snooze(conversation_id="c1", until=at(begin + 900), by_customer=True))
    story.does(begin + 14 * 60, Wake(conversation_id="c1"))  # from 20:30 to 10:00 the next day
    ((outcome, due),) = story.clocks()["resolution"]
    assert outcome == "running"
    assert due == pytest.approx(begin + 14 * 60 + 90), "90 minutes were left"


def test_resolved_reopened_and_archived() -> None:
    story = Story()
    story.says(0)
    story.does(1, Claim(conversation_id="c1"))
    story.does(2, Resolve(conversation_id="c1"))
    clocks = story.clocks()
    assert clocks["first_response_chat"] == [("void", 5)]
    assert clocks["resolution"] == [("met", DAY)]
    assert [outcome for outcome, _ in clocks["archive"]] == ["running"]
    story.does(3, Reopen(conversation_id="c1"))
    assert [outcome for outcome, _ in story.clocks()["archive"]] == ["void"]
    assert story.clocks()["resolution"] == [("running", DAY)], "as if it had never stopped"
    story.does(DAY + 60, Resolve(conversation_id="c1"))
    assert story.clocks()["resolution"] == [("breached", DAY)]
    story.does(DAY + 61, Archive(conversation_id="c1"), "lao")
    assert story.conversation.status == "archived"
    assert [outcome for outcome, _ in story.clocks()["archive"]] == ["void", "met"]
    outcome, _ = story.cast.run(Reopen(conversation_id="c1"), "mei")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "archived"


@pytest.mark.parametrize(("who", "code"), [("mei", "forbidden"), ("eye", "forbidden"), ("lao", "not-resolved")])
def test_who_may_archive_and_what(who: str, code: str) -> None:
    story = Story()
    story.says(0)
    outcome, _ = story.cast.run(Archive(conversation_id="c1"), who)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code


def test_another_group_has_other_hours() -> None:
    story = Story(group={"two": {"shift": {"daily": ["00:00-00:01"]}}})
    story.says(0)
    story.does(1, Claim(conversation_id="c1"))
    before = story.clocks()["first_response_chat"][0][1]
    story.does(2, Transfer(conversation_id="c1", to_group_id="two"))
    after = story.clocks()["first_response_chat"][0][1]
    assert before == 5
    assert after is not None
    assert after > 4 * DAY, "it is open one minute a day"
    assert minutes(story.conversation.due_at) == min(after, DAY)


def test_a_clock_that_the_policy_no_longer_has_runs_until_it_is_over() -> None:
    story = Story()
    story.says(0)
    clock = {key: rule for key, rule in BODY["clock"].items() if key != "resolution"}
    story.cast.put(Policy(id="default", name="less", body=json.dumps(BODY | {"clock": clock})))
    view = View(Reader(story.cast.connection))
    assert timing.retime(view, story.conversation) == (2, 0)
    story.does(1, Claim(conversation_id="c1"))
    story.answers(2)
    assert story.clocks()["resolution"] == [("running", DAY)]


def test_computed_anew_by_another_policy() -> None:
    story = Story()
    story.says(0)
    longer = BODY["clock"] | {"resolution": {"target": "36h", "calendar": "wall"}}
    story.cast.put(Policy(id="default", name="more", body=json.dumps(BODY | {"clock": longer})))
    view = View(Reader(story.cast.connection))
    assert timing.retime(view, story.conversation) == (2, 1)
    again = View(Reader(story.cast.connection))
    moved = [row for row in view.written.values() if isinstance(row, Clock)]
    assert [row.due_at for row in moved] == [NOW + 36 * HOUR]
    assert timing.retime(again, story.conversation) == (2, 1), "the same from the same rows"
    assert NOW % SECOND == 0


def order(minute: float, status: str, number: str = "9001") -> ImportOrders:
    placed = ShopOrder(order_no=number, status=status, total=100, placed_at=at(minute), buyer="v1")
    return ImportOrders(orders=(placed,))


def test_a_return_is_to_be_reviewed_in_half_an_hour_and_a_fresh_order_confirmed_in_one() -> None:
    story = Story()
    story.says(0)
    story.does(1, Claim(conversation_id="c1"))
    story.does(10, order(9, "paid"), "system")
    assert story.clocks()["order_confirmation"] == [("running", 70)]
    story.answers(12)
    assert story.clocks()["order_confirmation"] == [("met", 70)]
    story.does(20, order(9, "refunding"), "system")
    assert story.clocks()["return_review"] == [("running", 50)]
    assert minutes(story.conversation.due_at) == 50
    verdict = ReviewReturn(conversation_id="c1", order_id=order_id("", "9001"), verdict="approved")
    story.does(40, verdict)
    assert story.clocks()["return_review"] == [("met", 50)]
    story.does(50, order(-500, "paid", "9002"), "system")
    assert len(story.clocks()["order_confirmation"]) == 1, "an old order is not to be confirmed any more"

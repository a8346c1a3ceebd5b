"""Verbs on tickets: a complaint walked through, who may do what, and what hangs on a ticket."""

import json
import tomllib
from typing import Any

import pytest

from kefu_tui.config import box
from kefu_tui.ids import derive
from kefu_tui.model.rows import (
    Conversation,
    Group,
    Message,
    Ticket,
    TicketClock,
    TicketEvent,
    TicketLink,
    TicketPerson,
    TicketStep,
    Workflow,
)
from kefu_tui.model.sql import Reader
from kefu_tui.now import HOUR, MINUTE
from kefu_tui.operations import Refusal
from kefu_tui.operations.ticket import MoveTicket, OpenTicket, SetTicket
from kefu_tui.operations.ticket_parts import (
    AssignTicket,
    CommentTicket,
    DoStep,
    LinkTicket,
    MergeTicket,
    OwnStep,
    WatchTicket,
)
from kefu_tui.operations.workflows import SetWorkflow
from tests.operations.rows import NOW, Cast

ACCEPT = {"what_said": "袖口开线", "level": "normal"}


def shipped(name: str) -> dict[str, Any]:
    return tomllib.loads(box("workflows", f"{name}.toml").read_text(encoding="utf-8"))


class Shop(Cast):
    """The cast with the shipped workflows, and a department."""

    def __init__(self) -> None:
        super().__init__()
        for path in sorted(box("workflows").glob("*.toml")):
            body = shipped(path.stem)
            self.put(
                Workflow(id=derive("workflow", body["name"]), name=body["name"], body=json.dumps(body, default=str))
            )
        self.put(Group(id="wh", name="warehouse"))
        self.step = 0

    def opens(self, id: str = "t1", workflow: str = "complaint", who: str = "mei", **told: Any) -> None:
        self.commit(
            OpenTicket(ticket_id=id, workflow=workflow, title="衣服破了", **told), who, now=NOW, op_id=f"open {id}"
        )

    def does(self, operation: Any, who: str = "mei", now: int = NOW + MINUTE) -> None:
        self.step += 1
        self.commit(operation, who, now=now, op_id=f"op {self.step}")

    def refuses(self, operation: Any, who: str = "mei") -> Refusal:
        outcome, view = self.run(operation, who)
        assert isinstance(outcome, Refusal), outcome
        assert view.written == {}
        return outcome

    def ticket(self, id: str = "t1") -> Ticket:
        row: Ticket = self.get(Ticket, id)
        return row

    def all(self, table: Any, id: str = "t1") -> list[Any]:
        return Reader(self.connection).where(table, "ticket_id", id)

    def clocks(self, id: str = "t1") -> dict[str, str]:
        return {row.kind: row.outcome for row in self.all(TicketClock, id) if not row.step}


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.conversation(status="open", assignee_id="mei")
    return shop


def test_a_complaint_from_beginning_to_end(shop: Shop) -> None:
    shop.opens(conversation_id="c1")
    ticket = shop.ticket()
    assert (ticket.state, ticket.category, ticket.assignee_id, ticket.group_id) == ("received", "todo", "mei", "one")
    assert (ticket.customer_id, ticket.due_kind) == ("wang", "order_dispute")
    shop.does(MoveTicket(ticket_id="t1", transition="accept", fields=ACCEPT, message_id="m1", text="您的投诉已受理。"))
    assert shop.ticket().state == "verifying"
    assert shop.clocks() == {
        "order_dispute": "met", "complaint_verify": "running", "complaint_plan": "running", "complaint_close": "running",
    }  # fmt: skip
    said = shop.get(Message, "m1")
    assert (said.conversation_id, said.author_id, said.text, said.state) == ("c1", "mei", "您的投诉已受理。", "queued")
    assert shop.get(Conversation, "c1").unanswered == 0
    refused = shop.refuses(MoveTicket(ticket_id="t1", transition="verified"))
    assert refused.code == "move-refused"
    assert "要先做" in refused.say("zh")
    for step in [row.step for row in shop.all(TicketStep)]:
        shop.does(DoStep(ticket_id="t1", step=step))
    refused = shop.refuses(MoveTicket(ticket_id="t1", transition="verified"))
    assert "要填" in refused.say("zh")
    assert shop.refuses(MoveTicket(ticket_id="t1", transition="agree")).code == "no-move"
    shop.does(MoveTicket(ticket_id="t1", transition="verified", fields={"finding": "袖口开线"}), now=NOW + HOUR)
    assert json.loads(shop.ticket().fields)["finding"] == "袖口开线"
    assert shop.clocks()["complaint_verify"] == "met"
    kinds = [
        (row.kind, json.loads(row.data).get("to")) for row in sorted(shop.all(TicketEvent), key=lambda row: row.at)
    ]
    assert ("moved", "planning") in kinds


@pytest.mark.parametrize(
    ("operation", "who", "code"),
    [
        (OpenTicket(ticket_id="t2", workflow="nothing", title="x"), "mei", "no-workflow"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title=" "), "mei", "empty"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title="x" * 201), "mei", "too-long"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title="x", priority=6), "mei", "invalid"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title="x", fields={"no": "x"}), "mei", "invalid"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title="x", conversation_id="nope"), "mei", "gone"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title="x", assignee_id="eye"), "mei", "no-such-target"),
        (OpenTicket(ticket_id="t2", workflow="complaint", title="x"), "eye", "forbidden"),
        (MoveTicket(ticket_id="nope", transition="accept"), "mei", "gone"),
        (MoveTicket(ticket_id="t1", transition="accept"), "far", "forbidden"),
        (MoveTicket(ticket_id="t1", transition="accept", fields={"no": "x"}), "mei", "invalid"),
        (MoveTicket(ticket_id="t1", transition="accept", fields=ACCEPT, message_id="m", text=" "), "mei", "empty"),
        (AssignTicket(ticket_id="t1"), "mei", "invalid"),
        (AssignTicket(ticket_id="t1", to_agent_id="eye"), "mei", "no-such-target"),
        (AssignTicket(ticket_id="t1", to_group_id="nope"), "mei", "no-such-target"),
        (SetTicket(ticket_id="t1", priority=0), "mei", "invalid"),
        (CommentTicket(ticket_id="t1", event_id="e", text=""), "mei", "empty"),
        (DoStep(ticket_id="t1", step="nope"), "mei", "gone"),
        (OwnStep(ticket_id="t1", step="nope", agent_id="lin"), "mei", "gone"),
        (WatchTicket(ticket_id="t1", agent_id="nope"), "mei", "no-such-target"),
        (LinkTicket(ticket_id="t1", of="ticket", target="t1"), "mei", "invalid"),
        (LinkTicket(ticket_id="t1", of="order", target="nope"), "mei", "gone"),
        (MergeTicket(ticket_id="t1", into_id="t1"), "mei", "invalid"),
        (MergeTicket(ticket_id="t1", into_id="nope"), "mei", "gone"),
        (SetWorkflow(name="x", body="{}"), "mei", "forbidden"),
        (SetWorkflow(name="x", body="{}"), "boss", "invalid"),
        (SetWorkflow(name="x", body="no"), "boss", "invalid"),
    ],
)
def test_what_cannot_be(shop: Shop, operation: Any, who: str, code: str) -> None:
    shop.opens(conversation_id="c1")
    assert shop.refuses(operation, who).code == code


def test_the_customer_is_told_only_where_there_is_a_conversation(shop: Shop) -> None:
    shop.opens()
    move = MoveTicket(ticket_id="t1", transition="accept", fields=ACCEPT, message_id="m1", text="您的投诉已受理。")
    assert shop.refuses(move).code == "no-conversation"
    shop.does(MoveTicket(ticket_id="t1", transition="accept", fields=ACCEPT))
    assert shop.ticket().state == "verifying"


def test_handed_over_and_taken_back(shop: Shop) -> None:
    shop.opens()
    hand = AssignTicket(ticket_id="t1", to_agent_id="lin", note="你熟")
    back = hand.inverse(*told(shop))
    shop.does(hand)
    assert shop.ticket().assignee_id == "lin"
    assert back is not None
    shop.does(back)
    assert shop.ticket().assignee_id == "mei"
    shop.does(AssignTicket(ticket_id="t1", to_group_id="two"))
    assert (shop.ticket().group_id, shop.ticket().assignee_id) == ("two", None)
    assert shop.refuses(CommentTicket(ticket_id="t1", event_id="e1", text="x"), "mei").code == "forbidden"
    shop.does(AssignTicket(ticket_id="t1", to_agent_id="far"), "far")


def told(shop: Shop) -> Any:
    from kefu_tui.operations import Basis, Context, View

    return View(Reader(shop.connection)), Context(shop.actor("mei"), NOW, "op", Basis())


def test_several_people_on_one_ticket(shop: Shop) -> None:
    shop.opens(group_id="one")
    assert shop.refuses(CommentTicket(ticket_id="t1", event_id="e1", text="仓库看过"), "far").code == "forbidden"
    shop.does(WatchTicket(ticket_id="t1", agent_id="far", part="collaborator"))
    shop.does(CommentTicket(ticket_id="t1", event_id="e1", text="仓库看过"), "far")
    shop.does(MoveTicket(ticket_id="t1", transition="accept", fields=ACCEPT))
    step = shop.all(TicketStep)[0].step
    shop.does(OwnStep(ticket_id="t1", step=step, agent_id="lin"))
    assert {(row.agent_id, row.part) for row in shop.all(TicketPerson)} == {
        ("far", "collaborator"),
        ("lin", "collaborator"),
    }
    shop.does(DoStep(ticket_id="t1", step=step), "far")
    assert next(row for row in shop.all(TicketStep) if row.step == step).done_by == "far"
    shop.does(DoStep(ticket_id="t1", step=step, done=False))
    assert next(row for row in shop.all(TicketStep) if row.step == step).done_at is None
    shop.does(WatchTicket(ticket_id="t1", agent_id="far", leave=True))
    assert {row.agent_id for row in shop.all(TicketPerson)} == {"lin"}


def test_links_and_two_made_one(shop: Shop) -> None:
    shop.order()
    shop.opens("t1", conversation_id="c1")
    shop.opens("t2")
    shop.does(LinkTicket(ticket_id="t1", of="order", target="o1"))
    shop.does(LinkTicket(ticket_id="t1", of="file", target="https://cdn.example/1.jpg", title="照片"))
    assert {(row.of, row.target) for row in shop.all(TicketLink)} == {
        ("order", "o1"),
        ("file", "https://cdn.example/1.jpg"),
    }
    shop.does(WatchTicket(ticket_id="t1", agent_id="lin"))
    shop.does(MergeTicket(ticket_id="t1", into_id="t2"))
    gone, into = shop.ticket("t1"), shop.ticket("t2")
    assert (gone.category, gone.merged_into, gone.due_at) == ("closed", "t2", None)
    assert set(shop.clocks("t1").values()) == {"void"}
    assert {(row.of, row.target) for row in shop.all(TicketLink, "t2")} == {("conversation", "c1"), ("ticket", "t1")}
    assert {row.agent_id for row in shop.all(TicketPerson, "t2")} == {"lin"}
    assert into.category == "todo"
    assert shop.refuses(SetTicket(ticket_id="t1", title="x")).code == "ticket-closed"
    shop.does(CommentTicket(ticket_id="t1", event_id="e9", text="补一句"))


def test_fields_priority_and_title_are_set_and_taken_back(shop: Shop) -> None:
    shop.opens()
    change = SetTicket(ticket_id="t1", title="袖口", priority=1, fields={"finding": "开线"})
    back = change.inverse(*told(shop))
    shop.does(change)
    assert (shop.ticket().title, shop.ticket().priority, json.loads(shop.ticket().fields)) == (
        "袖口",
        1,
        {"finding": "开线"},
    )
    assert back is not None
    shop.does(back)
    assert (shop.ticket().title, shop.ticket().priority, json.loads(shop.ticket().fields)) == ("衣服破了", 3, {})


def test_a_workflow_is_changed_by_an_admin(shop: Shop) -> None:
    body = shipped("invoice")
    body["zh"] = "开票"
    shop.does(SetWorkflow(name="invoice", body=json.dumps(body, default=str)), "boss")
    assert json.loads(shop.get(Workflow, derive("workflow", "invoice")).body)["zh"] == "开票"


@pytest.mark.parametrize("name", [path.stem for path in sorted(box("workflows").glob("*.toml"))])
def test_every_example_of_every_workflow_is_walked_by_the_verbs(shop: Shop, name: str) -> None:
    """What the file proves on trial holds for real tickets, too."""
    body = shipped(name)
    for number, example in enumerate(body.get("example", [])):
        id = f"t{number}"
        shop.opens(id, name, "boss", group_id="one")
        refused = ""
        for place in example["path"]:
            steps = {step["id"] for step in body.get("step", [])}
            operation: Any = (
                DoStep(ticket_id=id, step=place)
                if place in steps
                else MoveTicket(ticket_id=id, transition=place, fields=example.get("fields", {}))
            )
            outcome, _ = shop.run(operation, "boss", op_id=f"try {id} {place}")
            if isinstance(outcome, Refusal):
                refused = place
                break
            shop.does(operation, "boss")
        assert bool(refused) == bool(example.get("refused")), (name, example)
        if example.get("ends"):
            assert shop.ticket(id).state == example["ends"], (name, example)

"""Tickets at a real backend: the customer's page shows what is said, departments see them, and only those who may."""

import pathlib

import pytest

from kefu_tui.demo.seat import Seat
from kefu_tui.now import MINUTE

from .shop import PASSWORD, Shop, until

pytestmark = pytest.mark.on_sqlite


def test_the_customer_reads_what_the_workflow_says_and_the_department_works_on_it(shop: Shop) -> None:
    mei, far = shop.hire("mei"), shop.hire("far", groups=("warehouse",))
    visitor = shop.visitor(name="陈雨桐")
    conversation = visitor.say("收到就是破的")["conversation_id"]
    mei.claim(conversation)
    opened = mei.do(
        "ticket.open",
        {"ticket_id": "t1", "workflow": "complaint", "title": "破损", "conversation_id": conversation},
    )
    assert opened["status"] == "applied"
    text = "您的投诉已受理，一般 48 小时内给您核实结果。"
    moved = mei.do(
        "ticket.move",
        {
            "ticket_id": "t1",
            "transition": "accept",
            "fields": {"what_said": "破了", "level": "normal"},
            "message_id": "m1",
            "text": text,
        },
    )
    assert moved["status"] == "applied"
    assert visitor.read()[-1]["text"] == text
    assert shop.sql("SELECT outcome FROM clock WHERE kind = 'first_response_chat'") == [("met",)]
    assert far.rows("ticket") == []
    assert far.do("ticket.comment", {"ticket_id": "t1", "event_id": "e1", "text": "看过"})["code"] == "forbidden"
    mei.do("ticket.watch", {"ticket_id": "t1", "agent_id": far.agent_id, "part": "collaborator"})
    assert [row["state"] for row in far.rows("ticket")] == ["verifying"]
    assert [row["name"] for row in far.rows("customer")] == ["陈雨桐"], "whose ticket it is, is seen with it"
    assert far.rows("conversation") == [], "but not what was said elsewhere"
    assert far.do("ticket.comment", {"ticket_id": "t1", "event_id": "e1", "text": "看过"})["status"] == "applied"
    assert {row["kind"] for row in mei.rows("ticket_event")} == {"opened", "moved", "watched", "comment"}
    mei.do("ticket.watch", {"ticket_id": "t1", "agent_id": far.agent_id, "leave": True})
    assert far.rows("ticket") == []
    assert far.rows("customer") == []
    ((warehouse,),) = shop.sql("SELECT id FROM agent_group WHERE name = 'warehouse'")
    assert mei.do("ticket.assign", {"ticket_id": "t1", "to_group_id": warehouse})["status"] == "applied"
    assert [row["assignee_id"] for row in far.rows("ticket")] == [None]
    assert mei.rows("ticket") == []
    assert far.do("ticket.assign", {"ticket_id": "t1", "to_agent_id": far.agent_id})["status"] == "applied"


def test_every_workflow_that_ships_is_there_and_an_admin_changes_them(shop: Shop) -> None:
    mei, boss = shop.hire("mei"), shop.hire("boss", "admin")
    names = {row["name"] for row in mei.rows("workflow")}
    assert names == {"complaint", "return", "order_change", "delay", "lost", "invoice", "product_question", "incident"}
    body = next(row["body"] for row in mei.rows("workflow") if row["name"] == "invoice")
    changed = body.replace("发票", "票据")
    assert mei.do("workflow.set", {"name": "invoice", "body": changed})["code"] == "forbidden"
    assert boss.do("workflow.set", {"name": "invoice", "body": changed})["status"] == "applied"
    assert boss.do("workflow.set", {"name": "invoice", "body": "{}"})["code"] == "invalid"
    assert any(row["body"] == changed for row in mei.rows("workflow"))


def test_colleagues_see_each_other_at_a_ticket_and_nobody_who_went_long_ago(shop: Shop, tmp_path: pathlib.Path) -> None:
    mei, far = shop.hire("mei"), shop.hire("far", groups=("warehouse",))
    shop.hire("lin")
    mei.do("ticket.open", {"ticket_id": "t1", "workflow": "complaint", "title": "破损"})
    assert far.do("ticket.look", {"ticket_id": "t1", "doing": "reads"})["code"] == "forbidden"
    assert mei.do("ticket.look", {"ticket_id": "t1", "doing": "stares"})["code"] == "invalid"
    assert mei.do("ticket.forget-readers", {"ticket_id": "t1"})["code"] == "forbidden"
    url = shop.running.url
    with (
        Seat(tmp_path / "mei", url, "mei", PASSWORD, "zh") as one,
        Seat(tmp_path / "lin", url, "lin", PASSWORD, "zh") as two,
    ):

        def seen(seat: Seat) -> list[tuple[str, bool]]:
            card = seat.desk.tickets.one("t1")
            return [(name, writing) for name, writing, _ in card.readers] if card is not None else []

        assert seen(one) == seen(two) == []
        one.desk.tickets.look("t1", "reads")
        two.desk.tickets.look("t1", "writes")
        until(lambda: seen(one) == [("lin", True)] and seen(two) == [("mei", False)])
        two.desk.tickets.look("t1", "leaves")
        until(lambda: seen(one) == [])
        two.desk.tickets.look("t1", "reads")
        until(lambda: seen(one) == [("lin", False)])
        shop.clock.ahead += 9 * MINUTE
        mei.do("ticket.comment", {"ticket_id": "t1", "event_id": "e1", "text": "还在"})
        assert len(mei.rows("ticket_reader")) == 2
        shop.clock.ahead += 2 * MINUTE
        until(lambda: mei.rows("ticket_reader") == [])
        until(lambda: seen(one) == seen(two) == [])
    assert far.rows("ticket_reader") == []
    forgot = shop.sql("SELECT count(*) FROM audit WHERE kind = 'ticket.forget-readers' AND actor_id = 'system'")
    assert forgot == [(1,)], "only where there is something to forget"

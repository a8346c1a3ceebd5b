"""When a group is lost, nothing that was seen only through it stays in the store."""

import pathlib

from kefu_tui.model.rows import (
    AutomationRun,
    Clock,
    CloseOut,
    Conversation,
    Customer,
    Message,
    RoutingOffer,
    Ticket,
    TicketEvent,
    TicketPerson,
    TicketReader,
)
from kefu_tui.model.sql import Connection
from kefu_tui.store import pages
from tests.desk.place import Place
from tests.operations.rows import NOW


def conversation(id: str, group: str, customer: str, assignee: str | None = None) -> Conversation:
    return Conversation(
        id=id, customer_id=customer, channel="web", group_id=group, opened_at=NOW, last_at=NOW, version=1,
        assignee_id=assignee, status="open" if assignee else "waiting",
    )  # fmt: skip


def ticket(id: str, group: str, customer: str, assignee: str | None = None) -> Ticket:
    return Ticket(
        id=id, workflow="invoice", title=id, state="new", group_id=group, customer_id=customer, assignee_id=assignee,
        opened_by="far", opened_at=NOW, changed_at=NOW, version=1,
    )  # fmt: skip


def hangs_on(conversation_id: str) -> list[object]:
    """A row of each kind that belongs to a conversation."""
    return [
        Message(id=f"m-{conversation_id}", conversation_id=conversation_id, author="customer", text="x", at=NOW,
                state="received", op_id="o", version=1),
        Clock(id=f"k-{conversation_id}", conversation_id=conversation_id, kind="resolution", started_at=NOW, version=1),
        CloseOut(id=f"e-{conversation_id}", conversation_id=conversation_id, by_id="far", version=1),
        RoutingOffer(id=f"f-{conversation_id}", conversation_id=conversation_id, agent_id="far", at=NOW, version=1),
        AutomationRun(id=f"a-{conversation_id}", rule_id="r", conversation_id=conversation_id, event="received", at=NOW,
                      by_id="system", state="done", version=1),
    ]  # fmt: skip


def ids(place: Place, table: str) -> set[str]:
    return {id for (id,) in place.ask(f"SELECT id FROM {table}")}


def test_a_lost_group_leaves_nothing_behind(tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    place.put(
        *(Customer(id=id, channel="web", external_id=id, first_seen_at=NOW, version=1) for id in ("a", "b", "c", "d")),
        conversation("kept", "one", "a"), conversation("lost", "two", "b"), conversation("mine", "two", "c", "mei"),
        *hangs_on("kept"), *hangs_on("lost"), *hangs_on("mine"),
        ticket("t-lost", "two", "b"), ticket("t-mine", "two", "b", "mei"), ticket("t-let-in", "two", "d"),
        TicketPerson(id="p1", ticket_id="t-let-in", agent_id="mei", part="collaborator", at=NOW, version=1),
        *(TicketEvent(id=f"e-{id}", ticket_id=id, kind="opened", at=NOW, version=1) for id in ("t-lost", "t-mine")),
        *(TicketReader(id=f"r-{id}", ticket_id=id, agent_id="far", at=NOW, version=1) for id in ("t-lost", "t-let-in")),
    )  # fmt: skip

    def lose(connection: Connection) -> None:
        connection.execute("UPDATE cursor SET complete = 1")
        pages.rescope(connection, [], ["two"], "mei")

    place.store.write(lose).result()
    assert ids(place, "conversation") == {"kept", "mine"}
    for table in ("message", "clock", "close_out", "routing_offer", "automation_run"):
        assert {id.partition("-")[2] for id in ids(place, table)} == {"kept", "mine"}, table
    assert ids(place, "ticket") == {"t-mine", "t-let-in"}
    assert ids(place, "ticket_event") == {"e-t-mine"}
    assert ids(place, "ticket_reader") == {"r-t-let-in"}
    assert {"a", "b", "c", "d"} <= ids(place, "customer"), "b is still seen through my own ticket"
    place.store.close()

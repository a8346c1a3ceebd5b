"""ticket: a return walked through on the command line, in JSON and for people; and what is refused."""

from kefu_tui.desk.home import Home
from kefu_tui.model.rows import TicketReader
from kefu_tui.model.sql import Connection, upsert
from kefu_tui.now import system_now
from tests.cli.program import Kefu


def test_a_ticket_from_opening_to_its_history(desk: Kefu) -> None:
    conversation = desk.ok("queue", "--view", "all")[0]["id"]
    opened = desk.ok(
        "ticket", "open", "complaint", "袖口开线", "--for", conversation, "--priority", "2", "--text", "客户很急"
    )
    id = opened["id"]
    (row,) = desk.ok("ticket", "list")
    assert (row["id"], row["workflow"], row["kind"], row["state"], row["priority"]) == (
        id,
        "complaint",
        "Complaint",
        "Received",
        2,
    )
    assert row["due_at"]
    card = desk.ok("ticket", "show", id[-8:])
    accept = next(one for one in card["moves"] if one["id"] == "accept")
    assert "what_said" in accept["fields"]
    assert accept["why_not"]
    desk("ticket", "move", id, "accept").refused(1, "What the customer said")
    desk("ticket", "move", id, "agree").refused(1, "agree")
    desk.ok("ticket", "move", id, "accept", "--field", "what_said=袖口开线", "--field", "level=normal")
    card = desk.ok("ticket", "show", id)
    assert (card["state"], card["category"]) == ("Being verified", "doing")
    assert {one["kind"] for one in card["clocks"] if one["outcome"] == "running"} >= {
        "complaint_verify",
        "complaint_plan",
    }
    told = desk.ok("show", conversation)
    assert "您的投诉已受理" in str(told) or "accepted" in str(told)
    step = card["steps"][0]["id"]
    desk.ok("ticket", "step", id, step)
    desk.ok("ticket", "comment", id, "-", input="仓库\n看过")
    desk.ok("ticket", "set", id, "--priority", "1", "--title", "袖口")
    desk.ok("ticket", "link", id, "file", "https://cdn.example/1.jpg", "--title", "照片")
    card = desk.ok("ticket", "show", id)
    assert card["steps"][0]["done"] is True
    assert card["events"][0]["kind"] == "opened"
    assert "仓库\n看过" in [one["text"] for one in card["events"]]
    assert card["links"] == [{"of": "file", "target": "https://cdn.example/1.jpg", "title": "照片"}]
    shown = desk("ticket", "show", id, "-o", "table")
    assert "袖口" in shown.out
    assert "[x]" in shown.out
    colleague = "agent2"
    desk.ok("ticket", "watch", id, "--agent", colleague, "--collaborate")
    desk.ok("ticket", "assign", id, colleague, "--note", "你熟")
    assert desk.ok("ticket", "list") == []
    assert [one["id"] for one in desk.ok("ticket", "list", "--which", "open", "--find", "袖口")] == [id]
    assert [one["id"] for one in desk.ok("ticket", "list", "--for", conversation)] == [id]
    assert desk.ok("undo")["status"] in ("void", "applied")
    assert [one["id"] for one in desk.ok("ticket", "list")] == [id]


def test_two_made_one(desk: Kefu) -> None:
    one = desk.ok("ticket", "open", "invoice", "开票")["id"]
    two = desk.ok("ticket", "open", "invoice", "开票 再次")["id"]
    desk.ok("ticket", "merge", two, one)
    rows = {row["id"]: row["category"] for row in desk.ok("ticket", "list", "--which", "all")}
    assert (rows[one], rows[two]) == ("todo", "closed")
    desk("ticket", "move", two, "issue").refused(1, "closed")


def test_what_cannot_be(desk: Kefu) -> None:
    desk("ticket", "open", "nothing", "x").refused(1, "nothing")
    desk("ticket", "open", "invoice", " ").refused(1)
    desk("ticket", "open", "invoice", "x", "--field", "no").refused(2, "NAME=VALUE")
    desk("ticket", "open", "invoice", "x", "--field", "no=1").refused(1, "fields.no")
    desk("ticket", "open", "invoice", "x", "--priority", "9").refused(2)
    desk("ticket", "show", "zzzzzzzz").refused(1, "zzzzzzzz")
    desk("ticket", "assign", desk.ok("ticket", "open", "invoice", "x")["id"], "nobody").refused(1, "nobody")
    assert desk("ticket", "list", "--find", "nothing such", "-o", "table").out == ""


def test_who_is_at_it_now(desk: Kefu) -> None:
    id = desk.ok("ticket", "open", "invoice", "x")["id"]
    assert desk.ok("ticket", "show", id)["readers"] == []
    store = Home(desk.home).open_store(lambda: desk.env["KEFU_STORE_KEY"])

    def work(connection: Connection) -> list[str]:
        found = connection.execute("SELECT id, name FROM agent WHERE login IN ('agent2', 'agent3') ORDER BY login")
        there = found.fetchall()
        for place, (agent, _) in enumerate(there):
            upsert(
                connection,
                TicketReader(id=f"r{place}", ticket_id=id, agent_id=agent, writing=place, at=system_now()),
            )
        return [name for _, name in there]

    names = store.write(work).result()
    store.close()
    readers = desk.ok("ticket", "show", id)["readers"]
    assert sorted((one["name"], one["writing"]) for one in readers) == sorted(zip(names, (False, True), strict=True))
    assert all(one["at"].startswith("20") for one in readers)
    shown = desk("ticket", "show", id, "-o", "table").out
    assert "here now: " in shown
    assert f"{names[1]} (writing)" in shown

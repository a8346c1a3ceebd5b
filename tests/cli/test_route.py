"""route: explained, the line, shares, presence, and who may not."""

from tests.cli.program import Kefu


def test_route(desk: Kefu) -> None:
    line = desk.ok("route", "line")
    assert [row["place"] for row in line] == list(range(1, len(line) + 1))
    told = desk.ok("route", "explain", line[0]["id"])
    assert (told["position"], told["waiting"], told["offers"]) == (1, len(line), [])
    assert told["now"]
    assert desk("route", "explain", line[0]["id"], "-o", "table").out.startswith("Now (place 1 of")
    assert desk.ok("route", "presence", "busy")["status"] == "applied"
    assert any(one["why"] in ("busy", "off shift") for one in desk.ok("route", "explain", line[0]["id"])["now"])
    shares = desk.ok("route", "shares")
    assert {row["presence"] for row in shares} >= {"busy"}
    desk("route", "mode", "push").refused(1, "Not allowed")
    desk("route", "skills", "agent2", "en").refused(1, "Not allowed")
    desk("route", "pass", line[0]["id"]).refused(1, "not offered")
    desk("route", "presence", "asleep").refused(2)
    desk("route", "line", "--group", "nobody").refused(1, "nobody")

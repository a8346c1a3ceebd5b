"""`kefu search`: everything on the desk, by words and conditions."""

from tests.cli.program import Kefu


def test_it_finds_messages_with_their_conversation(desk: Kefu) -> None:
    found = desk.ok("search", "的", "--limit", "5")
    messages = [row for row in found if row["kind"] == "message"]
    assert len(messages) == 5
    for row in messages:
        assert "的" in row["text"]
        shown = desk.ok("show", row["conversation_id"])
        assert shown["id"] == row["conversation_id"]


def test_conditions_and_nothing(desk: Kefu) -> None:
    assert {row["kind"] for row in desk.ok("search", "is:mine")} == {"conversation"}
    assert desk.ok("search", "龘龘龘") == []
    assert desk.ok("search", "的", "-status:open", "--limit", "3")


def test_what_is_not_understood_is_wrong_usage(desk: Kefu) -> None:
    desk("search", "colour:red").refused(2, "No condition colour:")

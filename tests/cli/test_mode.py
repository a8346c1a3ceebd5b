"""mode: one command on, one off, who waits, and a report."""

from tests.cli.program import Kefu


def test_on_off_and_report(desk: Kefu) -> None:
    assert desk.ok("mode", "list") == []
    desk("mode", "on", "outage").refused(1, "Not allowed")
    desk("mode", "on", "nothing").refused(2)
    desk("mode", "report").refused(1)
    assert desk.ok("mode", "waiting") == []
    assert desk("mode", "list", "-o", "table").out == ""

"""`kefu macro`: kept, run, moved between desks as files."""

import pathlib

from tests.cli.program import Kefu


def test_save_run_and_undo(desk: Kefu) -> None:
    id = desk.ok("queue", "--view", "mine", "--limit", "1")[0]["id"]
    desk.ok("macro", "save", "登记", "tag urgent\\nnote {{ ask.what }}", "--key", "d")
    (row,) = desk.ok("macro", "list")
    assert (row["name"], row["key"], row["asks"]) == ("登记", "d", ["what"])
    desk("macro", "run", "登记", id).refused(1, "Step 2 note", "nothing was done")
    desk.ok("macro", "run", "登记", id, "--set", "what=called")
    assert "urgent" in desk.ok("show", id)["tags"]
    desk.ok("undo")
    assert "urgent" not in desk.ok("show", id)["tags"]


def test_files(desk: Kefu, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "macros.toml"
    desk.ok("macro", "save", "a", "resolve done")
    desk.ok("macro", "export", str(file))
    desk.ok("macro", "remove", "a")
    assert desk.ok("macro", "import", str(file))["macros"] == 1
    assert [row["name"] for row in desk.ok("macro", "list")] == ["a"]
    file.write_text("[[macro]]\nname = 'b'\nsteps = 'fly'\n", encoding="utf-8")
    desk("macro", "import", str(file)).refused(1, "b: Step 1: no fly")
    desk("macro", "show", "nobody").refused(1, "no macro nobody")


def test_views_and_pins(desk: Kefu) -> None:
    desk.ok("view", "save", "urgent", "is:unread -kind:complaint")
    found = desk.ok("queue", "--saved", "urgent", "--limit", "0")
    assert found
    assert "complaint" not in {row["kind"] for row in found}
    assert [
        row["id"] for row in desk.ok("queue", "--view", "all", "--filter", "is:unread -kind:complaint", "--limit", "0")
    ] == [row["id"] for row in found]
    id = found[-1]["id"]
    assert desk.ok("pin", id)["pinned"] is True
    assert desk.ok("queue", "--saved", "urgent", "--limit", "1")[0]["id"] == id
    assert desk.ok("pin", id)["pinned"] is False
    desk.ok("view", "remove", "urgent")
    desk("queue", "--saved", "urgent").refused(1, "no view urgent")
    desk("queue", "--filter", "colour:red").refused(1, "No condition colour:")

"""`kefu automation`: rules kept, rehearsed on what was, run by hand, taken back."""

import pathlib

from tests.cli.program import Kefu

RULE = """name = "late"
zh = "晚了"
en = "Late"
on = "received"
do = ["tag late", "priority 1", "say 您好，{{ shop.name }}这就为您查。"]
[when]
kinds = ["logistics", "order", "return", "aftersale", "complaint", "presale"]
"""


def lead(desk: Kefu) -> None:
    """The practice agent as a lead: what only a backend can say is written into the store."""
    from kefu_tui.desk.home import Home

    store = Home(desk.home).open_store(lambda: desk.env["KEFU_STORE_KEY"])
    store.write(lambda connection: connection.execute("UPDATE agent SET role = 'lead'")).result()
    store.close()


def standing(desk: Kefu) -> list[dict[str, object]]:
    """The queue without what grows by itself."""
    rows = desk.ok("queue", "--view", "all", "--limit", "0")
    return [{key: value for key, value in row.items() if key != "waiting_s"} for row in rows]


def test_what_ships_in_words(desk: Kefu) -> None:
    rows = desk.ok("automation", "list")
    assert {"off_hours", "urging", "no_answer"} <= {row["name"] for row in rows}
    assert {row["on"] for row in rows} == {False}
    told = desk.ok("automation", "show", "off_hours_en")
    assert told["when"] == ["a customer writes", "language en", "taken no", "shift off"]
    assert "Hello" in desk("automation", "show", "off_hours_en", "-o", "table").out
    desk("automation", "show", "nothing").refused(1, "no rule nothing", "off_hours")
    desk("automation", "on", "off_hours").refused(1, "Not allowed")
    assert desk.ok("automation", "log") == []


def test_checked_before_it_is_kept(desk: Kefu, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "late.toml"
    for change, says in (
        ('on = "received"', None),
        ('on = "flies"', "no 'flies'"),
        ('on = "received"\nmost = "x"', "most"),
    ):
        file.write_text(RULE.replace('on = "received"', change), encoding="utf-8")
        answer = desk("automation", "check", str(file))
        if says is None:
            assert answer.code == 0, answer.err
        else:
            answer.refused(1, "late.toml", says)
    for step, says in (
        ("say 全网最低价，假一赔十", "Not to be said"),
        ("say {{ order.total }}", "cannot fill order.total"),
        ("canned wlzt", "cannot fill shipment.carrier"),
        ('operation ticket.move {\\"transition\\": \\"x\\", \\"text\\": \\"全网最低价\\"}', "Not to be said"),
        ("canned nothing", "no canned reply nothing"),
        ("transfer nobody", "no agent or group nobody"),
        ("notify nobody look", "no agent nobody"),
        ("ticket nothing", "no workflow nothing"),
    ):
        file.write_text(RULE.replace("tag late", step), encoding="utf-8")
        desk("automation", "check", str(file)).refused(1, says)
    desk("automation", "check", str(tmp_path / "none.toml")).refused(1, "none.toml")


def test_rehearsed_without_touching_anything(desk: Kefu, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "late.toml"
    file.write_text(RULE, encoding="utf-8")
    before = standing(desk)
    told = desk.ok("automation", "test", str(file), "--days", "30", "--limit", "5")
    assert told["fired"] == sum(told["by_day"].values()) > 5
    assert told["events"] == told["fired"] + told["braked"] + sum(told["kept_by"].values())
    assert set(told["kept_by"]) <= {"kinds"}
    assert len(told["cases"]) == 5
    assert told["conversations"] <= told["fired"]
    once = tmp_path / "once.toml"
    once.write_text(RULE.replace("do =", 'most = "1 in 90d"\ndo ='), encoding="utf-8")
    braked = desk.ok("automation", "test", str(once), "--days", "30")
    assert braked["fired"] == braked["conversations"] == told["conversations"]
    assert braked["fired"] + braked["braked"] == told["fired"] + told["braked"]
    assert "it would have acted" in desk("automation", "test", str(file), "-o", "table").err
    assert standing(desk) == before
    assert "assigned" in desk.ok("automation", "test", "off_hours")["taken_as_held"]
    for name in ("no_answer", "late_to_leads", "morning", "undelivered", "urging", "complaint_first"):
        assert desk.ok("automation", "test", name, "--days", "60")["events"] >= 0


def test_kept_run_by_hand_and_taken_back(desk: Kefu, tmp_path: pathlib.Path) -> None:
    lead(desk)
    file = tmp_path / "late.toml"
    file.write_text(RULE, encoding="utf-8")
    desk.ok("automation", "set", str(file))
    desk.ok("automation", "on", "late")
    assert next(row for row in desk.ok("automation", "list") if row["name"] == "late")["on"] is True
    id = desk.ok("queue", "--view", "mine", "--limit", "1")[0]["id"]
    desk.ok("automation", "run", "late", id)
    assert "late" in desk.ok("show", id)["tags"]
    (run,) = desk.ok("automation", "log", "late")
    assert (run["state"], run["conversation_id"], run["did"][0]) == ("done", id, "tag late")
    desk("automation", "retry", run["id"][-8:])
    desk.ok("automation", "undo", run["id"][-8:])
    assert "late" not in desk.ok("show", id)["tags"]
    assert desk.ok("automation", "log", "--conversation", id)[0]["state"] == "undone"
    assert desk.ok("automation", "log", "--failed") == []
    desk("automation", "undo", "nothing").refused(1, "no run nothing")
    desk.ok("automation", "set", "-", input=RULE.replace('en = "Late"', 'en = "Later"'))
    desk.ok("automation", "off", "late")
    desk.ok("automation", "remove", "late")
    desk("automation", "show", "late").refused(1, "no rule late")


def test_priority(desk: Kefu) -> None:
    id = desk.ok("queue", "--view", "mine", "--limit", "1")[0]["id"]
    desk.ok("priority", id, "1")
    desk.ok("undo")
    desk("priority", id, "6").refused(2)

"""timer and policy: what falls due, reminders; policies checked, shown, refused to those who may not set them."""

import json
import pathlib

from tests.cli.program import Kefu


def test_reminders(desk: Kefu) -> None:
    told = desk.ok("take")
    assert told["status"] == "applied"
    mine = desk.ok("queue", "--view", "mine")[0]
    desk.ok("timer", "add", "2h", "问仓库有没有货", "--for", mine["id"])
    desk.ok("timer", "add", "30m", "-", input="喝水\n")
    desk.ok("timer", "add", "1d", "--for", mine["id"], "--call-back")
    rows = desk.ok("timer", "list", "--limit", "0")
    told = [(row["kind"], row["text"]) for row in rows if row["reminder_id"]]
    assert told == [("reminder", "喝水"), ("reminder", "问仓库有没有货"), ("call_back", "")]
    assert any(row["kind"] == "resolution" for row in rows)
    assert [row["due_at"] for row in rows if row["due_at"]] == sorted(row["due_at"] for row in rows if row["due_at"])
    water = next(row for row in rows if row["text"] == "喝水")["reminder_id"]
    assert desk.ok("timer", "done", water[-8:])["status"] == "applied"
    assert "喝水" not in json.dumps(desk.ok("timer", "list", "--limit", "0"), ensure_ascii=False)
    assert desk.ok("undo")["status"] in ("void", "applied")
    assert "喝水" in json.dumps(desk.ok("timer", "list", "--limit", "0"), ensure_ascii=False)
    assert desk.ok("timer", "remove", water)["status"] == "applied"
    desk("timer", "done", "zzzzzzzz").refused(1, "zzzzzzzz")
    desk("timer", "add", "soon", "x").refused(2, "soon")
    desk("timer", "add", "2h").refused(1)
    desk("timer", "add", "2h", "x", "--call-back").refused(2, "--for")
    desk("timer", "add", "2h", "x", "--agent", "nobody").refused(1, "nobody")


def test_policies(desk: Kefu, tmp_path: pathlib.Path) -> None:
    assert [row["state"] for row in desk.ok("policy", "list")] == ["in force"]
    shown = {row["clock"]: row for row in desk.ok("policy", "show", "standard")}
    assert shown["resolution"]["target"] == "24h"
    assert shown["resolution"]["pause"] == ["outage", "snoozed", "waiting"]
    assert {row["clock"] for row in desk.ok("policy", "show")} >= {"next_response"}
    told = desk.ok("policy", "check", "strict")
    assert (told["name"], told["zone"]) == ("strict", "Asia/Shanghai")
    file = tmp_path / "ours.toml"
    file.write_text(
        'name = "ours"\n[shift]\ndaily = ["09:00-12:00", "13:00-21:00"]\n[overrides]\n"2026-11-11" = ["00:00-24:00"]\n'
        '[group.night.shift]\ndaily = ["21:00-09:00"]\n[clock.next_response]\ntarget = "2m"\ncalendar = "shift"\n',
        encoding="utf-8",
    )
    told = desk.ok("policy", "check", str(file))
    assert told["groups"] == ["night"]
    assert any("resolution" in one for one in told["lacks"])
    desk("policy", "set", str(file)).refused(1, "Not allowed")
    file.write_text('name = "x"\n[clock.a]\ntarget = "2m"\ncalendar = "wall"\nstart = "sneezed"\n', encoding="utf-8")
    desk("policy", "check", str(file)).refused(1, "clock.a.start", "sneezed")
    desk("policy", "set", str(file)).refused(1, "sneezed")
    file.write_bytes(b"\xff\xfe")
    desk("policy", "check", str(file)).refused(1)
    desk("policy", "check", "nowhere.toml").refused(1, "nowhere")
    desk("policy", "drop", "zzzzzzzz").refused(1)

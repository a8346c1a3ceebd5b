"""Emergencies and routing by keys, on a real desk of a lead."""

import pathlib

import pytest

from kefu_tui.desk.desk import UNDO_WITHIN_S
from kefu_tui.now import SECOND
from tests.real_desk import real_desk


async def test_an_outage_is_begun_told_of_and_ended(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "z", "1")
        await one.type("power")
        await one.press("enter")
        await one.until(lambda: "没有这个权限" in one.notice)
        me = one.desk.agent_id
        one.desk.store.write(lambda c: c.execute("UPDATE agent SET role = 'lead' WHERE id = ?", (me,))).result()
        await one.press("g", "z", "1")
        await one.type("power")
        await one.press("enter")
        await one.until(lambda: one.ask("SELECT reason FROM mode WHERE until IS NULL") == [("power",)])
        await one.until(lambda: "应急已开" in one.notice)
        now = one.desk.now
        monkeypatch.setattr(one.desk, "now", lambda: now() + (UNDO_WITHIN_S + 1) * SECOND)
        await one.press("escape", "down")  # what could be undone is said no longer
        await one.until(lambda: "停机" in one.notice)
        assert "power" in one.notice
        await one.press("g", "z", "1")
        await one.until(lambda: one.ask("SELECT count(*) FROM mode WHERE until IS NULL") == [(0,)])
        await one.press("down")
        await one.until(lambda: "停机" not in one.notice)


async def test_presence_and_why(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "a", "2")
        await one.until(lambda: one.ask("SELECT presence FROM agent WHERE id = ?", one.desk.agent_id) == [("busy",)])
        waiting = one.desk.queue_ids("waiting", 1)[0]
        one.work.open(waiting)
        await one.press("g", "d")
        assert "现在（第" in one.text
        assert "忙" in one.text or "不在班上" in one.text, "whatever hour it is"
        await one.press("escape", "P")
        await one.until(lambda: "没有派给你" in one.notice)

"""Reminders by keys, and what the clocks say by themselves: on a real desk, on a fake clock."""

import pathlib

import pytest

from kefu_tui.now import HOUR, MINUTE, SECOND
from kefu_tui.settings import Settings
from tests.real_desk import Real, real_desk
from tests.workstation import workstation


def reminders(one: Real) -> list[tuple[str, ...]]:
    return one.ask("SELECT kind, text, conversation_id IS NOT NULL, done_at IS NOT NULL FROM reminder ORDER BY id")


async def test_a_reminder_is_set_shown_done_and_taken_back(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("space", "escape")
        assert one.work.open_id is not None
        await one.press("r", "2")
        await one.type("ask")
        await one.press("enter")
        await one.until(lambda: bool(reminders(one)))
        assert reminders(one) == [("reminder", "ask", 1, 0)]
        await one.press("c", "1", "enter")
        await one.until(lambda: len(reminders(one)) == 2)
        there = [("call_back", ""), ("reminder", "ask")]
        await one.until(lambda: [(row.due.kind, row.text) for row in one.work.timers.rows if row.reminder_id] == there)
        assert "回访" in one.text
        await one.press("g", "t", "end")
        for _ in range(len(one.work.timers.ids)):
            if one.work.timers.current().reminder_id:
                break
            await one.press("up")
        await one.press("D")
        await one.until(lambda: sum(row[3] for row in reminders(one)) == 1)
        await one.press("u")
        await one.until(lambda: sum(row[3] for row in reminders(one)) == 0)


async def test_without_a_conversation_it_is_of_ones_own_and_needs_words(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 4, 8) as one:
        one.work.open(None)
        await one.press("c")
        assert "先打开一个会话" in one.notice
        await one.press("r", "1", "enter")
        await one.until(lambda: "没有内容" in one.notice)
        await one.press("r", "1")
        await one.type("tea")
        await one.press("enter")
        await one.until(lambda: bool(reminders(one)))
        assert reminders(one) == [("reminder", "tea", 0, 0)]
        await one.press("g", "t", "D")


async def test_what_falls_due_is_said_and_rung_for_but_not_at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    async with workstation() as one:
        rung: list[bool] = []
        monkeypatch.setattr(one.work, "ring", lambda *, mine: rung.append(mine))
        row = next(row for row in one.work.timers.rows if row.due.due_at is not None)
        mine = row._replace(mine=True)
        monkeypatch.setattr(type(one.work.timers), "rows", property(lambda pane: [mine]))
        due, warned = mine.due.due_at, mine.due.warn_at
        one.work._heard_at = warned - SECOND
        one.work.warn(warned + SECOND)
        assert "还剩" in one.notice
        assert rung == [True]
        one.work.warn(warned + 2 * SECOND)
        assert rung == [True], "once"
        one.work._heard_at = due - SECOND
        monkeypatch.setattr(one.desk, "on_shift", lambda now: False)
        one.work.warn(due)
        assert "超时了" in one.notice
        assert rung == [True], "it is night"
        one.app.settings = Settings(night=True)
        one.work._heard_at = due - SECOND
        one.work.warn(due + MINUTE)
        assert rung == [True, True]
        one.work._heard_at = due + HOUR
        one.work.warn(due + 2 * HOUR)
        assert rung == [True, True]

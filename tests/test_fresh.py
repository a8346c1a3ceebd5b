"""What changes while the agent works, and what is being written: shown soon, kept always, and no key waits for it."""

import dataclasses
from concurrent.futures import Future
from typing import Any

from kefu_tui.desk import StoreError
from tests.fake_desk import FakeDesk
from tests.workstation import CHANGED, workstation

# Changes


async def test_newcomers_stand_under_the_right_heading() -> None:
    async with workstation() as one:
        new = one.desk.talks["sun"]
        for number in range(7):
            one.desk.talks[f"new{number}"] = dataclasses.replace(new, id=f"new{number}", left=-100 + number)
        await one.tell()
        assert "我的  5 / 8" in one.text
        assert "等候  25" in one.text
        one.desk.talks["li"].offered = True
        await one.tell()
        assert "转给我  1" in one.text
        assert "等候  24" in one.text


async def test_who_comes_to_an_empty_queue_is_opened() -> None:
    async with workstation("empty") as one:
        assert "没有人在等。" in one.text
        one.desk.talks |= FakeDesk().talks
        await one.tell()
        assert one.work.open_id == "zhou"


async def test_order_waits_while_the_agent_moves_and_rows_do_not() -> None:
    async with workstation() as one:
        await one.press("down")
        one.desk.talks["wang"].left = -600
        one.desk.talks["wang"].unanswered = 7
        one.desk.tell(CHANGED._replace(conversations=frozenset(("wang",))))
        await one.until(lambda: " 7" in next(line for line in one.screen if "王**" in line[:20])[:43])
        assert one.work.queue.ids[0] == "zhou"
        await one.fresh()
        assert one.work.queue.ids[0] == "wang"
        assert one.work.queue.cursor == "wang"


# Drafts


async def test_drafts_stay_where_they_were_written() -> None:
    async with workstation() as one:
        await one.press("i", "a", "b", "escape", "g", "q", "down", "enter")
        assert one.desk.kept["zhou"] == "ab"
        assert one.work.open_id == "wang"
        assert one.work.composer.text == ""
        await one.press("up", "enter")
        assert one.work.composer.text == "ab"
        await one.press("i", "c", "f5")
        assert one.verbs == [("reply", "zhou", "abc", None)]


async def test_a_pause_keeps_the_draft() -> None:
    async with workstation() as one:
        await one.press("i", "a")
        await one.until(lambda: one.desk.kept.get("zhou") == "a")


async def test_a_full_disk_loses_no_words() -> None:
    async with workstation() as one:
        await one.press("i", "a")
        failed: Future[Any] = Future()
        failed.set_exception(StoreError("disk-full", "desk.db"))
        one.desk.reply = lambda *_: failed
        one.desk.keep_draft = lambda *_: failed
        await one.press("enter")
        assert "磁盘满了，没有存下。写的还在这里" in one.notice
        assert one.work.composer.text == "a"
        await one.press("b", "escape")
        await one.pilot.pause()
        assert "磁盘满了" in one.notice


async def test_quit_takes_two_keys_and_keeps_the_draft() -> None:
    async with workstation() as one:
        await one.press("i", "a", "ctrl+c")
        assert one.app.is_running
        await one.press("ctrl+c")
        assert one.desk.kept["zhou"] == "a"
    assert one.app.return_code == 0

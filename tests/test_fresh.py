"""What changes while the agent works, and what is being written: shown soon, kept always, and no key waits for it."""

import dataclasses
from concurrent.futures import Future
from typing import Any

import pytest
from textual import events

from kefu_tui.desk import StoreError
from kefu_tui.screens import drafts
from kefu_tui.store.shown import Filled
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
        one.app.pressed_at += 60  # the agent goes on moving
        one.desk.talks["wang"].left = -600
        one.desk.talks["wang"].unanswered = 7
        one.desk.tell(CHANGED._replace(conversations=frozenset(("wang",))))
        await one.until(lambda: " 7" in next(line for line in one.screen if "王**" in line[:20])[:43])
        await one.until(lambda: bool(one.work._sorts))
        assert one.work.queue.ids[0] == "zhou"
        one.app.pressed_at -= 120
        one.work._sort_again()
        await one.pilot.pause()
        assert one.work.queue.ids[0] == "wang"
        assert one.work.queue.cursor == "wang"


async def test_many_changes_are_read_once() -> None:
    async with workstation() as one:
        await one.fresh()
        read: list[str] = []
        ids, thread = one.desk.queue_ids, one.desk.thread
        one.desk.queue_ids = lambda *given: (read.append("ids"), ids(*given))[1]
        one.desk.thread = lambda *given: (read.append("thread"), thread(*given))[1]
        for _ in range(500):
            one.desk.tell(CHANGED)
        await one.fresh()
        assert read == ["thread", "ids"]


async def test_a_key_is_served_in_the_middle_of_a_reading() -> None:
    async with workstation() as one:
        await one.fresh()
        seen: list[str | None] = []
        reread, bars = one.work.reread, one.work.bars

        def reread_while_a_key_comes() -> None:
            one.app.post_message(events.Key("down", None))
            reread()

        one.work.reread = reread_while_a_key_comes
        one.work.bars = lambda: (seen.append(one.work.queue.cursor), bars())
        await one.tell()
        assert seen[-1] == "wang"  # where the key put it, before the reading was over


async def test_what_is_done_is_said_as_long_as_it_can_be_undone_and_then_what_is_wrong() -> None:
    async with workstation("held") as one:
        await one.press("b")
        assert "已放回" in one.notice
        one.desk._undo = None
        one.work.bars()
        assert "扣下 1 条，客户没有收到。" in one.notice


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


async def test_typing_without_a_pause_is_kept_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "PAUSE", 60.0)
    monkeypatch.setattr(drafts, "LONGEST", 0.05)
    async with workstation() as one:
        await one.press("i")
        await one.burst("a", "b")
        await one.until(lambda: one.desk.kept.get("zhou") == "ab")


async def test_a_draft_still_knows_what_its_canned_reply_asks_for() -> None:
    async with workstation() as one:
        text = "您好，[尺码] 有货，[颜色] 没有。"
        one.desk.fills["r4"] = Filled("r4", "尺码", text, (), (), ("尺码", "颜色"))
        await one.press("5", "escape", "g", "q", "down", "enter")
        assert one.work.open_id == "wang"
        await one.press("up", "enter", "i", "enter")
        assert one.verbs == []
        assert "缺 尺码" in one.text or "补上才能发：尺码" in one.text
        await one.press("M", "tab", "白", "enter")
        assert one.verbs == [("reply", "zhou", "您好，M 有货，白 没有。", "r4")]


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


@pytest.mark.parametrize("saved", [True, False])
async def test_a_store_that_cannot_be_read_ends_the_app_and_loses_no_words(saved: bool) -> None:
    def broken(*_: object) -> Any:
        raise StoreError("damaged", "store.db")

    async with workstation() as one:
        await one.press("i", "a", "b")
        if not saved:
            failed: Future[Any] = Future()
            failed.set_exception(StoreError("damaged", "store.db"))
            one.desk.keep_draft = lambda *_: failed
        one.desk.status = broken
        one.work.hear(CHANGED)
        await one.until(lambda: one.app.fault is not None)
    assert one.app.fault is not None
    assert one.app.fault.code == "damaged"
    assert one.app.unkept == ("" if saved else "ab")
    if saved:
        assert one.desk.kept["zhou"] == "ab"


async def test_quit_takes_two_keys_and_keeps_the_draft() -> None:
    async with workstation() as one:
        await one.press("i", "a", "ctrl+c")
        assert one.app.is_running
        await one.press("ctrl+c")
        assert one.desk.kept["zhou"] == "a"
    assert one.app.return_code == 0

"""Automation by keys, on a real desk of a lead: switched, written, rehearsed, looked back at, taken back."""

import pathlib

from kefu_tui.operations.automation import rule_id
from kefu_tui.screens.sheet import Menu, Typed
from tests.real_desk import Real, real_desk


def promote(one: Real) -> None:
    one.desk.store.write(lambda connection: connection.execute("UPDATE agent SET role = 'lead'")).result()


def choose(one: Real, name: str) -> None:
    one.app.screen.query_one(Menu).choose(rule_id(name))


async def test_switched_rehearsed_and_dropped(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "j")
        assert "自动规则 12" in one.text
        await one.press("space")
        await one.until(lambda: "没有这个权限" in one.text)
        promote(one)
        choose(one, "urging")
        await one.press("space")
        await one.until(lambda: "开着 1 条" in one.text)
        assert one.ask("SELECT name FROM automation WHERE since IS NOT NULL") == [("urging",)]
        await one.press("t")
        await one.until(lambda: "最近 7 天会做" in one.text)
        await one.press("escape", "d")
        await one.until(lambda: "自动规则 11" in one.text)
        await one.press("escape")
        assert one.app.screen is one.work


async def test_written_run_looked_back_at_and_taken_back(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, lang="en") as one:
        promote(one)
        await one.press("g", "j", "A")
        typed = one.app.screen.query_one(Typed)
        assert "It can be used." in one.text
        typed.put("x")
        await one.press("backspace", "a")
        assert "no TOML" in one.text
        await one.press("enter")
        await one.until(lambda: "Not valid" in one.text)
        await one.press("backspace", "enter")
        await one.until(lambda: one.ask("SELECT count(*) FROM automation WHERE name = 'my_rule'") == [(1,)])
        id = one.desk.queue_ids("mine", 1)[0]
        one.desk.automation.run(rule_id("my_rule"), id).result()
        choose(one, "my_rule")
        await one.press("l")
        await one.until(lambda: "tag 催件" in one.text)
        await one.press("u")
        await one.until(lambda: "taken back" in one.text)
        assert one.ask("SELECT count(*) FROM tag WHERE conversation_id = ? AND name = '催件'", id) == [(0,)]
        await one.press("enter")
        assert one.work.open_id == id


async def test_priority_by_a_key(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "c", "!", "1")
        await one.until(lambda: one.ask("SELECT priority FROM conversation WHERE id = ?", one.work.open_id) == [(1,)])

"""Canned replies edited where they stand: on a real desk, with a preview, saved, found, taken back."""

import pathlib

from tests.real_desk import Real, real_desk


def rows(one: Real, title: str) -> list[tuple[str, ...]]:
    return one.ask("SELECT title, shortcut, text, scope, pinyin, initials FROM canned_reply WHERE title = ?", title)


async def test_a_new_one_is_written_previewed_saved_and_found(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("A")
        await one.type("试写")
        await one.press("tab")
        await one.type("sx")
        await one.press("tab")
        await one.type("您好{{ agent.name }}")
        assert "您好王小美" in one.text, "the preview is filled"
        await one.press("ctrl+j")
        await one.type("{{ nope.x }}")
        assert "缺 nope.x" in one.text
        await one.press(*["backspace"] * 12, "enter")
        await one.until(lambda: bool(rows(one, "试写")))
        assert rows(one, "试写") == [("试写", "sx", "您好{{ agent.name }}", "agent", "shixie", "sx")]
        await one.until(lambda: "话术已存" in one.notice)
        assert one.desk.canned("shixie", None)[0].title == "试写"
        await one.press("u")
        assert rows(one, "试写") == []


async def test_one_of_the_company_becomes_a_copy_of_ones_own(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "r")
        line = one.work.canned.current()
        await one.press("E")
        assert "存成我自己的一条" in one.text
        assert "^D" not in one.text
        await one.press("ctrl+e")
        await one.type("改")
        await one.press("enter")
        await one.until(lambda: bool(rows(one, line.title + "改")))
        assert [row[3] for row in rows(one, line.title + "改")] == ["agent"]
        assert [row[3] for row in rows(one, line.title)] == ["company"]


async def test_what_is_no_template_is_not_saved(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, size=(80, 24)) as one:
        await one.press("A", "enter")
        assert "标题和内容都要有" in one.text
        await one.type("坏")
        await one.press("tab", "tab")
        await one.type("{% if %}")
        await one.press("enter")
        assert "内容不合规格" in one.text
        await one.press("escape")
        assert rows(one, "坏") == []


async def test_the_guard_is_heard_while_it_is_written(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, size=(80, 24)) as one:
        await one.press("A", "tab", "tab")
        await one.type("您好，保证明天到货")
        assert "绝对承诺「保证」" in one.text
        await one.press("escape")

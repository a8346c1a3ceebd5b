"""Macros on a real desk: recorded from what was done, run as one, taken back as one, bound, refused as a whole."""

import pathlib

from kefu_tui.desk import Done, Refusal
from kefu_tui.desk.macros import Written
from kefu_tui.rules.macro import Step
from tests.real_desk import Real, real_desk


def status(one: Real, id: str) -> str:
    ((found,),) = one.ask("SELECT status FROM conversation WHERE id = ?", id)
    return str(found)


async def test_recorded_named_run_and_undone_by_keys(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("g", "c", "Q")
        assert "开始录了" in one.notice
        first = one.work.open_id
        await one.press("l")
        await one.type("催件了")
        await one.press("enter", "n")
        await one.type("ok")
        await one.press("enter", "k")
        assert "录制中 2 步" in one.notice
        await one.press("Q")
        await one.type("cui")
        await one.press("enter")
        (row,) = one.desk.macros.all()
        assert (row.name, one.desk.macros.steps(row)) == ("cui", "标签 催件了\n备注 ok")

        other = next(id for id in one.work.queue.ids if id != first)
        one.work.open(other)
        await one.press("@", "1")
        assert "做完宏 cui" in one.notice
        tags = "SELECT count(*) FROM tag WHERE conversation_id = ? AND name = '催件了'"
        notes = "SELECT count(*) FROM message WHERE conversation_id = ? AND text = 'ok'"
        assert one.ask(tags, other) == one.ask(notes, other) == [(1,)]
        await one.press("u")
        assert one.ask(tags, other) == one.ask(notes, other) == [(0,)]


async def test_a_key_of_its_own_and_the_which_key_bar(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        assert isinstance(one.desk.macros.save(Written("急件", "标签 急", "j")).result(), Done)
        one.app.bind_macros()
        await one.press(",")
        await one.until(lambda: "急件" in one.text)
        await one.press("j")
        assert one.ask("SELECT name FROM tag WHERE conversation_id = ? AND name = '急'", one.work.open_id)
        same = one.desk.macros.save(Written("另一个", "标签 b", "j")).result()
        assert isinstance(same, Refusal)
        assert same.code == "taken-name"


async def test_blanks_are_asked_for_one_by_one(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        one.desk.macros.save(Written("记", "备注 {{ ask.a }} 和 {{ ask.b }}")).result()
        await one.press("@", "1")
        assert "还有 2 处要填" in one.text
        await one.type("x")
        await one.press("enter")
        await one.type("y")
        await one.press("enter")
        assert one.ask("SELECT text FROM message WHERE kind = 'note' AND text = 'x 和 y'") == [("x 和 y",)]


async def test_a_step_that_cannot_be_is_named_and_nothing_is_done(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        one.desk.macros.save(Written("错", "标签 甲\n转接 没有这个人")).result()
        (row,) = one.desk.macros.all()
        answer = one.desk.macros.run(row, one.work.open_id, {}).result()
        assert isinstance(answer, Refusal)
        assert answer.say("zh") == "宏的第 2 转接 步做不了，一步都没有做：转不了：对方不在。"
        assert one.ask("SELECT count(*) FROM tag WHERE name = '甲'") == [(0,)]


async def test_reply_and_resolve_wait_together_and_are_taken_back_together(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        one.desk.macros.save(Written("谢", "回复 谢谢您\n结束 好评")).result()
        (row,) = one.desk.macros.all()
        id = one.work.open_id
        assert isinstance(one.desk.macros.run(row, id, {}, hold_s=3).result(), Done)
        assert status(one, id) == "resolved"
        assert one.ask(
            "SELECT count(DISTINCT verb), min(hold_until IS NOT NULL) FROM outbox WHERE kind <> 'macro.save'"
        ) == [(1, 1)]
        assert isinstance(one.desk.undo().result(), Done)
        assert status(one, id) == "open"
        assert one.ask("SELECT count(*) FROM message WHERE text = '谢谢您'") == [(0,)]


async def test_what_was_taken_back_is_not_recorded(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        mark = one.desk.macros.last_done()
        id = one.work.open_id
        one.desk.tag(id, "甲").result()
        one.desk.tag(id, "乙").result()
        one.desk.undo().result()
        one.desk.resolve(id, "丙").result()
        assert one.desk.macros.recorded(mark) == [Step("tag", "甲"), Step("resolve", "丙")]


async def test_the_list_of_macros(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, size=(80, 24)) as one:
        await one.press("g", "m")
        assert "还没有宏" in one.text
        await one.press("A")
        await one.type("tag a")
        await one.press("ctrl+j")
        await one.type("fly")
        assert "不认识 fly" in one.text
        await one.press("enter")
        assert one.desk.macros.all() == []
        await one.press("backspace", "backspace", "backspace", "enter")
        (row,) = one.desk.macros.all()
        await one.press("b", "z", "n", "ctrl+u")
        await one.type("mine")
        await one.press("enter")
        (row,) = one.desk.macros.all()
        assert (row.name, row.key, one.desk.macros.steps(row)) == ("mine", "z", "标签 a")
        await one.press("d")
        assert one.desk.macros.all() == []


async def test_a_file_and_back(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        one.desk.macros.save(Written('引号 "x"', '备注 他说 "好" \\ 了', "y")).result()
        text = one.desk.macros.export()
        written, troubles = one.desk.macros.read_file(text)
        assert troubles == []
        before = one.desk.macros.all()
        assert isinstance(one.desk.macros.take_in(written).result(), Done | Refusal)
        assert [row.steps for row in one.desk.macros.all()] == [row.steps for row in before]
        assert one.desk.macros.read_file("[[macro]]\nsteps = 'x'")[1][0].zh == "第 1 个宏没有名称。"
        assert one.desk.macros.read_file("][")[1]

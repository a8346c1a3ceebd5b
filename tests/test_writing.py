"""A text that is being written: editing, undo, cursor, rows; and what may be typed at all."""

import random
from collections.abc import Callable

import pytest

from kefu_tui.text import wrap_spans
from kefu_tui.widgets.writing import LIMIT, Writing, typed
from tests.panes import HOSTILE, harmless


def written(text: str, at: int | None = None) -> Writing:
    found = Writing()
    found.start(text)
    if at is not None:
        found.move(at)
    return found


class TestWriting:
    def test_typing_is_undone_by_clauses(self) -> None:
        text = written("")
        for char in "您好，在的。马上":
            text.insert(char)
        seen = []
        while text.undo():
            seen.append(text.text)
        assert seen == ["您好，在的。", "您好，", ""]

    def test_redo_goes_back_until_something_else_is_written(self) -> None:
        text = written("")
        text.insert("您好")
        text.undo()
        text.redo()
        assert text.text == "您好"
        text.undo()
        text.insert("在")
        assert not text.redo()

    def test_a_paste_is_one_step(self) -> None:
        text = written("a")
        text.insert("第一行\r\n第二行\r第三行")
        assert text.text == "a第一行\n第二行\n第三行"
        text.undo()
        assert text.text == "a"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("您好，快递 SF1385628716739", "您好，快递 "),
            ("您好，快递 ", "您好，"),
            ("您好，快递", "您好，"),
            ("您好，", "您好"),
            ("hello world", "hello "),
            ("", ""),
        ],
    )
    def test_back_word(self, before: str, after: str) -> None:
        text = written(before)
        text.back_word()
        assert text.text == after

    def test_kill_to_both_ends_of_the_line(self) -> None:
        text = written("第一行\n第二行", 6)
        text.kill_end()
        assert text.text == "第一行\n第二"
        text.kill_start()
        assert (text.text, text.at) == ("第一行\n", 4)
        text.kill_start()
        assert text.text == "第一行"

    def test_what_belongs_together_is_deleted_together(self) -> None:
        for whole in ("👨\u200d👩\u200d👧", "e\u0301", "🇨🇳", "好"):
            text = written("a" + whole)
            text.back()
            assert text.text == "a"
            text = written(whole + "a", 0)
            text.delete()
            assert text.text == "a"

    def test_up_and_down_keep_the_column(self) -> None:
        text = written("一二三四五\nab\n一二三四五", 4)
        assert text.vertical(1, 20)
        assert text.at == 8  # the end of `ab`
        assert text.vertical(1, 20)
        assert text.at == 13
        assert not text.vertical(1, 20)

    def test_home_and_end_are_of_the_row(self) -> None:
        text = written("一二三四五六七八九十", 7)
        text.home(10)
        assert text.at == 5
        text.move(2)
        text.end(10)
        assert text.at == 4  # before the last character of a row that goes on

    def test_marks_follow_the_text_and_go_when_they_are_touched(self) -> None:
        text = written("")
        text.start("由顺丰承运，单号 SF1", ((1, 3), (9, 12)))
        text.move(0)
        text.insert("您")
        assert [text.text[one:last] for one, last in text.marks] == ["顺丰", "SF1"]
        text.move(3)
        text.insert("快")
        assert [text.text[one:last] for one, last in text.marks] == ["SF1"]
        text.undo()
        assert len(text.marks) == 2

    def test_too_long_changes_nothing(self) -> None:
        text = written("好" * (LIMIT - 1))
        assert not text.insert("您好")
        assert text.insert("好")
        assert not text.insert("a")
        assert len(text.text) == LIMIT

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_what_may_not_be_typed_is_dropped(self, text: str) -> None:
        kept = typed(text)
        assert harmless(kept.replace("\n", ""))
        assert typed(kept) == kept

    def test_rows_are_the_same_however_the_text_came_about(self) -> None:
        choose = random.Random(7)
        letters = "您好，我的快递 SF138562 怎么还没到！(abc)「好」\n 12"
        for width in (8, 13, 20, 41):
            text = written("")
            edits: list[Callable[[], object]] = [
                lambda text=text: text.insert("".join(choose.choices(letters, k=choose.choice([1, 1, 5, 30])))),
                lambda text=text: text.insert(choose.choice(letters)),
                lambda text=text: text.move(choose.randint(0, len(text.text))),
                text.back, text.back_word, text.kill_start, text.undo, text.redo,
            ]  # fmt: skip
            for edit in choose.choices(edits, weights=[9, 9, 6, 4, 1, 1, 2, 1], k=400):
                edit()
                assert text.rows(width) == wrap_spans(text.text, width, keep=text.marks)

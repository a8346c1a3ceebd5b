"""The linear view: the same work by lines, for a screen reader and for a pipe."""

import re

from tests.cli.program import Kefu


def talk(desk: Kefu, *lines: str, lang: str = "zh") -> str:
    """What is said to these lines."""
    answer = desk("--plain", input="".join(f"{line}\n" for line in lines), KEFU_LANG=lang)
    assert answer.code == 0, answer.err
    return answer.out


def test_take_answer_next(desk: Kefu) -> None:
    words = "您好，马上为您查"
    said = talk(desk, "1", "release", "next", f"reply {words}", "conversation", "resolve 物流", "undo", "quit", "queue")
    assert "已接" in said
    assert "已回复" in said
    assert "我 " in said
    assert "您好，马上为您查" in said
    assert "已结束" in said
    assert "已撤销" in said
    assert said.count("接待 ") == 1, "nothing is obeyed after quit"
    kinds = [row["kind"] for row in desk.ok("search", "您好，马上为您查")]
    assert "message" in kinds


def test_offered_and_searched_replies(desk: Kefu) -> None:
    said = talk(desk, "1", "search tuikaun", "send", "accept", "search zzzzzz")
    assert "退款" in said
    assert "已回复" in said
    assert "没有这样的话术" in said


def test_by_keys_labels_initials_and_in_english(desk: Kefu) -> None:
    said = talk(desk, "1", "l 催件", "备注 记一下", "bz 再记", "?", "fly", lang="zh")
    assert "已加标签" in said
    assert said.count("已记备注") == 2
    assert "不认识 fly" in said
    said = talk(desk, "find is:mine", "1", "orders", "note", "snooze 5", "transfer", lang="en")
    assert "Conversation with" in said
    assert "Nothing written yet." in said
    assert "Snoozed" in said
    assert "To whom:" in said


def test_no_line_obeys_a_terminal(desk: Kefu) -> None:
    said = talk(desk, "1", "reply \x1b[31mred\x07", "conversation", "orders", "notices")
    assert "red" in said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", said)

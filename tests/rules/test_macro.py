"""Macros as they are written: what is a step, what is told when it is none, and that writing is the inverse of reading."""

import pathlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules.macro import VERBS, Step, asks, minutes, packed, read, unpacked, write

STARTER = pathlib.Path(__file__).parents[2] / "data" / "macros" / "starter.toml"


def test_both_languages_mean_the_same() -> None:
    zh = "接待\n标签 催件\n备注 已催\n转接 liu | 请接\n稍后 2h\n结束 物流"
    en = "take\ntag 催件\nnote 已催\ntransfer liu | 请接\nsnooze 2h\nresolve 物流"
    assert read(zh) == read(en)
    assert [step.verb for step in read(zh)[0]] == ["take", "tag", "note", "transfer", "snooze", "resolve"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("飞 走", "第 1 步不认识 飞"),
        ("结束\n标签", "第 2 步 标签 后面要有内容。"),
        ("接待 王", "第 1 步 接待 后面不带内容。"),
        ("稍后 明天", "第 1 步 稍后多久"),
        ("", "还没有步骤。"),
        ("结束\n" * 21, "最多 20 步。"),
    ],
)
def test_what_cannot_be_is_told_with_its_step(text: str, told: str) -> None:
    assert read(text)[1][0].zh.startswith(told)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)
STEPS = st.one_of(
    st.sampled_from(["take", "reopen", "release", "approve-return"]).map(Step),
    st.tuples(st.sampled_from(["reply", "note", "tag", "untag", "transfer", "resolve", "canned"]), WORDS).map(
        lambda pair: Step(*pair)
    ),
    st.integers(1, 9999).map(lambda n: Step("snooze", f"{n}m")),
)


@given(st.lists(STEPS, min_size=1, max_size=20), st.sampled_from(["zh", "en"]))
def test_what_is_written_is_read_again(steps: list[Step], lang: str) -> None:
    assert read(write(steps, lang)) == (steps, [])
    assert unpacked(packed(steps)) == steps


def test_line_ends_and_backslashes_survive() -> None:
    steps = [Step("reply", "一\n二 \\n 三\\")]
    assert read(write(steps))[0] == steps


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read(text)
    unpacked(text)


def test_blanks_are_asked_for_once() -> None:
    assert asks(["{{ ask.几点 }} {{ ask.几点 }}", "{{ order.no }} {{ask.who}}"]) == ["几点", "who"]


@pytest.mark.parametrize(("span", "many"), [("30m", 30), ("2h", 120), ("1天", 1440), ("0m", None), ("soon", None)])
def test_how_long(span: str, many: int | None) -> None:
    assert minutes(span) == many


def test_the_box_holds_macros_that_can_be() -> None:
    found = tomllib.loads(STARTER.read_text(encoding="utf-8"))["macro"]
    assert len({one["key"] for one in found}) == len({one["name"] for one in found}) == len(found) >= 6
    for one in found:
        assert read(one["steps"])[1] == []
    assert set(VERBS) > {"take", "reply"}

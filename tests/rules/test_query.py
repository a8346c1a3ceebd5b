"""The query language: what is a word, what a condition, what is told when it is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.now import DAY, HOUR, SECOND
from kefu_tui.rules.query import FIELDS, Condition, completions, moment, parse

NOON = 1_780_000_000 * SECOND - (1_780_000_000 % 86_400) * SECOND + 4 * HOUR  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("text", "words", "conditions"),
    [
        ("发货", ("发货",), ()),
        ("  我的 快递 ", ("我的", "快递"), ()),
        ('"还没 发货"', ("还没 发货",), ()),
        ("tag:急", (), (Condition("tag", "急"),)),
        ("标签：急 物流", ("物流",), (Condition("tag", "急"),)),
        ("类别:投诉 -status:resolved", (), (Condition("kind", "complaint"), Condition("status", "resolved", True))),
        ("FROM:Wang", (), (Condition("from", "wang"),)),
        ("接待:我 是:未读", (), (Condition("assignee", "me"), Condition("is", "unread"))),
        ('tag:"很 急" 催', ("催",), (Condition("tag", "很 急"),)),
        ("order:3287", (), (Condition("order", "3287"),)),
        ("before:11-02 after:3天", (), (Condition("before", "11-02"), Condition("after", "3天"))),
        ("10:30", ("10:30",), ()),
        ("ｗｌ", ("wl",), ()),
    ],
)
def test_words_and_conditions(text: str, words: tuple[str, ...], conditions: tuple[Condition, ...]) -> None:
    query = parse(text)
    assert (query.words, query.conditions, query.troubles) == (words, conditions, ())


def test_words_that_must_not_occur() -> None:
    assert parse("退货 -运费").without == ("运费",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour:red", "没有 colour: 这个条件"),
        ("kind:nonsense", "kind: 可以是 presale"),
        ("before:soon", "before: 后面写日期"),
        ('tag:""', "tag: 后面要有内容"),
        ("before:13-45", "before: 后面写日期"),
    ],
)
def test_what_is_not_understood_is_told(text: str, told: str) -> None:
    (trouble,) = parse(text).troubles
    assert trouble.say("zh").startswith(told)
    assert trouble.say("en").endswith(".")


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    assert all(one.field in FIELDS for one in query.conditions)
    assert all(word == word.strip() and word for word in query.words)
    completions(text)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("today", NOON - 12 * HOUR),
        ("yesterday", NOON - 36 * HOUR),
        ("3d", NOON - 3 * DAY),
        ("2小时", NOON - 2 * HOUR),
        ("2h前", NOON - 2 * HOUR),
        ("2026-05-01", None),
    ],
)
def test_moments(value: str, at: int | None) -> None:
    found = moment(value, NOON, "Asia/Shanghai")
    assert found is not None
    if at is not None:
        assert found == at


def test_a_day_without_a_year_is_the_last_one() -> None:
    later, earlier = moment("12-31", NOON, "Asia/Shanghai"), moment("01-01", NOON, "Asia/Shanghai")
    assert later is not None
    assert earlier is not None
    assert later < earlier < NOON


def test_completions() -> None:
    assert completions("发货 ta") == ["tag:"]
    assert "complaint" in completions("kind:c")
    assert completions("标") == ["tag:"]
    assert completions("发货 ") == []

"""The guard's rules: what ships proves itself by its own examples; a file that is wrong is refused in one line."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.config import box
from kefu_tui.rules.guard import GuardError, Rule, check, parse_rules

PLAIN: dict[str, Any] = {
    "id": "x", "severity": "block", "zh": "例", "en": "example", "source": "s", "match": ["ab+"], "fires": ["abb"],
    "passes": ["a"],
}  # fmt: skip


def shipped(lang: str) -> tuple[Rule, ...]:
    return parse_rules(tomllib.loads(box("guard", f"{lang}.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_ships(lang: str) -> None:
    rules = shipped(lang)
    assert {rule.id for rule in rules} >= {"superlative", "promise", "effect", "off-platform", "personal-data", "rude"}
    for rule in rules:
        assert rule.told.fires, rule.id
        assert rule.told.passes, rule.id
        assert rule.source, rule.id
        assert rule.advice("zh"), rule.id
        assert rule.advice("en"), rule.id


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_canned_replies_keep_them(lang: str) -> None:
    replies = tomllib.loads(box("canned", f"{lang}.toml").read_text(encoding="utf-8"))["reply"]
    rules = shipped(lang)
    broken = {one["shortcut"]: [hit.words for hit in check(one["text"], rules)] for one in replies}
    assert {name: words for name, words in broken.items() if words} == {}


def test_where_and_what() -> None:
    hits = check("您好，我们保证这是全网最低价", shipped("zh"))
    assert [(hit.rule.id, hit.words, hit.start, hit.end) for hit in hits] == [
        ("promise", "保证", 5, 7), ("superlative", "全网", 9, 11), ("superlative", "最低", 11, 13),
    ]  # fmt: skip


def test_an_exception_spares_only_what_lies_in_it() -> None:
    rules = shipped("zh")
    assert check("有消息我第一时间告诉您", rules) == []
    assert [hit.words for hit in check("第一时间发货，销量第一", rules)] == ["销量第一"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"match": ["("]}, "pattern '\\('"),
        ({"match": ["(?=a)"]}, "pattern"),
        ({"severity": "worst"}, "severity"),
        ({"fires": ["nothing"]}, "does not hit its example 'nothing'"),
        ({"passes": ["xab"]}, "hits 'ab' in 'xab'"),
        ({"colour": "red"}, "colour"),
        ({"source": 1}, "source"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(change: dict[str, Any], told: str) -> None:
    with pytest.raises(GuardError, match=told) as caught:
        parse_rules({"rule": [{**PLAIN, **change}]})
    assert "\n" not in str(caught.value)


def test_one_id_stands_once() -> None:
    with pytest.raises(GuardError, match="twice"):
        parse_rules({"rule": [PLAIN, PLAIN]})


@given(st.text(max_size=200))
def test_any_text_is_looked_at(text: str) -> None:
    for hit in check(text, shipped("zh")):
        assert text[hit.start : hit.end] == hit.words != ""

"""Shorter ways: told where one was there, and only there."""

import pytest

from kefu_tui.rules.shortcuts import Hint, Watch


@pytest.mark.parametrize(
    ("commands", "hint"),
    [
        (["queue", "down", "down", "down", "open"], Hint("queue", "unread", 4)),
        (["down", "down", "down", "open", "next"], Hint("walk", "next", 4)),
        (["down", "open", "next"], None),
        (["next"], None),
        (["send-stay", "resolve"], Hint("send-resolve", "resolve", 1)),
        (["send", "resolve"], None),
    ],
)
def test_by_what_was_done(commands: list[str], hint: Hint | None) -> None:
    watch = Watch()
    told = [watch.used(command, "key", True) for command in commands]
    assert told[-1] == hint
    assert not any(told[:-1])


def test_the_palette_only_where_there_is_a_key() -> None:
    assert Watch().used("pin", "palette", True) == Hint("palette", "pin", 4)
    assert Watch().used("pin", "palette", False) is None


@pytest.mark.parametrize(
    ("by", "place", "offered", "hint"),
    [
        ("search", 3, True, Hint("offered", "accept", 3)),
        ("search", 3, False, Hint("numbered", "reply-3", 3)),
        ("search", 0, False, None),
        ("number", 3, True, None),
    ],
)
def test_a_reply_that_was_there_already(by: str, place: int, offered: bool, hint: Hint | None) -> None:
    assert Watch().inserted(by, place, offered, 2) == hint

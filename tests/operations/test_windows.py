"""A channel that takes answers only for so long after the customer's last words: later replies are held, never sent silently."""

import json

import msgspec
import pytest

from kefu_tui.model.rows import Message, Policy
from kefu_tui.now import HOUR, MINUTE
from kefu_tui.operations import Basis, Outcome, Refusal
from kefu_tui.operations.message import Reply, SettleHeld
from kefu_tui.operations.refusals import reason
from kefu_tui.rules.policy import PolicyError
from kefu_tui.rules.sections import parse_whole
from kefu_tui.rules.windows import parse_windows
from tests.operations.rows import NOW, Cast

REPLY = Reply(conversation_id="c1", message_id="m1", text="您好")
MINE = Basis(claim="mei", status="open", last_pos=200)


@pytest.fixture
def cast() -> Cast:
    cast = Cast()
    policy = cast.get(Policy, "default")
    body = json.loads(policy.body) | {"windows": {"wechat": "48h"}}
    cast.put(msgspec.structs.replace(policy, body=json.dumps(body)))
    return cast


def opened(cast: Cast, channel: str = "wechat", *, last_pos: int = 3) -> None:
    cast.conversation(
        status="open", assignee_id="mei", channel=channel, opened_at=NOW - 100 * HOUR, last_at=NOW, last_pos=last_pos
    )


def wrote(cast: Cast, ago: int, place: int, author: str = "customer") -> None:
    cast.message(id=f"x{place}", author=author, author_id=None, at=NOW - ago, conv_pos=place, op_id=f"x{place}")


def status(cast: Cast) -> tuple[str, str | None]:
    outcome, _ = cast.run(REPLY, "mei", MINE, NOW)
    assert isinstance(outcome, Outcome)
    return outcome.status, outcome.code


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (MINUTE, ("applied", None)),
        (48 * HOUR, ("applied", None)),
        (48 * HOUR + MINUTE, ("held", "window-closed")),
    ],
)
def test_the_customers_last_words_count(cast: Cast, ago: int, expected: tuple[str, str | None]) -> None:
    opened(cast)
    wrote(cast, 90 * HOUR, 1)
    wrote(cast, ago, 2)
    wrote(cast, MINUTE, 3, "agent")
    assert status(cast) == expected


def test_a_channel_without_a_window_takes_answers_always(cast: Cast) -> None:
    opened(cast, "web")
    wrote(cast, 90 * HOUR, 1)
    assert status(cast) == ("applied", None)


def test_where_the_customer_wrote_nothing_the_beginning_counts(cast: Cast) -> None:
    opened(cast)
    wrote(cast, MINUTE, 1, "agent")
    assert status(cast) == ("held", "window-closed")


@pytest.mark.parametrize(("ago", "expected"), [(HOUR, ("applied", None)), (50 * HOUR, ("held", "window-closed"))])
def test_last_words_a_long_talk_ago(cast: Cast, ago: int, expected: tuple[str, str | None]) -> None:
    opened(cast, last_pos=120)
    wrote(cast, ago, 1)
    for place in range(2, 121):
        wrote(cast, MINUTE, place, "agent")
    assert status(cast) == expected


def test_it_is_held_with_its_words_and_can_be_sent_all_the_same(cast: Cast) -> None:
    opened(cast)
    wrote(cast, 50 * HOUR, 3)
    cast.commit(REPLY, "mei", MINE, NOW)
    held = cast.get(Message, "m1")
    assert (held.state, held.reason, held.text) == ("held", "window-closed", "您好")
    cast.commit(SettleHeld(conversation_id="c1", message_id="m1", action="send"), "mei", MINE, NOW)
    assert cast.get(Message, "m1").state == "queued"
    outcome, _ = cast.run(msgspec.structs.replace(REPLY, message_id="m2"), "mei", MINE, NOW, "o2")
    assert not isinstance(outcome, Refusal)
    assert "后 48 小时之内" in reason("window-closed", outcome.facts, "zh")
    assert "for 48 h after" in reason("window-closed", outcome.facts, "en")


def test_the_section_of_a_policy() -> None:
    assert parse_windows({"wechat": "48h", "sms": "30m"}) == {"wechat": 48 * HOUR, "sms": 30 * MINUTE}
    for wrong in ([], {"wechat": 48}, {"wechat": "5wd"}, {"wechat": "soon"}):
        with pytest.raises(PolicyError, match="windows"):
            parse_windows(wrong)


def test_a_policy_with_a_wrong_window_is_refused(cast: Cast) -> None:
    body = json.loads(cast.get(Policy, "default").body)
    assert parse_whole(body | {"windows": {"wechat": "48h"}})
    with pytest.raises(PolicyError, match="windows"):
        parse_whole(body | {"windows": {"wechat": "x"}})

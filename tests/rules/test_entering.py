"""What a policy says of customers who come in; and a policy checked as a whole."""

import tomllib

import pytest

from kefu_tui.config import box
from kefu_tui.now import DAY, MINUTE, SECOND
from kefu_tui.rules.entering import Entering, parse_entering
from kefu_tui.rules.policy import TRIGGERS, PolicyError
from kefu_tui.rules.sections import parse_whole


@pytest.mark.parametrize(
    ("section", "means"),
    [
        ({}, Entering(False, 10 * MINUTE)),
        ({"open": True}, Entering(True, 10 * MINUTE)),
        ({"open": True, "leave_after": "90s"}, Entering(True, 90 * SECOND)),
        ({"leave_after": "1d"}, Entering(False, DAY)),
    ],
)
def test_what_a_section_means(section: dict[str, object], means: Entering) -> None:
    assert parse_entering(section) == means


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ([], "entering: a table is needed"),
        ({"opened": True}, "entering.opened: not known here (leave_after, open)"),
        ({"open": "yes"}, "entering.open: true or false is needed, not 'yes'"),
        ({"open": 1}, "entering.open: true or false"),
        ({"leave_after": "soon"}, "entering.leave_after: 'soon' is no duration"),
        ({"leave_after": 600}, "entering.leave_after: 600 is no duration"),
        ({"leave_after": "0m"}, "entering.leave_after"),
        ({"leave_after": "2d"}, "entering.leave_after: '2d' is no time of up to a day"),
        ({"leave_after": "1wd"}, "entering.leave_after: '1wd' is no time of up to a day"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(section: object, says: str) -> None:
    with pytest.raises(PolicyError) as no:
        parse_entering(section)
    assert says in str(no.value)
    assert "\n" not in str(no.value)


@pytest.mark.parametrize("name", ["strict", "standard"])
def test_what_ships_says_it(name: str) -> None:
    data = tomllib.loads(box("policies", f"{name}.toml").read_text(encoding="utf-8"))
    assert parse_entering(data["entering"]).open is (name == "strict")
    assert parse_whole(data).clocks["greeting"].start == "entered"


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"entering": {"open": 0}}, "entering.open"),
        ({"close_out": {"weather": []}}, "close_out.weather"),
        ({"routing": {"golden": "soon"}}, "routing.golden"),
        ({"clock": {"a": {}}}, "clock.a"),
    ],
)
def test_a_policy_is_checked_as_a_whole(section: dict[str, object], says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        parse_whole({"name": "x", **section})


def test_a_line_of_the_shop_itself_greets_and_answers_nothing() -> None:
    kept = [kind for kind, told in TRIGGERS.items() if "said" in told["stop"]]  # type: ignore[operator]
    assert kept == ["greeting"]

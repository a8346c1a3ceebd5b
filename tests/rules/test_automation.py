"""Automation rules: what a file may say, which facts let one act, when a schedule falls due."""

import pathlib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.now import DAY, HOUR, MINUTE, SECOND
from kefu_tui.rules.automation import AutomationError, Facts, Rule, occurrences, parse, refuses, unknown_of_the_past
from kefu_tui.rules.automation_words import conditions, names, says, span_text
from kefu_tui.rules.calendar import Calendar
from kefu_tui.rules.macro import Step

BOX = pathlib.Path(__file__).parents[2] / "data" / "automation"
BASE = {"name": '"r"', "zh": '"规则"', "en": '"Rule"', "on": '"received"', "do": '["标签 急"]'}
TUESDAY = date(2026, 11, 24)
FACTS = Facts(
    event="received", at=0, kind="logistics", channel="web", group="default", tier="vip", language="zh-CN", priority=3,
    tags=frozenset({"催件"}), status="waiting", assigned=False, unanswered=2, open=True, minute=10 * 60, day=TUESDAY,
    working=True, text="快递怎么还没到 HURRY",
)  # fmt: skip


def body(when: str = "", **told: str) -> str:
    lines = [f"{key} = {value}" for key, value in {**BASE, **told}.items()]
    return "\n".join(lines) + (f"\n[when]\n{when}\n" if when else "\n")


def rule(when: str = "", **told: str) -> Rule:
    return parse(body(when, **told))


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("", ""),
        ('kinds = ["logistics", "order"]', ""),
        ('kinds = ["order"]', "kinds"),
        ('channels = ["web"]\ngroups = ["default"]\ntiers = ["vip"]\nlanguages = ["zh"]', ""),
        ('languages = ["en"]', "languages"),
        ('tiers = ["new"]', "tiers"),
        ('groups = ["two"]', "groups"),
        ("priorities = [1, 2]", "priorities"),
        ('status = ["open"]', "status"),
        ('tags = ["催件", "x"]', ""),
        ('tags = ["x"]', "tags"),
        ('without_tags = ["催件"]', "without_tags"),
        ('words = ["hurry"]', ""),
        ('words = ["退款"]', "words"),
        ('without_words = ["快递"]', "without_words"),
        ("pattern = '还没(到|发)'", ""),
        ("pattern = 'hur+y$'", ""),
        ("pattern = '^到'", "pattern"),
        ("assigned = false", ""),
        ("assigned = true", "assigned"),
        ("unanswered = 2", ""),
        ("unanswered = 3", "unanswered"),
        ('hours = "open"', ""),
        ('hours = "closed"', "hours"),
        ('between = "09:00-10:01"', ""),
        ('between = "09:00-10:00"', "between"),
        ('between = "21:00-10:01"', ""),
        ('between = "21:00-10:00"', "between"),
        ('days = ["tue"]', ""),
        ('days = ["working"]', ""),
        ('days = ["off", "sat"]', "days"),
    ],
)
def test_what_must_hold(when: str, why: str) -> None:
    assert refuses(rule(when), FACTS) == why


def test_another_event_and_an_unknown_past() -> None:
    assert refuses(rule(on='["resolved", "reopened"]'), FACTS) == "on"
    told = rule('status = ["open"]\nassigned = true\nunanswered = 9')
    assert refuses(told, FACTS._replace(status=None, assigned=None, unanswered=None)) == ""
    assert unknown_of_the_past(told) == ["status", "assigned", "unanswered"]
    assert refuses(rule('days = ["working"]'), FACTS._replace(working=None)) == "days", "an unknown year is not guessed"


def test_clocks_and_tickets() -> None:
    late = rule('clocks = ["resolution"]', on='"breached"')
    assert refuses(late, FACTS._replace(event="breached", clock="resolution")) == ""
    assert refuses(late, FACTS._replace(event="breached", clock="archive")) == "clocks"
    unhappy = rule("scores = [1, 2]", on='"rated"')
    assert refuses(unhappy, FACTS._replace(event="rated", score=2)) == ""
    assert refuses(unhappy, FACTS._replace(event="rated", score=3)) == "scores"
    moved = rule('workflows = ["return"]\nstates = ["received"]', on='"ticket_moved"')
    assert refuses(moved, FACTS._replace(event="ticket_moved", workflow="return", state="received")) == ""
    assert refuses(moved, FACTS._replace(event="ticket_moved", workflow="return", state="done")) == "states"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("nonsense", "no TOML"),
        (body(colour='"red"'), "unknown field `colour`"),
        (body("colour = 1"), "when"),
        (body(name='"Big Rule"'), "name"),
        (body(zh='""'), "zh: a title"),
        (body(on='"flies"'), "on: no 'flies'. There are: entered"),
        (body(on="[]"), "on: nothing is named"),
        (body(on='"silent"'), "after: needed"),
        (body(after='"2h"'), "after: needed"),
        (body(on='"silent"', after='"2 weeks"'), "no time such as"),
        (body(on='"silent"', after='"91d"'), "at most 90d"),
        (body(on='"schedule"'), "at: times"),
        (body(on='"schedule"', at='["25:00"]'), "no time of the day"),
        (body(most='"often"'), "most"),
        (body(most='"0 in 1h"'), "most"),
        (body(storm="0"), "storm"),
        (body(order="-1"), "order"),
        (body(do="[]"), "do: There are no steps"),
        (body(do='["飞走"]'), "do: Step 1: no 飞走"),
        (body(do='["标签"]'), "needs something behind it"),
        (body(do='["priority 9"]'), "priority is 1"),
        (body(do='["notify leads"]'), "whom and what"),
        (body(do='["operation policy.set {}"]'), "a rule may not do 'policy.set'"),
        (body(do='["operation conversation.reply {}"]'), "a rule may not do 'conversation.reply'"),
        (body(do='["operation conversation.rate {}"]'), "a rule may not do 'conversation.rate'"),
        (body(do='["operation ticket.set [1]"]'), "needs a JSON object"),
        (body(do=f'["tag {"x" * 41}"]'), "at most 40"),
        (body(do=str(["tag a"] * 21).replace("'", '"')), "21 steps"),
        (body("pattern = '('"), "cannot be used"),
        (body('kinds = ["weather"]'), "when.kinds: no 'weather'"),
        (body('days = ["monday"]'), "when.days"),
        (body('words = [" "]'), "an empty word"),
        (body('words = ["x"]', on='"resolved"'), "need an event with a text"),
        (body('clocks = ["resolution"]'), "only with on ="),
        (body('states = ["x"]'), "only with events and clocks of tickets"),
        (body("priorities = [6]"), "1 (highest) to 5"),
        (body("scores = [1]"), "only with on = rated"),
        (body("scores = [6]", on='"rated"'), "1 to 5"),
        (body('between = "9-10"'), "when.between"),
        ("x" * 20_001, "at most 20000"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(told: str, says: str) -> None:
    with pytest.raises(AutomationError) as no:
        parse(told)
    assert says in str(no.value)
    assert "\n" not in str(no.value)


def test_steps_in_both_languages_are_the_same() -> None:
    zh = rule(do='["代答 您好", "通知 组长 看一下", "转接 default | 夜里来的", "外发 erp 单号", "工单 return 破损"]')
    en = rule(
        do='["say 您好", "notify 组长 看一下", "transfer default | 夜里来的", "webhook erp 单号", "ticket return 破损"]'
    )
    assert zh.steps == en.steps
    assert zh.steps[0] == Step("say", "您好")
    assert says(zh) == ["您好"]
    assert names(zh) == {"notify": ["组长"], "transfer": ["default"], "webhook": ["erp"], "ticket": ["return"]}
    assert zh.does("zh")[1] == "通知 组长 看一下"


def test_a_schedule_by_the_days_of_the_shop() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    week = Calendar(
        "Asia/Shanghai", ((),) * 7, frozenset({2026}), frozenset({date(2026, 10, 1)}), frozenset({date(2026, 10, 10)})
    )
    told = rule('days = ["working"]', on='"schedule"', at='["18:00", "09:00"]')

    def at(day: int, hour: int) -> int:
        return round(datetime(2026, 10, day, hour, tzinfo=zone).timestamp()) * SECOND

    assert occurrences(told, week, at(1, 0), at(2, 12)) == [at(2, 9)], "the first is a holiday"
    assert occurrences(told, week, at(10, 9), at(10, 18)) == [at(10, 18)], (
        "a Saturday that is worked; its begin is past"
    )
    assert occurrences(told, week, at(11, 0), at(11, 23)) == []
    everyday = rule(on='"schedule"', at='["00:00"]')
    assert occurrences(everyday, week, at(11, 0) - 1, at(13, 0)) == [at(11, 0), at(12, 0), at(13, 0)]


@given(st.integers(0, 40 * DAY), st.integers(0, 5 * DAY), st.integers(0, 5 * DAY))
def test_no_time_of_a_schedule_is_lost_or_doubled_between_two_looks(begin: int, first: int, second: int) -> None:
    start = round(datetime(2026, 10, 1, tzinfo=UTC).timestamp()) * SECOND + begin
    calendar = Calendar("Europe/Berlin", ((),) * 7, frozenset({2026}), frozenset(), frozenset())
    told = rule(on='"schedule"', at='["02:30", "09:00", "23:59"]')
    whole = occurrences(told, calendar, start, start + first + second)
    parts = occurrences(told, calendar, start, start + first)
    parts += occurrences(told, calendar, start + first, start + first + second)
    assert parts == whole == sorted(set(whole))


def test_in_words() -> None:
    told = rule('assigned = false\nhours = "closed"\nwords = ["催"]', on='"received"')
    assert conditions(told, "zh") == ["客户来消息", "说到 催", "有人接待 否", "班次 下班后"]
    assert conditions(told, "en") == ["a customer writes", "says 催", "taken no", "shift off"]
    assert conditions(rule(on='"silent"', after='"48h"'), "en") == ["a customer has been silent for 48 h"]
    assert conditions(rule(on='"schedule"', at='["08:55"]'), "zh") == ["定时 08:55"]
    assert [span_text(one, "zh") for one in (30 * SECOND, 10 * MINUTE, 36 * HOUR, 7 * DAY)] == [
        "30 秒", "10 分钟", "36 小时", "7 天",
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(BOX.glob("*.toml")), ids=lambda path: path.stem)
def test_what_ships_can_be_used_and_brakes_itself(path: pathlib.Path) -> None:
    told = parse(path.read_text(encoding="utf-8"))
    assert told.name == path.stem
    assert told.most[0] <= 5
    assert not [step for step in told.steps if step.verb in ("operation", "webhook", "transfer")]

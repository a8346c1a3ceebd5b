"""Workflows: what ships is sound and speaks well; a wrong file is refused in one line; paths good and bad are walked."""

import copy
import tomllib
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.config import box
from kefu_tui.rules.guard import check, parse_rules
from kefu_tui.rules.policy import parse_policy
from kefu_tui.rules.workflow import (
    CLOCKS,
    Clock,
    Field,
    Walk,
    Workflow,
    WorkflowError,
    draw,
    moves,
    parse_workflow,
    shown,
    simulate,
    unfit,
)
from kefu_tui.rules.workflow_shape import Named
from kefu_tui.text import cells
from tests.test_box import offences

NAMES = ("complaint", "delay", "incident", "invoice", "lost", "order_change", "product_question", "return")
VALUES = {"text": "一句话", "money": "12.50", "date": "2026-03-05", "order_no": "330012345678", "yesno": "yes"}

PLAIN: dict[str, Any] = {
    "name": "plain", "kind": "delay", "zh": "例", "en": "Example",
    "department": [{"id": "store", "zh": "仓库", "en": "Store"}],
    "state": [
        {"id": "new", "zh": "新", "en": "New", "category": "todo", "start": ["order_dispute"], "stop": ["order_dispute"]},
        {"id": "held", "zh": "等", "en": "Held", "category": "waiting", "waits": "customer"},
        {"id": "done", "zh": "完", "en": "Done", "category": "closed"},
    ],
    "transition": [
        {"id": "hold", "from": ["new"], "to": "held", "zh": "等", "en": "Hold", "pause": ["order_dispute"],
         "text_zh": "您好，{{ fields.what }}", "text_en": "Hello, {{ fields.what }}"},
        {"id": "back", "from": ["held"], "to": "new", "zh": "回", "en": "Back", "silent": True},
        {"id": "end", "from": ["new", "held"], "to": "done", "zh": "完", "en": "End", "silent": True, "steps": ["look"],
         "by": ["lead", "store"]},
    ],
    "field": [
        {"id": "what", "zh": "什么", "en": "What", "type": "text", "required": ["hold"]},
        {"id": "paid", "zh": "付了", "en": "Paid", "type": "money", "required": ["close"]},
    ],
    "step": [{"id": "look", "zh": "看", "en": "Look", "state": "new", "owner": "store", "clock": "warehouse_check"}],
    "example": [{"path": ["look", "end"], "fields": {"paid": "1"}, "ends": "done"}, {"path": ["end"], "refused": "end"}],
}  # fmt: skip


def shipped(name: str) -> Workflow:
    return parse_workflow(tomllib.loads(box("workflows", f"{name}.toml").read_text(encoding="utf-8")))


SHIPPED = {name: shipped(name) for name in NAMES}


def changed(*path: str | int, to: Any = None) -> dict[str, Any]:
    """PLAIN with one value put, or without it."""
    data: Any = copy.deepcopy(PLAIN)
    at = data
    for key in path[:-1]:
        at = at[key]
    if to is None:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return dict(data)


def filled(workflow: Workflow) -> dict[str, str]:
    """A value for every field."""
    return {one.id: one.choices[0].id if one.choices else VALUES[one.type] for one in workflow.fields}


def kinds(walk: Walk) -> list[str]:
    """The clocks that run at the end of a path; those that stand in brackets, those of steps with the step."""
    names = (f"{one.kind}/{one.step}".rstrip("/") if one.step else one.kind for one in walk.stands[-1].clocks)
    return [f"({name})" if one.paused else name for one, name in zip(walk.stands[-1].clocks, names, strict=True)]


class TestShipped:
    def test_all_are_known(self) -> None:
        assert sorted(path.stem for path in box("workflows").glob("*.toml")) == list(NAMES)
        assert {one.kind for one in SHIPPED.values()} == set(NAMES)
        assert all(name == one.name for name, one in SHIPPED.items())

    @pytest.mark.parametrize("policy", ["standard", "strict"])
    def test_clocks_are_those_of_the_policies(self, policy: str) -> None:
        data = tomllib.loads(box("policies", f"{policy}.toml").read_text(encoding="utf-8"))
        assert set(parse_policy(data).clocks) == set(CLOCKS)

    @pytest.mark.parametrize("name", NAMES)
    def test_each_proves_itself_by_a_good_and_a_bad_path(self, name: str) -> None:
        examples = SHIPPED[name].examples
        assert any(one.ends for one in examples)
        assert any(one.refused for one in examples)

    @pytest.mark.parametrize("lang", ["zh", "en"])
    @pytest.mark.parametrize("name", NAMES)
    def test_texts_keep_the_guards_rules(self, name: str, lang: str) -> None:
        rules = parse_rules(tomllib.loads(box("guard", f"{lang}.toml").read_text(encoding="utf-8")))
        for one in SHIPPED[name].transitions:
            text = one.text(lang)
            assert [hit.words for hit in check(text, rules)] == [], one.id
            assert offences(text, lang) == [], one.id
            assert len(text) <= {"zh": 120, "en": 210}[lang], one.id
            if lang == "zh" and text:
                assert "您" in text or "我" in text, one.id

    @pytest.mark.parametrize("lang", ["zh", "en"])
    @pytest.mark.parametrize("name", NAMES)
    def test_drawing(self, name: str, lang: str) -> None:
        lines = draw(SHIPPED[name], lang)
        for line in lines:
            assert cells(line) <= 80
            assert all(" " <= char <= "~" or unicodedata.east_asian_width(char) in "WF" for char in line), line
        whole = "\n".join(lines)
        for state in SHIPPED[name].states:
            assert f"{state.title(lang)} ({state.id})" in whole
        for one in SHIPPED[name].transitions:
            assert whole.count(f"+-- {one.title(lang)} ({one.id}) --") == len(one.from_)


class TestWalks:
    """Each workflow by a good path and a bad one, with the clocks that the trade wants."""

    @pytest.mark.parametrize(
        ("name", "path", "state", "clocks"),
        [
            ("complaint", "", "received", "order_dispute"),
            ("complaint", "accept", "verifying",
             "complaint_verify complaint_plan complaint_close technical_diagnosis/ask_those_concerned"),
            ("complaint", "accept hear look_up ask_those_concerned verified", "planning", "complaint_plan complaint_close"),
            ("complaint", "accept hear look_up ask_those_concerned verified options propose", "offered", "(complaint_close)"),
            ("complaint", "accept hear look_up ask_those_concerned verified options propose disagree", "planning",
             "complaint_close complaint_plan"),
            ("complaint", "accept hear look_up ask_those_concerned verified options propose agree", "acting",
             "complaint_close"),
            ("complaint", "accept hear look_up ask_those_concerned verified options propose agree carry_out carried_out",
             "done", ""),
            ("complaint", "accept withdraw", "withdrawn", ""),
            ("return", "", "requested", "return_review"),
            ("return", "ask", "asked", "(return_review)"),
            ("return", "ask answered", "requested", "return_review"),
            ("return", "check_order refuse", "refused", ""),
            ("return", "check_order approve send_address posted", "returning", ""),
            ("return", "check_order approve send_address posted arrive", "checking", "warehouse_check"),
            ("return", "check_order approve send_address arrive unpack pass_refund", "refunding", "refund"),
            ("return", "check_order approve send_address arrive unpack fail recheck", "checking", "warehouse_check"),
            ("return", "check_order approve send_address arrive unpack pass_refund pay refunded survey", "closed", ""),
            ("order_change", "verify begin", "checking", "after_sale_inquiry"),
            ("order_change", "verify begin left_already intercept", "intercepting", "resolution"),
            ("delay", "", "detected", "after_sale_inquiry"),
            ("delay", "ask_carrier tell", "told", ""),
            ("delay", "ask_carrier tell wait lost", "closed", ""),
            ("lost", "check_places search", "searching", "resolution"),
            ("lost", "check_places search confirm_lost resend", "resending", "resolution"),
            ("lost", "check_places search confirm_lost refund", "refunding", "refund"),
            ("invoice", "check_order submit_personal", "issuing", "resolution"),
            ("invoice", "check_order submit_personal bounce", "asked", "(resolution)"),
            ("product_question", "collect ask_expert ask_customer", "needs_more",
             "(technical_response) (technical_diagnosis)"),
            ("product_question", "collect ask_expert ask_supplier", "testing", "technical_plan"),
            ("incident", "evidence respond", "handling", "resolution"),
        ],
    )  # fmt: skip
    def test_where_it_stands(self, name: str, path: str, state: str, clocks: str) -> None:
        walk = simulate(SHIPPED[name], path.split(), filled(SHIPPED[name]))
        assert walk.refused is None
        assert walk.stands[-1].state == state
        assert kinds(walk) == clocks.split()

    @pytest.mark.parametrize(
        ("name", "path", "fields", "at", "zh", "en"),
        [
            ("complaint", "accept", {}, "accept", "要填「客户诉求」「等级」", 'to fill: "What the customer said", "Level"'),
            ("complaint", "call_back", {}, "call_back", "回访还没有开始", "Call back: not open yet"),
            ("complaint", "verified", {}, "verified", "现在在待受理", "it stands at Received"),
            ("return", "check_order refuse", {"reason": "quality"}, "refuse", "另外能怎么办", "What can be done instead"),
            ("return", "approve", {"wish": "exchange", "reason": "wrong"}, "approve", "要先做「核对订单、商品、期限」",
             'to do first: "Check order, item, period"'),
            ("return", "check_order approve", {"wish": "both", "reason": "wrong"}, "approve",
             "客户要什么只能是 return, exchange", "What is wished: one of return, exchange"),
            ("delay", "ask_carrier tell", {"cause": "weather", "expected": "2026-02-30"}, "tell", "要写成日期", "a date"),
            ("lost", "nothing", {}, "nothing", "没有 nothing 这一步", "without a way nothing"),
            ("invoice", "cancel ask", {}, "ask", "没有下一步", "nothing is left"),
            ("incident", "evidence raise", {"level": "l1", "where": "x", "what": "y"}, "raise",
             "等级要是「三级：上榜或媒体询问 / 四级：涉及安全或监管」", "Level must be"),
            ("incident", "evidence respond", {"level": "l1"}, "respond", "在哪里发布", "Where it stands"),
            ("order_change", "begin", {"what": "item", "new": "L"}, "begin", "核对是本人的订单", "Check whose order it is"),
            ("product_question", "answer finish", {"question": "q", "answer": "a"}, "finish", "解决了吗", "Is it solved"),
        ],
    )  # fmt: skip
    def test_refused(self, name: str, path: str, fields: dict[str, str], at: str, zh: str, en: str) -> None:
        refused = simulate(SHIPPED[name], path.split(), fields).refused
        assert refused is not None
        assert refused.at == at
        assert zh in refused.why.zh
        assert en in refused.why.en

    def test_texts_are_filled(self) -> None:
        workflow = SHIPPED["return"]
        path = ["check_order", "approve", "send_address", "arrive", "unpack", "pass_refund"]
        fields = {**filled(workflow), "amount": "128"}
        assert (
            simulate(workflow, path, fields).stands[-1].text.startswith("您退回的商品验货已通过，退款 128.00 元已提交")
        )
        assert "CNY 128.00 goes back" in simulate(workflow, path, fields, lang="en").stands[-1].text
        mine = simulate(workflow, path[:2], fields, values={}).stands[-1].text
        assert mine.startswith("订单 [order.no] 的退货退款申请已通过")

    def test_a_raised_incident_keeps_its_first_answers_clock(self) -> None:
        workflow = SHIPPED["incident"]
        grave = {**filled(workflow), "level": "l3"}
        assert kinds(simulate(workflow, ["evidence", "raise"], grave)) == ["public_incident"]
        # what was begun mildly and grows: a new hour for the answer, and the solution's clock stands
        walk = simulate(workflow, ["evidence", "raise", "facts", "legal_review", "respond_raised", "raise"], grave)
        assert kinds(walk) == ["(resolution)", "public_incident"]

    def test_a_second_check_needs_a_second_unpacking(self) -> None:
        workflow = SHIPPED["return"]
        path = ["check_order", "approve", "send_address", "arrive", "unpack", "fail", "recheck", "fail"]
        refused = simulate(workflow, path, filled(workflow)).refused
        assert refused is not None
        assert "开箱验货" in refused.why.zh


@pytest.mark.parametrize(
    ("state", "role", "may"),
    [
        ("new", "agent", {"hold"}), ("new", "lead", {"hold", "end"}), ("new", "admin", {"hold", "end"}),
        ("new", "store", {"end"}), ("new", "auditor", set()), ("new", "nobody", set()), ("held", "agent", {"back"}),
        ("done", "admin", set()),
    ],
)  # fmt: skip
def test_who_may(state: str, role: str, may: set[str]) -> None:
    told = moves(parse_workflow(PLAIN), state, {"what": "x", "paid": "1"}, {"look"}, role)
    assert {one.transition.id for one in told if one.allowed} == may
    for one in told:
        if not one.allowed:
            assert one.why is not None
            assert one.why.zh.startswith("由")
            assert one.why.en.endswith(" only")


def test_what_is_missing() -> None:
    end = moves(parse_workflow(PLAIN), "new", {"paid": "a lot"}, (), "lead")[1]
    assert (end.allowed, end.fields, end.steps) == (False, ("paid",), ("look",))
    assert end.why is not None
    assert end.why.say("zh") == "付了要写成金额，如 99.50；要先做「看」"
    assert end.why.say("en") == 'Paid: an amount, such as 99.50; to do first: "Look"'


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(WorkflowError, match="no state 'nowhere'"):
        moves(parse_workflow(PLAIN), "nowhere", {}, (), "agent")


def test_any_department() -> None:
    workflow = parse_workflow(changed("transition", 2, "by", to=["department"]))
    end = {
        role: moves(workflow, "new", {"paid": "1"}, {"look"}, role)[1].allowed for role in ("store", "lead", "auditor")
    }
    assert end == {"store": True, "lead": False, "auditor": False}


@pytest.mark.parametrize(
    ("type", "good", "bad", "zh", "en"),
    [
        ("text", "x", "x" * 2001, "x", "x"), ("money", "99.5", "1,000", "99.50 元", "CNY 99.50"),
        ("money", "0", "-1", "0.00 元", "CNY 0.00"), ("date", "2026-02-15", "2026-2-15", "2 月 15 日", "2026-02-15"),
        ("date", "2026-12-01", "20261201", "12 月 1 日", "2026-12-01"),
        ("order_no", "3300-12345", "no number!", "3300-12345", "3300-12345"),
        ("yesno", "yes", "perhaps", "是", "yes"), ("choice", "a", "c", "甲", "A"),
    ],
)  # fmt: skip
def test_values(type: Any, good: str, bad: str, zh: str, en: str) -> None:
    choices = (Named(id="a", zh="甲", en="A"),) if type == "choice" else ()
    field = Field(id="f", zh="值", en="value", type=type, choices=choices)
    assert unfit(field, good) is None
    assert unfit(field, "  ") is None
    assert unfit(field, bad) is not None
    assert (shown(field, good, "zh"), shown(field, good, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (changed("name"), "workflow: .*`name`"),
        (changed("name", to="No Name"), "name: 'No Name' is no name"),
        (changed("kind", to="party"), "kind: Invalid enum value 'party'"),
        (changed("colour", to="red"), "colour"),
        (changed("state", to=[]), "state: there is none"),
        (changed("state", 0, "category", to="asleep"), "state new.category"),
        (changed("state", 0, "zh"), "state new: .*`zh`"),
        (changed("state", 0, "zh", to="a…"), "state new: zh has '.u2026'"),
        (changed("state", 0, "zh", to=" "), "state new: zh needs a title"),
        (changed("state", 0, "zh", to="长" * 41), "state new: zh has 41 characters"),
        (changed("state", 1, "id", to="new"), "state new: stands twice"),
        (changed("state", 1, "id", to="Held!"), "state 'Held!': no id"),
        (changed("state", 1, "waits"), "state held: waits, for whom"),
        (changed("state", 1, "waits", to="godot"), "state held.waits: 'godot'"),
        (changed("state", 0, "start", to=["egg_timer"]), "state new.start: 'egg_timer' is none of"),
        (changed("state", 0, "stop", to=[]), "state new: order_dispute is started, and leaving no state stops it"),
        (changed("state", 1, "stop", to=["refund"]), "state held: refund is not started"),
        (changed("state", 0, "pause", to=["order_dispute"]), "state new: order_dispute is stopped and paused"),
        (changed("state", 2, "start", to=["refund"]), "state done: is closed and has clocks"),
        (changed("state", 2, "category", to="resolved"), "state done: a dead end that is not closed"),
        (changed("state", 0, "category", to="closed"), "state new: is closed and has clocks"),
        (changed("transition", 0, "to", to="nowhere"), "transition hold.to: 'nowhere' is none of done, held, new"),
        (changed("transition", 0, "from", to=["nowhere"]), "transition hold.from: 'nowhere'"),
        (changed("transition", 0, "from", to=[]), "transition hold.from: no state"),
        (changed("transition", 0, "from", to=["held"]), "state held: nothing leads to it from new"),
        (changed("transition", 0, "from", to=["done"]), "state done: is closed, but hold leads out of it"),
        (changed("transition", 2, "from", to=["new"]) | {"transition": [
            *PLAIN["transition"], {"id": "trap", "from": ["new"], "to": "pit", "zh": "坑", "en": "Trap", "silent": True},
            {"id": "turn", "from": ["pit"], "to": "pit", "zh": "转", "en": "Turn", "silent": True}],
            "state": [*PLAIN["state"], {"id": "pit", "zh": "坑", "en": "Pit", "category": "doing"}]},
         "state pit: no way from it ends closed"),
        (changed("transition", 0, "by", to=["boss"]), "transition hold.by: 'boss'"),
        (changed("transition", 0, "by", to=[]), "transition hold.by: nobody may"),
        (changed("transition", 0, "only", to={"paid": ["1"]}), "transition hold.only.paid: no field that it requires"),
        (changed("transition", 0, "only", to={"what": ["1"]}), "transition hold.only.what: '1' is none of none"),
        (changed("transition", 0, "only", to={"what": []}), "transition hold.only.what: no value"),
        (changed("transition", 0, "pause", to=["refund"]), "transition hold.pause: refund is not started"),
        (changed("transition", 0, "text_en"), "transition hold.text_en: missing"),
        (changed("transition", 1, "text_en", to="x"), "transition back.text_en: it is silent and has a text"),
        (changed("transition", 0, "text_zh", to="{{ fields.nothing }}"), "text_zh: 'fields.nothing' is none of"),
        (changed("transition", 0, "text_zh", to="{{ order.total }}"), "text_zh: 'order.total' is none of"),
        (changed("transition", 0, "text_zh", to="{% if a %}b{% endif %}"), "text_zh: only plain"),
        (changed("transition", 0, "text_zh", to="{{fields.what}}"), "text_zh: only plain"),
        (changed("transition", 0, "text_zh", to="长" * 601), "text_zh: 601 characters"),
        (changed("field", 0, "required", to=[]), "transition hold.text_zh: fields.what may be empty"),
        (changed("field", 0, "required", to=["fly"]), "field what.required: 'fly'"),
        (changed("field", 0, "type", to="choice"), "field what: choices and the type choice"),
        (changed("field", 0, "type", to="colour"), "field what.type"),
        (changed("field", 0, "id", to="size"), "field size: means something else"),
        (changed("field", 1, "id", to="what"), "field what: stands twice"),
        (changed("step", 0, "state", to="nowhere"), "step look.state: 'nowhere'"),
        (changed("step", 0, "state", to="held"), "transition end.steps: a path leads there on which look"),
        (changed("step", 0, "state", to="done"), "state done: is closed and opens steps"),
        (changed("step", 0, "owner", to="boss"), "step look.owner: 'boss'"),
        (changed("step", 0, "clock", to="sundial"), "step look.clock: 'sundial'"),
        (changed("step", 0, "id", to="end"), "step end: a transition has that id"),
        (changed("transition", 2, "steps", to=["jump"]), "transition end.steps: 'jump'"),
        (changed("department", 0, "id", to="agent"), "department agent: this word"),
        (changed("example", 0, "ends", to="held"), "example 1: ends at done, not at held"),
        (changed("example", 0, "path", to=["end"]), "example 1: is refused at end: to do first"),
        (changed("example", 1, "path", to=["look"]), "example 2: is not refused, but should be at end"),
        (changed("example", 1, "path", to=["back"]), "example 2: is refused at back, but should be at end"),
        (changed("example", 0, "refused", to="end"), "example 1: tells either ends or refused"),
        (changed("example", 0, "fields", to={"price": "1"}), "example 1.fields: 'price'"),
        (changed("state", to="none"), "state: Expected `array`"),
        (changed("state", to=[{}] * 101), "state: 101 of them, at most 100"),
        (changed("state", 0, to="new"), "state 1: Expected `object`"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_in_one_line(data: dict[str, Any], told: str) -> None:
    with pytest.raises(WorkflowError, match=told) as caught:
        parse_workflow(data)
    assert "\n" not in str(caught.value)


def test_another_policy_may_know_other_clocks() -> None:
    data = changed("step", 0, "clock", to="sundial")
    assert parse_workflow(data, clocks={"order_dispute", "sundial"}).steps[0].clock == "sundial"


def test_a_clock_of_both_states_runs_on() -> None:
    data = changed("state", 1, to={**PLAIN["state"][1], "start": ["order_dispute"]})
    data["transition"][0].pop("pause")
    walk = simulate(parse_workflow(data), ["hold"], {"what": "x"})
    assert walk.stands[-1].clocks == (Clock("order_dispute"), Clock("warehouse_check", "look"))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_any_walk_goes_on_until_it_is_closed(name: str, data: st.DataObject) -> None:
    """Wherever a walk stands there is a way on, to a known state; a text has no hole; what is closed has no clock."""
    workflow = SHIPPED[name]
    choices = {
        one.id: data.draw(st.sampled_from([it.id for it in one.choices])) for one in workflow.fields if one.choices
    }
    fields = {**filled(workflow), **choices}
    path: list[str] = []
    for _ in range(12):
        stand = simulate(workflow, path, fields).stands[-1]
        state = workflow.state(stand.state)
        path += [one.id for one in workflow.opened(state.id)]
        ways = moves(workflow, state.id, fields, {one.id for one in workflow.steps}, "admin")
        assert bool(ways) == (state.category != "closed")
        if not ways:
            assert stand.clocks == ()
            break
        assert all(one.allowed or one.transition.only for one in ways)
        assert all(workflow.state(one.transition.to) for one in ways)
        path.append(data.draw(st.sampled_from([one.transition.id for one in ways if one.allowed])))
        for lang in ("zh", "en"):
            walk = simulate(workflow, path, fields, lang=lang)
            assert walk.refused is None
            told = walk.stands[-1].text
            assert "[" not in told
            assert "{{" not in told


@pytest.mark.parametrize("name", NAMES)
def test_whoever_waits_waits_for_somebody_and_some_role_may_go_on(name: str) -> None:
    workflow = SHIPPED[name]
    roles = ("agent", "lead", *(one.id for one in workflow.departments))
    done = {one.id for one in workflow.steps}
    for state in workflow.states:
        assert (state.category == "waiting") == bool(state.waits)
        if state.category != "closed":
            assert any(one.allowed for role in roles for one in moves(workflow, state.id, filled(workflow), done, role))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(PLAIN)), place=st.integers(0, 2), inner=st.text(max_size=6), value=JSON)
def test_anything_is_read_or_refused(key: str, place: int, inner: str, value: Any) -> None:
    data = copy.deepcopy(PLAIN)
    if isinstance(data[key], list) and place < len(data[key]):
        known = sorted(data[key][place])
        data[key][place][known[len(inner) % len(known)]] = value
    else:
        data[key] = value
    refused = ""
    try:
        assert all(cells(line) <= 80 for line in draw(parse_workflow(data), "en"))
    except WorkflowError as error:
        refused = str(error)
    assert "\n" not in refused

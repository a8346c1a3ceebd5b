"""Canned replies filled with values; templates that are wrong or hostile."""

import subprocess
import sys

import liquid
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules import template
from kefu_tui.rules.template import Filled, TemplateError, fill

VALUES: dict[str, object] = {
    "customer": {"name": "王小美", "tier": ""},
    "order": {"no": "328740912344", "lines": [{"title": "精粹水"}, {"title": "面霜"}], "pieces": 2, "gift": True},
    "shipment": {"carrier": None},
}


@pytest.mark.parametrize(
    ("text", "filled", "marked"),
    [
        ("您好", "您好", []),
        ("您好{{ customer.name }}，单号{{order.no}}。", "您好王小美，单号328740912344。", ["王小美", "328740912344"]),
        ("{{ order.pieces }}件 {{ order.pieces | plus: 1 }}", "2件 3", ["2", "3"]),
        ("{{ order.gift }}", "true", ["true"]),
        ("{{ shipment.carrier | default: '快递' }}承运", "快递承运", ["快递"]),
        ("{{ customer.tier | default: '' }}x", "x", []),
        ("{{ '您好' }}", "您好", []),
        ("{% if shipment.carrier %}{{ shipment.carrier }}{% else %}待发货{% endif %}", "待发货", []),
        ("{% for line in order.lines %}{{ line.title }}；{% endfor %}", "精粹水；面霜；", ["精粹水", "面霜"]),
        ("{{ order.lines.size }} {{ order['no'] }} {{ order.lines[0].title }}", "2 328740912344 精粹水", None),
        ("{% assign who = customer.name | append: '女士' %}{{ who }}", "王小美女士", ["王小美女士"]),
        ("a }} b", "a }} b", []),
    ],
)
def test_filled(text: str, filled: str, marked: list[str] | None) -> None:
    found = fill(text, VALUES)
    assert (found.text, found.missing, found.asks, found.gaps) == (filled, [], [], [])
    if marked is not None:
        assert [found.text[start:end] for start, end in found.spans] == marked


@pytest.mark.parametrize(
    ("text", "filled", "missing"),
    [
        ("由{{ shipment.carrier }}承运", "由[shipment.carrier]承运", ["shipment.carrier"]),
        ("{{ customer.tier }}{{ a.b.c }}{{ a.b.c }}", "[customer.tier][a.b.c][a.b.c]", ["customer.tier", "a.b.c"]),
        ("{{ customer }}", "[customer]", ["customer"]),
        ("{{ shipment.carrier | append: '快递' }}", "[shipment.carrier]", ["shipment.carrier"]),
        ("{{ '由' | append: shipment.carrier }}", "[shipment.carrier]", ["shipment.carrier"]),
        ("{{ shipment.carrier | default: shipment.name }}", "[shipment.name]", ["shipment.name"]),
        ("{{ order.lines[7].title }}", "[order.lines[7].title]", ["order.lines[7].title"]),
        ("{{ now }}{{ today }}", "[now][today]", ["now", "today"]),
        ("{{ customer.name.__class__ }}", "[customer.name.__class__]", ["customer.name.__class__"]),
        ("{{ customer.name.upper }}", "[customer.name.upper]", ["customer.name.upper"]),
    ],
)
def test_missing(text: str, filled: str, missing: list[str]) -> None:
    found = fill(text, VALUES)
    assert (found.text, found.missing, found.spans, found.asks) == (filled, missing, [], [])
    assert [found.text[start + 1 : end - 1] for start, end in found.gaps if start < end][: len(missing)] == missing


@pytest.mark.parametrize("text", ["原因{{ ask.原因 }}，{{ ask.days }}天", "原因{{ ask.原因 }}，{{- ask.days }}天"])
def test_asks(text: str) -> None:
    found = fill(text, VALUES)
    assert (found.text, found.asks, found.missing) == ("原因[原因]，[days]天", ["原因", "days"], [])
    answered = fill(text, {**VALUES, "ask": {"原因": "断货", "days": 3}})
    assert (answered.text, answered.asks, answered.gaps) == ("原因断货，3天", [], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ a b }}", "line 1: expected end of expression, found word"),
        ("您好\n{{ a.b | nothing }}", "line 2: unknown filter 'nothing'"),
        ("x\ny{{ a", "line 2: {{ is not closed with }} within 500 characters"),
        ("{% include 'x' %}", "line 1: unexpected tag 'include'"),
        ("{% raw %}x{% endraw %}{% render 'x' %}", "line 1: unexpected tag 'render'"),
        ("{% if a %}", "expected tag endif, found end of expression"),
        ("{% for i in (1..100000000) %}x{% endfor %}", "line 1: loop iteration limit reached"),
        (
            "{% for i in (1..99) %}{% for j in (1..99) %}x{% endfor %}{% endfor %}",
            "line 1: loop iteration limit reached",
        ),
        ("{% assign x = 'aaaa' %}" + "{% assign x = x | append: x %}" * 90, "line 1: local namespace limit reached"),
        ("{% assign x = 9 %}" + "{% assign x = x | times: x %}" * 90, "line 1: local namespace limit reached"),
        ("{% if a %}{{ 1 | nothing }}{% endif %}", "line 1: unknown filter 'nothing'"),
        ("{{ 1 | divided_by: 0 }}", "line 1: divided_by: can't divide by 0"),
        ("{{ 'a' | replace: 'a', 'bb' }}", "line 1: unknown filter 'replace'"),
        ("{{ 'x' | date: '%9999999d' }}", "line 1: unknown filter 'date'"),
        ("{% if a %}" * 20 + "{% endif %}" * 20, "line 1: block nesting limit reached"),
        ("x" * 10_001, "the template has 10001 characters, more than 10000"),
        ("{{ " + " " * 9_000, "line 1: {{ is not closed with }} within 500 characters"),
        ("{{" * 4_000, "line 1: {{ is not closed with }} within 500 characters"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        fill(text, VALUES)
    assert str(caught.value) == message


def test_long_results_are_refused() -> None:
    with pytest.raises(TemplateError, match="the filled text has 20001 characters"):
        fill("{{ a.b }}", {"a": {"b": "x" * 20_001}})
    with pytest.raises(TemplateError):
        fill("{% for i in (1..99) %}{{ a.b }}{% endfor %}", {"a": {"b": "x" * 2_000}})


def test_values_are_no_templates() -> None:
    assert fill("{{ a.b }}", {"a": {"b": "{{ order.no }}{% if %}"}}).text == "{{ order.no }}{% if %}"


def test_marks_in_values_and_templates_mean_nothing() -> None:
    found = fill("\ufdd0{{ a.b }}\ufdd3", {"a": {"b": "x\ufdd1y\ufdd3"}})
    assert (found.text, found.spans, found.missing) == ("xy", [(0, 2)], [])


names = st.sampled_from(["a", "b", "size", "first", "empty", "客户", "x-y", "n1"])
paths = st.lists(names, min_size=1, max_size=3).map(".".join)
outputs = st.builds(
    lambda path, before, after: f"{{{{{before}{path}{after}}}}}",
    paths,
    st.sampled_from(["", " ", "  ", "-", "- ", "\u3000"]),
    st.sampled_from(["", " ", "-", " -", "\u3000"]),
)
pieces = st.one_of(outputs, st.text(st.sampled_from("您好{}%- \n.a"), max_size=5))
leaves = st.one_of(
    st.text(max_size=5), st.integers(), st.booleans(), st.none(), st.lists(st.text(max_size=3), max_size=2)
)
trees = st.dictionaries(names, st.one_of(leaves, st.dictionaries(names, leaves, max_size=3)), max_size=4)


@given(st.lists(pieces, max_size=5).map("".join), trees)
def test_the_fast_path_gives_what_liquid_gives(text: str, values: dict[str, object]) -> None:
    plainly = template._filled_plainly(text, values)
    if plainly is not None:
        assert template._unmarked(plainly) == template._unmarked(template.rendered(text, values))


@given(st.lists(pieces, max_size=5).map("".join), trees)
def test_without_gaps_it_gives_what_stock_liquid_gives(text: str, values: dict[str, object]) -> None:
    try:
        found = fill(text, values)
    except TemplateError:
        return
    if not found.gaps:
        assert found.text == liquid.Environment().from_string(text).render(**values)


@given(st.lists(st.one_of(pieces, st.text(max_size=10)), max_size=6).map("".join), trees)
def test_spans_lie_in_the_text_and_errors_on_one_line(text: str, values: dict[str, object]) -> None:
    try:
        found = fill(text, values)
    except TemplateError as error:
        message = str(error)
    else:
        _check_spans(found)
        return
    assert "\n" not in message


def _check_spans(found: Filled) -> None:
    edges = [edge for span in sorted(found.spans + found.gaps) for edge in span]
    assert edges == sorted(edges)
    assert not edges or edges[-1] <= len(found.text)
    assert bool(found.gaps) == bool(found.missing or found.asks)


def test_plain_templates_do_not_load_liquid() -> None:
    program = (
        "import sys; from kefu_tui.rules.template import fill; fill('{{ a.b }}', {}); print('liquid' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"

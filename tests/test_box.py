"""What ships in the box keeps its formats and the trade's rules: canned replies, policies, demo shop, demo story."""

import datetime as dt
import itertools
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from liquid import Environment, StrictUndefined
from pypinyin import Style, pinyin

from kefu_tui.rules.automation import parse
from kefu_tui.rules.automation_words import says
from kefu_tui.rules.policy import parse_policy

DATA = Path(__file__).parents[1] / "data"

STAGES = {"greet", "ask", "analyse", "recommend", "answer", "close", "confirm", "goodbye", "aftersale"}
SCENARIOS = {
    "greeting",
    "product",
    "size",
    "stock",
    "price",
    "promotion",
    "payment",
    "invoice",
    "order",
    "logistics",
    "delay",
    "lost",
    "damaged",
    "return",
    "exchange",
    "refund",
    "complaint",
    "apology",
    "followup",
    "goodbye",
    "outage",
    "surge",
    "technical",
    "praise",
}
KINDS = {
    "presale",
    "order",
    "logistics",
    "aftersale",
    "return",
    "complaint",
    "technical",
    "invoice",
    "suggestion",
    "praise",
    "other",
}
TIERS = {"new", "regular", "returning", "vip"}
VARIABLES = {
    "customer": {"name", "tier"},
    "order": {"no", "status", "total", "item", "paid_at", "province"},
    "shipment": {"carrier", "tracking_no", "latest", "status"},
    "agent": {"name"},
    "shop": {"name"},
}
CLOCKS = {
    "greeting",
    "first_response_chat",
    "first_response_async",
    "next_response",
    "phone_pick_up",
    "order_dispute",
    "after_sale_inquiry",
    "complex_question",
    "resolution",
    "technical_response",
    "technical_diagnosis",
    "technical_plan",
    "complaint_verify",
    "complaint_plan",
    "complaint_close",
    "return_review",
    "warehouse_check",
    "refund",
    "order_confirmation",
    "public_incident",
    "outage_promise",
    "archive",
}
CANNED = {"zh": (450, 150), "en": (120, 40)}  # at least so many replies, and with variables

OUTPUT = re.compile(r"\{\{ (\w+)\.(\w+) \}\}")
EMOJI = re.compile(r"[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")
FORBIDDEN_ZH = {
    "superlative": re.compile(r"最|第一(?!时间)|顶级|顶尖|极致|唯一|首选|国家级|世界级|全网|独一无二|完美|冠军"),
    "promise": re.compile(r"一定|保证|肯定|绝对|必定|必达|百分百|100%|彻底|永久|终身|[今明后]天[^，。]*(?:到|送达)"),
    "effect": re.compile(r"美白|祛|抗皱|治疗|根治|见效|疗效|杀菌|减肥"),
    "pressure": re.compile(r"限时|限量|手慢无|赶紧抢|错过|最后"),
    "off platform": re.compile(
        r"微信|威信|薇|加我|加一下|QQ|扫码|二维码|私下|线下|转账|返现|好评返|1\d{10}|https?:", re.IGNORECASE
    ),
    "tone": re.compile(r"你|亲|您老|呵呵|自己看"),
}
FORBIDDEN_EN = {
    "superlative": re.compile(
        r"\b(?:best|most|greatest|cheapest|finest|number one|no\. ?1|perfect|unbeatable)\b", re.IGNORECASE
    ),
    "promise": re.compile(
        r"\b(?:guaranteed?|never|always|definitely|certainly|promise|100 ?%|by tomorrow)", re.IGNORECASE
    ),
    "off platform": re.compile(r"whatsapp|telegram|wechat|text me|call me|paypal|https?:|@", re.IGNORECASE),
    "tone": re.compile(r"\b(?:dear|hon|calm down|obviously|as i said)\b", re.IGNORECASE),
}
FORBIDDEN = {"zh": FORBIDDEN_ZH, "en": FORBIDDEN_EN}
NO = re.compile(r"不能|无法|不行|办不到|不适用|不符合|售完|没有改价|缺货|已过|没改成|没有成功")
OFFER = re.compile(r"可以|我[来帮替为再能们]|换成|重新|还是")


def load(name: str) -> dict[str, Any]:
    """A file of the box, parsed."""
    return tomllib.loads((DATA / name).read_text("utf-8"))


def replies(lang: str) -> list[dict[str, Any]]:
    """The canned replies of a language."""
    return list(load(f"canned/{lang}.toml")["reply"])


def story() -> list[dict[str, Any]]:
    """The dialogues of the demo story."""
    return list(load("demo/story.toml")["dialogue"])


def offences(text: str, lang: str) -> list[str]:
    """The rules that a line to a customer breaks, each with the words that break it."""
    found = [(rule, hit.group()) for rule, words in FORBIDDEN[lang].items() if (hit := words.search(text))]
    if hit := EMOJI.search(text):
        found.append(("emoji", hit.group()))
    return [f"{rule}: {words}" for rule, words in found]


def spells(shortcut: str, title: str) -> bool:
    """Whether the letters occur in this order among the initials of the title, any reading of a character counting."""
    letters = iter(shortcut)
    wanted = next(letters)
    for readings in pinyin(title, style=Style.FIRST_LETTER, heteronym=True):
        initials = [readings] if len(readings[0]) == 1 else [[letter.lower()] for letter in readings[0]]
        for initial in initials:
            if wanted in initial:
                wanted = next(letters, "")
                if not wanted:
                    return True
    return False


@pytest.mark.parametrize(
    ("text", "lang", "broken"),
    [
        ("这款是全网最低价，您放心", "zh", "superlative"),
        ("销量第一的款式", "zh", "superlative"),
        ("您的包裹明天一定到", "zh", "promise"),
        ("明天就能送达您家", "zh", "promise"),
        ("您加我微信细说", "zh", "off platform"),
        ("亲，您好", "zh", "tone"),
        ("好的\N{SMILING FACE WITH SMILING EYES}", "zh", "emoji"),
        ("This is the best one", "en", "superlative"),
        ("It is guaranteed to arrive", "en", "promise"),
        ("Text me on WhatsApp", "en", "off platform"),
    ],
)
def test_offences_are_seen(text: str, lang: str, broken: str) -> None:
    assert broken in [offence.split(":")[0] for offence in offences(text, lang)]


def test_harmless_words_are_no_offence() -> None:
    assert offences("有消息我第一时间告诉您，预计两天左右送到。", "zh") == []


@pytest.mark.parametrize("lang", CANNED)
class TestCanned:
    def test_there_are_enough(self, lang: str) -> None:
        least, least_filled = CANNED[lang]
        assert len(replies(lang)) >= least
        assert sum(bool(OUTPUT.search(reply["text"])) for reply in replies(lang)) >= least_filled

    def test_fields(self, lang: str) -> None:
        for reply in replies(lang):
            assert set(reply) == {"shortcut", "stage", "scenario", "title", "text", "when"}, reply
            assert reply["stage"] in STAGES, reply
            assert reply["scenario"] in SCENARIOS, reply
            words = reply["when"]
            assert 2 <= len(words) <= 8, reply
            assert len(set(words)) == len(words), reply
            assert all(word and not re.search(r"\s", word) for word in words), reply

    def test_every_shelf_is_filled(self, lang: str) -> None:
        assert {reply["stage"] for reply in replies(lang)} == STAGES
        assert {reply["scenario"] for reply in replies(lang)} == SCENARIOS

    def test_no_shelf_is_thin(self, lang: str) -> None:
        least = {"zh": 10, "en": 3}[lang]
        shelves = [reply["scenario"] for reply in replies(lang)]
        assert {name: shelves.count(name) for name in SCENARIOS if shelves.count(name) < least} == {}

    def test_no_two_say_the_same(self, lang: str) -> None:
        """By the pairs of characters that two texts share, of all that they have."""
        pairs = [(r["title"], {a + b for a, b in itertools.pairwise(OUTPUT.sub("", r["text"]))}) for r in replies(lang)]
        alike = [
            (one, other) for (one, a), (other, b) in itertools.combinations(pairs, 2) if len(a & b) > 0.6 * len(a | b)
        ]
        assert alike == []

    @pytest.mark.parametrize("field", ["shortcut", "title", "text"])
    def test_unique(self, lang: str, field: str) -> None:
        values = [reply[field] for reply in replies(lang)]
        assert sorted(values) == sorted(set(values))

    def test_variables_are_known_and_render(self, lang: str) -> None:
        environment = Environment(undefined=StrictUndefined)
        for reply in replies(lang):
            text = reply["text"]
            used = OUTPUT.findall(text)
            assert not re.search(r"[{}]|%\}", OUTPUT.sub("", text)), f"only plain outputs: {text}"
            for noun, name in used:
                assert noun == "ask" or name in VARIABLES.get(noun, ()), f"{noun}.{name}: {text}"
            context: dict[str, dict[str, str]] = {}
            for noun, name in used:
                context.setdefault(noun, {})[name] = f"<{noun}-{name}>"
            rendered = environment.from_string(text).render(**context)
            assert rendered == OUTPUT.sub(lambda m: f"<{m[1]}-{m[2]}>", text)

    def test_guard(self, lang: str) -> None:
        found = {reply["shortcut"]: hits for reply in replies(lang) if (hits := offences(reply["text"], lang))}
        assert found == {}


class TestChinese:
    def test_shortcut_is_the_titles_initials(self) -> None:
        for reply in replies("zh"):
            assert re.fullmatch(r"[a-z]{2,6}", reply["shortcut"]), reply
            assert spells(reply["shortcut"], reply["title"]), (reply["shortcut"], reply["title"])

    def test_polite_and_short(self) -> None:
        for reply in replies("zh"):
            assert "您" in reply["text"], reply
            assert len(OUTPUT.sub("", reply["text"])) <= 120, reply

    def test_no_bare_no(self) -> None:
        for reply in replies("zh"):
            assert not re.match(r"不|没有|无法", reply["text"]), reply
            assert not NO.search(reply["text"]) or OFFER.search(reply["text"]), reply


class TestEnglish:
    def test_shortcut_is_a_short_word(self) -> None:
        for reply in replies("en"):
            assert re.fullmatch(r"[a-z]{2,10}", reply["shortcut"]), reply

    def test_short_and_in_latin_script(self) -> None:
        for reply in replies("en"):
            assert len(OUTPUT.sub("", reply["text"])) <= 180, reply
            assert not re.search(r"[\u3000-\uffee]", reply["text"] + reply["title"]), reply


def seconds(target: str) -> int:
    """A target as comparable seconds, a working day counting as a day."""
    found = re.fullmatch(r"([1-9]\d*)(wd|[smhd])", target)
    assert found, target
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400, "wd": 86_400}[found[2]]


@pytest.mark.parametrize("name", ["standard", "strict"])
class TestPolicy:
    def test_every_clock_and_no_other(self, name: str) -> None:
        policy = load(f"policies/{name}.toml")
        assert policy["name"] == name
        assert policy["zone"] == "Asia/Shanghai"
        assert set(policy["clock"]) == CLOCKS
        for clock, row in policy["clock"].items():
            assert set(row) == {"target", "calendar", "warn", "soon"}, clock
            assert seconds(row["target"]) > 0
            assert row["calendar"] in {"shift", "wall", "working"}, clock
            assert row["target"].endswith("wd") == (row["calendar"] == "working"), clock
            assert 0 < row["soon"] < row["warn"] < 1, clock

    def test_rules_take_it(self, name: str) -> None:
        policy = parse_policy(load(f"policies/{name}.toml"))
        assert policy.zone == "Asia/Shanghai"
        assert all(len(day) == 1 for day in policy.calendar.shift)

    def test_calendar(self, name: str) -> None:
        calendar = load(f"policies/{name}.toml")["calendar"]
        holidays = [dt.date.fromisoformat(day) for day in calendar["holidays"]]
        make_up = [dt.date.fromisoformat(day) for day in calendar["make_up_days"]]
        assert holidays == sorted(set(holidays))
        assert make_up == sorted(set(make_up))
        assert not set(holidays) & set(make_up)
        assert all(day.isoweekday() >= 6 for day in make_up)
        assert {day.year for day in holidays} == set(calendar["announced"]) == {2025, 2026}
        # the State Council's notices: days off with their weekends, and weekend days worked
        assert {year: sum(day.year == year for day in holidays) for year in (2025, 2026)} == {2025: 28, 2026: 33}
        assert {year: sum(day.year == year for day in make_up) for year in (2025, 2026)} == {2025: 5, 2026: 6}


def test_strict_is_never_laxer() -> None:
    standard, strict = load("policies/standard.toml"), load("policies/strict.toml")
    assert standard["calendar"] == strict["calendar"]
    for clock in CLOCKS:
        ours, theirs = standard["clock"][clock], strict["clock"][clock]
        assert seconds(theirs["target"]) <= seconds(ours["target"]), clock
        assert ours["calendar"] == theirs["calendar"], clock


class TestShop:
    def test_names(self) -> None:
        shop = load("demo/shop.toml")
        assert shop["name"] == "青禾小铺"
        assert shop["name_en"]
        assert len(set(shop["agents"])) == len(shop["agents"]) == 8
        assert len(set(shop["provinces"])) == len(shop["provinces"]) >= 20

    def test_products(self) -> None:
        products = load("demo/shop.toml")["product"]
        assert len(products) >= 60
        for product in products:
            assert set(product) == {"title", "title_en", "sku", "price", "category"}, product
            assert isinstance(product["price"], int), product
            assert 500 <= product["price"] <= 100_000, product
            assert offences(product["title"], "zh") == offences(product["title_en"], "en") == [], product
        for field in ("title", "title_en", "sku"):
            assert len({product[field] for product in products}) == len(products)
        assert len({product["category"] for product in products}) >= 5


class TestAutomation:
    def test_what_rules_say_to_customers_passes_the_guard(self) -> None:
        for path in sorted((DATA / "automation").glob("*.toml")):
            for text in says(parse(path.read_text(encoding="utf-8"))):
                lang = "en" if text.isascii() else "zh"
                assert offences(text, lang) == [], path.name
                assert len(text) <= 180, path.name


class TestStory:
    def test_dialogues(self) -> None:
        dialogues = story()
        assert len(dialogues) == 30
        assert sum(dialogue["locale"] == "en" for dialogue in dialogues) >= 8
        assert sum(dialogue["locale"] == "zh" for dialogue in dialogues) >= 20
        assert {dialogue["kind"] for dialogue in dialogues} == KINDS
        assert {dialogue["tier"] for dialogue in dialogues} == TIERS
        assert {dialogue["order"] for dialogue in dialogues} == {True, False}
        assert len({dialogue["name"] for dialogue in dialogues}) == 30

    def test_turns(self) -> None:
        for dialogue in story():
            assert set(dialogue) == {"name", "locale", "kind", "tier", "order", "turn"}
            turns = dialogue["turn"]
            assert 3 <= len(turns) <= 9, dialogue["name"]
            for turn in turns:
                assert set(turn) == {"after", "from", "text"}, turn
                assert isinstance(turn["after"], int), turn
                assert 1 <= turn["after"] <= 60, turn
                assert turn["text"] == turn["text"].strip() != "", turn

    def test_speakers_alternate(self) -> None:
        for dialogue in story():
            speakers = [turn["from"] for turn in dialogue["turn"]]
            assert set(speakers) == {"customer", "agent"}, dialogue["name"]
            assert speakers[0] == "customer", dialogue["name"]
            assert speakers[-1] == "agent", f"an unanswered round: {dialogue['name']}"
            for speaker, run in itertools.groupby(speakers):
                assert len(list(run)) <= (3 if speaker == "customer" else 1), dialogue["name"]

    def test_order_numbers(self) -> None:
        for dialogue in story():
            text = "\n".join(turn["text"] for turn in dialogue["turn"])
            assert not re.search(r"[{}]", text.replace("{order}", "")), dialogue["name"]
            assert dialogue["order"] or "{order}" not in text, dialogue["name"]
        assert sum("{order}" in turn["text"] for dialogue in story() for turn in dialogue["turn"]) >= 10

    def test_agents_lines_pass_the_guard(self) -> None:
        for dialogue in story():
            for turn in dialogue["turn"]:
                if turn["from"] == "agent":
                    assert offences(turn["text"], dialogue["locale"]) == [], turn["text"]


@pytest.mark.parametrize("name", ["canned/zh.toml", "canned/en.toml", "demo/story.toml", "demo/shop.toml"])
def test_no_character_is_one_cell_here_and_two_there(name: str) -> None:
    """What we write ourselves stays aligned on every terminal: nothing of ambiguous width."""
    text = (DATA / name).read_text(encoding="utf-8")
    assert {char for char in text if unicodedata.east_asian_width(char) == "A"} == set()

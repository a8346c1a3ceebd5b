"""Suggested replies, the stage of a conversation, its kind."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules.kinds import classify
from kefu_tui.rules.suggest import Phrase, Suggestion, habit_of, stage_of, suggest

BOX = Path(__file__).parents[2] / "data"


def phrase(
    id: str,
    when: str = "",
    *,
    title: str = "",
    text: str = "",
    stage: str = "answer",
    scenario: str = "logistics",
    uses: int = 0,
    lang: str = "zh",
) -> Phrase:
    return Phrase(id, title or id, text, stage, scenario, tuple(when.split()), uses, lang, habit=uses)


SHELF = [
    phrase("welcome", "在吗 你好", stage="greet", scenario="greeting", title="欢迎"),
    phrase("tracking", "快递 到哪了", title="物流查询", text="由{{ shipment.carrier }}承运"),
    phrase("stuck", "不动了 几天没动", title="轨迹停滞", stage="analyse"),
    phrase("refund", "退款进度", title="退款去向", scenario="refund"),
    phrase("wool", "起球", title="面料说明", scenario="product", text="羊毛面料起球属正常"),
    phrase("vip", "VIP", title="会员", scenario="promotion", stage="greet"),
    phrase("late", "late parcel", title="Sorry for the delay", lang="en"),
    phrase("size", "small", title="Size", scenario="size", lang="en"),
]


def best(
    text: str, *, stage: str = "greet", lang: str = "zh", has_order: bool = True, shelf: list[Phrase] = SHELF
) -> list[str]:
    return [one.id for one in suggest(text, shelf, has_order=has_order, stage=stage, lang=lang)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("在吗", "welcome"),
        ("你好，快递到哪了", "tracking"),
        ("我的快递三天没动了", "stuck"),
        ("退款到账了吗", "refund"),
        ("羊毛的会不会起球", "wool"),
        ("我是vip", "vip"),
    ],
)
def test_what_was_said_comes_first(text: str, first: str) -> None:
    assert best(text)[0] == first


def test_only_the_language_of_the_conversation() -> None:
    assert best("my parcels are late", lang="en") == ["late", "size"]
    assert "late" not in best("late")
    assert best("在吗", lang="fr", shelf=SHELF[:2]) == ["welcome", "tracking"]


def test_words_in_latin_letters_are_whole_words() -> None:
    found = suggest("a smaller plate", SHELF, has_order=True, stage="ask", lang="en")
    assert [one.score for one in found] == [0.0, 0.0]


def test_the_stage_decides_between_equals() -> None:
    shelf = [phrase("a", stage="recommend"), phrase("b", stage="ask"), phrase("c", stage="greet")]
    assert best("嗯", stage="ask", shelf=shelf) == ["b", "a", "c"]
    assert best("嗯", stage="greet", shelf=shelf) == ["c", "b", "a"]


def test_use_decides_between_equals_and_not_more() -> None:
    shelf = [phrase("seldom", "快递"), phrase("often", "快递", uses=9), phrase("always", "发票", uses=100_000)]
    assert best("快递呢", shelf=shelf) == ["often", "seldom", "always"]


def test_old_habits_fade() -> None:
    assert habit_of([(0, 8)]) == 8
    assert habit_of([(14, 8)]) == 4
    assert habit_of([(0, 1), (28, 4)]) == 2
    assert habit_of([(-1, 3)]) == 3, "a clock that was put back makes no use count more"
    assert habit_of([]) == 0


def test_without_an_order_what_needs_one_is_last() -> None:
    shelf = [phrase("needs", "快递", text="{{ shipment.carrier }}"), phrase("free", "快递")]
    assert best("快递呢", shelf=shelf) == ["needs", "free"]
    assert best("快递呢", has_order=False, shelf=shelf) == ["free", "needs"]


@pytest.mark.parametrize(
    ("text", "stage", "lang", "index", "reason"),
    [
        ("快递到哪了", "answer", "zh", 0, "说到「到哪了」「快递」，正到这一步"),
        ("三天没动", "analyse", "zh", 0, "说到「天没动」，正到这一步"),
        ("late", "answer", "en", 0, "says late; fits this step"),
        ("late", "greet", "en", 1, ""),
    ],
)
def test_reasons(text: str, stage: str, lang: str, index: int, reason: str) -> None:
    assert suggest(text, SHELF, has_order=True, stage=stage, lang=lang)[index].reason == reason


def test_use_is_a_reason() -> None:
    (found,) = suggest("快递", [phrase("a", "快递", uses=3)], has_order=True, stage="greet", lang="zh")
    assert found.reason == "说到「快递」，用过 3 次"


@given(st.text(max_size=60), st.sampled_from(["greet", "answer", "?"]), st.booleans(), st.integers(0, 12))
def test_any_text_gives_a_ranked_answer(text: str, stage: str, has_order: bool, top: int) -> None:
    found = suggest(text, SHELF, has_order=has_order, stage=stage, lang="zh", top=top)
    assert len(found) == min(top, 6)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert found == suggest(text, SHELF, has_order=has_order, stage=stage, lang="zh", top=top)


def test_an_empty_shelf() -> None:
    assert suggest("快递", [], has_order=True, stage="greet", lang="zh") == []


def box() -> list[Phrase]:
    replies = [
        (lang, reply)
        for lang in ("zh", "en")
        for reply in tomllib.loads((BOX / "canned" / f"{lang}.toml").read_text(encoding="utf-8"))["reply"]
    ]
    return [
        Phrase(
            f"{lang}:{reply['shortcut']}",
            reply["title"],
            reply["text"],
            reply["stage"],
            reply["scenario"],
            tuple(reply["when"]),
            0,
            lang,
        )
        for lang, reply in replies
    ]


def ranked(text: str, lang: str) -> list[Suggestion]:
    return suggest(text, box(), has_order=True, stage=stage_of([("customer", text)]), lang=lang, top=3)


@pytest.mark.parametrize(
    ("text", "lang", "scenario"),
    [
        ("我的快递怎么还没到 328740912344", "zh", "logistics"),
        ("在吗\n我的快递三天没动了", "zh", "logistics"),
        ("显示签收了 但是我没收到啊", "zh", "lost"),
        ("卫衣我175 140斤穿什么码", "zh", "size"),
        ("箱子都压扁了！里面也磕坏了", "zh", "damaged"),
        ("你好 我想开个发票 公司报销用", "zh", "invoice"),
        ("退款怎么还没到 都5天了", "zh", "refund"),
        ("地址写错了能改不", "zh", "order"),
        ("耳机连不上手机", "zh", "technical"),
        ("刚买两天就降价20块 退差价", "zh", "price"),
        ("我要投诉 到现在没人理", "zh", "complaint"),
        ("where is my parcel", "en", "logistics"),
        ("one of the items arrived broken", "en", "damaged"),
        ("can i return this?", "en", "return"),
    ],
)
def test_the_box_answers_common_questions(text: str, lang: str, scenario: str) -> None:
    scenarios = {phrase.id: phrase.scenario for phrase in box()}
    assert scenario in [scenarios[one.id] for one in ranked(text, lang)]


class TestStage:
    @pytest.mark.parametrize(
        ("talk", "stage"),
        [
            ([], "greet"),
            ([("customer", "在吗"), ("customer", "快递到哪了")], "greet"),
            ([("customer", "在吗"), ("bot", "您好"), ("customer", "人工")], "greet"),
            ([("customer", "在吗"), ("agent", "您好")], "ask"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "想看看面霜")], "ask"),
            ([("customer", "快递呢"), ("agent", "我查一下"), ("customer", "好的吗")], "answer"),
            ([("customer", "坏了，退款"), ("agent", "抱歉"), ("customer", "图发了")], "aftersale"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "有点贵")], "answer"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "哪个适合干皮")], "recommend"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "那就买这个")], "close"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "我下单了")], "confirm"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "好的谢谢")], "goodbye"),
            ([("customer", "在吗"), ("agent", "您好"), ("customer", "谢谢，快递到哪了吗")], "answer"),
            ([("customer", "hi"), ("agent", "hello"), ("customer", "ok thanks")], "goodbye"),
            (
                [
                    ("customer", "a"),
                    ("agent", "b"),
                    ("agent", "b"),
                    ("customer", "c"),
                    ("agent", "d"),
                    ("customer", "e"),
                ],
                "analyse",
            ),
        ],
    )
    def test_table(self, talk: list[tuple[str, str]], stage: str) -> None:
        assert stage_of(talk) == stage


class TestKind:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("在吗", "other"),
            ("", "other"),
            ("我的快递怎么还没到", "logistics"),
            ("可以开发票吗", "invoice"),
            ("这个有货吗，怎么选尺码", "presale"),
            ("想退货，运费谁出", "return"),
            ("退款怎么还没到账", "aftersale"),
            ("收到就是坏的，给我补发", "aftersale"),
            ("再没人理我就投诉了", "complaint"),
            ("地址写错了帮我改一下", "order"),
            ("耳机连不上蓝牙", "technical"),
            ("客服态度太差", "complaint"),
            ("必须表扬，包装很用心", "praise"),
            ("建议你们出个大包装", "suggestion"),
            ("where is my parcel?", "logistics"),
            ("I need an invoice", "invoice"),
            ("it arrived broken, refund please", "aftersale"),
            ("does it run small?", "presale"),
        ],
    )
    def test_table(self, text: str, kind: str) -> None:
        assert classify(text) == kind

    def test_most_of_the_demo_story(self) -> None:
        story = tomllib.loads((BOX / "demo" / "story.toml").read_text(encoding="utf-8"))["dialogue"]
        told = [
            (
                dialogue["kind"],
                classify("\n".join(turn["text"] for turn in dialogue["turn"] if turn["from"] == "customer")),
            )
            for dialogue in story
        ]
        assert sum(meant == found for meant, found in told) >= 0.85 * len(told)

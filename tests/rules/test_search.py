"""Finding a canned reply; its pinyin keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_tui.rules.pinyin import keys
from kefu_tui.rules.search import PhraseKey, match, rank
from kefu_tui.rules.syllables import spelled


def phrase(title: str, text: str = "", shortcut: str = "", uses: int = 0, own: int = 0) -> PhraseKey:
    return PhraseKey(title, text, shortcut, *keys(title), uses, own)


SHELF = [
    phrase("物流查询", "您好，您的包裹由{{ shipment.carrier }}承运。", "wl"),
    phrase("催件安抚", "非常抱歉，已为您催促物流。", "cj", uses=5),
    phrase("延迟补偿", "给您申请了补偿，请查收（Q）。"),
    phrase("退款进度", "您的退款已经提交，SF到付也可以。", "tk", uses=2),
    phrase("Refund progress", "Your refund is on its way.", "Rf"),
    phrase("物流异常", "包裹异常，正在核实。", uses=3),
]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", [1, 5, 3, 0, 2, 4]),
        ("wl", [0, 5]),  # shortcut, then initials
        ("wlyc", [5]),
        ("wuliu", [5, 0]),  # pinyin, by use
        ("chaxun", [0]),
        ("物流", [5, 0, 1]),  # title by use, then text
        ("物流 催", [1]),
        ("催 物流", [1]),
        ("退款", [3]),
        ("refund", [4]),
        ("REFUND", [4]),
        ("rf", [4]),
        ("sf", [3]),
        ("ｗｌ", [0, 5]),
        ("您", [1, 3, 0, 2]),
        ("q", []),  # a single letter does not search texts
        ("zzz", []),
        ("物流 zzz", []),
    ],
)
def test_rank(query: str, order: list[int]) -> None:
    assert rank(query, SHELF) == order


def test_match() -> None:
    assert match("wl", SHELF[0]) == 200
    assert match("cx", SHELF[0]) == 40
    assert match("zzz", SHELF[0]) is None
    assert match("", SHELF[0]) == 0


@given(st.lists(st.sampled_from(SHELF), max_size=8), st.text(st.sampled_from("wlcx tk物流退款您好"), max_size=6))
def test_rank_holds_what_matches_best_first(shelf: list[PhraseKey], query: str) -> None:
    order = rank(query, shelf)
    assert sorted(order) == [index for index, one in enumerate(shelf) if match(query, one) is not None]
    scores = [match(query, shelf[index]) or 0 for index in order]
    assert scores == sorted(scores, reverse=True)


@given(st.text(st.sampled_from("wlcx 物流退款"), max_size=6), st.sampled_from("wl物流"))
def test_another_word_only_narrows(query: str, word: str) -> None:
    assert set(rank(f"{query} {word}", SHELF)) <= set(rank(query, SHELF))


@pytest.mark.parametrize(
    ("text", "pinyin", "initials"),
    [
        ("物流查询", "wuliuchaxun", "wlcx"),
        ("重庆银行，长度", "chongqingyinhangchangdu", "cqyhcd"),
        ("旅行", "lvxing", "lx"),
        ("VIP客户 SF2单", "vipkehusf2dan", "vipkhsf2d"),
        ("ＡＢ·c", "abc", "abc"),
        ("，。!é", "", ""),
        ("", "", ""),
    ],
)
def test_pinyin(text: str, pinyin: str, initials: str) -> None:
    assert keys(text) == (pinyin, initials)


TYPED = [
    PhraseKey("物流查询", "您好，查到了", "wlcx", "wuliuchaxun", "wlcx"),
    PhraseKey("退款多久", "一般三天", "tkdj", "tuikuanduojiu", "tkdj"),
    PhraseKey("Refund time", "three days", "refund", "refundtime", "rt"),
]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("wuliv", 0),
        ("wliu", 0),
        ("wuuliu", 0),
        ("wului", 0),
        ("tuikaun", 1),
        ("tiukuan", 1),
        ("refnud", 2),
        ("refumd", 2),
    ],
)
def test_a_typing_slip_is_forgiven(typed: str, place: int) -> None:
    assert rank(typed, TYPED) == []
    assert rank(typed, TYPED, slips=True) == [place]


@pytest.mark.parametrize("typed", ["wuxxx", "abcd", "tk1j", "wlv", "zzzzzz"])
def test_more_than_a_slip_is_not(typed: str) -> None:
    assert rank(typed, TYPED, slips=True) == []


def test_what_is_typed_right_never_gives_way_to_a_slip() -> None:
    shelf = [*TYPED, PhraseKey("无柳", "x", "x", "wuliv", "wl")]
    assert rank("wuliv", shelf, slips=True) == [3]


def test_the_agents_own_goes_before_the_teams_and_the_companys() -> None:
    shelf = [
        phrase("发货", shortcut="fh", uses=9),
        phrase("发货", shortcut="fh", own=1),
        phrase("我的", shortcut="fh", own=2),
    ]
    assert rank("fh", shelf) == [2, 1, 0]
    assert rank("fh", shelf, favour=[25, 25, 0]) == [2, 1, 0], "whatever fits, a whole shortcut means the own one"
    assert rank("@me", shelf) == [2]
    assert rank("@组 fh", shelf) == [1]
    assert rank("fh @公司", shelf) == [0]
    assert rank("@", shelf) == [0, 1, 2]


def test_what_fits_goes_first_among_the_like() -> None:
    assert rank("物流", SHELF) == [5, 0, 1]
    assert rank("物流", SHELF, favour=[5, 0, 0, 0, 0, 0]) == [0, 5, 1]
    assert rank("物流", SHELF, favour=[0, 25, 0, 0, 0, 0]) == [5, 0, 1], "no fit makes words of a text a title"


def test_a_character_of_the_same_sound_is_a_slip() -> None:
    assert rank("无流", SHELF) == []
    assert rank("无流", SHELF, slips=True) == [5, 0]
    assert rank("退宽", SHELF, slips=True) == [3]
    assert rank("退宽", SHELF) == []
    assert rank("物", SHELF, slips=True) == rank("物", SHELF)
    assert rank("鑫", SHELF, slips=True) == []


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("发货", "fahuo"),
        ("绿色", "lvse"),
        ("战略", "zhanlve"),
        ("a座", "azuo"),
        ("啊", "a"),
        ("鑫", ""),
        ("😀", ""),
        ("", ""),
    ],
)
def test_how_a_word_is_spelled(word: str, sound: str) -> None:
    assert spelled(word) == sound


def test_every_common_character_is_spelled_as_the_dictionary_does() -> None:
    import pypinyin

    common = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
    for one in common:
        readings = pypinyin.pinyin(one, style=pypinyin.Style.NORMAL, heteronym=True)[0]
        assert spelled(one) in readings, one

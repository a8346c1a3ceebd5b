"""Lines of Chinese: where they may break, what stays whole, nothing lost, nothing wider than it may be."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from kefu_tui.rules.recognise import recognise
from kefu_tui.screens.above import Whole
from kefu_tui.text import NEVER_FIRST, NEVER_LAST, cells, clean, clusters, cut, one_line, wrap, wrap_spans
from kefu_tui.widgets.ink import Line
from kefu_tui.widgets.inks import INKS

FAMILY, HEART, THUMB, FLAG, KEYCAP = "👨\u200d👩\u200d👧", "❤\ufe0f", "👍🏽", "🇨🇳", "1\ufe0f\u20e3"
CHINESE = [
    "亲，您的快递到了",
    "後天發貨，請查收。",
    "“好的”",
    "……",
    "——",
    "（含运费）",
    "《说明》",
    "￥128.00元",
    "［注］",
    "、",
    "」",
    "（",
]
WORDS = ["3.5kg/100%", "订单号：", "328740912344567890", "SF1385628716739", "https://item.example.com/p?id=12345", "don’t",
         "xiao.mei@example.com", "iPhone 15 Pro Max", "ＳＦ１３８５６２８７", "Привет"]  # fmt: skip
FOREIGN = ["שלום", "عربي", "ภาษาไทย", "ｶﾞ", "한글"]
ODD = ["\u200b", "\u202e倒\u202c", "\u2066", "\ufeff", "\u00ad", "\u0301", "\u200d", "e\u0301\u0302", "\x1b[31m"]
SPACES = [" ", "\u3000", "\n", "\r\n", "\t"]
PIECES = [*CHINESE, *WORDS, *FOREIGN, *ODD, *SPACES, FAMILY, HEART, THUMB, FLAG, KEYCAP]
"""What customers send, and what breaks terminals."""
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
widths = st.integers(8, 70)


def lost(text: str, spans: list[tuple[int, int]]) -> str:
    """The characters of a text that stand in no line."""
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    return "".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))


@given(texts, widths)
def test_no_line_is_wider_and_nothing_but_spaces_at_breaks_is_lost(text: str, width: int) -> None:
    shown = clean(text, newlines=True)
    spans = wrap_spans(shown, width)
    for start, end in spans:
        assert cells(shown[start:end]) <= width
        assert cell_len(shown[start:end]) == cells(shown[start:end]), "the screen counts otherwise"
    assert set(lost(shown, spans)) <= set(" \u3000\n")


@given(texts, widths)
def test_what_belongs_together_is_in_one_line(text: str, width: int) -> None:
    shown = clean(text, newlines=True)
    edges = {edge for span in wrap_spans(shown, width) for edge in span}
    at = 0
    for line in shown.split("\n"):
        for start, end, _ in clusters(line):
            assert not any(at + start < edge < at + end for edge in edges), line[start:end]
        at += len(line) + 1


@given(texts, widths)
def test_no_line_begins_or_ends_wrongly_where_it_can_be_helped(text: str, width: int) -> None:
    shown = clean(text, newlines=True)
    for (_, end), (start, _) in pairwise(wrap_spans(shown, width)):
        if end == start and (shown[start] in NEVER_FIRST or shown[end - 1] in NEVER_LAST):
            glued = _glued(shown, start)
            assert cells(glued) > width, glued


def _glued(text: str, at: int) -> str:
    """The longest stretch around a place that has no honest break in it."""
    ends = [end for _, end, _ in clusters(text)]
    honest = {0, len(text)} | {
        end
        for end in ends[:-1]
        if text[end - 1] in " \u3000\n" or text[end] in " \u3000\n"
        or not (text[end] in NEVER_FIRST or _base(text, end) in NEVER_LAST or _word(text, end))
    }  # fmt: skip
    left = max(place for place in honest if place < at)
    return text[left : min(place for place in honest if place > at)]


def _base(text: str, end: int) -> str:
    return next(text[first] for first, last, _ in clusters(text) if last == end)


def _word(text: str, at: int) -> bool:
    """Whether two narrow characters, or two full-width letters, meet there."""
    before, after = _base(text, at), text[at]
    sizes = {last: size for _, last, size in clusters(text)}
    right = next(size for first, _, size in clusters(text) if first == at)
    narrow = all(char.isascii() or size == 1 for char, size in ((before, sizes[at]), (after, right)))
    return narrow or all("\uff10" <= char <= "\uff5a" and char.isalnum() for char in (before, after))


@pytest.mark.parametrize(
    "whole",
    ["328740912344567890", "SF1385628716739", "138-1234-5678", "https://item.example.com/p?id=12345", "xiao.mei@example.com",
     "ＳＦ１３８５６２８７", "iPhone15ProMax", "2024-12-31", "Привет", FAMILY, "￥128.00", "10:30-11:45"],
)  # fmt: skip
def test_what_fits_a_line_is_not_split(whole: str) -> None:
    for before in range(30):
        text = "好" * before + whole + "收到了吗"
        for width in range(cells(whole), 60):
            assert any(whole in line for line in wrap(text, width)), (before, width)


def test_a_number_that_is_recognised_stays_whole_in_every_script() -> None:
    for number in ("328740912344", "３２８７４０９１２３４４"):
        text = f"订单{number}什么时候發貨"
        (span,) = [(one.start, one.end) for one in recognise(text) if one.end - one.start == len(number)]
        for width in range(cells(number), 40):
            assert any(number in text[a:b] for a, b in wrap_spans(text, width, keep=[span]))


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("价格￥128.00元", 6, ["价格", "￥128.", "00元"]),
        ("请看［注意］｛好｝吧", 6, ["请看", "［注", "意］", "｛好｝", "吧"]),
        ("他说——好的……是吗", 7, ["他说——", "好的……", "是吗"]),
        ("“好”“好”“好”", 4, ["“好”", "“好”", "“好”"]),
        ("價格（含運費）是多少", 10, ["價格（含運", "費）是多少"]),
        ("don’t “A” wait…ok", 6, ["don’t", "“A”", "wait…", "ok"]),
        ("你好々吗", 4, ["你", "好々", "吗"]),
        (FAMILY * 3 + HEART, 4, [FAMILY * 2, FAMILY + HEART]),
        (FLAG * 3, 3, [FLAG, FLAG, FLAG]),
        ("好e\u0301e\u0301e\u0301", 4, ["好", "e\u0301e\u0301e\u0301"]),
        ("中文 English混排 text好", 10, ["中文", "English混", "排 text好"]),
        ("עברית ועוד טקסט", 8, ["עברית", "ועוד", "טקסט"]),
    ],
)
def test_table(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


@given(texts)
def test_hidden_characters_are_seen_or_gone(text: str) -> None:
    for shown in (clean(text, newlines=True), one_line(text)):
        for char in shown:
            assert unicodedata.category(char) != "Cf" or char == "\u200d"
            assert char == "\n" or unicodedata.category(char) != "Cc"
    assert "<RLO>倒<PDF>" in clean("\u202e倒\u202c")
    assert clean("1380\u200b0138") == "1380<ZWSP>0138"


@given(texts, st.integers(0, 40))
def test_cutting_never_halves_a_character(text: str, width: int) -> None:
    line = one_line(text)
    short = cut(line, width)
    assert cells(short) <= width
    whole = {line[start:end] for start, end, _ in clusters(line)} | {".", " "}
    assert {short[start:end] for start, end, _ in clusters(short)} <= whole


@given(texts, st.integers(4, 60), st.data())
def test_a_sheet_cuts_rows_at_any_cell_and_nothing_moves(text: str, width: int, data: st.DataObject) -> None:
    """What lies over the workstation parts the rows below it: of what a cut goes through spaces are left."""
    strip = Line(INKS["dark"], width).gap(1).add(clean(text), bold=True).strip()
    cuts = sorted({*data.draw(st.lists(st.integers(1, width), max_size=4)), width})
    parts = Whole(list(strip), width).divide(cuts)
    assert [part.cell_length for part in parts] == [b - a for a, b in pairwise([0, *cuts])]
    for part in parts:
        assert sum(cell_len(segment.text) for segment in part) == part.cell_length
        assert all(isinstance(segment.style, Style) for segment in part)
        whole = "".join(segment.text for segment in part)
        assert not whole.startswith(("\u200d", "\ufe0f", "\u20e3", "🏽", "\u0301"))


@pytest.mark.parametrize("emoji", [FAMILY, HEART, THUMB, FLAG, KEYCAP, "好"])
def test_a_character_that_is_cut_is_two_spaces(emoji: str) -> None:
    strip = Line(INKS["dark"], 12).add("ab" + emoji + "尾").strip()
    left, right = Whole(list(strip), 12).divide([3, 12])
    assert (left.text, right.text[:2]) == ("ab ", " 尾")
    left, right = Whole(list(strip), 12).divide([4, 12])
    assert (left.text, right.text[:1]) == ("ab" + emoji, "尾")


def test_textual_alone_moves_the_row() -> None:
    """If this fails, Textual cuts emoji as it should, and `Whole` may go."""
    strip = Line(INKS["dark"], 12).add("ab" + HEART + FAMILY).strip()
    parts = Strip(list(strip), 12).divide([3, 12])
    assert [sum(cell_len(segment.text) for segment in part) for part in parts] != [3, 9]

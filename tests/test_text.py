"""Text on a terminal: cleaning, cells, cutting, wrapping, wording."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kefu_tui.text import (
    NEVER_FIRST,
    NEVER_LAST,
    cells,
    clean,
    clusters,
    cut,
    cut_middle,
    fit,
    fold_ambiguous,
    one_line,
    wrap,
    wrap_spans,
)
from kefu_tui.text_clean import _HARMFUL, MAY_BE_AMBIGUOUS

ODD = (
    "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\x9d\u200b\u200d\u200e\u202e\u2028\u2066\ufeff\u00ad\u061c\u0301\u20e3\ufe0f\ufe0e"
    "\ud800\udfff\ue000\ufdd0\uffff\U000e0041\U000e0001\U0010ffff\u1160\u11a8\u3164\u115f\ufff9\u2065"
    "👩👧❤🏻🏽🇨🇳🔥♀1#aé中文，。（「 　“”…·—→×①α[]"
)
hostile = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=40)
tame = st.text(
    st.sampled_from("中文你好吗，。！？（）「」“”…、 　abcXYZ0123456789-./:,()👍❤\ufe0f\u0301\n"), max_size=60
)


def assigned() -> list[str]:
    return [char for char in map(chr, range(0x110000)) if unicodedata.category(char) != "Cn"]


class TestCells:
    def test_every_assigned_character_is_as_wide_as_for_the_screen(self) -> None:
        assert [hex(ord(char)) for char in assigned() if cells(char) != cell_len(char)] == []

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "abc",
            "你好",
            "ｶﾅ한글한",
            "👨‍👩‍👧‍👦",
            "👍🏽",
            "❤️",
            "❤",
            "1️⃣",
            "🇨🇳",
            "e\u0301\u0302",
            "\u200d👍",
            "👍\u200d",
            "\ufe0f❤",
            "❤\ufe0f\ufe0f",
            "한\u1161",
            "🏴\U000e0067\U000e007f",
        ],
    )
    def test_sequences(self, text: str) -> None:
        assert cells(text) == cell_len(text)

    @given(hostile)
    def test_agrees_with_the_screen(self, text: str) -> None:
        known = "".join(char for char in text if unicodedata.category(char) != "Cn")
        assert cells(known) == cell_len(known)

    @given(hostile)
    def test_clusters_cover_the_text(self, text: str) -> None:
        found = clusters(text)
        assert "".join(text[start:end] for start, end, _ in found) == text
        assert sum(width for _, _, width in found) == cells(text)

    def test_what_belongs_together(self) -> None:
        text = "a👍🏽🇨🇳🇨🇳e\u0301👩‍👧"
        assert [text[start:end] for start, end, _ in clusters(text)] == ["a", "👍🏽", "🇨🇳", "🇨🇳", "e\u0301", "👩‍👧"]

    def test_text_needs_no_screen(self) -> None:
        found = subprocess.run(
            [sys.executable, "-c", "import sys, kefu_tui.text; print({'rich', 'textual'} & set(sys.modules))"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == "set()"


class TestClean:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("在吗？abc [bold]x[/]", "在吗？abc [bold]x[/]"),
            ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
            ("\x1b[2J\x00\x7f", "␛[2J␀␡"),
            ("\x9b31m\x85", "\\x9b31m\\x85"),
            ("a\tb", "a    b"),
            ("a\nb\r\nc\u2028d", "a b c d"),
            ("50\r99", "50␍99"),
            ("\u202eevil\u2066\u200f\u061c", "<RLO>evil<LRI><RLM><ALM>"),
            ("1380\u200b0138\u2060000\ufeff\u00ad", "1380<ZWSP>0138<WJ>000<BOM><SHY>"),
            ("a\u200db", "a<ZWJ>b"),
            ("👩‍👧 ❤️‍🔥 👩🏽‍🚀", "👩‍👧 ❤️‍🔥 👩🏽‍🚀"),
            ("👩\u200d\u200d👧", "👩<ZWJ><ZWJ>👧"),
            ("👍" + "\u200d👍" * 4, "👍" + "\u200d👍" * 3 + "<ZWJ>👍"),
            ("👍🏽🏽", "👍🏽\ufffd"),
            ("🏽", "\ufffd"),
            ("e" + "\u0301" * 50 + "x", "e\u0301\u0301\u0301\ufffdx"),
            ("\u0301x", "\u25cc\u0301x"),
            ("\ud83d x \udc00", "\ufffd x \ufffd"),
            ("\U000e0041\ue000\uffff\ufdd0", "\ufffd\ufffd\ufffd\ufffd"),
            ("\ufff9\u2064\u3164", "<U+FFF9><U+2064><U+3164>"),
            ("1️⃣ 🇨🇳 é né", "1️⃣ 🇨🇳 é né"),
        ],
    )
    def test_table(self, text: str, shown: str) -> None:
        assert clean(text) == shown

    def test_newlines_stay_when_asked(self) -> None:
        assert clean("a\r\nb\n\nc\u2029d\x0b", newlines=True) == "a\nb\n\nc\nd␋"
        assert clean("x\n\u0301", newlines=True) == "x\n\u25cc\u0301"

    @given(hostile, st.booleans())
    def test_twice_is_once(self, text: str, newlines: bool) -> None:
        once = clean(text, newlines=newlines)
        assert clean(once, newlines=newlines) == once

    @given(hostile, st.booleans())
    def test_nothing_harmful_is_left(self, text: str, newlines: bool) -> None:
        shown = clean(text, newlines=newlines)
        for char in shown:
            if char == "\n" and newlines:
                continue
            assert unicodedata.category(char) not in ("Cc", "Cs", "Co", "Zl", "Zp")
            assert (
                char not in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2060\u00ad"
            )
        shown.encode("utf-8")

    @given(hostile)
    def test_no_piece_grows_without_bound(self, text: str) -> None:
        shown = clean(text + "\u0301" * 20 + "\u200d👍" * 20)
        assert all(end - start <= 20 for start, end, _ in clusters(shown))

    def test_what_the_fast_path_lets_through_is_harmless(self) -> None:
        passed = [char for char in map(chr, range(0x110000)) if not _HARMFUL.search(char)]
        assert len(passed) > 80_000
        for char in passed:
            category = unicodedata.category(char)
            assert char == "\n" or (category[0] not in "CM" and category not in ("Zl", "Zp") and cells(char) > 0), hex(
                ord(char)
            )

    def test_newer_emoji_and_rare_ideographs_are_kept(self) -> None:
        assert clean("🫨 🩷 \U000323b0") == "🫨 🩷 \U000323b0"


class TestOneLine:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("  你好\n\n在吗　？ ", "你好 在吗 ？"),
            ("“好”…‘a’·—→×", "\"好\"..'a'.->x"),
            ("37℃ ①②★●", "37C 12**"),
            ("café über Ü", "cafe uber Ü"),
            ("❤️好 👍🏽 👩‍👧 🏃‍♀️ 1️⃣", "❤好 👍 👩 🏃 1\u20e3"),
            ("´\u0301x", "\u25cc\u0301x"),
            ("Привет", "Привет"),
            ("\x1b[0m", "␛[0m"),
        ],
    )
    def test_table(self, text: str, line: str) -> None:
        assert one_line(text) == line

    @given(hostile)
    def test_twice_is_once(self, text: str) -> None:
        once = one_line(text)
        assert one_line(once) == once
        assert "\n" not in once

    def test_only_letters_and_marks_stay_ambiguous(self) -> None:
        for char in assigned():
            folded = fold_ambiguous(clean(char))
            left = [part for part in folded if unicodedata.east_asian_width(part) == "A"]
            assert all(unicodedata.category(part)[0] in "LMN" for part in left), hex(ord(char))

    def test_the_fast_path_holds_nothing_ambiguous(self) -> None:
        passed = [char for char in assigned() if not MAY_BE_AMBIGUOUS.search(char)]
        assert {char for char in passed if unicodedata.east_asian_width(char) == "A"} == set()


class TestCut:
    @pytest.mark.parametrize(
        ("text", "width", "short"),
        [
            ("你好", 4, "你好"),
            ("你好吗", 5, "你.."),
            ("你好吗", 4, "你.."),
            ("abcdef", 5, "abc.."),
            ("你好", 1, ""),
            ("你好", 3, ".."),
            ("👍🏽👍🏽x", 4, "👍🏽.."),
            ("", 0, ""),
            ("abc", 0, ""),
            ("ab cdef", 5, "ab.."),
            ("物流 已签收", 7, "物流.."),
        ],
    )
    def test_table(self, text: str, width: int, short: str) -> None:
        assert cut(text, width) == short

    @pytest.mark.parametrize(
        ("text", "width", "short"),
        [
            ("328740912344", 10, "3287..2344"),
            ("328740912344", 12, "328740912344"),
            ("328740912344", 9, "3287..344"),
            ("328740912344", 4, "3..4"),
            ("328740912344", 3, "3.."),
            ("SF1385628716739", 11, "SF138..6739"),
        ],
    )
    def test_middle(self, text: str, width: int, short: str) -> None:
        assert cut_middle(text, width) == short

    @given(hostile.map(clean), st.integers(0, 30))
    def test_widths(self, text: str, width: int) -> None:
        assert cells(cut(text, width)) <= width
        assert cells(fit(text, width)) == width
        assert cells(cut_middle(text, width)) <= width


class TestWrap:
    @pytest.mark.parametrize(
        ("text", "width", "lines"),
        [
            ("你好吗，在吗", 6, ["你好", "吗，在", "吗"]),
            ("他说（对）吗", 6, ["他说", "（对）", "吗"]),
            ("订单328740912344到了", 14, ["订单", "328740912344到", "了"]),
            ("hello big world", 9, ["hello big", "world"]),
            ("hello     world", 8, ["hello", "world"]),
            ("a\n\nb", 10, ["a", "", "b"]),
            ("", 10, [""]),
            ("  缩进的一行文字", 8, ["  缩进的", "一行文字"]),
            ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
            ("看https://a.cn/12345678/9.html", 12, ["看https://a.", "cn/12345678/", "9.html"]),
            ("看abcdefghij吧", 4, ["看", "abcd", "efgh", "ij吧"]),
            ("他说“你好”。", 8, ["他说“你", "好”。"]),
            ("好，，，，，", 4, ["好，", "，，", "，，"]),
            ("👍🏽👍🏽👍🏽", 4, ["👍🏽👍🏽", "👍🏽"]),
        ],
    )
    def test_table(self, text: str, width: int, lines: list[str]) -> None:
        assert wrap(text, width) == lines

    def test_a_filled_value_stays_whole(self) -> None:
        text = "由韵达快递公司承运"
        assert [text[a:b] for a, b in wrap_spans(text, 8)] == ["由韵达快", "递公司承", "运"]
        assert [text[a:b] for a, b in wrap_spans(text, 8, keep=[(1, 5)])] == ["由", "韵达快递", "公司承运"]
        assert [text[a:b] for a, b in wrap_spans(text, 4, keep=[(1, 5)])] == ["由", "韵达", "快递", "公司", "承运"]

    @given(tame, st.integers(2, 24))
    def test_no_line_is_wider_and_only_spaces_are_lost(self, text: str, width: int) -> None:
        spans = wrap_spans(text, width)
        assert all(cells(text[start:end]) <= width for start, end in spans)
        edges = [0, *[edge for span in spans for edge in span], len(text)]
        assert edges == sorted(edges)
        lost = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
        assert set("".join(lost)) <= set(" 　\n")
        assert len(spans) >= text.count("\n") + 1

    @given(tame, st.integers(2, 24))
    def test_punctuation_stands_at_the_wrong_end_only_in_what_fits_no_line(self, text: str, width: int) -> None:
        for start, end in wrap_spans(text, width)[1:]:
            broken = start > 0 and start < end and text[start - 1] not in " 　\n"
            if broken and (text[start] in NEVER_FIRST or text[start - 1] in NEVER_LAST):
                assert cells(text[_glued_from(text, start) : _glued_to(text, start)]) > width

    @given(tame, st.integers(2, 24))
    def test_a_run_is_split_only_when_wider_than_a_line(self, text: str, width: int) -> None:
        alnum = set("abcXYZ0123456789")
        for start, _ in wrap_spans(text, width):
            if 0 < start < len(text) and text[start] in alnum and text[start - 1] in alnum:
                left, right = start, start
                while left > 0 and text[left - 1] in alnum | set("\ufe0f\u0301"):
                    left -= 1
                while right < len(text) and text[right] in alnum | set("\ufe0f\u0301"):
                    right += 1
                assert cells(text[left:right]) > width


def _breakable(text: str, at: int) -> bool:
    """Whether a line may break there, said once more and slowly."""
    left = next((piece for piece in clusters(text) if piece[1] == at), None)
    right = next((piece for piece in clusters(text) if piece[0] == at), None)
    if left is None or right is None:
        return False
    if {text[left[0] : left[1]], text[right[0] : right[1]]} & {" ", "\u3000", "\n"}:
        return True
    if text[right[0]] in NEVER_FIRST or text[left[0]] in NEVER_LAST:
        return False
    return any(width != 1 and not text[start].isascii() for start, _, width in (left, right))


def _glued_from(text: str, at: int) -> int:
    at -= 1
    while at > 0 and not _breakable(text, at):
        at -= 1
    return at


def _glued_to(text: str, at: int) -> int:
    at += 1
    while at < len(text) and not _breakable(text, at):
        at += 1
    return at

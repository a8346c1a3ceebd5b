"""The replies pane: what suits, what a search finds and underlines, and what its keys post."""

from itertools import product

import pytest

from kefu_tui.text import cells
from kefu_tui.widgets.canned import CannedPane
from kefu_tui.widgets.conversation import ConversationPane
from kefu_tui.widgets.inks import INKS
from kefu_tui.widgets.matching import found, initial
from kefu_tui.widgets.offer import in_words
from tests.panes import HOSTILE, Alone, Panes, canned, drawn, filled, harmless, said


class Choosing(Panes):
    """The panes, and what was chosen in them."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []
        self.left = 0

    def on_canned_pane_chosen(self, message: CannedPane.Chosen) -> None:
        self.chosen.append(message.canned_id)

    def on_canned_pane_left(self) -> None:
        self.left += 1


class TestMatching:
    def test_initials_of_common_characters(self) -> None:
        assert "".join(map(initial, "物流查询在途退款安抚")) == "wlcxzttkaf"
        assert [initial(char) for char in "A1，镕"] == ["a", "1", "", ""]

    @pytest.mark.parametrize(
        ("title", "query", "words"),
        [
            ("物流查询 在途", "wl", ["物流"]),
            ("物流查询 在途", "cxzt", ["查询 在途"]),
            ("物流查询 在途", "查询", ["查询"]),
            ("物流查询 在途", "wl 在", ["物流", "在"]),
            ("Parcel late", "PAR", ["Par"]),
            ("物流查询", "zzz", []),
            ("物流查询", "", []),
        ],
    )
    def test_found(self, title: str, query: str, words: list[str]) -> None:
        assert [title[start:end] for start, end in found(title, query)] == words


class TestReplies:
    @pytest.fixture
    async def pane(self) -> CannedPane:  # type: ignore[misc]
        async with Panes().run_test(size=(98, 38)) as pilot:
            yield pilot.app.query_one(CannedPane)

    def test_the_offered_one_has_its_reason_and_the_key(self, pane: CannedPane) -> None:
        rows = said(pane).split("\n")
        assert rows[0] == "话术 412 / 搜"
        assert rows[2:5] == ["1 物流查询 在途 Tab", "问了 怎么还没到；订单在途", "2 物流停滞 三天以上 wltz"]
        assert {cells(row.rstrip()) for row in drawn(pane) if "wl" in row} == {37}

    def test_digits_act_only_while_moving(self, pane: CannedPane) -> None:
        def number() -> object:
            return next(segment.style.bold for segment in pane.render_line(4) if segment.text.startswith("2"))

        assert number()
        pane.moving = False
        assert not number()
        pane.moving, pane.usable = True, False
        assert not number()

    def test_variables_read_as_words_of_the_trade(self, pane: CannedPane) -> None:
        text = "由{{ shipment.carrier }}承运{% if order.no %}，单号 {{order.no | upcase}}{% endif %}，{{ ask.尺码 }}"
        pane.show([canned()[0]._replace(text=text, reason="")], "", 1)
        assert "由[快递公司]承运，单号 [订单号]，[尺码]" in said(pane).replace("\n", "")
        assert in_words("{{ nobody.knows }}" + text, "en").startswith("[nobody.knows]由[carrier]")

    def test_lines_by_number(self, pane: CannedPane) -> None:
        assert [line and line.id for line in map(pane.line, (0, 1, 3, 9, 10))] == [None, "r1", "r3", "r9", None]
        pane.move(4)
        line = pane.current()
        assert line is not None
        assert line.id == "r5"

    async def test_a_choice_among_what_was_found_is_posted(self) -> None:
        async with Choosing().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(CannedPane)
            pane.begin_search()
            await pilot.press("down", "down", "enter")
            assert pilot.app.chosen == ["r3"]  # type: ignore[attr-defined]

    async def test_a_search_takes_keys_as_words(self) -> None:
        async with Choosing().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(CannedPane)
            pane.begin_search()
            await pilot.press("w", "l", "t")
            assert (pane.words, said(pane).split("\n")[0]) == ("wlt", "话术 /wlt 1 / 412")
            await pilot.press("1", "backspace", "enter")
            assert pilot.app.chosen == ["r2"]  # type: ignore[attr-defined]
            assert [message.text for message in pilot.app.posted][-2:] == ["wlt1", "wlt"]  # type: ignore[attr-defined]

    async def test_arrows_choose_among_what_was_found(self) -> None:
        async with Choosing().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(CannedPane)
            pane.begin_search()
            await pilot.press("w", "l", "down", "down", "up", "tab")
            assert pilot.app.chosen == ["r2"]  # type: ignore[attr-defined]

    async def test_escape_gives_the_search_up(self) -> None:
        async with Choosing().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(CannedPane)
            pane.begin_search()
            await pilot.press("w", "escape", "x")
            assert (pane.searching, pane.words, pilot.app.left) == (False, "", 1)  # type: ignore[attr-defined]

    async def test_the_search_shows_text_and_where_the_cursor_is(self) -> None:
        async with Choosing().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(CannedPane)
            pane.begin_search()
            await pilot.press("w")
            column = drawn(pane)[0].index("/w") + 2  # two wide characters stand before
            assert tuple(pilot.app.cursor_position) == (pane.region.x + column + 2, pane.region.y)
            assert "您好，您的包裹由顺丰承运" in said(pane)
            assert "Enter" in said(pane)

    async def test_what_was_found_is_underlined(self) -> None:
        async with Choosing().run_test(size=(98, 38)) as pilot:
            pane = pilot.app.query_one(CannedPane)
            pane.begin_search()
            await pilot.press("w", "l", "c")
            rows = [pane.render_line(y) for y in range(pane.size.height)]
            marked = [segment.text for row in rows for segment in row if segment.style and segment.style.underline]
            assert "物流查" in marked
            assert "wlc" in marked  # in the shortcut of the second

    def test_nothing_found(self, pane: CannedPane) -> None:
        pane.show([], "zzz", 412)
        assert "没有这样的话术，换个词。" in said(pane)
        assert "0 / 412" in said(pane)
        pane.show([], "", 0)
        assert "这里还没有话术。" in said(pane)

    @pytest.mark.parametrize("width", [26, 34, 38, 80])
    async def test_every_row_is_as_wide_as_the_pane(self, width: int) -> None:
        pane = CannedPane()
        app = Alone(pane)
        many = [line._replace(id=f"{line.id}-{number}") for number in range(12) for line in canned()]
        async with app.run_test(size=(width, 4)) as pilot:
            for height in (4, 8, 14, 30):
                await pilot.resize_terminal(width, height)
                for app.ink, app.lang in product(INKS.values(), ("zh", "en")):
                    for lines, query in ((canned(app.lang), ""), (many, "wl"), ([], "x")):
                        pane.show(lines, query, 412)
                        for rows in (0, 50, -50):
                            pane.move(rows)
                            assert {cells(row) for row in drawn(pane)} == {width}

    def test_the_current_line_is_always_in_sight(self, pane: CannedPane) -> None:
        many = [
            line._replace(id=f"{line.id}-{number}", title=f"话术 {number}")
            for number in range(99)
            for line in canned()[:1]
        ]
        pane.show(many, "", 412)
        for place in (0, 5, 40, 98):
            pane.move(-99)
            pane.move(place)
            assert f"话术 {place}" in said(pane)

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_text_is_harmless(self, pane: CannedPane, text: str) -> None:
        bad = canned()[0]._replace(title=text, text=text, shortcut=text, reason=text)
        pane.show([bad, bad._replace(id="b")], text, 2)
        pane.active = True
        assert all(harmless(row) and cells(row) == 38 for row in drawn(pane))


async def test_the_panes_together_write_a_reply() -> None:
    async with Choosing().run_test(size=(98, 38)) as pilot:
        pane = pilot.app.query_one(ConversationPane)
        pane.composer.begin()
        await pilot.press("tab")
        assert pane.composer.text == filled().text
        assert "话术 物流查询 在途" in said(pane.composer)

"""The composer: what each key does, counted in messages and not in pixels, and how it stands on the screen."""

from collections.abc import Iterator
from itertools import product
from typing import ClassVar

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot

from kefu_tui.text import cells
from kefu_tui.widgets.composer import Composer
from kefu_tui.widgets.inks import INKS
from kefu_tui.widgets.offer import offer_of
from kefu_tui.widgets.writing import LIMIT
from tests.panes import HOSTILE, filled, harmless


class Desk(App[None]):
    """A composer at the bottom of a pane, and what it posted."""

    CSS = "Vertical { align-vertical: bottom; }"
    BINDINGS: ClassVar = [("x", "resolve"), ("f9", "transfer")]

    def __init__(self) -> None:
        super().__init__()
        self.ink, self.lang = INKS["dark"], "zh"
        self.posted: list[object] = []
        self.acted: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Composer()

    def on_composer_changed(self, message: Composer.Changed) -> None:
        self.posted.append(message)

    def on_composer_submit(self, message: Composer.Submit) -> None:
        self.posted.append((message.text, message.stay))

    def on_composer_accept(self) -> None:
        self.posted.append("accept")

    def on_composer_another(self) -> None:
        self.posted.append("another")

    def on_composer_leave(self) -> None:
        self.posted.append("leave")

    def action_resolve(self) -> None:
        self.acted.append("resolve")

    def action_transfer(self) -> None:
        self.acted.append("transfer")


class Typist:
    """The composer of an app, and its keys."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.app: Desk = pilot.app  # type: ignore[assignment]
        self.composer = pilot.app.query_one(Composer)

    async def begin(self) -> None:
        self.composer.begin()
        await self.pilot.pause()

    async def keys(self, *keys: str) -> None:
        for key in keys:
            named = key if key.isascii() else None
            if named:
                await self.pilot.press(named)
            else:
                for char in key:
                    self.composer.post_message(events.Key(char, char))
                await self.pilot.pause()

    async def paste(self, text: str) -> None:
        self.composer.post_message(events.Paste(text))
        await self.pilot.pause()

    @property
    def said(self) -> list[object]:
        """What was posted, without the changes of text."""
        return [message for message in self.app.posted if not isinstance(message, Composer.Changed)]

    def drawn(self) -> list[str]:
        return [self.composer.render_line(y).text for y in range(self.composer.size.height)]

    def head(self) -> str:
        return self.drawn()[0]


@pytest.fixture
async def typist() -> "Iterator[Typist]":  # type: ignore[misc]
    async with Desk().run_test(size=(57, 30)) as pilot:
        yield Typist(pilot)


class TestKeys:
    async def test_letters_are_text_while_writing_and_commands_while_not(self, typist: Typist) -> None:
        await typist.keys("x")
        assert typist.app.acted == ["resolve"]
        await typist.begin()
        await typist.keys("x", "f9")
        assert typist.composer.text == "x"
        assert typist.app.acted == ["resolve", "transfer"]

    async def test_an_input_method_commits_a_key_per_character(self, typist: Typist) -> None:
        await typist.begin()
        await typist.keys("您好，在的")
        assert typist.composer.text == "您好，在的"
        assert [message.text for message in typist.app.posted if isinstance(message, Composer.Changed)][
            -1
        ] == "您好，在的"

    async def test_enter_sends_and_f5_stays(self, typist: Typist) -> None:
        await typist.begin()
        await typist.keys("好的", "enter")
        typist.composer.start("")
        await typist.keys("再见", "f5")
        assert typist.said == [("好的", False), ("再见", True)]

    async def test_a_key_that_bounces_sends_once(self, typist: Typist) -> None:
        await typist.begin()
        await typist.keys("好的", "enter", "enter", "enter")
        assert typist.said == [("好的", False)]

    async def test_nothing_is_not_sent_and_says_so(self, typist: Typist) -> None:
        await typist.begin()
        await typist.keys("space", "enter")
        assert typist.said == []
        assert "还没写" in typist.head()
        await typist.keys("a")
        assert "还没写" not in typist.head()

    @pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
    async def test_new_line(self, typist: Typist, key: str) -> None:
        await typist.begin()
        await typist.keys("a", key, "b")
        assert typist.composer.text == "a\nb"

    async def test_escape_leaves_and_keeps_the_text(self, typist: Typist) -> None:
        await typist.begin()
        await typist.keys("好", "escape", "x")
        assert typist.said == ["leave"]
        assert (typist.composer.text, typist.composer.writing) == ("好", False)
        assert typist.app.acted == ["resolve"]

    async def test_keys_of_a_shell(self, typist: Typist) -> None:
        await typist.begin()
        await typist.paste("您好，快递在路上")
        await typist.keys("ctrl+a", "delete", "ctrl+e", "ctrl+w")
        assert typist.composer.text == "好，"
        await typist.keys("ctrl+u")
        assert typist.composer.text == ""
        await typist.keys("ctrl+z", "ctrl+z")
        assert typist.composer.text == "好，快递在路上"
        await typist.keys("left", "left", "ctrl+k")
        assert typist.composer.text == "好，快递在"

    async def test_a_paste_keeps_its_lines_and_drops_controls(self, typist: Typist) -> None:
        await typist.begin()
        await typist.paste("第一\x1b[31m行\n第二行\u202e")
        assert typist.composer.text == "第一[31m行\n第二行"
        assert len([message for message in typist.app.posted if isinstance(message, Composer.Changed)]) == 1

    async def test_too_long_is_refused_with_a_word(self, typist: Typist) -> None:
        await typist.begin()
        await typist.paste("好" * LIMIT)
        await typist.paste("多")
        assert len(typist.composer.text) == LIMIT
        assert "最多 10000 字" in typist.head()

    async def test_a_paste_while_moving_changes_nothing(self, typist: Typist) -> None:
        await typist.paste("好")
        assert typist.composer.text == ""


class TestOffer:
    async def test_the_ghost_is_no_text(self, typist: Typist) -> None:
        typist.composer.offer(filled(), 1)
        assert typist.composer.text == ""
        assert "话术 1 物流查询 在途" in typist.head()
        assert "4 处已填，0 处缺" in typist.head()
        assert "您好，您的包裹由顺丰承运" in typist.drawn()[2]

    async def test_filled_values_are_underlined_in_text_and_the_rest_is_dim(self, typist: Typist) -> None:
        typist.composer.offer(filled(), 1)
        ink = INKS["dark"]
        row = typist.composer.render_line(2)
        found = {segment.text: (segment.style.underline, segment.style.color.name) for segment in row if segment.style}
        assert found["顺丰"] == (True, ink.text.lower())
        assert found["承运，单号 "] == (None, ink.dim.lower())

    async def test_tab_and_enter_typed_at_once_send_the_offer(self, typist: Typist) -> None:
        typist.composer.offer(filled(), 1)
        await typist.begin()
        for key in ("tab", "enter"):
            typist.composer.post_message(events.Key(key, None))
        await typist.pilot.pause()
        assert typist.said == ["accept", (filled().text, False)]

    async def test_taking_it_twice_is_taking_it_once(self, typist: Typist) -> None:
        typist.composer.offer(filled(), 1)
        await typist.begin()
        await typist.keys("tab")
        typist.composer.set_text(filled().text)
        await typist.keys("ctrl+z")
        assert typist.composer.text == ""

    async def test_what_is_written_hides_the_ghost_and_deleting_it_shows_it_again(self, typist: Typist) -> None:
        typist.composer.offer(filled(), 1)
        await typist.begin()
        await typist.keys("a")
        assert typist.composer.ghost is None
        await typist.keys("tab")
        assert typist.composer.text == "a"
        await typist.keys("backspace")
        assert typist.composer.ghost is not None

    async def test_another(self, typist: Typist) -> None:
        await typist.begin()
        await typist.keys("ctrl+n")
        assert typist.said == ["another"]

    async def test_a_missing_value_stops_the_send_and_is_filled_by_typing(self, typist: Typist) -> None:
        typist.composer.offer(filled(missing=True), 1)
        assert "缺 运单号" in typist.head()
        await typist.begin()
        await typist.keys("tab", "enter")
        assert typist.said == ["accept"]
        assert "补上才能发：运单号" in typist.head()
        assert "[运单号]" in typist.composer.text
        await typist.keys("S", "F", "1")
        assert "单号 SF1，今早" in typist.composer.text
        await typist.keys("enter")
        assert typist.said == ["accept", (typist.composer.text, False)]

    async def test_tab_goes_from_gap_to_gap(self, typist: Typist) -> None:
        found = filled()._replace(text="赔 [金额] 元，[日期] 到", spans=(), asks=("金额", "日期"))
        typist.composer.offer(found, 1)
        await typist.begin()
        await typist.keys("tab", "tab", "5", "tab", "9", "0")
        assert typist.composer.text == "赔 90 元，5 到"

    async def test_a_gap_can_be_deleted_whole(self, typist: Typist) -> None:
        typist.composer.offer(filled(missing=True), 1)
        await typist.begin()
        await typist.keys("tab", "backspace", "enter")
        assert "单号 ，今早" in typist.composer.text
        assert len(typist.said) == 2

    async def test_a_draft_with_a_gap_still_cannot_be_sent(self, typist: Typist) -> None:
        typist.composer.start("单号 [运单号]，请查收")
        await typist.begin()
        await typist.keys("enter")
        assert typist.said == []

    async def test_a_chosen_reply_takes_the_place_of_an_untouched_one_and_joins_own_words(self, typist: Typist) -> None:
        first, second = filled(), filled()._replace(text="请稍等。", spans=(), title="稍等")
        typist.composer.take(first)
        typist.composer.take(second)
        assert typist.composer.text == "请稍等。"
        typist.composer.start("您好，")
        typist.composer.take(first)
        assert typist.composer.text == "您好，" + first.text
        await typist.begin()
        await typist.keys("ctrl+z")
        assert typist.composer.text == "您好，"

    def test_gaps_are_named_in_the_language_and_marks_keep_their_places(self) -> None:
        for lang, name in (("zh", "运单号"), ("en", "tracking number")):
            offer = offer_of(filled(missing=True), lang)
            assert offer.lacks == (name,)
            assert [offer.text[one:last] for one, last in offer.marks] == ["顺丰", "08:12", "杭州转运中心"]
            assert [offer.text[one:last] for one, last in offer.gaps(offer.text)] == [f"[{name}]"]


class TestPlace:
    async def test_it_grows_upwards_from_a_fixed_edge_and_scrolls_at_its_limit(self, typist: Typist) -> None:
        composer = typist.composer
        composer.between(8, 15)
        await typist.begin()
        assert composer.region.bottom == 30
        assert composer.size.height == 8
        await typist.paste("\n".join(str(number) for number in range(7)))
        assert (composer.size.height, composer.region.bottom) == (11, 30)
        await typist.paste("\n".join(["x"] * 30))
        assert (composer.size.height, composer.region.bottom) == (15, 30)
        assert typist.drawn()[12].startswith("▐ x")
        await typist.keys("ctrl+home")
        assert typist.drawn()[2].startswith("▐ 0")

    async def test_the_terminal_knows_where_the_cursor_is(self, typist: Typist) -> None:
        composer = typist.composer
        await typist.begin()
        await typist.keys("您好")
        top = composer.region.y
        assert tuple(typist.app.cursor_position) == (2 + 4, top + 2)
        await typist.paste("\n" * 5)
        assert composer.region.y < top
        assert tuple(typist.app.cursor_position) == (2, composer.region.y + 2 + 5)

    async def test_a_click_puts_the_cursor_there(self, typist: Typist) -> None:
        typist.composer.start("您好，在的\n第二行")
        await typist.pilot.pause()
        await typist.pilot.click(Composer, offset=(6, 2))
        await typist.keys("x")
        assert typist.composer.text == "您好x，在的\n第二行"

    async def test_low_it_has_no_empty_rows(self, typist: Typist) -> None:
        typist.composer.between(5, 5)
        typist.composer.offer(filled(), 1)
        await typist.pilot.pause()
        assert "您好，您的包裹" in typist.drawn()[1]
        assert "采纳" in typist.drawn()[4]


class TestLook:
    @pytest.mark.parametrize("width", [26, 34, 47, 57, 80])
    async def test_every_row_is_as_wide_as_the_pane(self, width: int) -> None:
        async with Desk().run_test(size=(width, 24)) as pilot:
            typist = Typist(pilot)
            for ink, lang in product(INKS.values(), ("zh", "en")):
                typist.app.ink, typist.app.lang = ink, lang
                typist.composer.start("")
                for offer in (filled(lang), filled(lang, missing=True), None):
                    typist.composer.offer(offer, 1)
                    assert {cells(row) for row in typist.drawn()} == {width}
                typist.composer.set_text("您好，我是小美，正在帮您查，请稍等一分钟。" * 3)
                typist.composer.begin()
                assert {cells(row) for row in typist.drawn()} == {width}
                typist.composer.leave()

    async def test_a_key_is_shown_only_when_it_acts(self, typist: Typist) -> None:
        keys = typist.drawn()[-1]
        assert ("写回复" in keys, "发送" in keys) == (True, False)
        typist.composer.offer(filled(), 1)
        assert "采纳" in typist.drawn()[-1]
        await typist.begin()
        await typist.keys("tab")
        keys = typist.drawn()[-1]
        assert ("采纳" in keys, "Enter" in keys, "F5" in keys) == (False, True, True)
        typist.composer.leave()
        assert "接着写" in typist.drawn()[-1]
        typist.composer.moving = False
        assert typist.drawn()[-1].strip("▐ ") == ""

    async def test_offline_says_that_it_is_kept(self, typist: Typist) -> None:
        typist.composer.offline = True
        await typist.begin()
        await typist.keys("好")
        assert "存好，连上就发" in typist.drawn()[-1]
        typist.composer.leave()
        assert "草稿，离线也能写" in typist.head()

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    async def test_hostile_text_is_harmless(self, typist: Typist, text: str) -> None:
        typist.composer.offer(filled()._replace(title=text, text=text, spans=(), missing=(text,)), 1)
        assert all(harmless(row) and cells(row) == 57 for row in typist.drawn())
        await typist.begin()
        await typist.paste(text)
        assert all(harmless(row) and cells(row) == 57 for row in typist.drawn())

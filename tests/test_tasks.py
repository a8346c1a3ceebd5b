"""Tasks of an agent by their keys, and how many keys they take, on a fake desk."""

from textual import events

from kefu_tui.now import HOUR
from kefu_tui.operations.refusals import Refusal
from kefu_tui.screens.asks import read_time
from tests.fake_story import NOON
from tests.workstation import Desk, workstation


async def test_take_accept_send_are_three_keys() -> None:
    async with workstation() as one:
        await one.press("space")
        assert one.verbs == [("take", "li")]
        assert one.work.composer.writing
        await one.press("tab")
        assert one.work.composer.text.startswith("您好，您的包裹由顺丰承运")
        await one.press("enter")
        assert one.verbs[1][:2] == ("reply", "li")
        assert one.verbs[1][3] == "r0"
        assert one.work.open_id == "zhou"  # mine, unanswered, breaches first
        assert one.work.composer.writing


async def test_keys_in_one_burst_reach_whom_they_were_meant_for() -> None:
    async with workstation() as one:
        await one.burst("space", "tab", "enter", "您", "好", "f5")
        replies = [call for call in one.verbs if call[0] == "reply"]
        assert [(call[1], call[3]) for call in replies] == [("li", "r0"), ("zhou", None)]
        assert replies[1][2] == "您好"
        assert one.work.open_id == "zhou"


async def test_enter_opens_a_waiting_one_without_taking_it() -> None:
    async with workstation() as one:
        for talk in one.desk.talks.values():
            if talk.owner == "me" and talk.id != "zhou":
                talk.unanswered = 0
        await one.press("i", "a", "enter")
        assert one.verbs == [("reply", "zhou", "a", None)]
        assert one.work.open_id == "li"
        assert not one.work.composer.writing
        assert "还没有人接" in one.text
        await one.press("space")
        assert one.verbs[-1] == ("take", "li")
        assert one.work.composer.writing


async def test_a_refused_send_keeps_the_text() -> None:
    async with workstation() as one:
        await one.press("i", "a", "b")
        one.desk.refusals["reply"] = Refusal("claim-lost", {"by": "刘洋"})
        await one.press("enter")
        assert "这个会话现在由刘洋接待。" in one.notice
        assert one.work.composer.text == "ab"
        assert one.work.open_id == "zhou"


async def test_a_key_that_cannot_act_says_why() -> None:
    async with workstation() as one:
        one.work.open("li")
        await one.press("t")
        assert "还没有接待，先接再做。" in one.notice
        await one.press("j")
        assert "先接再做" not in one.notice
        one.desk.refusals["take"] = Refusal("full", {"load": "8", "capacity": "8"})
        await one.press("space")
        assert "接不了：已接 8 位，先结束一位。" in one.notice
        assert one.verbs == []


async def test_reply_by_number_and_by_initials() -> None:
    async with workstation() as one:
        await one.press("3")
        assert one.work.composer.text == "让您久等了，已经帮您催件。"
        await one.press("escape", "ctrl+z")  # the draft stays; there is nothing to undo
        await one.press("slash", "t", "k", "enter")
        assert "退款已受理" in one.work.composer.text
        assert one.work.composer.writing


async def test_a_digit_behind_the_words_chooses_among_what_was_found() -> None:
    async with workstation() as one:
        await one.press("slash", "w", "l", "3")
        assert one.work.composer.text == "让您久等了，已经帮您催件。"
        assert one.work.composer.writing
    async with workstation() as one:
        await one.burst("/", "t", "k", "1")
        assert "退款已受理" in one.work.composer.text


async def test_search_in_one_burst_chooses_what_was_found() -> None:
    async with workstation() as one:
        await one.burst("/", "w", "l", "d", "j", "enter")
        assert one.work.composer.text == "包裹确认丢失，我们先为您赔付。"


async def test_pickers_and_chords_in_one_burst() -> None:
    async with workstation() as one:
        await one.burst("z", "2", "x", "2", "t", "1", "h", "i", "enter", "g", "t")
        assert [call[:2] for call in one.verbs] == [("snooze", "zhou"), ("resolve", "wang"), ("transfer", "chen")]
        assert one.verbs[2][3] == "hi"
        assert one.work.pane == "timers"
        assert one.app.screen is one.work


async def test_digits_in_one_burst_are_a_reply_and_then_text() -> None:
    async with workstation() as one:
        await one.burst("3", "1", "2")
        assert one.work.composer.text == "让您久等了，已经帮您催件。12"


async def test_keys_with_alt_are_neither_text_nor_commands() -> None:
    """A terminal writes Esc and a letter right after it as alt and the letter."""
    strange = [("alt+g", "g"), ("alt+shift+x", "X"), ("ctrl+comma", ","), ("alt+g", None), ("ctrl+@", "\x00"),
               ("\x19", "\x19"), ("ctrl+\r", "\r"), ("alt+up", None)]  # fmt: skip
    async with workstation() as one:
        for pane in (
            (),
            ("f4",),
            ("escape", "i", "a"),
            ("f1",),
            ("escape", "ctrl+p", "a"),
            ("escape", "escape", "n", "b"),
        ):
            await one.press(*pane)
            before = one.text
            for key, character in strange:
                one.app.post_message(events.Key(key, character))
            await one.press()
            assert one.text == before, pane
        assert one.verbs == []
        assert one.app.chord == ""
        await one.press("escape", "i")
        one.app.post_message(events.Key("alt+好", "好"))  # what an input method writes is text
        one.app.post_message(events.Key("shift+\r", "\r"))
        await one.press()
        assert one.work.composer.text == "a好\n"


async def test_letters_never_fire_from_text() -> None:
    async with workstation() as one:
        await one.press("i", *"txzulngq?/[]123", "space")
        assert one.work.composer.text == "txzulngq?/[]123 "
        assert one.verbs == []
        assert len(one.app.screen_stack) == 2


async def test_transfer_is_three_keys_and_the_note() -> None:
    async with workstation() as one:
        await one.press("t", "1", *"你好", "enter")
        assert one.verbs[0][:2] == ("transfer", "zhou")
        assert one.verbs[0][2].name == "刘洋"
        assert one.verbs[0][3] == "你好"
        assert one.work.open_id == "wang"


async def test_transfer_while_an_input_method_is_on() -> None:
    async with workstation() as one:
        await one.press("i", "f9", *"售后", "enter", "enter")
        assert one.verbs[0][2].name == "售后组"


async def test_snooze_for_two_hours_is_two_keys() -> None:
    async with workstation() as one:
        await one.press("z", "2")
        assert one.verbs == [("snooze", "zhou", NOON + 2 * HOUR)]
        assert one.work.open_id == "wang"


async def test_snooze_until_another_time() -> None:
    async with workstation() as one:
        await one.press("z", "4", *"18:30", "enter")
        assert one.verbs[0][:2] == ("snooze", "zhou")
        assert one.verbs[0][2] == read_time("18:30", NOON, "Asia/Shanghai")


async def test_send_resolve_with_a_tag_and_next_are_two_keys() -> None:
    async with workstation() as one:
        await one.press("i", "a")
        await one.press("f10", "2")
        assert one.verbs == [("reply", "zhou", "a", None, "resolve", "物流")], "one step, taken back as one"
        assert one.work.open_id == "wang"


async def test_resolve_without_a_tag() -> None:
    async with workstation() as one:
        await one.press("x", "enter")
        assert one.verbs == [("resolve", "zhou", None)]


async def test_undo_is_one_key_and_says_how_long() -> None:
    async with workstation() as one:
        await one.press("b")
        assert "已放回" in one.notice
        assert "u  撤销 10 秒" in one.notice
        await one.press("u")
        assert one.verbs[-1][0] == "undo"
        await one.press("u")
        assert "没有可以撤销的。" in one.notice


async def test_a_send_is_taken_back_while_the_next_composer_is_empty() -> None:
    async with workstation() as one:
        await one.press("i", "a", "enter")
        assert one.work.open_id == "wang"
        assert one.work.composer.writing
        assert "^Z  撤销 10 秒" in one.notice
        await one.press("ctrl+z")
        assert one.verbs[-1][0] == "undo"
        assert one.work.open_id == "zhou"
        await one.press("i", "b", "ctrl+z")
        assert one.work.composer.text == ""
        assert [call[0] for call in one.verbs].count("undo") == 1


async def test_note_and_tag() -> None:
    async with workstation() as one:
        await one.press("n", "a", "ctrl+j", "b", "enter")
        assert one.verbs == [("note", "zhou", "a\nb")]
        await one.press("l", "1")
        assert one.verbs[-1] == ("tag", "zhou", "物流")
        await one.press("l", "1")
        assert one.verbs[-1] == ("untag", "zhou", "物流")
        await one.press("l", *"新词", "enter")
        assert one.verbs[-1] == ("tag", "zhou", "新词")


async def test_held_replies() -> None:
    for key, action in (("s", "send-anyway"), ("d", "discard"), ("m", "to-note")):
        async with workstation("held") as one:
            one.work.open("wang")
            await one.press(key)
            assert one.verbs == [("settle", "notice-1", action, None)]
    async with workstation("held") as one:
        one.work.open("wang")
        await one.press("e")
        assert one.work.composer.text.startswith("您的包裹由顺丰承运")
        await one.press("!", "enter")
        assert one.verbs[0][:3] == ("settle", "notice-1", "edit")
        assert one.verbs[0][3].endswith("!")
        assert one.verbs[1:] == []
    async with workstation() as one:
        await one.press("e")
        assert "这里没有扣下的回复。" in one.notice


async def lose_the_claim(one: Desk) -> None:
    """While the cable was out 刘洋 took the customer too; the backend says so now."""
    held = one.desk.notice_rows[0]._replace(code="claim-lost", text="这个会话现在由刘洋接待。")
    claim = held._replace(
        id="notice-2", op_id="op-8", level="rejected", code="already-claimed", text="刘洋已经接了这位客户。",
        body="", message_id=None, actions=("dismiss",),
    )  # fmt: skip
    one.desk.notice_rows[:] = [held, claim]
    one.desk.talks["wang"].owner = "liu"
    one.desk.sync = one.desk.sync._replace(held=1, rejected=1)
    await one.tell()


async def test_words_to_a_customer_that_a_colleague_won_are_decided_in_the_conversation() -> None:
    async with workstation("held") as one:
        one.work.open("wang")
        one.work.told("已回复 王**", undoable=True)
        await lose_the_claim(one)
        assert "扣下 1 条，客户没有收到。" in one.notice  # not that it was sent
        for words in (
            "这个会话现在由刘洋接待。",
            "刘洋 在接待。",
            "没做成",
            "刘洋已经接了这位客户。",
            " e  改了再发",
            "没做成 1",
        ):
            assert words in one.text, words
        await one.press("i")
        assert not one.work.composer.writing
        await one.press("e")
        assert one.work.composer.writing
        assert "改扣下的那条" in one.text
        await one.press("!", "escape")
        assert one.work.composer.text.endswith("!")
        await one.press("i", "f5")
        assert one.verbs[-1][:3] == ("settle", "notice-1", "edit")
        assert not one.work.composer.writing
        assert "刘洋 在接待。" in one.text
        assert " d  知道了" in one.text
        await one.press("d")
        assert one.verbs[-1][:3] == ("settle", "notice-2", "dismiss")
        await one.fresh()
        assert "没做成" not in one.text


async def test_words_to_a_customer_that_a_colleague_won_are_mended_from_the_list_too() -> None:
    async with workstation("held") as one:
        await lose_the_claim(one)
        await one.press("f12")
        assert "刘洋已经接了这位客户。" in one.text
        await one.press("j")
        assert " d  知道了" in one.text
        await one.press("k", "e", "!", "enter")
        assert one.verbs[-1][:3] == ("settle", "notice-1", "edit")


async def test_what_was_held_is_decided_in_its_list_too() -> None:
    async with workstation("held") as one:
        await one.press("g", "n")
        assert "扣下与同步" in one.text
        await one.press("j")
        await one.press("s")
        assert one.verbs == [("settle", "notice-1", "send-anyway", None)]
        assert "没有扣下的" in one.text
        await one.press("escape")
        assert one.app.screen is one.work
    async with workstation("held") as one:
        await one.press("f12", "e")
        assert one.work.open_id == "wang"
        assert one.work.composer.writing
        assert one.work.mending is not None

"""Tickets by keys, on a real desk: opened from a conversation, moved with the words to the customer, handed over, merged."""

import pathlib

import pytest

from tests.real_desk import Real, real_desk


def tickets(one: Real) -> list[tuple[str, ...]]:
    return one.ask("SELECT workflow, title, state, priority, category FROM ticket ORDER BY id")


async def opened(one: Real, workflow: str, title: str) -> None:
    await one.press("T")
    await one.type(workflow)
    await one.press("enter")
    await one.type(title)
    await one.press("enter")
    await one.until(lambda: any(row[1] == title for row in tickets(one)))
    await one.until(lambda: "tickets" in {widget.id for widget in one.app.screen.query("*")})


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_a_complaint_is_opened_and_accepted_in_the_customers_words(
    tmp_path: pathlib.Path, size: tuple[int, int]
) -> None:
    async with real_desk(tmp_path, size=size, lang="en") as one:
        await one.press("space", "escape")
        conversation = one.work.open_id
        await opened(one, "Complaint", "torn sleeve")
        assert tickets(one) == [("complaint", "torn sleeve", "received", 3, "todo")]
        assert "torn sleeve" in one.text
        assert "Accept > Being verified" in one.text
        await one.press("1")
        await one.type("the sleeve came apart")
        await one.press("enter", "enter")
        assert "accepted" in one.text or "您的投诉已受理" in one.text, "what the customer will read can be edited"
        await one.press("enter")
        await one.until(lambda: tickets(one)[0][2] == "verifying")
        ((said,),) = one.ask(
            "SELECT text FROM message WHERE conversation_id = ? AND author = 'agent' ORDER BY at DESC LIMIT 1",
            conversation,
        )
        assert "accepted" in said or "已受理" in said
        await one.press("s", "1")
        await one.until(lambda: one.ask("SELECT count(*) FROM ticket_step WHERE done_at IS NOT NULL") == [(1,)])
        await one.press("c")
        await one.type("asked the warehouse")
        await one.press("enter")
        await one.until(lambda: one.ask("SELECT count(*) FROM ticket_event WHERE kind = 'comment'") == [(1,)])
        await one.press("p", "1")
        await one.until(lambda: tickets(one)[0][3] == 1)
        await one.press("w")
        await one.until(lambda: one.ask("SELECT count(*) FROM ticket_person") == [(1,)])
        await one.press("w")
        await one.until(lambda: one.ask("SELECT count(*) FROM ticket_person") == [(0,)])
        await one.press("u")
        await one.until(lambda: one.ask("SELECT count(*) FROM ticket_person") == [(1,)])
        await one.press("enter")
        assert one.app.screen is one.work
        assert one.work.open_id == conversation


async def test_a_move_that_cannot_be_says_why_and_one_given_up_changes_nothing(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("space", "escape")
        await opened(one, "投诉", "ts")
        await one.press("1", "escape")
        assert tickets(one)[0][2] == "received"
        await one.press("1")
        await one.type("x")
        await one.press("enter", "escape")
        assert tickets(one)[0][2] == "received"
        await one.press("m")
        assert "并进哪一张" in one.text
        await one.press("escape", "f", "escape", "a", "escape", "s", "escape")
        await one.press("escape")
        assert one.app.screen is one.work


async def test_the_board_shows_views_and_merges(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("f11")
        assert "没有工单" in one.text
        await one.press("escape", "space", "escape")
        await opened(one, "发票", "kp1")
        await one.press("escape")
        await opened(one, "发票", "kp2")
        await one.press("m")
        await one.press("enter")
        await one.until(lambda: sorted(row[4] for row in tickets(one)) == ["closed", "todo"])
        assert "待处理" in one.text
        await one.press("right", "right", "right")
        assert "已关闭" in one.text
        await one.press("escape")
        await one.press("T")
        assert "kp1" in one.text, "what this customer has already"
        await one.press("1")
        assert "工单 2" in one.text
        await one.press("escape")
        one.work.open(None)
        await one.press("T")
        assert "先打开一个会话" in one.notice


async def test_search_finds_a_ticket_and_goes_to_it(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("space", "escape")
        await opened(one, "发票", "zhuanpiaobukai")
        await one.press("escape", "f")
        await one.type("piaobu")
        await one.until(lambda: "工单" in one.text and "zhuanpiaobukai" in one.text)
        await one.press("enter")
        await one.until(lambda: "tickets" in {widget.id for widget in one.app.screen.query("*")})
        assert "zhuanpiaobukai" in one.text
        assert one.desk.finding.find("piaobu").hits[0].kind == "ticket"

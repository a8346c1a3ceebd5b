"""Tickets by keys, on a real desk: opened from a conversation, moved with the words to the customer, handed over, merged."""

import pathlib

import pytest

from kefu_tui.desk.answers import EVERYTHING
from kefu_tui.model.rows import TicketReader
from kefu_tui.model.sql import Connection, upsert
from kefu_tui.screens.sheet import Menu
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


def arrives(one: Real, id: str, ticket_id: str, *, writing: bool) -> None:
    """A colleague is at a ticket, as a page brings it."""

    def work(connection: Connection) -> None:
        (colleague,) = connection.execute("SELECT id FROM agent WHERE login = ?", (id,)).fetchone()
        upsert(
            connection,
            TicketReader(
                id=f"reader-{id}", ticket_id=ticket_id, agent_id=colleague, writing=int(writing), at=one.desk.now()
            ),
        )

    one.desk.store.write(work).result()
    one.desk.publish_lanes(frozenset({f"t:{ticket_id}"}), False)


def mine(one: Real) -> list[tuple[str, int]]:
    """The tickets that I am told to be at, and whether I write."""
    return one.ask(
        "SELECT t.title, r.writing FROM ticket_reader r JOIN ticket t ON t.id = r.ticket_id WHERE r.agent_id = ?",
        one.desk.agent_id,
    )


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_colleagues_at_the_same_ticket_are_shown(tmp_path: pathlib.Path, size: tuple[int, int]) -> None:
    async with real_desk(tmp_path, size=size, lang="en") as one:
        await one.press("space", "escape")
        await opened(one, "Complaint", "torn")
        names = dict(one.ask("SELECT login, name FROM agent"))
        ((id,),) = one.ask("SELECT id FROM ticket")
        assert "Here now" not in one.text
        arrives(one, "agent2", id, writing=True)
        await one.until(lambda: f"Here now: {names['agent2']} (writing)" in one.text)
        arrives(one, "agent3", id, writing=False)
        await one.until(lambda: f"{names['agent2']} (writing), {names['agent3']}" in one.text)
        one.desk.store.write(lambda c: c.execute("DELETE FROM ticket_reader").rowcount).result()
        one.desk.publish(EVERYTHING)
        await one.until(lambda: "Here now" not in one.text)


async def test_colleagues_are_told_what_i_read_and_write_once_the_cursor_rests(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("space", "escape")
        await opened(one, "发票", "kp1")
        await one.until(lambda: mine(one) == [("kp1", 0)])
        await one.press("escape")
        await one.until(lambda: mine(one) == [])
        await opened(one, "发票", "kp2")
        await one.until(lambda: mine(one) == [("kp2", 0)])
        await one.press("up", "down", "c")
        await one.until(lambda: mine(one) == [("kp2", 1)])
        await one.type("x")
        await one.press("enter")
        await one.until(lambda: mine(one) == [("kp2", 0)])
        await one.press("u")
        await one.until(lambda: one.ask("SELECT count(*) FROM ticket_event WHERE kind = 'comment'") == [(0,)])
        assert mine(one) == [("kp2", 0)], "what is undone is the comment"
        await one.press("a", "escape", "up", "down", "up", "down", "up")
        await one.until(lambda: mine(one) == [("kp1", 0)])
        await one.press("escape")
        await one.until(lambda: mine(one) == [])


async def test_what_a_colleague_changes_is_read_again_and_the_cursor_stays(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("space", "escape")
        for title in ("kp1", "kp2", "kp3"):
            await opened(one, "发票", title)
            await one.press("escape")
        await one.press("f11", "down")
        here = one.app.screen._card.row
        other = next(id for (id,) in one.ask("SELECT id FROM ticket ORDER BY id") if id != here.id)

        def changes(sql: str, id: str) -> None:
            one.desk.store.write(lambda c: c.execute(f"UPDATE ticket SET {sql} WHERE id = ?", (id,)).rowcount).result()
            one.desk.publish_lanes(frozenset({f"t:{id}"}), False)

        changes("title = 'other words'", other)
        await one.until(lambda: "other words" in one.text)
        assert one.app.screen._card.row.id == here.id
        changes("title = 'own words'", here.id)
        await one.until(lambda: one.app.screen._card.row.title == "own words")
        changes("assignee_id = NULL", here.id)
        await one.until(lambda: "没人经办" in "\n".join(one.lines("tickets")[2:]))
        assert one.app.screen._card.row.id == here.id, "keys are meant for it"
        changes("assignee_id = 'somebody'", other)
        await one.until(lambda: "other words" not in one.text)
        assert one.app.screen._card.row.id == here.id
        await one.press("up")
        changes("title = 'and more'", other)
        one.desk.publish(EVERYTHING)
        await one.until(lambda: "own words" not in one.text)
        assert "kp" in one.app.screen._card.row.title


async def test_a_click_shows_the_ticket_that_it_hits(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("space", "escape")
        for title in ("kp1", "kp2"):
            await opened(one, "发票", title)
            await one.press("escape")
        await one.press("f11")
        menu = one.app.screen.query_one(Menu)
        before = one.app.screen._card.row.id
        lines = menu._lines()
        y = next(at for at, line in enumerate(lines) if line.item and menu.items[line.place].id != before)
        await one.pilot.click(menu, offset=(6, y - menu._top))
        await one.until(lambda: one.app.screen._card.row.id != before)
        assert one.app.screen._card.row.id == menu.current.id

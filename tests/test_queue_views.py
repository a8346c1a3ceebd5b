"""The queue as an agent looks at it: filters, saved views, groups, pins, what is selected; on a real desk."""

import pathlib

from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection, Reader, upsert
from kefu_tui.now import MINUTE
from kefu_tui.settings import Settings
from tests.real_desk import Real, real_desk


def kinds(one: Real) -> set[str]:
    """The kinds of the conversations that are listed."""
    return {row.kind for row in one.desk.queue_rows(one.work.queue.ids)}


async def test_a_filter_shows_what_fits_with_every_key(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        before = list(one.work.queue.ids)
        kind = next(row.kind for row in one.desk.queue_rows(before) if row.kind not in ("other", "order"))
        await one.press("F")
        await one.type(f"kind:{kind[:4]}")
        assert "kind: 可以是" in one.text
        await one.press("tab")
        assert kinds(one) == {kind}
        await one.press("enter")
        assert one.app.screen is one.work
        assert kinds(one) == {kind}
        assert f"kind:{kind}" in one.text
        await one.press("F", "escape")
        assert kinds(one) == {kind}
        await one.press("F", "ctrl+u", "enter")
        assert list(one.work.queue.ids) == before


async def test_a_saved_view_is_there_again(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("S")
        assert "先筛选" in one.notice
        await one.press("F")
        await one.type("kind:return")
        await one.press("enter", "S")
        await one.type("tui")
        await one.press("enter")
        assert one.ask("SELECT name, filter, scope FROM saved_view") == [("tui", "kind:return", "agent")]
        await one.press("g", "v", "1")
        assert one.work.shown.filter == ""
        await one.press("[")
        assert one.work.shown.name == "tui", "the saved views come after those of the trade"
        await one.until(lambda: kinds(one) == {"return"})
        await one.press("g", "v")
        await one.type("删掉")
        await one.press("enter")
        assert one.ask("SELECT count(*) FROM saved_view") == [(0,)]
        assert one.work.shown.base == "work"
        await one.press("u")
        assert one.ask("SELECT name FROM saved_view") == [("tui",)]


async def test_groups_have_their_headings(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("a")
        await one.press("2")
        assert "分组：类别" in one.text
        rows = one.desk.queue_rows(one.work.queue.ids)
        together = [row.kind for at, row in enumerate(rows) if not at or rows[at - 1].kind != row.kind]
        assert len(together) == len(set(together)) > 1


async def test_one_verb_on_all_that_are_selected_and_one_undo(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        mine = [row.id for row in one.desk.queue_rows(one.work.queue.ids) if row.section == "mine"]
        assert len(mine) >= 3
        await one.press("home", "v", "v", "v")
        assert "选中 3" in one.text
        await one.press("x", "1")
        states = one.ask(f"SELECT status FROM conversation WHERE id IN ({','.join('?' * 3)})", *mine[:3])
        assert states == [("resolved",)] * 3
        assert "已结束 3 位" in one.notice
        assert not one.work.marks
        await one.press("u")
        states = one.ask(f"SELECT status FROM conversation WHERE id IN ({','.join('?' * 3)})", *mine[:3])
        assert states == [("open",)] * 3


async def test_what_cannot_be_is_told_and_the_rest_is_done(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        rows = one.desk.queue_rows(one.work.queue.ids)
        mine = next(row.id for row in rows if row.section == "mine")
        waiting = next(row.id for row in rows if row.section == "waiting")
        done = one.desk.on([mine, waiting]).resolve().result()
        assert done.said == "已结束 1 位；1 位不行：还没有接待，先接再做"  # type: ignore[union-attr]
        assert one.ask("SELECT status FROM conversation WHERE id = ?", waiting) == [("waiting",)]


async def test_tags_and_escape(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("home", "v", "escape")
        assert not one.work.marks
        assert one.work.pane == "queue"
        await one.press("V")
        many = len(one.work.marks)
        assert many == len(one.work.queue.ids)
        await one.press("l")
        await one.type("大促")
        await one.press("enter")
        assert one.ask("SELECT count(*) FROM tag WHERE name = '大促'") == [(many,)]


async def test_a_pinned_one_stays_on_top_and_says_so(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        last = one.work.queue.ids[-1]
        one.work.queue.go(last)
        await one.press("p")
        assert one.work.queue.ids[0] == last
        assert "置顶" in one.text
        await one.press("w")
        assert "置顶" in one.notice
        await one.press("p")
        assert one.work.queue.ids[0] != last


async def test_why_a_row_stands_there(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        await one.press("home", "w")
        assert "我的" in one.notice
        assert "到期" in one.notice or "没有在走的钟" in one.notice


async def test_an_arrival_never_moves_the_row_under_the_cursor(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 120, 600) as one:
        queue = one.work.queue
        await one.press(*["down"] * 12)
        cursor = queue.cursor
        line = queue._line_of(queue._index(cursor)) - queue.top

        def come(connection: Connection) -> None:
            reader = Reader(connection)
            for number in range(3):
                row = reader.get(Conversation, queue.ids[-1 - number])
                assert row is not None
                upsert(connection, Conversation(**{
                    **{name: getattr(row, name) for name in row.__struct_fields__},
                    "id": f"come-{number}", "assignee_id": one.desk.agent_id, "status": "open",
                    "due_at": one.desk.now() - 60 * MINUTE * (number + 1),
                }))  # fmt: skip

        one.desk.store.write(come).result()
        from kefu_tui.desk.answers import EVERYTHING

        one.desk.publish(EVERYTHING)
        await one.until(lambda: "come-0" in queue.ids)
        assert queue.ids.index("come-0") < queue.ids.index(cursor)
        assert queue.cursor == cursor
        assert queue._line_of(queue._index(cursor)) - queue.top == line


async def test_two_rows_for_each(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        first = one.lines("queue")
        await one.press("-")
        second = one.lines("queue")
        assert second != first
        assert one.work.queue.tall == 2
        assert one.app.settings.density == "two"
        await one.press("end")
        assert one.work.queue.cursor == one.work.queue.ids[-1]
        await one.press("home", "-")
        assert one.lines("queue") == first


async def test_the_density_is_kept(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, settings=Settings(density="two")) as one:
        assert one.work.queue.tall == 2


async def test_the_end_of_everything_can_be_reached(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path, 2600, 2600) as one:
        await one.press("g", "v", "5")
        await one.until(lambda: one.work.queue.total > 2000)
        assert len(one.work.queue.ids) == 2000
        await one.press("end")
        await one.until(lambda: len(one.work.queue.ids) == one.work.queue.total)
        assert one.work.queue.cursor == one.work.queue.ids[-1]

"""The row list: ids and a window, a cursor that is an id, one line painted for one row that changed."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip

from kefu_tui.widgets.ink import Line, ink_of
from kefu_tui.widgets.row_list import RowChosen, RowList, RowMoved, Section

HEIGHT = 12


class Row(NamedTuple):
    id: str
    text: str


class Letters(RowList[Row]):
    """Draws the id; counts what is fetched and drawn."""

    head_lines = 1

    def __init__(self) -> None:
        super().__init__(self.read, lambda row: row.id)
        self.fetched: list[list[str]] = []
        self.drawn: list[str] = []
        self.version = 0

    def read(self, ids: Sequence[str]) -> list[Row]:
        self.fetched.append(list(ids))
        return [Row(one, f"{one} v{self.version}") for one in ids if not one.startswith("gone")]

    def draw_head(self, y: int, width: int) -> Strip:
        return Line(ink_of(self), width).add("head").strip()

    def draw_row(self, row: Row, width: int, part: int = 0) -> Strip:
        self.drawn.append(row.id)
        return Line(ink_of(self), width).add(">" if row.id == self.cursor else " ").add(row.text).strip()


class ListApp(App[None]):
    """A list and what it posts."""

    CSS = f"Letters {{ height: {HEIGHT}; width: 30; }}"

    def __init__(self) -> None:
        super().__init__()
        self.list = Letters()
        self.posted: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_row_moved(self, event: RowMoved) -> None:
        self.posted.append(("moved", event.row))

    def on_row_chosen(self, event: RowChosen) -> None:
        self.posted.append(("chosen", event.row))

    def lines(self) -> list[str]:
        return [self.list.render_line(y).text.rstrip() for y in range(HEIGHT)]


def names(count: int) -> list[str]:
    return [f"r{number}" for number in range(count)]


async def test_only_a_window_is_fetched_of_many_rows() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(100_000))
        await pilot.pause()
        app.list.move(1_000_000)
        await pilot.pause()
        assert app.lines()[-1] == ">r99999 v0"
        assert sum(map(len, app.list.fetched)) < 100


async def test_rows_that_are_kept_are_few() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(5_000))
        for _ in range(400):
            app.list.page(1)
            app.lines()
        await pilot.pause()
        assert len(app.list._rows) <= 450


async def test_a_changed_row_repaints_one_line() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(50))
        await pilot.pause()
        app.list.drawn.clear()
        app.list.version = 1
        app.list.forget(["r3", "r40"])
        await pilot.pause()
        assert app.list.drawn == ["r3"]
        assert app.lines()[4] == " r3 v1"
        assert app.lines()[5] == " r4 v0"


async def test_rows_read_again_are_painted_only_where_they_read_otherwise() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(50))
        await pilot.pause()
        app.list.drawn.clear()
        app.list.fetched.clear()
        app.list.renew()
        await pilot.pause()
        assert app.list.drawn == []
        assert app.list.fetched == [names(10)]  # what is in the window, and no more
        app.list.version = 1
        app.list.renew(["r3", "r40", "nobody"])
        await pilot.pause()
        assert app.list.drawn == ["r3"]
        app.list.go("r40")
        await pilot.pause()
        assert ">r40 v1" in app.lines()


async def test_another_order_paints_only_the_lines_it_changed() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(50))
        await pilot.pause()
        app.list.drawn.clear()
        ids = names(50)
        ids[3], ids[4] = ids[4], ids[3]
        app.list.set_ids(ids)
        await pilot.pause()
        assert app.list.drawn == ["r4", "r3"]
        app.list.drawn.clear()
        app.list.set_ids(ids[1:])  # the cursor's own is gone: it stands on what came into its place
        await pilot.pause()
        assert app.list.cursor == "r1"
        assert app.lines()[1:3] == [">r1 v0", " r2 v0"]
        assert app.lines()[-1] == " r10 v0" or "+" in app.lines()[-1]


async def test_a_cursor_step_repaints_two_lines() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(50))
        await pilot.pause()
        app.list.drawn.clear()
        app.list.move(1)
        await pilot.pause()
        assert sorted(app.list.drawn) == ["r0", "r1"]
        assert app.posted == [("moved", "r1")]


async def test_the_cursor_is_an_id() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(["a", "b", "c"])
        app.list.go("b")
        app.list.set_ids(["c", "x", "a", "b"])
        await pilot.pause()
        assert app.list.cursor == "b"
        app.list.set_ids(["c", "x", "a"])
        assert app.list.cursor == "a"  # it keeps its place, as near as the list goes
        app.list.set_ids([])
        assert app.list.cursor is None
        app.list.move(1)
        assert app.list.cursor is None


async def test_sections_and_what_is_below() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(30), [Section("one", 2), Section("none", 0), Section("two", 28)])
        await pilot.pause()
        lines = app.lines()
        assert [line.strip() for line in lines[:8]] == ["head", "one", ">r0 v0", "r1 v0", "", "none", "", "two"]
        assert [line.strip() for line in lines[-2:]] == ["r4 v0", "+25"]


async def test_the_cursor_never_hides_behind_what_is_below() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(40), [Section("one", 40)])
        await pilot.pause()
        for _ in range(40):
            assert any(line.startswith(">") for line in app.lines()), app.list.cursor
            app.list.move(1)
        assert app.lines()[-1] == ">r39 v0"
        for _ in range(40):
            assert any(line.startswith(">") for line in app.lines()), app.list.cursor
            app.list.move(-1)
        assert app.lines()[1].strip() == "one"


@pytest.mark.parametrize("size", [1, 9, 10, 11, 12, 13, 25])
async def test_every_row_can_be_reached(size: int) -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(size), [Section("some", size)])
        await pilot.pause()
        seen = set()
        for _ in range(size):
            seen |= {line.strip(" >").split(" ")[0] for line in app.lines() if line.startswith(">")}
            app.list.move(1)
        assert seen == set(names(size))


async def test_gone_rows_leave_an_empty_line_and_no_error() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(["a", "gone1", "b"])
        await pilot.pause()
        assert [line.strip(" >") for line in app.lines()[1:4]] == ["a v0", "", "b v0"]


async def test_a_click_chooses_and_the_wheel_leaves_the_cursor() -> None:
    app = ListApp()
    async with app.run_test() as pilot:
        app.list.set_ids(names(50))
        await pilot.pause()
        await pilot.click(Letters, offset=(3, 3))
        assert app.posted == [("moved", "r2"), ("chosen", "r2")]
        await pilot.click(Letters, offset=(3, 0))
        assert len(app.posted) == 2
        app.list._scroll(9)
        assert app.list.top == 9
        assert app.list.cursor == "r2"

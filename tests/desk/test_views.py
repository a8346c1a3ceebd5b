"""Filters of the queue find what a reading of every row finds."""

from collections.abc import Iterator

import pytest

from kefu_tui.demo.seed import seed
from kefu_tui.desk import Desk, QueueRow
from kefu_tui.desk.home import Home, open_desk
from kefu_tui.desk.views import View


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("views") / "home"
    seed(folder, 400, 1200, ask=lambda: "views")
    home = Home(folder)
    store = home.open_store(lambda: "views")
    yield open_desk(home, store, "zh")
    store.close()


def rows(desk: Desk) -> list[QueueRow]:
    return desk.queue_rows(desk.queue_ids("all", 0))


FITS = {
    "kind:complaint": lambda row, desk: row.kind == "complaint",
    "类别:投诉": lambda row, desk: row.kind == "complaint",
    "-kind:complaint": lambda row, desk: row.kind != "complaint",
    "status:resolved": lambda row, desk: row.status == "resolved",
    "tier:vip kind:return": lambda row, desk: row.tier == "vip" and row.kind == "return",
    "assignee:me": lambda row, desk: row.assignee_id == desk.agent_id,
    "assignee:none": lambda row, desk: row.assignee_id is None,
    "is:unread": lambda row, desk: row.unanswered > 0,
    "is:waiting": lambda row, desk: row.status == "waiting" and row.assignee_id is None,
    "is:late": lambda row, desk: row.due is not None and row.due.due_at is not None and row.due.due_at <= desk.now(),
    "王": lambda row, desk: "王" in row.name or "王" in row.preview,
    "-的": lambda row, desk: "的" not in row.name and "的" not in row.preview,
    "100%": lambda row, desk: "100%" in row.preview,
}


@pytest.mark.parametrize("text", FITS)
def test_a_filter_finds_what_a_reading_of_every_row_finds(desk: Desk, text: str) -> None:
    found = desk.views.listing(View("all", text))
    assert set(found.ids) == {row.id for row in rows(desk) if FITS[text](row, desk)}
    assert found.total == len(found.ids)


@pytest.mark.parametrize("view", ["work", "waiting", "mine", "group", "all"])
def test_without_a_filter_it_is_the_queue(desk: Desk, view: str) -> None:
    assert desk.views.listing(View(view)).ids == desk.queue_ids(view, 0)


@pytest.mark.parametrize("by", ["kind", "channel", "tier", "assignee", "tag"])
def test_every_row_stands_under_one_heading(desk: Desk, by: str) -> None:
    found = desk.views.listing(View("all", group_by=by))
    assert sorted(found.ids) == sorted(desk.queue_ids("all", 0))
    assert sum(part.rows for part in found.parts) == len(found.ids)
    assert len({part.name for part in found.parts}) == len(found.parts)


def test_a_limit_tells_how_many_there_are(desk: Desk) -> None:
    found = desk.views.listing(View("all"), 10)
    assert len(found.ids) == 10
    assert found.total == len(rows(desk))


def test_a_view_that_is_not_understood_is_not_kept(desk: Desk) -> None:
    answer = desk.views.save("x", View("all", "kind:nonsense")).result()
    assert answer.code == "invalid"  # type: ignore[union-attr]

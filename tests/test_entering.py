"""A customer who has only come in: in the queue, in the thread, by commands, in the linear view, in a rehearsal."""

import pathlib

import pytest

from kefu_tui.desk.answers import EVERYTHING
from kefu_tui.desk.home import Home
from kefu_tui.desk.rehearsing import rehearse
from kefu_tui.model.rows import Message
from kefu_tui.model.sql import upsert
from kefu_tui.now import DAY, MINUTE, SECOND
from kefu_tui.rules.automation import parse
from tests.cli.program import Inside
from tests.desk.place import Place
from tests.real_desk import Real, real_desk
from tests.visits import come_in

SAID = {
    "zh": ("客户进来了，还没说话", "客户进来了，还没说话。"),
    "en": ("came in, not written yet", "The customer has come in and not written yet."),
}


async def open_visit(one: Real, id: str) -> None:
    one.desk.publish(EVERYTHING)
    await one.until(lambda: id in one.work.queue.ids)
    one.work.queue.go(id)
    await one.press("enter")
    await one.until(lambda: one.work.open_id == id)


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_queue_and_thread_say_it(tmp_path: pathlib.Path, lang: str, size: tuple[int, int]) -> None:
    async with real_desk(tmp_path, lang=lang, size=size) as one:
        listed, empty = SAID[lang]
        id = come_in(one.desk.store, one.desk.now())
        one.desk.publish(EVERYTHING)
        await one.until(lambda: id in one.work.queue.ids)
        one.work.queue.go(id)
        shown = listed[:4] if size[0] < 140 else listed[:6]
        await one.until(lambda: shown in one.text)
        await one.press("enter")
        await one.until(lambda: one.work.open_id == id and empty in one.text)
        await one.press("space")
        await one.until(lambda: one.ask("SELECT status FROM conversation WHERE id = ?", id) == [("open",)])
        assert empty in one.text


async def test_an_agent_greets_by_hand(tmp_path: pathlib.Path) -> None:
    async with real_desk(tmp_path) as one:
        id = come_in(one.desk.store, one.desk.now())
        await open_visit(one, id)
        await one.press("space")
        await one.type("您好")
        await one.press("enter")
        await one.until(
            lambda: (
                one.ask("SELECT outcome FROM clock WHERE conversation_id = ? AND kind = 'greeting'", id) == [("met",)]
            )
        )
        assert one.ask("SELECT preview FROM conversation WHERE id = ?", id) == [("您好",)]


def test_commands_and_the_linear_view(tmp_path: pathlib.Path) -> None:
    desk = Inside(tmp_path / "home")
    desk.ok("seed", "--conversations", "6", "--messages", "30", "--seed", "3")
    store = Home(desk.home).open_store(lambda: desk.env["KEFU_STORE_KEY"])
    (now,) = store.write(lambda c: c.execute("SELECT max(last_at) FROM conversation").fetchone()).result()
    id = come_in(store, now + SECOND)
    store.close()
    row = next(row for row in desk.ok("queue", "--limit", "0") if row["id"] == id)
    assert (row["preview"], row["waiting_s"], row["due_kind"], row["customer"]) == ("", None, "greeting", "林小满")
    shown = desk.ok("show", id)
    assert (shown["messages"], shown["status"]) == ([], "waiting")
    for lang, (listed, empty) in SAID.items():
        assert listed in desk("queue", "--limit", "0", "-o", "table", KEFU_LANG=lang).out
        assert empty in desk("show", id, "-o", "table", KEFU_LANG=lang).out
        said = desk("--plain", input="queue\nquit\n", KEFU_LANG=lang).out
        assert listed in said


GREETS = parse('name = "r"\nzh = "r"\nen = "r"\non = ["entered", "opened"]\nmost = "9 in 1h"\ndo = ["tag a"]\n')


def test_a_rehearsal_knows_who_came_in_and_when_they_first_wrote(tmp_path: pathlib.Path) -> None:
    place = Place(tmp_path)
    id = come_in(place.store, place.time)
    lines = (("bot", "您好", 5), ("customer", "在吗", 30), ("customer", "快递呢", 40))
    for position, (author, text, seconds) in enumerate(lines, 1):
        line = Message(
            id=f"m{position}",
            conversation_id=id,
            conv_pos=position,
            author=author,
            text=text,
            at=place.time + seconds * SECOND,
            state="sent",
            op_id=f"o{position}",
        )
        place.store.write(lambda connection, line=line: upsert(connection, line)).result()
    with place.store.read() as connection:
        found = rehearse(connection, GREETS, place.time + MINUTE, 1, lambda done, all: True)
    assert [(case.event, case.text) for case in found.cases] == [("entered", ""), ("opened", "在吗")]
    assert found.since == place.time + MINUTE - DAY

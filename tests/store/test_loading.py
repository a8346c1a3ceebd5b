"""Parts of a large group: what fits is written once, what is newer here stays, a kill costs one part."""

import os
import pathlib
import signal
import subprocess
import sys

import msgspec

from kefu_tui.model.rows import SCHEMA, Conversation
from kefu_tui.model.sql import Connection
from kefu_tui.store import facts, loading, pages, restored
from kefu_tui.wire import Common, Part
from tests.desk.place import KEY, Place
from tests.operations.rows import NOW


def conversation(id: str, version: int, status: str = "waiting") -> Conversation:
    return Conversation(
        id=id,
        customer_id="wang",
        channel="web",
        group_id="far",
        opened_at=NOW,
        last_at=NOW,
        status=status,
        version=version,
    )


def part(begin: str, after: str, *rows: Conversation, seq: int = 9, total: int = 0) -> Part:
    values = [list(msgspec.structs.astuple(row)) for row in rows]
    return Part(
        epoch="e1", schema=SCHEMA, group="far", seq=seq, chain="ab", begin=begin, after=after, total=total,
        rows={"conversation": values},
    )  # fmt: skip


def begun(place: Place) -> Place:
    def work(connection: Connection) -> None:
        facts.set(connection, "epoch", "e1")
        pages.rescope(connection, ["far"], [], "mei")
        loading.begin(connection, ["far"])

    place.store.write(work).result()
    return place


def apply(place: Place, told: Part) -> bool:
    """Whether it was taken."""
    return not place.store.write(lambda connection: loading.apply(connection, told)).result().stale


def test_a_group_is_loaded_and_its_cursor_is_where_the_first_part_began(tmp_path: pathlib.Path) -> None:
    place = begun(Place(tmp_path))
    assert (place.desk.status().loaded, "far" in place.cursors()) == (0, False)
    assert apply(place, part("", "c:1", conversation("c1", 3), conversation("c2", 4), seq=9, total=4))
    assert place.desk.status().loaded == 50
    assert apply(place, part("c:1", "", conversation("c3", 11), seq=12))
    assert place.desk.status().loaded == 100
    assert place.cursors()["far"] == 9
    assert place.ask("SELECT id FROM conversation WHERE group_id = 'far' ORDER BY id") == [("c1",), ("c2",), ("c3",)]
    place.store.close()


def test_a_part_that_does_not_fit_is_thrown_away(tmp_path: pathlib.Path) -> None:
    place = begun(Place(tmp_path))
    first = part("", "c:1", conversation("c1", 3))
    assert apply(place, first)
    assert not apply(place, first), "it came again"
    assert not apply(place, part("c:2", "", conversation("c2", 3)))
    other = msgspec.structs.replace(part("c:1", "", conversation("c2", 3)), epoch="e2")
    assert not apply(place, other), "of another history"
    assert place.ask("SELECT id FROM conversation WHERE group_id = 'far'") == [("c1",)]
    place.store.close()


def test_a_part_that_was_read_before_the_first_one_is_thrown_away(tmp_path: pathlib.Path) -> None:
    place = begun(Place(tmp_path))
    assert apply(place, part("", "c:1", conversation("one", 3), seq=9))
    assert not apply(place, part("c:1", "l:", conversation("two", 2), seq=8))
    assert apply(place, part("c:1", "l:", conversation("two", 9), seq=9))
    place.store.close()


def test_an_older_copy_of_the_backend_in_the_middle_of_loading_begins_it_anew(tmp_path: pathlib.Path) -> None:
    place = begun(Place(tmp_path))
    assert apply(place, part("", "c:1", conversation("one", 9), seq=9))
    told = Common(epoch="e1", seq=4, at=0, last_op_no=0)
    place.store.write(lambda connection: restored.take_up(connection, told, NOW)).result()
    assert place.ask("SELECT id FROM conversation WHERE id = 'one'") == []
    assert place.ask("SELECT group_id FROM loading") == []
    assert place.cursors()["far"] == 0
    place.store.close()


def test_what_is_newer_here_stays(tmp_path: pathlib.Path) -> None:
    place = begun(Place(tmp_path))
    place.put(conversation("c1", 20, "resolved"), conversation("c2", 1, "resolved"))
    apply(place, part("", "", conversation("c1", 3), conversation("c2", 3)))
    found = "SELECT id, status FROM conversation WHERE group_id = 'far' ORDER BY id"
    assert place.ask(found) == [("c1", "resolved"), ("c2", "waiting")]
    place.store.close()


def test_a_row_of_another_version_of_kefu_is_passed_over(tmp_path: pathlib.Path) -> None:
    place = begun(Place(tmp_path))
    told = part("", "", conversation("c1", 3))
    told.rows["conversation"].append(["c9", 1])
    told.rows["of the future"] = [["x"]]
    assert apply(place, told)
    assert place.ask("SELECT id FROM conversation WHERE group_id = 'far'") == [("c1",)]
    place.store.close()


SCRIPT = """
import pathlib, sys
from kefu_tui.store import loading
from kefu_tui.store.engine import Store
from tests.desk.place import KEY
from tests.store.test_loading import conversation, part
store = Store(pathlib.Path(sys.argv[1]), KEY)
for told in (part("", "c:1", conversation("c1", 3)), part("c:1", "", conversation("c2", 3))):
    store.write(lambda connection: loading.apply(connection, told)).result()
store.close()
"""


def test_a_kill_costs_one_part(tmp_path: pathlib.Path) -> None:
    for nth in range(1, 40):
        folder = tmp_path / str(nth)
        folder.mkdir()
        place = begun(Place(folder))
        place.store.close()
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(place.path)],
            env={**os.environ, "KEFU_FAILPOINT": f"any:{nth}"},
            timeout=120,
            check=False,
        )
        place.reopen()
        with place.store.read() as connection:
            there = loading.place(connection)
        rows = [id for (id,) in place.ask("SELECT id FROM conversation WHERE group_id = 'far' ORDER BY id")]
        expected = {"": [], "c:1": ["c1"]}[there.after] if there else ["c1", "c2"]
        assert rows == expected
        assert ("far" in place.cursors()) == (there is None)
        place.store.close()
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL
    assert nth > 8
    assert KEY

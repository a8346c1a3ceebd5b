"""Damaged stores: told as such, set aside, and what can be read is saved. Bytes are really damaged."""

import pathlib
import random
import shutil
from collections.abc import Callable

import pytest

from kefu_tui.store import aside, copies, facts, frames, outbox
from kefu_tui.store.engine import Store, StoreError
from kefu_tui.store.mending import Mended
from tests.desk.place import KEY
from tests.store import damage
from tests.store.damage import ACKNOWLEDGED, LATER, PAGE, Desk, told

KEYS = pytest.mark.parametrize("key", [KEY, None], ids=["encrypted", "plain"])


@pytest.fixture(scope="session")
def works(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Desk]:
    """Desks at work by what they are, each made once."""
    made: dict[tuple[object, ...], Desk] = {}

    def of(key: bytes | None, *, logged: bool = False, copied: bool = False) -> Desk:
        kind = (key, logged, copied)
        if kind not in made:
            made[kind] = damage.at_work(tmp_path_factory.mktemp("desk"), key, logged=logged, copied=copied)
        return made[kind]

    return of


def saved(desk: Desk, mended: Mended) -> dict[int, str]:
    """What waits in the mended store, by number; no words may be gone without being told."""
    store = Store(desk.path, desk.key)
    try:
        with store.read() as connection:
            found = dict(connection.execute("SELECT op_no, args FROM outbox WHERE state = 'pending'").fetchall())
            for number, text in desk.waiting.items():
                if number in found:
                    assert desk.key is None or text in found[number]
                else:
                    assert number in mended.lost + mended.doubtful or not mended.counted, number
            (code,) = connection.execute("SELECT code FROM notice WHERE level = 'info'").fetchone()
            assert code == "mended"
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            return found
    finally:
        store.close()


def ask(desk: Desk, sql: str) -> list[tuple[object, ...]]:
    store = Store(desk.path, desk.key)
    try:
        with store.read() as connection:
            return connection.execute(sql).fetchall()
    finally:
        store.close()


WAYS: dict[str, tuple[bool, Callable[[Desk], object]]] = {
    "header": (False, lambda desk: damage.flip(desk.path, 60)),
    "first page zeroed": (False, lambda desk: damage.blank(desk.path, 1)),
    "salt or magic words": (False, lambda desk: damage.flip(desk.path, 3)),
    "header, all in the log": (True, lambda desk: damage.flip(desk.path, 60)),
    "header of the log": (True, lambda desk: damage.flip(desk.log, 5)),
    "salt of the log": (True, lambda desk: damage.flip(desk.log, 18)),
}
"""Where all is logged, and damage that may cost nothing of what waits."""


@KEYS
@pytest.mark.parametrize("way", WAYS)
def test_damage_that_costs_nothing(
    works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None, way: str
) -> None:
    logged, hurt = WAYS[way]
    desk = works(key, logged=logged, copied=way.startswith("first")).into(tmp_path / "home")
    hurt(desk)
    newer = "all in the log" in way  # A first page that the log has anew is not missed.
    assert told(desk.into(tmp_path / "looked at")) == ("" if newer else "damaged")
    mended = desk.mend()
    assert list(saved(desk, mended)) == list(desk.waiting)
    assert mended.kept == tuple(desk.waiting)
    assert (mended.lost, mended.doubtful) == ((), ())
    assert ask(desk, "SELECT text FROM draft") == [("正在写的话",)]
    assert mended.aside.exists()
    assert told(desk) == ""


@KEYS
def test_a_whole_store_comes_through_unchanged(
    works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None
) -> None:
    desk = works(key).into(tmp_path / "home")
    sql = "SELECT op_no, op_id, kind, basis, args, at, state, tries, status, seq FROM outbox ORDER BY op_no"
    before = ask(desk, sql)
    mended = desk.mend()
    assert ask(desk, sql) == before
    assert mended.device_kept
    assert mended.signed_in
    known = dict(ask(desk, "SELECT key, value FROM meta"))
    assert (known["device_id"], known["agent_id"], known["token"], known["epoch"]) == (
        "d1",
        "mei",
        "told-by-backend",
        "e1",
    )
    assert ask(desk, "SELECT conversation_id FROM pin") == [("c2",)]
    assert ask(desk, "SELECT count(*) FROM conversation") == [(0,)], "everything else is pulled anew"
    lanes = {op_no for (op_no,) in ask(desk, "SELECT DISTINCT op_no FROM outbox_lane")}
    assert lanes == set(desk.waiting)


def test_the_damaged_file_is_not_written(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    desk = works(KEY, logged=True).into(tmp_path / "home")
    damage.flip(desk.path, 60)
    damage.flip(desk.log, desk.log.stat().st_size // 2)
    before = desk.path.read_bytes(), desk.log.read_bytes()
    mended = desk.mend()
    assert (mended.aside.read_bytes(), aside.log_of(mended.aside).read_bytes()) == before


def test_every_frame_of_the_log_may_be_hit(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    work = works(KEY, logged=True, copied=True)
    size = frames.FRAME + PAGE
    many = (work.log.stat().st_size - frames.HEADER) // size
    for number in range(0, many - 20, max(1, many // 6)):
        desk = work.into(tmp_path / str(number))
        damage.flip(desk.log, frames.HEADER + number * size + 300)
        assert told(desk.into(tmp_path / "looked at")) == "damaged", (
            "what follows a wrong frame is not forgotten silently"
        )
        mended = desk.mend()
        assert list(saved(desk, mended)) == list(desk.waiting)
        shutil.rmtree(tmp_path / "looked at")


def test_a_log_cut_off_in_its_last_transaction_is_no_damage(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    desk = works(KEY, logged=True).into(tmp_path / "home")
    damage.cut(desk.log, desk.log.stat().st_size - 100)
    assert told(desk) == "", "so does a power cut look"


@pytest.mark.parametrize("hurt", ["", "header", "page"])
def test_a_wrong_key_is_no_damage(works: Callable[..., Desk], tmp_path: pathlib.Path, hurt: str) -> None:
    desk = works(KEY, copied=True).into(tmp_path / "home")
    if hurt:
        damage.flip(desk.path, 60 if hurt == "header" else PAGE * 50)
    wrong = desk._replace(key=bytes(32))
    before = desk.path.read_bytes()
    assert told(wrong) == "wrong-key"
    with pytest.raises(StoreError) as caught:
        wrong.mend()
    assert caught.value.code == "wrong-key"
    assert desk.path.read_bytes() == before
    assert aside.damaged(desk.path) == []


def page_of(desk: Desk, table: str) -> int:
    return int(str(ask(desk, f"SELECT rootpage FROM sqlite_master WHERE name = '{table}'")[0][0]))


@KEYS
@pytest.mark.parametrize("copied", [False, True], ids=["no copy", "copy"])
def test_the_table_is_gone_the_copy_and_the_rest_tell(
    works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None, copied: bool
) -> None:
    desk = works(key, copied=copied).into(tmp_path / "home")
    damage.blank(desk.path, page_of(desk, "outbox"))
    mended = desk.mend()
    found = saved(desk, mended)
    numbers = list(desk.waiting)
    lost = numbers[-5:] if copied else numbers
    assert sorted(found) == [number for number in numbers if number not in lost]
    assert list(mended.lost) == lost
    assert not mended.device_kept, "nobody knows which of the lost ones the backend has"
    assert not mended.signed_in
    bodies = {str(body) for (body,) in ask(desk, "SELECT body FROM notice WHERE code = 'salvaged'")}
    assert all(any(desk.waiting[number] in body for body in bodies) for number in lost), "the words are reachable"


@KEYS
def test_cut_in_the_middle(works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None) -> None:
    desk = works(key, copied=True).into(tmp_path / "home")
    damage.cut(desk.path, desk.path.stat().st_size // 2 // PAGE * PAGE)
    mended = desk.mend()
    assert not mended.counted, "how many came after the copy cannot be told"
    assert len(saved(desk, mended)) + len(mended.doubtful) == len(desk.waiting) - 5
    assert len(mended.doubtful) == 1, "the last before the copy may have been taken back"
    assert mended.copied_at


@KEYS
def test_cut_to_nothing_but_for_the_log(works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None) -> None:
    desk = works(key, logged=True, copied=True).into(tmp_path / "home")
    damage.cut(desk.path, 0)
    assert told(desk) == "damaged", "it is not taken for a new one"
    assert len(saved(desk, desk.mend())) >= len(desk.waiting) - 6


@KEYS
def test_a_damaged_copy_is_passed_over(works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None) -> None:
    desk = works(key, copied=True).into(tmp_path / "home")
    older = aside.copies(desk.path)[0]
    newer = aside.named(desk.path, "copy", LATER)
    newer.write_bytes(older.read_bytes()[: PAGE * 3])
    for place in range(0, PAGE * 3, 50):
        damage.flip(newer, place)
    damage.blank(desk.path, page_of(desk, "outbox"))
    mended = desk.mend()
    assert mended.copied_at == aside.made_at(older)
    assert len(saved(desk, mended)) == len(desk.waiting) - 5


def test_a_hole_takes_a_new_device_and_the_same_ids(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    desk = works(KEY).into(tmp_path / "home")
    ids = dict(ask(desk, "SELECT op_id, op_no FROM outbox"))
    store = Store(desk.path, KEY)
    gone = ACKNOWLEDGED + 4
    store.write(lambda c: c.execute("DELETE FROM outbox WHERE op_no = ?", (gone,)).rowcount).result()
    store.close()
    mended = desk.mend()
    assert mended.lost == (gone,)
    assert not mended.device_kept
    store = Store(desk.path, KEY)
    store.write(outbox.renumber).result()
    store.close()
    rows = ask(desk, "SELECT op_no, op_id FROM outbox ORDER BY op_no")
    assert [number for number, _ in rows] == list(range(1, len(desk.waiting)))
    assert [ids[op_id] for _, op_id in rows] == [number for number in desk.waiting if number != gone]
    lanes = ask(desk, "SELECT min(op_no), max(op_no), count(DISTINCT op_no) FROM outbox_lane")
    assert lanes == [(1, len(rows), len(rows))]


def test_what_was_taken_back_after_the_copy_is_not_sent(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    desk = works(KEY, copied=True).into(tmp_path / "home")
    back = ACKNOWLEDGED + 7
    store = Store(desk.path, KEY)
    store.write(lambda c: outbox.cancel(c, back)).result()
    store.close()
    damage.blank(desk.path, page_of(desk, "outbox"))
    mended = desk.mend()
    assert back not in mended.kept
    assert ask(desk, f"SELECT kind, state FROM outbox WHERE op_no = {back}") == [("void", "pending")]


@KEYS
@pytest.mark.parametrize("logged", [False, True], ids=["in the file", "in the log"])
def test_random_bits(works: Callable[..., Desk], tmp_path: pathlib.Path, key: bytes | None, logged: bool) -> None:
    work = works(key, logged=logged, copied=True)
    for seed in range(5 if logged else 12):
        chance = random.Random(seed)
        desk = work.into(tmp_path / str(seed))
        for file in (desk.path, desk.log)[: 2 if logged else 1]:
            damage.some(chance, file, chance.choice((1, 3, 10, 40)))
        assert told(desk.into(tmp_path / "looked at")) in ("", "damaged", "newer")
        saved(desk, desk.mend())
        shutil.rmtree(tmp_path / "looked at")
        shutil.rmtree(desk.path.parent)


def test_reads_and_verbs_say_damaged_and_the_rest_goes_on(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    desk = works(KEY).into(tmp_path / "home")
    damage.blank(desk.path, page_of(desk, "draft"))
    store = Store(desk.path, KEY)
    for _ in range(2):
        with pytest.raises(StoreError) as caught, store.read() as connection:
            connection.execute("SELECT * FROM draft").fetchall()
        assert caught.value.code == "damaged"
        with store.read() as connection:
            assert facts.get(connection, "agent_id") == "mei"
        with pytest.raises(StoreError) as caught:
            store.write(lambda c: c.execute("DELETE FROM draft").rowcount).result()
        assert caught.value.code == "damaged"
        store.write(lambda c: facts.set(c, "lang", "en")).result()
    with pytest.raises(StoreError):
        copies.copy(store, LATER)
    assert aside.copies(desk.path) == [], "no copy is made of what is damaged"
    store.close()


def test_nothing_is_mended_that_is_open(works: Callable[..., Desk], tmp_path: pathlib.Path) -> None:
    desk = works(KEY).into(tmp_path / "home")
    store = Store(desk.path, KEY)
    with pytest.raises(StoreError) as caught:
        desk.mend()
    assert caught.value.code == "in-use"
    store.close()
    assert desk.mend().kept == tuple(desk.waiting)

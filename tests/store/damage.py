"""A desk in the middle of its work, and ways to damage the files of its store."""

import pathlib
import random
import shutil
from typing import NamedTuple

from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection
from kefu_tui.store import aside, copies
from kefu_tui.store.engine import Store, StoreError
from kefu_tui.store.mending import Mended, mend
from tests.desk.place import Place
from tests.operations.rows import NOW

CONVERSATIONS = 8
ACKNOWLEDGED = 40
REPLIES = 30
PAGE = 4096
LATER = NOW + 10_000_000


class Desk(NamedTuple):
    """Files of a desk whose process was killed, and what waits in it: text by number."""

    path: pathlib.Path
    key: bytes | None
    waiting: dict[int, str]

    def into(self, folder: pathlib.Path) -> "Desk":
        """The same in another folder."""
        shutil.copytree(self.path.parent, folder)
        return self._replace(path=folder / self.path.name)

    def mend(self) -> Mended:
        return mend(self.path, self.key, LATER)

    @property
    def log(self) -> pathlib.Path:
        return aside.log_of(self.path)


def at_work(folder: pathlib.Path, key: bytes | None, *, logged: bool, copied: bool = False) -> Desk:
    """Agent mei has replied, acknowledged and not, writes a draft and pinned a conversation.

    `logged`: all that waits is in the log; otherwise the store is closed. `copied`: a copy holds all but the last five replies.
    """
    live = folder / "live"
    live.mkdir(parents=True)
    place = Place(live, key)
    ids = [f"c{number}" for number in range(CONVERSATIONS)]
    place.put(
        *(
            Conversation(
                id=id, customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, status="open",
                assignee_id="mei", unanswered=1,
            )
            for id in ids
        )
    )  # fmt: skip
    for number in range(ACKNOWLEDGED):
        place.wait(1)
        place.desk.reply(ids[number % CONVERSATIONS], f"已经送到的 {number} " + "好" * 100).result()

    def acknowledge(connection: Connection) -> None:
        connection.execute("UPDATE outbox SET state = 'acked', status = 'applied', seq = op_no")
        connection.execute("DELETE FROM outbox_lane")
        connection.execute("DELETE FROM shadow")
        connection.execute("UPDATE message SET version = 1, conv_pos = rowid")
        connection.execute(
            "INSERT INTO meta (key, value) VALUES ('token', 'told-by-backend'), ('sync_state', 'online')"
        )

    place.store.write(acknowledge).result()
    if logged:
        place.reopen()
    waiting: dict[int, str] = {}
    for number in range(REPLIES):
        if copied and number == REPLIES - 5:
            assert copies.copy(place.store, place.time)
        place.wait(1)
        text = f"还没有送到的 {number}"
        place.desk.reply(ids[number % CONVERSATIONS], text + "，" + "请稍等" * 60).result()
        waiting[ACKNOWLEDGED + number + 1] = text
    place.desk.keep_draft("c1", "正在写的话").result()
    place.desk.views.pin("c2").result()
    made = folder / "home"
    if logged:
        made.mkdir()
        for file in live.iterdir():
            if not file.name.endswith("-shm"):
                shutil.copyfile(file, made / file.name)
        place.store.close()
    else:
        place.store.close()
        shutil.copytree(live, made)
    return Desk(made / "store.db", key, waiting)


def told(desk: Desk) -> str:
    """What a store says that is opened and read from end to end; nothing where it is whole."""
    try:
        store = Store(desk.path, desk.key)
    except StoreError as error:
        return error.code
    try:
        with store.read() as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' AND name NOT LIKE '%fts%'"
            ).fetchall():
                connection.execute(f"SELECT * FROM {name} NOT INDEXED").fetchall()
    except StoreError as error:
        return error.code
    finally:
        store.close()
    return ""


def flip(path: pathlib.Path, where: int, bits: int = 0xFF) -> None:
    """Another byte at a place."""
    data = bytearray(path.read_bytes())
    data[where] ^= bits
    path.write_bytes(data)


def cut(path: pathlib.Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)


def blank(path: pathlib.Path, page: int) -> None:
    """A page of zeros, counted from 1."""
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(bytes(PAGE))


def some(chance: random.Random, path: pathlib.Path, many: int) -> list[int]:
    """Flips single bits at random places."""
    size = path.stat().st_size
    places = [chance.randrange(size) for _ in range(many)]
    for place in places:
        flip(path, place, 1 << chance.randrange(8))
    return places

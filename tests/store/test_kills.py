"""Killed at every write: in the reply path, while the store is copied, while it is mended. Nothing that was shown is lost."""

import os
import pathlib
import signal
import subprocess
import sys

from kefu_tui.store import aside, copies
from kefu_tui.store.engine import Store
from kefu_tui.store.mending import mend
from tests.desk.place import KEY, Place
from tests.store import damage

SCRIPT = """
import pathlib, sys
from kefu_tui.desk.desk import Desk
from kefu_tui.ids import Ids
from kefu_tui.store.engine import Store
from tests.desk.place import KEY
from tests.operations.rows import NOW
store = Store(pathlib.Path(sys.argv[1]), KEY)
desk = Desk(store, lambda: NOW + 5000, Ids(lambda: NOW + 5000))
desk.keep_draft("c1", "您好，马上帮您查").result()
print("draft kept", flush=True)
desk.reply("c1", "您好，马上帮您查").result()
print("reply shown", flush=True)
store.close()
"""


def test_a_kill_at_any_write_loses_nothing(tmp_path: pathlib.Path) -> None:
    from kefu_tui.model.rows import Conversation
    from tests.operations.rows import NOW

    killed = 0
    for nth in range(1, 100):
        folder = tmp_path / str(nth)
        folder.mkdir()
        place = Place(folder)
        place.put(
            Conversation(
                id="c1", customer_id="wang", channel="web", group_id="one", opened_at=NOW, last_at=NOW, status="open",
                assignee_id="mei", unanswered=1,
            )
        )  # fmt: skip
        place.store.close()
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(place.path)],
            env={**os.environ, "KEFU_FAILPOINT": f"any:{nth}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
        killed += 1
        place.reopen()
        replies = place.ask("SELECT text FROM message WHERE author_id = 'mei'")
        pending = place.ask("SELECT kind, state FROM outbox")
        draft = place.desk.draft("c1")
        if "reply shown" in run.stdout:
            assert replies, "shown as committed, then lost"
        if replies:
            assert pending == [("conversation.reply", "pending")]
            assert draft is None
            assert place.ask("SELECT count(*) FROM outbox_lane") != [(0,)]
            assert place.ask("SELECT count(*) FROM shadow") != [(0,)]
        else:
            assert pending == []
            assert place.ask("SELECT * FROM shadow") == []
            assert draft is not None or "draft kept" not in run.stdout
        place.store.close()
    assert run.returncode == 0, "the list of failpoints does not end"
    assert killed >= 8


COPY = """
import pathlib, sys
from kefu_tui.store import copies
from kefu_tui.store.engine import Store
from tests.desk.place import KEY
store = Store(pathlib.Path(sys.argv[1]), KEY)
copies.copy(store, int(sys.argv[2]))
store.close()
"""
MEND = """
import pathlib, sys
from kefu_tui.store.mending import mend
from tests.desk.place import KEY
mend(pathlib.Path(sys.argv[1]), KEY, int(sys.argv[2]))
"""


def killed(script: str, path: pathlib.Path, at: int, nth: int) -> bool:
    """Whether the script died at the nth place; False where it came to its end."""
    run = subprocess.run(
        [sys.executable, "-c", script, str(path), str(at)],
        env={**os.environ, "KEFU_FAILPOINT": f"any:{nth}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode in (0, -signal.SIGKILL), run.stderr
    return run.returncode != 0


def test_a_kill_while_copying_leaves_the_copy_before(tmp_path: pathlib.Path) -> None:
    work = damage.at_work(tmp_path, KEY, logged=False, copied=True)
    nth, before = 1, len(aside.copies(work.path))
    while True:
        desk = work.into(tmp_path / str(nth))
        ended = not killed(COPY, desk.path, damage.LATER, nth)
        found = aside.copies(desk.path)
        assert len(found) >= before
        for copy in found:
            assert copies.read(copy, KEY)[0]["outbox"]
        store = Store(desk.path, KEY)
        assert copies.copy(store, damage.LATER * 2) or len(found) > before
        store.close()
        assert not list(desk.path.parent.glob("*copying*"))
        if ended:
            break
        nth += 1
    assert nth > 8


def test_a_kill_while_mending_loses_nothing(tmp_path: pathlib.Path) -> None:
    work = damage.at_work(tmp_path, KEY, logged=True)
    damage.flip(work.log, work.log.stat().st_size // 2)
    nth = 1
    while True:
        desk = work.into(tmp_path / str(nth))
        ended = not killed(MEND, desk.path, damage.LATER, nth)
        if damage.told(desk) == "damaged":
            mend(desk.path, KEY, damage.LATER)
        store = Store(desk.path, KEY)
        with store.read() as connection:
            found = connection.execute("SELECT op_no FROM outbox WHERE state = 'pending' ORDER BY op_no").fetchall()
            texts = connection.execute("SELECT text FROM draft").fetchall()
        store.close()
        assert [number for (number,) in found] == list(desk.waiting), nth
        assert texts == [("正在写的话",)]
        assert len(aside.damaged(desk.path)) == 1
        assert not aside.scratch(desk.path).exists()
        if ended:
            break
        nth += 1
    assert nth > 10

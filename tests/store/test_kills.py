"""Killed at every write in the reply path: afterwards the reply is pending, or absent with its draft still there."""

import os
import pathlib
import signal
import subprocess
import sys

from tests.desk.place import Place

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

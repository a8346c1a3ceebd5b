"""A desk of a soak as a process: a real store, a real sync worker, and an agent who does things at random, by a seed.

What it has been told is committed stands in its log before it goes on.
"""

import contextlib
import json
import os
import pathlib
import random
import resource
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kefu_tui.desk import Done, Refusal, StoreError, home
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.home import Home, HomeError, open_desk
from kefu_tui.desk.level import kept_level
from kefu_tui.now import MINUTE, SECOND, system_now
from kefu_tui.store import facts, loading
from kefu_tui.store.mending import Mended
from kefu_tui.store.pages import cursors
from kefu_tui.sync import worker
from kefu_tui.sync.transport import Refused, Unreachable

SIGN_IN_AGAIN, DAMAGED = 7, 9
"""Exit codes: the token is worth nothing or the numbers do not fit; the store is damaged."""
IN_SIGHT = 40
TORN = (
    "SELECT id, last_pos, places FROM (SELECT c.id, c.last_pos, (SELECT coalesce(max(conv_pos), 0) FROM message m "
    "WHERE m.conversation_id = c.id) AS places FROM conversation c) WHERE places <> last_pos "
    "AND NOT EXISTS (SELECT 1 FROM cursor WHERE complete = 0) AND NOT EXISTS (SELECT 1 FROM loading)"
)
"""Conversations whose commit is here in part: their last place and that of their messages."""
WRITABLE = 150_001
"""Bytes of a file that can be written while writes fail: what the agent was told is shorter."""


class Log:
    """Lines of JSON that are on the disk before the next thing happens."""

    def __init__(self, path: pathlib.Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, **told: Any) -> None:
        """Adds a line."""
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class Agent:
    """Acts until told to be quiet."""

    def __init__(self, desk: Desk, log: Log, seed: int, *, monotonic: bool = False) -> None:
        """`monotonic`: no older copy of the backend comes back, so that nothing here may become older."""
        self.desk = desk
        self._monotonic = monotonic
        self._versions: dict[str, int] = {}
        self.quiet = threading.Event()
        self._log = log
        self._random = random.Random(seed)

    def act(self) -> None:
        """One thing, as it comes; a verb that is refused here is as good as none."""
        chance = self._random
        if chance.random() < 0.1 and (notices := self.desk.notices()):
            notice = chance.choice(notices)
            self._did(self.desk.settle(notice.id, chance.choice(notice.actions or ("dismiss",))))
            return
        rows = self.desk.queue_rows(self.desk.queue_ids(chance.choice(("work", "all")), IN_SIGHT))
        if not rows:
            return
        mine = [row for row in rows if row.section == "mine"]
        row = chance.choice(mine if mine and chance.random() < 0.75 else rows)
        self._verb(row.id)
        self._look()

    def _look(self) -> None:
        """I9: what was read once is not read older later. I10: a conversation that is level stands with all of its messages."""
        with self.desk.store.read() as connection:
            now = dict(connection.execute("SELECT id, version FROM conversation").fetchall())
            torn = connection.execute(TORN).fetchall()
        if torn:
            self._log.write(broken=f"I10: conversations stand without all of their messages: {torn}")
        back = {id: (self._versions[id], version) for id, version in now.items() if version < self._versions.get(id, 0)}
        if back and self._monotonic:
            self._log.write(broken=f"I9: versions went back: {back}")
        self._versions |= now

    def _reads(self, id: str, text: str) -> None:
        """I9: what was written here is read here, as long as its conversation is in sight."""
        if text not in [item.text for item in self.desk.thread(id)] and self.desk.head(id) is not None:
            self._log.write(broken=f"I9: {text} was committed and is not read in {id}")

    def _verb(self, id: str) -> None:
        chance, desk = self._random, self.desk
        word = f"{desk.me().login} {chance.getrandbits(64):016x}"
        verb = chance.random()
        if verb < 0.22:
            self._did(desk.take(id))
        elif verb < 0.55:
            if self._did(desk.reply(id, f"您好 {word}"), reply=f"您好 {word}"):
                self._reads(id, f"您好 {word}")
        elif verb < 0.65:
            self._did(desk.note(id, f"备注 {word}"))
        elif verb < 0.72:
            if colleagues := desk.colleagues():
                self._did(desk.transfer(id, chance.choice(colleagues), "请接"))
        elif verb < 0.76:
            self._did(desk.release(id))
        elif verb < 0.82:
            self._did(desk.resolve(id))
        elif verb < 0.86:
            self._did(desk.reopen(id))
        elif verb < 0.9:
            self._did(chance.choice((desk.tag, desk.untag))(id, chance.choice(("催件", "vip"))))
        elif verb < 0.93:
            self._did(desk.prioritise(id, chance.randint(1, 5)))
        elif verb < 0.96:
            self._did(desk.snooze(id, desk.now() + 10 * MINUTE, by_customer=True))
        elif verb < 0.98:
            self._did(desk.undo())
        else:
            desk.keep_draft(id, f"正在写 {word}").result()

    def _did(self, answer: "Future[Done | Refusal]", **told: str) -> bool:
        done = answer.result()
        if isinstance(done, Refusal) or done.status == "noop":
            return False
        self._log.write(op_id=done.op_id, **told)
        return True


def main(told: dict[str, Any]) -> None:
    """Told its place in the world, and by lines what to do; says how it stands."""
    home.stretch = _kept(home.stretch, pathlib.Path(told["log"]).parent)
    quiet = threading.Event()
    agents: list[Agent] = []
    threading.Thread(target=_obey, args=(quiet, agents), daemon=True).start()
    try:
        _live(told, quiet, agents)
    except (HomeError, StoreError) as error:
        if error.code != "damaged":
            raise
        os._exit(DAMAGED)


def _kept(stretch: Callable[[str, bytes], bytes], folder: pathlib.Path) -> Callable[[str, bytes], bytes]:
    """The same keys, from a file once they are known: they cost much on purpose, and are asked for at each of many starts."""

    def known(passphrase: str, salt: bytes) -> bytes:
        path = folder / f"key-{salt.hex()}"
        if not path.exists():
            fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            fresh.write_bytes(stretch(passphrase, salt))
            fresh.replace(path)
        return path.read_bytes()

    return known


def _live(told: dict[str, Any], quiet: threading.Event, agents: list[Agent]) -> None:
    skew = told["skew_s"] * SECOND
    home = Home(pathlib.Path(told["home"]), now=lambda: system_now() + skew)
    log = Log(pathlib.Path(told["log"]))
    if told["mend"]:
        mended = _mended(home)
        log.write(mended=True, lost=len(mended.lost) + len(mended.doubtful), counted=mended.counted)
    _sign_in(home, told["backend"], told["login"], told["password"])
    store = home.open_store()
    desk = open_desk(home, store, "en")
    worker.COMPARE_S = 0.3  # instead of once a minute
    agent = Agent(desk, log, told["seed"], monotonic=told["monotonic"])
    agents.append(agent)
    with kept_level(desk):
        print(json.dumps({"ready": True}), flush=True)
        while True:
            if quiet.is_set():
                time.sleep(0.05)
            else:
                _work(agent)
            state = desk.status().state
            if state in ("needs-auth", "forked"):
                os._exit(SIGN_IN_AGAIN)
            if state == "damaged":
                os._exit(DAMAGED)


def _work(agent: Agent) -> None:
    try:
        agent.act()
    except StoreError as error:
        if error.code == "damaged":
            os._exit(DAMAGED)
    time.sleep(0.02)


def _mended(home: Home) -> Mended:
    """What became of the store; another process of the plan may have it open for a while."""
    while True:
        try:
            return home.mend()
        except HomeError as error:
            if error.code != "in-use":
                raise
            time.sleep(0.05)


def _sign_in(home: Home, backend: str, login: str, password: str) -> None:
    wait = 0.05
    while True:
        try:
            home.sign_in(backend, login, password, "en")
            return
        except (Unreachable, Refused):
            time.sleep(wait)
            wait = min(1.0, wait * 2)


def _obey(quiet: threading.Event, agents: list[Agent]) -> None:
    """Lines: quiet, level and a number, which comes back, full, failing, room, end. What cannot be answered yet is not."""
    orders: dict[str, Callable[[Agent], dict[str, Any] | None]] = {
        "level": _stands, "full": _full, "failing": _failing, "room": _room,
    }  # fmt: skip
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        if order == "quiet":
            quiet.set()
        elif order == "end":
            break
        elif agents and order in orders:
            with contextlib.suppress(StoreError):
                print(json.dumps({"asked": number, **(orders[order](agents[0]) or {})}), flush=True)
        else:
            print("null", flush=True)
    os._exit(0)


def _stands(agent: Agent) -> dict[str, Any]:
    """As of one moment: what is looked at one after the other may fit together and never have been."""
    with agent.desk.store.read() as connection:
        ((pending,),) = connection.execute("SELECT count(*) FROM outbox WHERE state = 'pending'").fetchall()
        ((torn,),) = connection.execute("SELECT count(*) FROM cursor WHERE complete = 0").fetchall()
        return {
            "state": facts.get(connection, "sync_state"),
            "pending": pending,
            "whole": not torn and not loading.groups(connection),
            "cursors": cursors(connection),
            "device": facts.get(connection, "device_id"),
        }


def _full(agent: Agent) -> None:
    """The store may not grow any more."""
    agent.desk.store.write(
        lambda connection: connection.execute(
            f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}"
        ).fetchall()
    ).result()


def _failing(agent: Agent) -> None:
    """Writes fail, or stop half-way, from some place of a file on, of the store as of its log."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITABLE, hard))


def _room(agent: Agent) -> None:
    """It may again, and nothing fails."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    agent.desk.store.write(
        lambda connection: connection.execute("PRAGMA max_page_count = 1073741823").fetchall()
    ).result()

"""What must hold after a run, judged from the files alone: the backend's database, the desks' stores, what was sent outside."""

import os
import pathlib
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.ground import ROOT
from bench.soak import shop
from kefu_tui.store import facts
from kefu_tui.store.engine import Store
from tests.sync import invariants
from tests.sync.world import Violation

if TYPE_CHECKING:
    from bench.soak.processes import Run

__all__ = ["CHECKED", "Violation", "everything", "kefu", "measure"]

CHECKED = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I14", "I15", "I16")
"""The invariants of the protocol's list that a run with processes looks at; I14 is written down, not judged. Of I15 what
can be: every decided operation stands in the audit once, and the head is the newest commit's; rows of old commits are not kept.
"""
GIVEN_UP = (
    "agent.join", "conversation.release", "conversation.reopen", "conversation.resolve", "conversation.transfer", "message.receive",
    "routing.offer",
)  # fmt: skip
"""What may lie between two agents' claims of one conversation: after it somebody else may have it."""


def kefu(desk: "shop.Desk", *words: str) -> None:
    """Another process on a desk's home; what it is refused does not matter, but it must end."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KEFU_")}
    subprocess.run(
        [sys.executable, "-m", "kefu_tui", "--home", str(desk.home), *words],
        env={**clean, "KEFU_STORE_KEY": shop.PASSPHRASE, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
        check=False,
    )


def measure(run: "Run", desk: "shop.Desk") -> None:
    """Writes down what a desk takes: memory, open files, the log of its store."""
    if desk.process is None or not desk.alive:
        return
    place = pathlib.Path("/proc") / str(desk.process.pid)
    if place.exists():
        pages = int((place / "statm").read_text().split()[1])
        megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        run.figures["rss_mb"] = max(run.figures.get("rss_mb", 0), megabytes)
        run.figures["files"] = max(run.figures.get("files", 0), len(os.listdir(place / "fd")))
    log = desk.home / "store.db-wal"
    if log.exists():
        run.figures["wal_mb"] = max(run.figures.get("wal_mb", 0), log.stat().st_size / 2**20)


class _Here:
    """A desk's store after the run, as the invariants want it."""

    def __init__(self, desk: "shop.Desk") -> None:
        self.desk, self.login = desk, desk.home.name
        self.store: Store = desk.store()
        with self.store.read() as connection:
            self.agent_id = facts.get(connection, "agent_id")
            self.device_id = facts.get(connection, "device_id")

    def ids(self, sql: str, *values: Any) -> list[Any]:
        """Rows of the store."""
        with self.store.read() as connection:
            return connection.execute(sql, values).fetchall()


class _World:
    """Everything after the run."""

    def __init__(self, run: "Run") -> None:
        self.database = run.backend.database()
        self.desks: list[Any] = []


def everything(run: "Run") -> None:
    """Looks at all of it. Raises Violation."""
    world = _World(run)
    here = [_Here(desk) for desk in run.desks]
    try:
        invariants.dense(world)
        _sent_once(run)
        _one_at_a_time(run)
        _audited_once(run)
        _taken_once(run)
        for one in here:
            _level(run, one)
            invariants.same_rows(world, one)
            invariants.nothing_foreign(world, one)
    finally:
        for one in here:
            one.store.close()
        world.database.close()


def _level(run: "Run", here: _Here) -> None:
    mended = here.ids("SELECT value FROM meta WHERE key = 'compare_mended'")
    if mended and not here.desk.damaged:
        raise Violation(
            f"I6: {here.login} had {mended[0][0]} rows that were not the backend's, until they were compared"
        )
    pending = here.ids("SELECT op_no, kind, tries FROM outbox WHERE state = 'pending'")
    if pending:
        raise Violation(f"I6: {here.login} still has pending {pending}")
    if here.ids("SELECT 1 FROM shadow") or here.ids("SELECT 1 FROM outbox_lane"):
        raise Violation(f"I5: {here.login} has shadow rows or lanes left")
    numbers = [number for (number,) in here.ids("SELECT op_no FROM outbox ORDER BY op_no")]
    if numbers and not here.desk.damaged and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise Violation(f"I3: {here.login} has holes in {numbers}")
    told = run.backend.says("SELECT op_no, seq FROM op_result WHERE device_id = ? ORDER BY op_no", here.device_id)
    if [number for number, _ in told] != list(range(1, len(told) + 1)):
        raise Violation(f"I3: results of {here.login} have holes")
    logged = here.desk.logged()
    if broken := [line["broken"] for line in logged if "broken" in line]:
        raise Violation(f"{here.login}: {broken[0]} (and {len(broken) - 1} more)")
    decided = {id for (id,) in run.backend.says("SELECT op_id FROM op_result UNION SELECT op_id FROM audit")}
    lost = [line["op_id"] for line in logged if line.get("op_id") and line["op_id"] not in decided]
    admitted = sum(line["lost"] + (0 if line["counted"] else len(lost)) for line in logged if line.get("mended"))
    if len(lost) > admitted:
        raise Violation(f"I1: {here.login} was told that these are committed, and nobody has them: {lost}")
    run.figures["operations"] = run.figures.get("operations", 0) + len(logged)
    for (id,) in run.backend.says("SELECT op_id FROM message WHERE state = 'held' AND author_id = ?", here.agent_id):
        mine = here.ids("SELECT 1 FROM outbox WHERE op_id = ?", id)
        if mine and not here.desk.damaged and not here.ids("SELECT 1 FROM notice WHERE op_id = ?", id):
            raise Violation(f"I12: {here.login} has no notice for its held reply {id}")


def _sent_once(run: "Run") -> None:
    """Each id carries the same words each time, and no words go out under two ids."""
    twice = run.backend.says("SELECT op_id FROM message GROUP BY op_id HAVING count(*) > 1")
    if twice:
        raise Violation(f"I2: more than one message for operations {twice}")
    quarantined = run.backend.says("SELECT op_id, error FROM op_quarantine")
    if quarantined:
        raise Violation(f"quarantined: {quarantined}")
    texts: Counter[str] = Counter()
    for id, words in run.outside.words.items():
        if len(words) != 1:
            raise Violation(f"I2: {id} went out with different words: {words}")
        texts.update(words)
    doubled = [text for text, many in texts.items() if many > 1]
    if doubled:
        raise Violation(f"I2: sent to a customer under two ids: {doubled}")
    sent = {id for (id,) in run.backend.says("SELECT message_id FROM outbound WHERE state = 'sent'")}
    silent = [id for id in sent if id not in run.outside.words]
    if silent:
        raise Violation(f"I1: said to be sent, never seen outside: {silent}")
    run.figures["sent"] = len(run.outside.words)


def _one_at_a_time(run: "Run") -> None:
    """I7: nobody got a conversation by claiming it that another had claimed and nobody given up since."""
    holders: dict[str, str] = {}
    asked = "SELECT lane, kind, actor_id, op_id FROM audit WHERE status = 'applied' ORDER BY seq, id"
    for lane, kind, actor, id in run.backend.says(asked):
        if kind == "agent.join":
            holders.clear()
        elif kind in GIVEN_UP:
            holders.pop(lane, None)
        elif kind == "conversation.claim" and holders.setdefault(lane, actor) != actor:
            raise Violation(f"I7: {lane} was claimed by {actor} ({id}) while {holders[lane]} had it")


def _audited_once(run: "Run") -> None:
    """I15, as far as the database tells."""
    decided = Counter(run.backend.says("SELECT device_id, op_id FROM op_result"))
    audited = Counter(run.backend.says("SELECT device_id, op_id FROM audit WHERE device_id <> 'backend'"))
    if decided != audited:
        raise Violation(f"I15: decided and audited are not the same: {decided - audited}, {audited - decided}")
    head = run.backend.says("SELECT seq, chain FROM sync_head")
    newest = run.backend.says("SELECT seq, chain FROM sync_commit ORDER BY seq DESC LIMIT 1")
    if head != newest:
        raise Violation(f"I15: the head is {head}, the newest commit {newest}")


def _taken_once(run: "Run") -> None:
    """What a customer was told has arrived is there once; after an older copy of the backend came back, at most once."""
    there = Counter(text for (text,) in run.backend.says("SELECT text FROM message WHERE author = 'customer'"))
    older = run.faults["older copy comes back"] or run.faults["database loses its tail"]
    for text in run.taken.values():
        if there[text] > 1 or (there[text] == 0 and not older):
            raise Violation(f"I1: a customer's message stands {there[text]} times: {text}")
    if not run.taken:
        raise Violation("no customer got through: this run shows nothing")
    run.figures["customers' messages"] = len(run.taken)

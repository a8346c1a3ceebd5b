"""`kefu seed --live`: changes come into a filled store as if pulled from a backend, beside an open workstation."""

import pathlib
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec

from kefu_tui.demo.seed import EPOCH, SeedError
from kefu_tui.demo.story import ORDER, load
from kefu_tui.desk.home import AskPassphrase, Home
from kefu_tui.ids import Ids, derive
from kefu_tui.model.rows import SCHEMA, Agent, Conversation, Customer, Message, Row
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import Now, system_now
from kefu_tui.operations import Basis, Context, Operation, Refusal, View, decide
from kefu_tui.operations.base import SYSTEM, Actor, actor_of
from kefu_tui.operations.conversation import Claim
from kefu_tui.operations.intake import Receive
from kefu_tui.store import facts, pages
from kefu_tui.store.engine import PAGE, Store
from kefu_tui.wire import Page


def live(
    home_folder: pathlib.Path,
    per_second: float,
    seconds: float | None = None,
    seed: int = 1,
    *,
    stop: Callable[[], bool] = lambda: False,
    ask: AskPassphrase | None = None,
    now: Now = system_now,
) -> int:
    """Lets changes happen until it is over, `stop` says so or Ctrl-C, and returns how many there were.

    Customers write, new ones come, colleagues take. Raises SeedError for a store that `seed` has not filled, HomeError.
    """
    if not 0 < per_second <= 10_000:
        raise SeedError(
            f"每秒 {per_second:g} 个变化不行：0 到 10,000 之间。",
            f"{per_second:g} changes a second: between 0 and 10,000.",
        )
    store = Home(home_folder, now).open_store(ask)
    try:
        with store.read() as connection:
            if facts.get(connection, "epoch") != EPOCH or facts.get(connection, "backend"):
                raise SeedError(
                    f"{home_folder} 不是 kefu seed 造的：它的变化来自后台。",
                    f"{home_folder} was not filled by kefu seed: its changes come from its backend.",
                )
        return _happen(store, per_second, seconds, seed, stop, now)
    finally:
        store.close()


def _happen(
    store: Store, per_second: float, seconds: float | None, seed: int, stop: Callable[[], bool], now: Now
) -> int:
    changes = Changes(seed, now)
    count = 0
    pause = threading.Event()
    begun = time.monotonic()
    try:
        while not stop() and (seconds is None or count < per_second * seconds):
            pause.wait(max(0.0, begun + count / per_second - time.monotonic()))
            store.write(changes.next, PAGE).result()
            count += 1
    except KeyboardInterrupt:
        pass
    return count


class Changes:
    """One change after another, each a page of its own."""

    def __init__(self, seed: int, now: Now) -> None:
        self._chance = random.Random(f"live:{seed}")
        self._now = now
        self._ids = Ids(now, self._chance.randbytes)
        turns = [turn for one in load(None, seed) if one.locale == "zh" for turn in one.turns]
        self._said = [turn.text for turn in turns if turn.party == "customer" and ORDER not in turn.text]

    def next(self, connection: Connection) -> pages.Applied:
        """Decides the next change by the rules and applies it in the caller's transaction as a pulled page."""
        now = self._now()
        operation, actor = self._operation(connection)
        view = View(Reader(connection))
        outcome = decide(operation, view, Context(actor, now, self._ids(), Basis()))
        assert not isinstance(outcome, Refusal), outcome
        return pages.apply(connection, _page(connection, view), now)

    def _operation(self, connection: Connection) -> tuple[Operation, Actor]:
        reader, chance = Reader(connection), self._chance
        what = chance.random()
        if what < 0.1:
            waiting = connection.execute(
                "SELECT id FROM conversation WHERE status = 'waiting' AND assignee_id IS NULL ORDER BY due_at LIMIT 50"
            ).fetchall()
            if len(waiting) > 10:
                me = facts.get(connection, "agent_id")
                others = [id for (id,) in connection.execute("SELECT id FROM agent WHERE id <> ? ORDER BY id", (me,))]
                agent = reader.get(Agent, chance.choice(others))
                assert agent
                return Claim(conversation_id=chance.choice(waiting)[0]), actor_of(View(reader), agent)
        found = connection.execute(
            "SELECT customer_id FROM conversation WHERE status IN ('waiting', 'open') ORDER BY due_at LIMIT 200"
        ).fetchall()
        known = reader.get(Customer, chance.choice(found)[0]) if found and what < 0.85 else None
        external = known.external_id if known else f"live-{self._ids()}"
        (group,) = connection.execute("SELECT id FROM agent_group WHERE name = 'default'").fetchone()
        receive = Receive(
            channel="web",
            group_id=group,
            external_id=external,
            message_id=self._ids(),
            customer_id=derive("customer", "web", external),
            conversation_id=self._ids(),
            text=chance.choice(self._said),
            name=known.name if known else "新来的",
            locale="zh",
        )
        return receive, SYSTEM


def _page(connection: Connection, view: View) -> Page:
    """What a backend would send of these changes: places and versions given."""
    begin = pages.cursors(connection)
    version = max(begin.values()) + 1
    for row in list(view.written.values()):
        if isinstance(row, Message) and row.conv_pos is None:
            conversation = view.get(Conversation, row.conversation_id)
            assert conversation
            view.change(conversation, last_pos=conversation.last_pos + 1)
            view.change(row, conv_pos=conversation.last_pos + 1)
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for changed in view.written.values():
        assert isinstance(changed, Row)
        values = msgspec.structs.astuple(msgspec.structs.replace(changed, version=version))
        rows[changed.table].append(list(values))
    return Page(
        epoch=EPOCH,
        schema=SCHEMA,
        begin=begin,
        to=version,
        head=version,
        more=False,
        rows=rows,
        gone=[],
        left=[],
        last_op_no=0,
        results=[],
    )

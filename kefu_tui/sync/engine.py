"""One step of sync at a time: push what is pending, pull what changed, and what to do about each refusal."""

import contextlib
from collections.abc import Callable
from typing import Literal, NamedTuple, NoReturn

from kefu_tui.failpoints import reach
from kefu_tui.model.rows import SCHEMA
from kefu_tui.model.sql import Connection
from kefu_tui.now import SECOND, Now
from kefu_tui.store import comparing, facts, loading, marks, outbox, pages, restored
from kefu_tui.store.engine import PAGE, VERB, Store
from kefu_tui.sync.transport import Refused, Transport, Unreachable
from kefu_tui.wire import MAX_OPERATIONS, PROTOCOL, Envelope, Page, Part, Push

State = Literal["online", "polling", "offline", "needs-auth", "upgrade", "forked", "local", "full", "damaged"]

STOPPERS: dict[str, State] = {
    "not-signed-in": "needs-auth",
    "device-revoked": "needs-auth",
    "not-author": "needs-auth",
    "upgrade-required": "upgrade",
    "malformed-batch": "upgrade",
}
"""Refusals that no retry mends: the queue is kept and a person is told."""


STALLED_AFTER = 20
"""Rounds without any progress until sync says that it stalled; answers of before may come now and then."""


MORE = 20
"""Operations by which a push may be larger than the last one that was answered; where none was, the next is half as large."""


BATCHES = 10
"""Batches that are sent before what became of them is pulled: with a long backlog each pull runs again what is still pending."""


class Stopped(Exception):
    """Sync cannot go on until a person acts; `state` says why."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class Sent(NamedTuple):
    """A batch of operations that was sent: its last number, and whether it was decided."""

    last: int
    answered: bool


class Moved(NamedTuple):
    """What a step changed here, for those who show it."""

    lanes: frozenset[str]
    notices: bool


class Engine:
    """Drives one store against one backend. Not a thread: whoever calls it holds the sync lease."""

    def __init__(self, store: Store, transport: Transport, now: Now, *, patient: bool = False) -> None:
        """`patient` leaves alone what still waits for the agent's change of mind."""
        self.store = store
        self.transport = transport
        self.now = now
        self._patient = patient
        self._most = MAX_OPERATIONS
        self._answered = 0
        """The last operation that a push was answered for: while a group is loaded nothing is acknowledged, nor sent again."""
        self._ahead: Part | None = None
        """The part of a large group that comes next, fetched before it is needed."""

    def push(self) -> bool:
        """Sends what is pending, batch after batch; True when there was any. Nothing is acknowledged by it."""
        with self.store.read() as connection:
            loads, last = loading.place(connection) is not None, outbox.last(connection)
        after = self._answered if loads else 0
        for batches in range(BATCHES):
            if after >= last or not (sent := self._send(after)):
                return batches > 0
            if not sent.answered:
                break
            self._answered = after = sent.last
        return True

    def _send(self, after: int) -> Sent | None:
        """Sends the next operations behind a number; None where there are none that may leave."""
        until = self.now() if self._patient else 0
        most = self._most
        batch, epoch, device_id = self.store.write(
            lambda connection: _take(connection, until, most, after), VERB
        ).result()
        if not batch:
            return None
        reach("sync.before-send")
        try:
            self.transport.push(Push(protocol=PROTOCOL, epoch=epoch, device_id=device_id, schema=SCHEMA, ops=batch))
        except Unreachable:
            self._most = max(1, most // 2)
            raise
        except Refused as refused:
            if refused.code == "too-large" and len(batch) > 1:
                self._most = len(batch) // 2
            else:
                self._mend(refused)
            return Sent(batch[-1].op_no, False)
        self._most = min(MAX_OPERATIONS, most + MORE)
        reach("sync.answered")
        return Sent(batch[-1].op_no, True)

    def pull(self, wait: int = 0) -> tuple[Moved, bool]:
        """Applies the next page; also says whether more waits."""
        with self.store.read() as connection:
            cursors, acked, seen = pages.cursors(connection), outbox.acked(connection), marks.newest(connection)
            epoch, loads = facts.get(connection, "epoch"), loading.groups(connection)
        try:
            page = self.transport.pull(cursors, acked, 0 if loads else wait, seen, loads)
        except Refused as refused:
            self._mend(refused)
            return Moved(frozenset(), True), True
        _of_our_schema(page)
        if page.epoch != epoch:
            self._part()
            return Moved(frozenset(), True), True
        reach("sync.pulled")
        now = self.now()
        try:
            applied = self.store.write(lambda connection: pages.apply(connection, page, now), PAGE).result()
        except pages.Forked:
            self._fork()
        more = applied.more or applied.stale
        if more or not loads:
            return Moved(applied.lanes, applied.notices), more
        return Moved(applied.lanes | self._load(), applied.notices), True

    def _load(self) -> frozenset[str]:
        """Applies the next part of a large group, fetching the one after it meanwhile; the lanes that it touched."""
        with self.store.read() as connection:
            place = loading.place(connection)
        ahead, self._ahead = self._ahead, None
        if place is None:
            return frozenset()
        if ahead is not None and (ahead.group, ahead.begin) == place:
            part = ahead
        else:
            try:
                part = self.transport.load(*place)
            except Refused as refused:
                self._mend(refused)
                return frozenset()
        _of_our_schema(part)
        reach("sync.loaded")
        writing = self.store.write(lambda connection: loading.apply(connection, part), PAGE)
        if part.after:
            with contextlib.suppress(Refused, Unreachable):  # the next step asks again, and minds what is said then
                self._ahead = self.transport.load(part.group, part.after)
        return writing.result().lanes

    def level(
        self, moved: Callable[[Moved], None] = lambda what: None, ended: Callable[[], bool] = lambda: False
    ) -> None:
        """Pushes and pulls until nothing is pending and nothing more waits, telling `moved` of each step.

        Raises Unreachable where the backend answers but nothing gets on: a stall is never silent.
        """
        stood, rounds = None, 0
        while not ended():
            pushed = self.push()
            what, more = self.pull()
            if what.lanes or what.notices or pushed:
                moved(what)
            if not more and not pushed:
                return
            with self.store.read() as connection:
                stands = outbox.oldest(connection), pages.cursors(connection), loading.places(connection)
            rounds = rounds + 1 if stands == stood else 0
            stood = stands
            if rounds >= STALLED_AFTER:
                raise Unreachable("the backend answers, but nothing gets on")

    def compare(self) -> comparing.Step:
        """Compares the next stretch of what is here with what the backend has, and mends what differs."""
        with self.store.read() as connection:
            stretch = comparing.stretch(connection)
        if stretch is None:
            return comparing.Step(False)
        try:
            told = self.transport.compare(stretch)
        except Refused:  # the next pull minds it
            return comparing.Step(False)
        return self.store.write(lambda connection: comparing.apply(connection, stretch, told), PAGE).result()

    def waits_s(self) -> float:
        """Seconds for which the last thing done still waits for a change of mind; 0 where nothing does."""
        with self.store.read() as connection:
            return outbox.held_back(connection, self.now()) / SECOND

    def _mend(self, refused: Refused) -> None:
        """Does what a refusal asks for, or raises Stopped."""
        problem = refused.problem
        if refused.code == "scope-changed":
            self.store.write(lambda connection: _rescope(connection, problem.added, problem.removed)).result()
        elif refused.code == "load-first":
            self.store.write(lambda connection: loading.begin(connection, problem.added)).result()
        elif refused.code == "cursor-too-old":
            self.store.write(pages.forget_all).result()
        elif refused.code == "op-gap" and problem.expected_op_no:
            expected = problem.expected_op_no
            with self.store.read() as connection:
                known = outbox.has(connection, expected)
            if not known:
                self._fork()
            self.store.write(lambda connection: _offer_again(connection, expected)).result()
        elif refused.code in ("epoch-changed", "history-diverged"):
            self._part()
        elif refused.code == "device-forked":
            self._fork()
        elif refused.code in STOPPERS:
            raise Stopped(STOPPERS[refused.code])
        else:
            raise Stopped("upgrade")

    def _fork(self) -> NoReturn:
        """The numbers here are not those that the backend knows: the next sign-in makes this store another device."""
        self.store.write(lambda connection: facts.set(connection, facts.FORKED, "1")).result()
        raise Stopped("forked")

    def _part(self) -> None:
        """Another history is at the backend: what is not in it is forgotten, what it does not know of ours is offered again."""
        with self.store.read() as connection:
            seen = marks.seen(connection)
        try:
            common = self.transport.negotiate(seen)
        except Refused as refused:
            raise Stopped(STOPPERS.get(refused.code, "upgrade")) from None
        now = self.now()
        self.store.write(lambda connection: restored.take_up(connection, common, now)).result()
        reach("sync.parted")


def _of_our_schema(told: Page | Part) -> None:
    """Rows of another schema are not taken, not even those that would fit: the cursors stay, the queue is kept."""
    if told.schema != SCHEMA:
        raise Stopped("upgrade")


def _offer_again(connection: Connection, first: int) -> None:
    outbox.note_deliveries(connection, first)
    outbox.offer_again(connection, first)


def _take(connection: Connection, until: int, most: int, after: int) -> tuple[list[Envelope], str, str]:
    return (
        outbox.take(connection, until, most, after),
        facts.get(connection, "epoch"),
        facts.get(connection, "device_id"),
    )


def _rescope(connection: Connection, added: list[str], removed: list[str]) -> None:
    pages.rescope(connection, added, removed, facts.get(connection, "agent_id"))

"""The Desk itself: what can be done and read here, whether the backend answers or not."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from kefu_tui.desk import verbs
from kefu_tui.desk.offers import Shelf, fill, values
from kefu_tui.desk.verbs import Told
from kefu_tui.ids import Ids
from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import Now
from kefu_tui.operations import View, timing
from kefu_tui.operations.refusals import Refusal, reason
from kefu_tui.rules import recognise
from kefu_tui.rules.template import TemplateError
from kefu_tui.store import facts, queries
from kefu_tui.store.engine import Store
from kefu_tui.store.shown import (
    CannedLine,
    Colleague,
    Draft,
    Filled,
    Head,
    Me,
    NoticeRow,
    OrderCard,
    QueueRow,
    SyncStatus,
    ThreadItem,
    TimerRow,
)

T = TypeVar("T")
UNDO_WITHIN_S = 10


class Done(NamedTuple):
    """A verb that is committed here. `said` is one sentence in the desk's language."""

    op_id: str
    status: str
    undoable: bool
    said: str


class Changed(NamedTuple):
    """What may look different now; None stands for anything."""

    conversations: frozenset[str] | None
    customers: frozenset[str] | None
    canned: bool
    notices: bool
    status: bool


EVERYTHING = Changed(None, None, True, True, True)


class Desk:
    """One signed-in agent's workplace over one store. Reads are for the calling thread, verbs give futures."""

    def __init__(self, store: Store, now: Now, ids: Ids, lang: str = "zh") -> None:
        self.store = store
        self.now = now
        self.ids = ids
        self.lang = lang
        self.wake_sync: Callable[[], None] = lambda: None
        self._listeners: list[Callable[[Changed], None]] = []
        self._shelf: Shelf | None = None
        self._shelf_doubtful = False
        with store.read() as connection:
            self.agent_id = facts.get(connection, "agent_id")

    # What is known

    def zone(self) -> str:
        """The IANA zone of the service hours."""
        with self.store.read() as connection:
            policy = timing.policy(View(Reader(connection)))
        return policy.zone if policy else "Asia/Shanghai"

    def me(self) -> Me:
        """The agent here, with its load."""
        with self.store.read() as connection:
            known = queries.me(connection, self.agent_id)
            return known or Me(
                self.agent_id, facts.get(connection, "login"), facts.get(connection, "login"), "agent", 0, 8
            )

    def status(self) -> SyncStatus:
        """How sync stands."""
        with self.store.read() as connection:
            told = dict(connection.execute("SELECT key, value FROM meta").fetchall())
            return queries.status(connection, told)

    def queue_count(self, view: str) -> int:
        """How many conversations a view (work, waiting, mine, group, all) holds."""
        with self.store.read() as connection:
            return queries.queue_count(connection, view, self.agent_id)

    def queue_ids(self, view: str, limit: int = 2000) -> list[str]:
        """The ids of a view, what is due first on top; 0 for all."""
        with self.store.read() as connection:
            return queries.queue_ids(connection, view, self.agent_id, limit)

    def queue_rows(self, ids: Sequence[str]) -> list[QueueRow]:
        """The rows of these conversations, in this order."""
        with self.store.read() as connection:
            return queries.queue_rows(connection, ids, self.agent_id)

    def head(self, id: str) -> Head | None:
        """A conversation and its customer."""
        with self.store.read() as connection:
            return queries.head(connection, id, self.agent_id)

    def thread(self, id: str, limit: int = 200, before: int | None = None) -> list[ThreadItem]:
        """The newest lines of a conversation, oldest first."""
        with self.store.read() as connection:
            return queries.thread(connection, id, self.agent_id, limit, before)

    def orders(self, customer_id: str) -> list[OrderCard]:
        """A customer's orders, newest first."""
        with self.store.read() as connection:
            return queries.orders(connection, customer_id)

    def find_orders(self, text: str, limit: int = 50) -> list[OrderCard]:
        """Orders by their number or its beginning, a tracking number, or the buyer."""
        with self.store.read() as connection:
            return queries.find_orders(connection, text, limit)

    def recognised(self, text: str) -> list[tuple[int, int, str]]:
        """Where order, tracking and phone numbers stand in a text."""
        return [(found.start, found.end, found.kind) for found in recognise.recognise(text)]

    def timers(self, limit: int = 50) -> list[TimerRow]:
        """Running clocks, next breach first."""
        with self.store.read() as connection:
            return queries.timers(connection, self.agent_id, limit)

    def notices(self) -> list[NoticeRow]:
        """What waits for the agent to act, each with its sentence."""
        with self.store.read() as connection:
            return [row._replace(text=reason(row.code, told, self.lang)) for row, told in queries.notices(connection)]

    def colleagues(self) -> list[Colleague]:
        """Whom work can be handed over to."""
        with self.store.read() as connection:
            return queries.colleagues(connection, self.agent_id)

    def tags(self) -> list[str]:
        """Known tag words, most used first."""
        with self.store.read() as connection:
            return queries.tags(connection)

    def draft(self, conversation_id: str) -> Draft | None:
        """What was being written in a conversation."""
        with self.store.read() as connection:
            return queries.draft(connection, conversation_id)

    def next_for_me(self, after: str | None = None) -> str | None:
        """My unanswered conversation that breaches first, else the first that waits."""
        with self.store.read() as connection:
            return queries.next_for(connection, self.agent_id, after)

    # Canned replies

    def canned(self, query: str, conversation_id: str | None, limit: int = 50) -> list[CannedLine]:
        """Canned replies that a query means; with no query those that fit the conversation, then the shelf."""
        with self.store.read() as connection:
            shelf = self._shelved(connection)
            if query.strip():
                return shelf.find(query, limit)
            conversation = Reader(connection).get(Conversation, conversation_id) if conversation_id else None
            if conversation is None:
                return shelf.find("", limit)
            return shelf.suggested(connection, conversation, limit, self.lang)

    def canned_count(self) -> int:
        """How many canned replies there are."""
        with self.store.read() as connection:
            return len(self._shelved(connection).rows)

    def fill(self, canned_id: str, conversation_id: str) -> Filled | Refusal:
        """A canned reply filled for a conversation."""
        with self.store.read() as connection:
            row = self._shelved(connection).by_id.get(canned_id)
            conversation = Reader(connection).get(Conversation, conversation_id)
            if row is None or conversation is None:
                return Refusal("gone")
            try:
                return fill(connection, row, values(connection, conversation, self.agent_id, self.now()))
            except TemplateError as error:
                return Refusal("invalid", {"what": str(error)})

    def offer(self, conversation_id: str, skip: int = 0) -> Filled | None:
        """The canned reply to offer: the best fit that is complete; `skip` gives the next best."""
        with self.store.read() as connection:
            conversation = Reader(connection).get(Conversation, conversation_id)
            if conversation is None or not conversation.unanswered:
                return None
            known = values(connection, conversation, self.agent_id, self.now())
            shelf = self._shelved(connection)
            for row in shelf.offered(connection, conversation):
                try:
                    filled = fill(connection, row, known)
                except TemplateError:
                    continue
                if filled.missing or filled.asks:
                    continue
                if skip == 0:
                    return filled
                skip -= 1
        return None

    def _shelved(self, connection: Connection) -> Shelf:
        if self._shelf is None or (self._shelf_doubtful and self._shelf.stamp != Shelf.stamp_of(connection)):
            self._shelf = Shelf(connection, self.agent_id)
        self._shelf_doubtful = False
        return self._shelf

    # Verbs

    def take(self, id: str | None = None, take_over: bool = False) -> "Future[Done | Refusal]":
        """Become the one who answers: this conversation, or the one that breaches next."""
        return self._verb(lambda connection: verbs.take(connection, self, id, take_over))

    def release(self, id: str) -> "Future[Done | Refusal]":
        """Put my conversation back into the queue."""
        return self._verb(lambda connection: verbs.release(connection, self, id))

    def reply(self, id: str, text: str, canned_id: str | None = None) -> "Future[Done | Refusal]":
        """Answer the customer; the draft goes in the same transaction."""
        return self._verb(lambda connection: verbs.reply(connection, self, id, text, canned_id))

    def note(self, id: str, text: str) -> "Future[Done | Refusal]":
        """Leave a line for colleagues."""
        return self._verb(lambda connection: verbs.note(connection, self, id, text))

    def tag(self, id: str, name: str) -> "Future[Done | Refusal]":
        """Put a word on a conversation."""
        return self._verb(lambda connection: verbs.tag(connection, self, id, name))

    def untag(self, id: str, name: str) -> "Future[Done | Refusal]":
        """Take a word off a conversation."""
        return self._verb(lambda connection: verbs.untag(connection, self, id, name))

    def transfer(self, id: str, colleague: Colleague, note: str = "") -> "Future[Done | Refusal]":
        """Hand over to a colleague or a group."""
        return self._verb(lambda connection: verbs.transfer(connection, self, id, colleague, note))

    def snooze(self, id: str, until: int, by_customer: bool = False) -> "Future[Done | Refusal]":
        """Off the queue until a time (µs UTC) or the customer's next message."""
        return self._verb(lambda connection: verbs.snooze(connection, self, id, until, by_customer))

    def wake(self, id: str) -> "Future[Done | Refusal]":
        """Back on the queue."""
        return self._verb(lambda connection: verbs.wake(connection, self, id))

    def resolve(self, id: str, tag: str | None = None) -> "Future[Done | Refusal]":
        """Solved; a tag may go with it."""
        return self._verb(lambda connection: verbs.resolve(connection, self, id, tag))

    def reopen(self, id: str) -> "Future[Done | Refusal]":
        """Work goes on."""
        return self._verb(lambda connection: verbs.reopen(connection, self, id))

    def undo(self, within_s: int | None = UNDO_WITHIN_S) -> "Future[Done | Refusal]":
        """Take back the last thing done here."""
        return self._verb(lambda connection: verbs.undo(connection, self, within_s))

    def settle(self, notice_id: str, action: str, text: str | None = None) -> "Future[Done | Refusal]":
        """Decide about a notice: send-anyway, edit, to-note, copy, discard, dismiss."""
        return self._verb(lambda connection: verbs.settle(connection, self, notice_id, action, text))

    def do(self, *operations: Any, said: str = "") -> "Future[Done | Refusal]":
        """Run operations as one: all are committed or none."""
        return self._verb(lambda connection: verbs.do(connection, self, operations, said))

    def keep_draft(self, conversation_id: str, text: str, canned_id: str | None = None) -> "Future[None]":
        """Keep what is being written, with what is known as it begins; empty text drops it."""
        return self.store.write(lambda connection: verbs.keep_draft(connection, self, conversation_id, text, canned_id))

    def refusal(self, verb: str, id: str | None) -> str | None:
        """Why a verb cannot act now, in one sentence; None when it can."""
        with self.store.read() as connection:
            refused = verbs.refusal(connection, self, verb, id)
            return refused.say(self.lang) if refused else None

    def can_undo(self) -> tuple[str, int] | None:
        """What undo would take back, and for how many seconds still."""
        with self.store.read() as connection:
            return verbs.can_undo(connection, self, UNDO_WITHIN_S)

    def reason(self, code: str, told: dict[str, str] | None = None) -> str:
        """The sentence of a code in the desk's language."""
        return reason(code, told or {}, self.lang)

    # Change

    def subscribe(self, callback: Callable[[Changed], None]) -> Callable[[], None]:
        """Calls back, from any thread, with what may look different now. Returns what ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def publish(self, changed: Changed) -> None:
        """Tells every listener."""
        if changed.canned:
            self._shelf_doubtful = True
        for callback in list(self._listeners):
            callback(changed)

    def publish_lanes(self, lanes: frozenset[str], notices: bool) -> None:
        """Tells every listener what a pulled page changed."""
        kinds = {lane[:1] for lane in lanes}
        self.publish(
            Changed(
                conversations=frozenset(lane[2:] for lane in lanes if lane.startswith("c:")),
                customers=None if "o" in kinds else frozenset(lane[2:] for lane in lanes if lane.startswith("u:")),
                canned="r" in kinds,
                notices=notices,
                status=True,
            )
        )

    def _verb(self, work: Callable[[Connection], Told | Refusal]) -> "Future[Done | Refusal]":
        answer: Future[Done | Refusal] = Future()

        def finished(job: "Future[Told | Refusal]") -> None:
            error = job.exception()
            if error is not None:
                answer.set_exception(error)
                return
            told = job.result()
            if isinstance(told, Refusal):
                answer.set_result(told)
                return
            self.publish(Changed(frozenset(told.conversations), frozenset(), told.canned, True, True))
            self.wake_sync()
            answer.set_result(Done(told.op_id, told.status, told.undoable, told.said))

        self.store.write(lambda connection: _all_or_nothing(connection, work)).add_done_callback(finished)
        return answer


def _all_or_nothing(connection: Connection, work: Callable[[Connection], Told | Refusal]) -> Told | Refusal:
    """A verb that is refused half-way leaves nothing behind."""
    connection.execute("SAVEPOINT verb")
    told = work(connection)
    if isinstance(told, Refusal):
        connection.execute("ROLLBACK TO verb")
    connection.execute("RELEASE verb")
    return told

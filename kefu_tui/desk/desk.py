"""The Desk itself: what can be done and read here, whether the backend answers or not."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from kefu_tui.desk.answers import AT_ONCE, Changed, Done, Sending
from kefu_tui.desk.reads import Reads
from kefu_tui.ids import Ids
from kefu_tui.model.sql import Connection
from kefu_tui.now import Now
from kefu_tui.operations.refusals import Refusal, reason
from kefu_tui.store.engine import Store
from kefu_tui.store.shown import Colleague

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kefu_tui.desk.automation import Automation
    from kefu_tui.desk.bulk import Bulk
    from kefu_tui.desk.closing import Lack
    from kefu_tui.desk.effort import Effort
    from kefu_tui.desk.finding import Finding
    from kefu_tui.desk.macros import Macros
    from kefu_tui.desk.tickets import Tickets
    from kefu_tui.desk.verbs import Told
    from kefu_tui.desk.views import Views

UNDO_WITHIN_S = 10


class Desk(Reads):
    """One signed-in agent's workplace over one store. Reads are for the calling thread, verbs give futures."""

    def __init__(self, store: Store, now: Now, ids: Ids, lang: str = "zh") -> None:
        super().__init__(store, now, lang)
        self.ids = ids
        self.wake_sync: Callable[[], None] = lambda: None
        self._listeners: list[Callable[[Changed], None]] = []

    # Rooms of the desk, opened when somebody first goes there

    @cached_property
    def finding(self) -> "Finding":
        """Search in everything that is here."""
        from kefu_tui.desk.finding import Finding

        return Finding(self)

    @cached_property
    def views(self) -> "Views":
        """Saved views, filters and pins of the queue."""
        from kefu_tui.desk.views import Views

        return Views(self)

    @cached_property
    def macros(self) -> "Macros":
        """Macros: kept, checked and run."""
        from kefu_tui.desk.macros import Macros

        return Macros(self)

    @cached_property
    def automation(self) -> "Automation":
        """Rules that act by themselves."""
        from kefu_tui.desk.automation import Automation

        return Automation(self)

    @cached_property
    def tickets(self) -> "Tickets":
        """Tickets."""
        from kefu_tui.desk.tickets import Tickets

        return Tickets(self)

    @cached_property
    def effort(self) -> "Effort":
        """Keys and seconds that conversations took."""
        from kefu_tui.desk.effort import Effort

        return Effort(self)

    def on(self, ids: "Sequence[str]") -> "Bulk":
        """The verbs on many conversations at once."""
        from kefu_tui.desk.bulk import Bulk

        return Bulk(self, ids)

    # Verbs

    def take(self, id: str | None = None, take_over: bool = False) -> "Future[Done | Refusal]":
        """Become the one who answers: this conversation, or the one that breaches next."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.take(connection, self, id, take_over))

    def release(self, id: str) -> "Future[Done | Refusal]":
        """Put my conversation back into the queue."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.release(connection, self, id))

    def reply(
        self, id: str, text: str, canned_id: str | None = None, sending: Sending = AT_ONCE
    ) -> "Future[Done | Refusal]":
        """Answer the customer; the draft goes in the same transaction."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.reply(connection, self, id, text, canned_id, sending))

    def note(self, id: str, text: str) -> "Future[Done | Refusal]":
        """Leave a line for colleagues."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.note(connection, self, id, text))

    def tag(self, id: str, name: str) -> "Future[Done | Refusal]":
        """Put a word on a conversation."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.tag(connection, self, id, name))

    def untag(self, id: str, name: str) -> "Future[Done | Refusal]":
        """Take a word off a conversation."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.untag(connection, self, id, name))

    def prioritise(self, id: str, priority: int) -> "Future[Done | Refusal]":
        """How urgent it is: 1 (highest) to 5."""
        from kefu_tui.operations.conversation import SetPriority

        return self.do(SetPriority(conversation_id=id, priority=priority))

    def transfer(self, id: str, colleague: Colleague, note: str = "") -> "Future[Done | Refusal]":
        """Hand over to a colleague or a group."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.transfer(connection, self, id, colleague, note))

    def snooze(self, id: str, until: int, by_customer: bool = False) -> "Future[Done | Refusal]":
        """Off the queue until a time (µs UTC) or the customer's next message."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.snooze(connection, self, id, until, by_customer))

    def wake(self, id: str) -> "Future[Done | Refusal]":
        """Back on the queue."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.wake(connection, self, id))

    def resolve(
        self, id: str, tag: str | None = None, record: "Mapping[str, str]" = MappingProxyType({})
    ) -> "Future[Done | Refusal]":
        """Solved; a tag may go with it, and fields of the close-out record."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.resolve(connection, self, id, tag, record))

    def lacks(self, id: str) -> "list[Lack]":
        """What the close-out record of a conversation still needs before it can be resolved."""
        from kefu_tui.desk.closing import lacks

        return lacks(self, id)

    def reopen(self, id: str) -> "Future[Done | Refusal]":
        """Work goes on."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.reopen(connection, self, id))

    def review_return(self, id: str, order_id: str, *, approve: bool, reason: str = "") -> "Future[Done | Refusal]":
        """Approve or refuse the return of an order of this conversation's customer."""
        from kefu_tui.operations.returns import ReviewReturn

        verdict: Literal["approved", "refused"] = "approved" if approve else "refused"
        return self.do(ReviewReturn(conversation_id=id, order_id=order_id, verdict=verdict, reason=reason))

    def undo(self, within_s: int | None = UNDO_WITHIN_S) -> "Future[Done | Refusal]":
        """Take back the last thing done here."""
        from kefu_tui.desk import undoing

        return self.verb(lambda connection: undoing.undo(connection, self, within_s))

    def settle(self, notice_id: str, action: str, text: str | None = None) -> "Future[Done | Refusal]":
        """Decide about a notice: send-anyway, edit, to-note, copy, discard, dismiss."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.settle(connection, self, notice_id, action, text))

    def do(self, *operations: Any, said: str = "") -> "Future[Done | Refusal]":
        """Run operations as one: all are committed or none."""
        from kefu_tui.desk import verbs

        return self.verb(lambda connection: verbs.do(connection, self, operations, said))

    def keep_draft(self, conversation_id: str, text: str, canned_id: str | None = None) -> "Future[None]":
        """Keep what is being written, with what is known as it begins; empty text drops it."""
        from kefu_tui.desk import verbs

        return self.store.write(lambda connection: verbs.keep_draft(connection, self, conversation_id, text, canned_id))

    def refusal(self, verb: str, id: str | None) -> str | None:
        """Why a verb cannot act now, in one sentence; None when it can."""
        from kefu_tui.desk.refusing import refusal

        if verb == "undo":
            return None if self.can_undo() else self.reason("nothing-to-undo")
        with self.store.read() as connection:
            refused = refusal(connection, self, verb, id)
            return refused.say(self.lang) if refused else None

    def can_undo(self) -> tuple[str, int] | None:
        """What undo would take back, and for how many seconds still."""
        from kefu_tui.desk import undoing

        with self.store.read() as connection:
            return undoing.can_undo(connection, self, UNDO_WITHIN_S)

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
                tickets=frozenset(lane[2:] for lane in lanes if lane.startswith("t:")),
            )
        )

    def verb(self, work: "Callable[[Connection], Told | Refusal]") -> "Future[Done | Refusal]":
        """Runs what a verb does in one transaction, tells everybody what it changed, and wakes the sync."""
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


def _all_or_nothing(connection: Connection, work: "Callable[[Connection], Told | Refusal]") -> "Told | Refusal":
    """A verb that is refused half-way leaves nothing behind."""
    connection.execute("SAVEPOINT verb")
    told = work(connection)
    if isinstance(told, Refusal):
        connection.execute("ROLLBACK TO verb")
    connection.execute("RELEASE verb")
    return told

"""What is known at a desk: every read that screens and the command line make."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import Now
from kefu_tui.operations.refusals import Refusal, reason
from kefu_tui.rules.calls import is_phone
from kefu_tui.store import facts, held, queries
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

if TYPE_CHECKING:
    from kefu_tui.desk.offers import Shelf


class Reads:
    """The reads of a desk, for the calling thread. What few need is loaded when they first ask."""

    def __init__(self, store: Store, now: Now, lang: str) -> None:
        self.store = store
        self.now = now
        self.lang = lang
        self.unwritten: tuple[str, int] | None = None
        """How sync stands, and since when (µs UTC), where that cannot be written."""
        self._shelf: Shelf | None = None
        self._shelf_doubtful = False
        with store.read() as connection:
            self.agent_id = facts.get(connection, "agent_id")

    # What is known

    def zone(self) -> str:
        """The IANA zone of the service hours."""
        with self.store.read() as connection:
            return queries.zone(connection)

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
            status = queries.status(connection, told)
        if self.unwritten is not None:
            status = status._replace(state=self.unwritten[0], since=self.unwritten[1])
        return status

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
            rows = queries.queue_rows(connection, ids, self.agent_id)
            if not any(is_phone(row.channel) for row in rows):
                return rows
            zone = queries.zone(connection)
        from kefu_tui.desk.calling import said_in_rows

        return said_in_rows(rows, self.lang, zone)

    def head(self, id: str) -> Head | None:
        """A conversation and its customer."""
        with self.store.read() as connection:
            return queries.head(connection, id, self.agent_id)

    def thread(self, id: str, limit: int = 200, before: int | None = None) -> list[ThreadItem]:
        """The newest lines of a conversation, oldest first."""
        with self.store.read() as connection:
            items = queries.thread(connection, id, self.agent_id, limit, before)
            if not any(item.who == "system" for item in items):
                return items
            zone = queries.zone(connection)
        from kefu_tui.desk.calling import said_in_thread

        return said_in_thread(items, self.lang, zone)

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
        from kefu_tui.rules import recognise

        return [(found.start, found.end, found.kind) for found in recognise.recognise(text)]

    def timers(self, limit: int = 50) -> list[TimerRow]:
        """Running clocks and reminders, next breach first; for a lead those of colleagues too."""
        with self.store.read() as connection:
            me = queries.me(connection, self.agent_id)
            return queries.timers(connection, self.agent_id, limit, leads=me is not None and me.role == "lead")

    def reply_rate(self, platform: str) -> tuple[tuple[str, str], float | None, int | None]:
        """My reply rate as a platform counts it: what it is called, the share, and how many more may be late."""
        from kefu_tui.desk.reply_rate import reply_rate

        found = reply_rate(self, platform)
        return (found.platform.zh, found.platform.en), found.rate.share, found.rate.may_be_late

    def lasting(self) -> tuple[list[tuple[str, int, str]], int]:
        """Emergencies that last (kind, since in µs UTC, why), and how many customers wait for a promised answer meanwhile."""
        with self.store.read() as connection:
            found = connection.execute(
                "SELECT kind, since, reason FROM mode WHERE until IS NULL ORDER BY since"
            ).fetchall()
            if not found:
                return [], 0
            (waits,) = connection.execute(
                "SELECT count(*) FROM clock WHERE kind = 'outage_promise' AND outcome = 'running'"
            ).fetchone()
            return found, waits

    def on_shift(self, now: int) -> bool:
        """Whether a moment (µs UTC) lies in the hours of the policy in force; where there is none, always."""
        from kefu_tui.operations import View, timing
        from kefu_tui.rules.clocks import on_shift

        with self.store.read() as connection:
            rules = timing.policy(View(Reader(connection)))
        return rules is None or on_shift(rules, now)

    def notices(self) -> list[NoticeRow]:
        """What waits for the agent to act, each with its sentence; a lead's also what is held of colleagues."""
        colon = ": " if self.lang == "en" else "："
        with self.store.read() as connection:
            own = [row._replace(text=reason(row.code, told, self.lang)) for row, told in queries.notices(connection)]
            return own + [
                row._replace(text=f"{author}{colon}{reason(row.code, told, self.lang)}")
                for row, told, author in held.held_by_colleagues(connection, self.agent_id)
            ]

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

    def ringing(self) -> str | None:
        """The conversation in which a call rings that I can pick up, the latest ring first."""
        with self.store.read() as connection:
            return queries.ringing(connection, self.agent_id, self.now())

    # Canned replies

    def canned(
        self, query: str, conversation_id: str | None, limit: int = 50, *, slips: bool = False
    ) -> list[CannedLine]:
        """Canned replies that a query means; with no query those that fit the conversation, then the shelf.

        With `slips`, which takes longer, also where a finger slipped.
        """
        with self.store.read() as connection:
            shelf = self._shelved(connection)
            conversation = Reader(connection).get(Conversation, conversation_id) if conversation_id else None
            if query.strip():
                fits = (connection, conversation) if conversation is not None else None
                return shelf.find(query, limit, slips=slips, fits=fits)
            if conversation is None:
                return shelf.find("", limit)
            return shelf.suggested(connection, conversation, limit, self.lang)

    def canned_count(self) -> int:
        """How many canned replies there are."""
        with self.store.read() as connection:
            return len(self._shelved(connection).rows)

    def fill(self, canned_id: str, conversation_id: str) -> Filled | Refusal:
        """A canned reply filled for a conversation."""
        from kefu_tui.desk.offers import fill, values
        from kefu_tui.rules.template import TemplateError

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
        from kefu_tui.desk.offers import fill, values
        from kefu_tui.rules.template import TemplateError

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

    def _shelved(self, connection: Connection) -> "Shelf":
        from kefu_tui.desk.offers import Shelf

        if self._shelf is None or (self._shelf_doubtful and self._shelf.stamp != Shelf.stamp_of(connection)):
            self._shelf = Shelf(connection, self.agent_id, self.now())
        self._shelf_doubtful = False
        return self._shelf

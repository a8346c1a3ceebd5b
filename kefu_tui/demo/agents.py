"""Scripted agents: each works at a desk of its own as a person would, and counts the keys it would have pressed."""

import random
import threading

from kefu_tui.demo.cast import Arrival, Cast
from kefu_tui.desk.answers import Changed, Done
from kefu_tui.desk.desk import Desk
from kefu_tui.store.shown import QueueRow, ThreadItem

LOOK_S = 0.5
"""A look at the queue this often, also where nothing is said to have changed."""
IN_SIGHT = 60
"""Rows of the queue that an agent looks through."""


class ScriptedAgent:
    """Takes what breaches next, answers from the dialogue or by the offered reply, and resolves what is through.

    `leave` waiting customers are left to others; `accepts` is the share of answers for which an offered reply is taken.
    """

    def __init__(
        self, desk: Desk, cast: Cast, speed: float, chance: random.Random, accepts: float = 0.3, leave: int = 0
    ) -> None:
        self.desk = desk
        self.keystrokes = 0
        self._cast = cast
        self._speed = speed
        self._chance = chance
        self._accepts = accepts
        self._leave = leave
        self._stop = threading.Event()
        self._news = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"agent-{desk.me().login}", daemon=True)
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after what is under way."""
        self._stop.set()
        self._news.set()
        self._thread.join()

    def _work(self) -> None:
        def changed(what: Changed) -> None:
            self._news.set()

        end = self.desk.subscribe(changed)
        try:
            while not self._stop.is_set():
                self._news.clear()
                if not self._act():
                    self._news.wait(LOOK_S)
        except BaseException as error:
            self.failure = error
            raise
        finally:
            end()

    def _act(self) -> bool:
        """The next thing that a person would do; False when there is nothing."""
        if self._heed_notices():
            return True
        rows = self.desk.queue_rows(self.desk.queue_ids("work", IN_SIGHT))
        for row in rows:
            arrival = self._cast.behind(row.id)
            if arrival is not None and row.section == "mine" and self._serve(row.id, arrival):
                return True
        return self._take([row for row in rows if row.section in ("offered", "waiting")])

    def _heed_notices(self) -> bool:
        """A reply that was held or refused is thrown away: whoever has the customer now answers."""
        for notice in self.desk.notices():
            if notice.level != "info":
                self.keystrokes += 1
                action = "discard" if notice.level == "held" else "dismiss"
                return isinstance(self.desk.settle(notice.id, action).result(), Done)
        return False

    def _take(self, rows: list[QueueRow]) -> bool:
        """Takes the first that is left to this agent; one that is offered to it always."""
        waiting = [row for row in rows if row.section == "waiting"]
        spared = {row.id for row in waiting[: self._leave]}
        for row in rows:
            if row.id not in spared and self._cast.behind(row.id) is not None:
                self.keystrokes += 1
                return isinstance(self.desk.take(row.id).result(), Done)
        return False

    def _serve(self, id: str, arrival: Arrival) -> bool:
        """Answers what is unanswered, or resolves; False while it is the customer's turn."""
        thread = self.desk.thread(id)
        line = _next_line(arrival, thread)
        if line is None:
            if not _is_through(arrival, thread):
                return False
            self.keystrokes += 1
            return isinstance(self.desk.resolve(id).result(), Done)
        after, text = line
        self._stop.wait(after / self._speed)  # reading, thinking, writing
        head = self.desk.head(id)
        if self._stop.is_set() or head is None or not head.mine:
            return True
        offered = self.desk.offer(id) if self._chance.random() < self._accepts else None
        if offered is not None:
            done = self.desk.reply(id, offered.text, offered.canned_id).result()
            self.keystrokes += 2
        else:
            done = self.desk.reply(id, text).result()
            self.keystrokes += len(text) + 1
        return isinstance(done, Done)


def _next_line(arrival: Arrival, thread: list[ThreadItem]) -> tuple[float, str] | None:
    """What the dialogue lets the agent say next, by how many lines of each party stand in the thread."""
    written, said = _counts(thread)
    customers = agents = 0
    for turn in arrival.dialogue.turns:
        if turn.party == "customer":
            customers += 1
            if customers > written:
                return None
        else:
            agents += 1
            if agents > said:
                return turn.after, turn.text
    return None


def _is_through(arrival: Arrival, thread: list[ThreadItem]) -> bool:
    """Whether everything in the dialogue has been said."""
    return _counts(thread)[0] >= len(arrival.texts)


def _counts(thread: list[ThreadItem]) -> tuple[int, int]:
    written = sum(item.who == "customer" for item in thread)
    said = sum(item.who in ("me", "agent") and item.mark not in ("held", "failed") for item in thread)
    return written, said

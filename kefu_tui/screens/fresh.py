"""Keeping the screen fresh: what changed is gathered, and read again a little at a time, so that no key waits for it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from textual.message import Message
from textual.timer import Timer

from kefu_tui.desk import Changed
from kefu_tui.screens import facts
from kefu_tui.screens.around import Around
from kefu_tui.screens.reading import PAGE, WHOLE, suggested, words
from kefu_tui.widgets.bubbles import Recognised
from kefu_tui.widgets.thread import Thread

if TYPE_CHECKING:
    from kefu_tui.desk.views import View
    from kefu_tui.store.listing import Listing

TOGETHER = 0.03
"""Seconds in which changes are gathered before they are read."""
APART = 0.1
"""Seconds between two readings of what changed."""
CALM = 0.3
"""Seconds after the last key in which rows keep their places while the agent moves."""
SORTED = 0.25
"""Seconds between two sortings of the queue while keys come."""
CLOCKS = 1.0
"""Seconds between two readings of the clocks while keys come."""
MOST = 2000
"""Conversations of a view that are listed, until the agent goes to its end."""
STAYS = 30.0
"""Seconds after the last key in which the cursor's row stays where it is on screen."""
IDLE = 0.5
"""Seconds without a key in which texts are indexed."""
RESTS = 0.06
"""Seconds that the cursor stays on a row before it is read ahead: longer than a held key's next press takes."""
BREATH = 0.001
"""Seconds between two parts of a reading, in which keys are served."""

NOTHING_YET = Changed(frozenset(), frozenset(), False, False, False)


def both(one: Changed, other: Changed) -> Changed:
    """Two changes as one; None stands for anything."""
    conversations = None
    if one.conversations is not None and other.conversations is not None:
        conversations = one.conversations | other.conversations
    customers = None
    if one.customers is not None and other.customers is not None:
        customers = one.customers | other.customers
    tickets = None
    if one.tickets is not None and other.tickets is not None:
        tickets = one.tickets | other.tickets
    return Changed(
        conversations,
        customers,
        one.canned or other.canned,
        one.notices or other.notices,
        one.status or other.status,
        tickets,
    )


class Fresh(Around):
    """Hears of changes and decides when what is shown is read again."""

    class Heard(Message):
        """The desk says that something changed."""

    recognised: "Recognised"
    """What is underlined in messages: numbers, and in a conversation that a search opened the words that were looked for."""
    most = MOST
    """Conversations of the view that are listed; 0: all."""
    depth = PAGE
    """Messages of the open conversation that are read."""
    _heard: "deque[Changed]"
    """What was heard and not yet gathered; filled from any thread."""
    _told = False
    """Whether a message about it is on its way."""
    _changed: Changed | None = None
    """What was gathered and is to be read again."""
    _read_at = 0.0
    _sorted_at = 0.0
    _sorts = False
    """Whether a sorting is to come."""
    _parts: deque[Callable[[], None]]
    """Parts of a reading that are still to be done."""
    _clocks_at = 0.0
    _stale_clocks = False
    """Whether the clocks of the timers pane are to be read again."""
    _stuck = 0
    """How much was held or refused when that was looked at last."""
    _indexing = False
    """Whether texts are being indexed."""
    _rests: Timer | None = None
    """Runs while the cursor may go on to another row."""
    _stale_replies = False
    """Whether canned replies changed, to be read again when nobody waits."""

    # Hearing

    def hear(self, changed: Changed) -> None:
        """Something changed; called from any thread."""
        self._heard.append(changed)
        if not self._told:
            self._told = True
            self.post_message(self.Heard())

    def on_fresh_heard(self, event: Heard) -> None:
        """Gather what changed; it is read together."""
        event.stop()
        self._told = False
        waits = self._changed is not None
        while self._heard:
            self._changed = both(self._changed or NOTHING_YET, self._heard.popleft())
        if not waits and self._changed is not None:
            wait = max(TOGETHER, self._read_at + APART - time.monotonic())
            self.set_timer(wait, self._refresh)

    def _refresh(self) -> None:
        """Read again what changed, one part after the other: keys that come in between are served first."""
        changed, self._changed = self._changed or NOTHING_YET, None
        self._read_at = time.monotonic()
        everything = changed.conversations is None
        self.ahead.forget(
            None if everything or changed.customers is None or changed.customers else changed.conversations
        )
        self.queue.renew(changed.conversations)
        self._heed_notices()
        self._stale_replies = self._stale_replies or changed.canned
        parts: list[Callable[[], None]] = [self._greet]
        if everything or changed.notices or self.open_id in (changed.conversations or ()):
            parts.append(self.reread)
        elif changed.customers is None or changed.customers:
            parts.append(self._reread_orders)
        going = bool(self._parts)
        self._stale_clocks = True
        self._parts.extend((*parts, self._sort_soon, self._read_clocks_soon, self.bars))
        if not going:
            self._go_on()

    def _go_on(self) -> None:
        """Do one part of a reading, and the next when keys had their turn."""
        self._parts.popleft()()
        if self._parts:
            self.set_timer(BREATH, self._go_on)

    def _heed_notices(self) -> None:
        """Something was held or refused since: ring, and let the notice row say it in the place of older words."""
        status = self.desk.status()
        stuck = status.held + status.rejected
        if stuck > self._stuck:
            self.said = None
            self.ring(mine=True)
        self._stuck = stuck

    def _greet(self) -> None:
        """Somebody came while nothing was open: ring, and open it. Nobody: say what else is to be done."""
        if self.open_id is not None:
            return
        if (came := self.desk.next_for_me()) is not None:
            self.ring(mine=self.desk.queue_rows([came])[0].section == "mine")
            self.open(came)
        else:
            self.rest()

    def ring(self, *, mine: bool) -> None:
        """Ring, where the agent wants to hear of it."""
        if self.app.settings.bell == "all" or (mine and self.app.settings.bell == "mine"):
            self.app.bell()

    def _sort_soon(self) -> None:
        """Sort now where nobody minds: the order waits while the agent moves, and for a while while keys come."""
        if self._sorts:
            return
        now = time.monotonic()
        quiet = now - self.app.pressed_at
        wait = 0.0
        if quiet < CALM:
            wait = CALM - quiet if self.situation == "moving" else self._sorted_at + SORTED - now
        if wait <= 0:
            self._order()
        else:
            self._sorts = True
            self.set_timer(wait, self._sort_again)

    def _sort_again(self) -> None:
        self._sorts = False
        self._sort_soon()
        self.bars()

    def _read_clocks_soon(self) -> None:
        """Read the clocks now, or while keys come once in a while."""
        now = time.monotonic()
        if now - self.app.pressed_at >= CALM or now - self._clocks_at >= CLOCKS:
            self.read_clocks()

    # Reading

    def sort(self) -> None:
        """Read the queue and the clocks anew, and what stands around them."""
        self._order()
        self.read_clocks()
        self.bars()

    def read_clocks(self) -> None:
        """Read the clocks of the timers pane anew."""
        self._clocks_at, self._stale_clocks = time.monotonic(), False
        self.timers.show(self.desk.timers(), self.desk.now())

    def clocks_tick(self) -> None:
        """Another second: read the clocks where nothing else did since they changed."""
        if self._stale_clocks:
            self._read_clocks_soon()

    def _order(self) -> None:
        """Read the order of the queue: at once where it is small, beside where it may take longer than a frame."""
        self._sorted_at = time.monotonic()
        if self.shown.quick:
            self.list(self.desk.views.listing(self.shown, self.most))
        else:
            self.run_worker(self._order_beside(self.shown), exclusive=True, group="order", exit_on_error=False)

    async def _order_beside(self, shown: "View") -> None:
        found = await asyncio.to_thread(self.desk.views.listing, shown, self.most)
        if shown == self.shown:
            self.list(found)

    def list(self, found: "Listing") -> None:
        """Show a listing; what stands around it is read from it."""
        desk = self.desk
        sections = facts.sections_of(self.shown, found.parts)
        self.marks &= set(found.ids)
        self.queue.marked = frozenset(self.marks)
        quiet = time.monotonic() - self.app.pressed_at
        total = facts.queue_facts(desk, self.shown, found.total, len(self.marks))
        self.queue.show(total, found.ids, sections, desk.now(), stay=self.pane == "queue" and quiet < STAYS)
        start = 0
        for section in sections:
            if section.name == "mine" and not self.shown.group_by:
                self.clocks = [row.due for row in desk.queue_rows(found.ids[start : start + section.rows])]
            start += section.rows
        self.waiting = facts.waiting_of(desk, found.ids, () if self.shown.group_by else sections)

    def list_all(self) -> None:
        """List the whole of the view, however long, and go to its end."""
        self.most = 0
        self.run_worker(self._to_the_end(self.shown), exclusive=True, group="order", exit_on_error=False)

    async def _to_the_end(self, shown: "View") -> None:
        found = await asyncio.to_thread(self.desk.views.listing, shown, 0)
        if shown == self.shown:
            self.list(found)
            self.queue.go(found.ids[-1] if found.ids else None)

    def see(self, shown: "View") -> None:
        """Show a view of the queue."""
        self.shown, self.most = shown, MOST
        self.marks.clear()
        self.queue.forget()
        self.sort()

    @property
    def view(self) -> str:
        """The view of the trade that is shown: work, mine, waiting, group or all."""
        return self.shown.base

    def reread(self) -> None:
        """Read the open conversation again; the replies that suit it only where the customer said more."""
        if self.open_id is None:
            return
        before = self.opened
        if self.conversation.thread.at_end:
            self.depth = PAGE
        fresh = words(self.desk, self.open_id, self.depth)
        if fresh.head is None:
            self.open(None)
            return
        if self.mending is not None and self.mending.id not in {notice.id for notice in fresh.notices}:
            self.mended(None)  # it was decided elsewhere; what was written stays as a draft
        fresh = fresh._replace(replies=before.replies, offer=before.offer)
        if fresh == before:
            return
        other = fresh.premise != before.premise
        self.opened = suggested(self.desk, fresh) if other else fresh
        self.show_opened()
        if other:
            self.skipped = 0
            self.offer(self.opened.offer)

    def retell(self) -> None:
        """The language is another: everything is said anew."""
        self.opened = suggested(self.desk, words(self.desk, self.open_id, self.depth))
        self.show_opened()
        self.offer(self.opened.offer)
        self.sort()

    def _reread_orders(self) -> None:
        if self.opened.head is not None:
            orders = self.desk.orders(self.opened.head.customer_id)
            if orders != self.opened.orders:
                self.opened = self.opened._replace(orders=orders)
                self.show_opened()

    def show_opened(self, draft: str = "") -> None:
        """Hand what was read to the panes."""
        raise NotImplementedError

    def rest(self) -> None:
        """Nothing is open: say what is to be done next."""
        raise NotImplementedError

    def at_rest(self) -> None:
        """Nobody waits: read what can wait, index some texts, and read one more of those who come next."""
        self._index_more(None)
        if self._stale_replies:
            self._stale_replies = False
            self.search(self.canned.words if self.canned.searching else "")
        self._read_ahead()

    def look_ahead(self) -> None:
        """The cursor moved to another row of the queue: where it rests for a moment, it is likely to be opened."""
        if self._rests is not None:
            self._rests.stop()
        self._rests = self.set_timer(RESTS, self._read_ahead)

    def _read_ahead(self) -> None:
        """Read the cursor's row, else one of those who come next, and draw its thread."""
        likely = dict.fromkeys((self.queue.cursor, *self.queue.ids[: facts.NEAR]))
        opened = self.ahead.fill([row for row in likely if row is not None and row != self.open_id])
        if opened is not None and opened.head is not None:
            thread, now = self.conversation.thread, self.desk.now()
            self.set_timer(BREATH, lambda: thread.prepare(opened.items, opened.notices, self.desk.recognised, now=now))

    def _index_more(self, done: "Future[int] | None") -> None:
        """Index texts a few at a time for as long as no key comes. Called from the writer's thread, too."""
        if done is None:
            if self._indexing:
                return
            self._indexing = True
        elif done.cancelled() or done.exception() or not done.result() or time.monotonic() - self.app.pressed_at < IDLE:
            self._indexing = False
            return
        self.desk.finding.index().add_done_callback(self._index_more)

    # What was looked for

    def jump(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        """Open a conversation where a message stands, however old, with the words marked until another is opened."""
        self.open(conversation_id)
        known, finding = self.desk.recognised, self.desk.finding
        self.recognised = lambda text: known(text) + finding.spans(text, words)
        self.go("conversation")
        self.show_opened(self.composer.text)
        if not self.conversation.thread.go_to(message_id):
            self.deepen()
            self.conversation.thread.go_to(message_id)

    # Older messages

    def on_thread_earlier(self, event: Thread.Earlier) -> None:
        """The first line of those read is in sight: read as many again."""
        event.stop()
        self.deepen(self.depth + PAGE)

    def deepen(self, depth: int = WHOLE) -> None:
        """Read older messages of the open conversation, where there may be any; what is in sight stays where it is."""
        if self.open_id is not None and len(self.opened.items) >= self.depth and depth > self.depth:
            self.depth = depth
            self.opened = self.opened._replace(items=self.desk.thread(self.open_id, depth))
            self.show_opened()

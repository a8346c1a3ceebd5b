"""The workstation: five panes over one desk, laid out for the terminal's size and kept fresh."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer

from kefu_tui.desk import Refusal, StoreError
from kefu_tui.now import SECOND
from kefu_tui.screens import facts
from kefu_tui.screens.around import Around
from kefu_tui.screens.arrangement import Arrangement, arrange
from kefu_tui.screens.outcome import unsaved
from kefu_tui.screens.reading import NOTHING, Ahead, read
from kefu_tui.widgets.canned import CannedPane
from kefu_tui.widgets.caps import cap_of
from kefu_tui.widgets.composer import Composer
from kefu_tui.widgets.conversation import ConversationPane
from kefu_tui.widgets.keys_bar import KeysBar
from kefu_tui.widgets.notice_bar import NoticeBar
from kefu_tui.widgets.orders import OrdersPane
from kefu_tui.widgets.queue import QueuePane
from kefu_tui.widgets.row_list import RowChosen
from kefu_tui.widgets.status_bar import StatusBar
from kefu_tui.widgets.switcher import Ground, Small, Switcher
from kefu_tui.widgets.timers import TimersPane

if TYPE_CHECKING:
    from kefu_tui.desk import Changed, Desk

DRAFT_PAUSE = 0.4
"""Seconds without a key after which a draft is kept."""
CALM = 0.3
"""Seconds after the last key in which rows keep their places."""
TOGETHER = 0.03
"""Seconds in which changes are gathered into one repaint."""


class WorkScreen(Around, inherit_bindings=False):
    """Wires panes to the desk: what is shown, when it is read again, and which pane has the keys."""

    CSS_PATH = "work.tcss"

    class Heard(Message):
        """The desk says that something changed."""

        def __init__(self, changed: "Changed") -> None:
            super().__init__()
            self.changed = changed

    class Unkept(Message):
        """A draft could not be saved."""

        def __init__(self, error: StoreError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self.desk = desk
        self.opened = NOTHING
        self.view = "work"
        self.pane = "queue"
        self.single = False
        self.status_bar, self.notice_bar, self.keys_bar = StatusBar(), NoticeBar(), KeysBar()
        self.switcher, self.small = Switcher(id="switcher"), Small(id="small")
        self.queue, self.timers = QueuePane(desk.queue_rows, id="queue"), TimersPane(id="timers")
        self.conversation = ConversationPane(id="conversation")
        self.orders, self.canned = OrdersPane(id="orders"), CannedPane(id="replies")
        self._arrangement = Arrangement(3, 0, 0, True, 0, 0)
        self._ahead = Ahead(desk)
        self._kept: tuple[str | None, str] = (None, "")
        self._draft_timer: Timer | None = None
        self._heard: list[Changed] = []
        self._sorts = False
        self.clocks = []
        self._unsubscribe: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """Status, panes, notice, keys."""
        yield self.status_bar
        yield Ground(id="air")
        yield self.switcher
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield self.queue
                yield Ground("-", id="left-gap")
                yield self.timers
            yield Ground("|", id="first-gap")
            yield self.conversation
            yield Ground("|", id="second-gap")
            with Vertical(id="right"):
                yield self.orders
                yield Ground("-", id="right-gap")
                yield self.canned
        yield self.small
        yield self.notice_bar
        yield self.keys_bar

    def on_mount(self) -> None:
        """The first frame is the desk as it is; what comes next is heard."""
        self._unsubscribe = self.desk.subscribe(self._hear)
        self._place()
        self.open(self.desk.next_for_me())
        self.queue.go(self.queue.ids[0] if self.queue.ids else None)
        self._tick()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _hear(self, changed: "Changed") -> None:
        """Called from any thread."""
        self.post_message(self.Heard(changed))

    # Reading

    def open(self, conversation_id: str | None) -> None:
        """Show a conversation, or none, with its draft; what was written in the one before is kept there."""
        other = conversation_id != self.open_id
        if other:
            self.keep_draft()
            self.mending = self.taken = None
        if self.canned.searching:
            self.canned.end_search()
        self.opened = self._ahead.take(conversation_id)
        draft = self.desk.draft(self.open_id) if other and self.open_id is not None else None
        if other:
            self._kept = (self.open_id, draft.text if draft is not None else "")
        if draft is not None and draft.canned_id is not None:
            filled = self.desk.fill(draft.canned_id, draft.conversation_id)
            self.taken = None if isinstance(filled, Refusal) else filled
        self.skipped = 0
        self._show(draft.text if draft is not None else "")
        self.offer(self.opened.offer)
        self.sort()
        if self.open_id is not None:
            self.queue.go(self.open_id)

    def _show(self, draft: str = "") -> None:
        """Hand what was read to the panes."""
        opened, now = self.opened, self.desk.now()
        self.conversation.show(opened.head, opened.items, self.desk.recognised, opened.notices, now=now, draft=draft)
        self.orders.show(opened.orders, now, someone=opened.head is not None)
        self.conversation.brief(opened.orders[0] if opened.orders and self._arrangement.columns < 3 else None)
        self.queue.open_row(self.open_id)
        if opened.head is None:
            self._rest()
        if not self.canned.searching:
            self.canned.show(opened.replies, "", self.desk.canned_count())

    def _rest(self) -> None:
        """Nothing is open: say whether anybody waits, and what comes next."""
        if self.desk.queue_count("work"):
            words = self.say("打开一位，来往的话和订单就在这里。", "Open one to see its messages and orders.")
            keys = [cap_of(self, "next"), cap_of(self, "open")]
            self.conversation.idle.show(self.say("没有打开的会话。", "No conversation is open."), words, keys)
            return
        words = self.say(
            "有人来时响一声，这里自己打开，不必盯着。", "When someone comes it rings and opens here by itself."
        )
        keys = [cap_of(self, "search"), cap_of(self, "palette")]
        self.conversation.idle.show(self.say("没有人在等。", "No one is waiting."), words, keys)

    def search(self, query: str) -> None:
        """Show the replies that a query means; '' those that fit the conversation."""
        lines = self.desk.canned(query, self.open_id)
        if not query:
            self.opened = self.opened._replace(replies=lines)
        self.canned.show(lines, query, self.desk.canned_count())

    def see(self, view: str) -> None:
        """Show a view of the queue."""
        self.view = view
        self.queue.forget()
        self.sort()

    def sort(self) -> None:
        """Read the queue, the clocks and the bars anew."""
        self._sorts = False
        desk, now = self.desk, self.desk.now()
        ids = desk.queue_ids(self.view)
        sections = facts.sections_of(self.view, ids, self._section)
        self.queue.show(facts.queue_facts(desk, self.view, desk.status()), ids, sections, now)
        mine = next((section.rows for section in sections if section.name == "mine"), 0)
        self.clocks = [row.due for row in desk.queue_rows(ids[:mine])] if self.view != "waiting" else self.clocks
        self.timers.show(desk.timers(), now)
        self.bars()

    def _section(self, row_id: str) -> str:
        row = self.queue.kept(row_id) or next(iter(self.desk.queue_rows([row_id])), None)
        return row.section if row is not None else "others"

    # Changes

    def on_work_screen_heard(self, event: Heard) -> None:
        """Gather what changed; read it together."""
        event.stop()
        self._heard.append(event.changed)
        if len(self._heard) == 1:
            self.set_timer(TOGETHER, self._refresh)

    def _refresh(self) -> None:
        """Read again what changed. Rows are repainted at once; their order waits while the agent moves."""
        heard, self._heard = self._heard, []
        self._ahead.forget()
        everything = any(changed.conversations is None for changed in heard)
        touched = frozenset().union(*(changed.conversations or () for changed in heard))
        self.queue.forget(None if everything else touched)
        if self.open_id is None and (came := self.desk.next_for_me()) is not None:
            self.app.bell()
            self.open(came)
        quiet = time.monotonic() - self.app.pressed_at
        if quiet >= CALM:
            self.sort()
        elif not self._sorts:
            self._sorts = True
            self.set_timer(CALM - quiet, self.sort)
        if self.open_id is not None and (everything or self.open_id in touched or any(one.notices for one in heard)):
            self.reread()
        elif any(one.customers is None or one.customers for one in heard) and self.opened.head is not None:
            self.opened = self.opened._replace(orders=self.desk.orders(self.opened.head.customer_id))
            self._show()
        if any(one.canned for one in heard):
            self.search(self.canned.words if self.canned.searching else "")
        self.bars()

    def reread(self) -> None:
        before = self.opened
        self.opened = read(self.desk, self.open_id)
        self._show()
        asked = [item.id for item in self.opened.items if item.who == "customer"]
        if asked != [item.id for item in before.items if item.who == "customer"] or self.opened.head != before.head:
            self.skipped = 0
            self.offer(self.opened.offer)

    def _tick(self) -> None:
        """Once a second: only what reads otherwise is painted."""
        now = self.desk.now()
        self.queue.tick(now)
        self.timers.tick(now)
        self.conversation.tick(now)
        self.bars()
        self.set_timer((SECOND - now % SECOND) / SECOND + 0.002, self._tick)

    def read_ahead(self) -> None:
        """Nobody waits: read one more of those who come next."""
        own = [row for row in self.queue.ids[: facts.NEAR] if row != self.open_id]
        self._ahead.fill(own)

    # Drafts

    def on_composer_changed(self, event: Composer.Changed) -> None:
        """Another text: keep it when the typing pauses."""
        event.stop()
        if not event.text:
            self.taken = None
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_PAUSE, self.keep_draft)

    def keep_draft(self) -> None:
        """Keep what is written, now, with the conversation it was written in."""
        if self._draft_timer is not None:
            self._draft_timer.stop()
            self._draft_timer = None
        fresh = (self.open_id, self.composer.text)
        if self.open_id is not None and fresh != self._kept:
            self._kept = fresh
            canned = self.taken.canned_id if self.taken is not None else None
            self.desk.keep_draft(self.open_id, fresh[1], canned).add_done_callback(self._draft_kept)

    def _draft_kept(self, answer: "Future[None]") -> None:
        """Called from the writer's thread."""
        error = answer.exception()
        if isinstance(error, StoreError):
            self.post_message(self.Unkept(error))

    def on_work_screen_unkept(self, event: Unkept) -> None:
        """A draft was not saved: say so, and try again with the next pause."""
        event.stop()
        self._kept = (None, "")
        self.told(unsaved(event.error, self.lang), refused=True)

    def drop_draft(self) -> None:
        """It was sent, and the desk dropped it."""
        if self._draft_timer is not None:
            self._draft_timer.stop()
            self._draft_timer = None
        self._kept = (self.open_id, "")

    # Places

    def on_resize(self, event: events.Resize) -> None:
        """Another size."""
        self._place()
        self.bars()

    def go(self, pane: str) -> None:
        """Give a pane the keys; where panes share a place, it is the one on screen."""
        self.pane = pane
        self._place()
        self.bars()

    def _place(self) -> None:
        """Set what is on screen, and how wide, for the size and the pane that has the keys."""
        size, pane = self.app.size, self.pane
        fit = arrange(size.width, size.height)
        self._arrangement, self.single = fit, fit.columns == 1
        aside = pane in ("replies", "orders")
        shown = {
            "small": fit.columns == 0,
            "body": fit.columns > 0,
            "air": fit.ground,
            "switcher": self.single,
            "left": fit.columns > 1 or pane in ("queue", "timers"),
            "queue": not (self.single and pane == "timers"),
            "left-gap": fit.timers > 0,
            "timers": fit.timers > 0 or (self.single and pane == "timers"),
            "first-gap": fit.columns > 1,
            "conversation": fit.columns == 3 or pane == "conversation" or (fit.columns == 2 and not aside),
            "second-gap": fit.columns == 3,
            "right": fit.columns == 3 or aside,
            "orders": fit.columns == 3 or pane == "orders",
            "right-gap": fit.columns == 3,
            "replies": fit.columns == 3 or pane == "replies",
        }
        with self.app.batch_update():
            for name, display in shown.items():
                self.query_one(f"#{name}").display = display
            self.query_one("#left").styles.width = fit.left or "1fr"
            self.query_one("#right").styles.width = fit.right or "1fr"
            self.timers.styles.height = fit.timers or "1fr"
            self.orders.styles.height = fit.orders or "1fr"
        moving = self.situation == "moving"
        for name, one in (
            ("queue", self.queue),
            ("conversation", self.conversation),
            ("replies", self.canned),
            ("orders", self.orders),
            ("timers", self.timers),
        ):
            one.active = moving and name == pane and not (self.single and name == "conversation")
            if not isinstance(one, ConversationPane):
                one.titled(not self.single)
            if not isinstance(one, TimersPane):
                one.moving = moving
        if self.opened.head is not None:
            self.conversation.brief(self.opened.orders[0] if self.opened.orders and fit.columns < 3 else None)

    def on_row_chosen(self, event: RowChosen) -> None:
        """A row was clicked on."""
        event.stop()
        chosen = self.timers.conversation() if event.pane is self.timers else event.row
        if chosen is not None:
            self.open(chosen)
            self.go("conversation" if self.single else "timers" if event.pane is self.timers else "queue")

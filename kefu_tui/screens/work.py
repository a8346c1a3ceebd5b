"""The workstation: five panes over one desk, laid out for the terminal's size and kept fresh."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kefu_tui.desk.views import View
from kefu_tui.now import SECOND
from kefu_tui.screens.arrangement import Arrangement, arrange
from kefu_tui.screens.fresh import Fresh
from kefu_tui.screens.idle import next_things
from kefu_tui.screens.reading import NOTHING, PAGE, Ahead
from kefu_tui.widgets.canned import CannedPane
from kefu_tui.widgets.caps import cap_of
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
    from kefu_tui.desk import Desk


MONTHLY = ("taobao",)
"""Reply rates of many days: to read them takes longer than a frame."""
MONTHLY_S = 10
"""Seconds between two readings of these."""
SLIPPED = 0.15
"""Seconds without a key after which words that find nothing are looked for as if a finger had slipped."""


class WorkScreen(Fresh, inherit_bindings=False):
    """Wires panes to the desk: what is shown, and which pane has the keys."""

    CSS_PATH = "work.tcss"

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self.desk = desk
        self.opened = NOTHING
        self.shown, self.marks = View(), set()
        self.pane = "queue"
        self.single = False
        self.status_bar, self.notice_bar = StatusBar(id="status"), NoticeBar(id="notice")
        self.keys_bar = KeysBar(id="keys")
        self.switcher, self.small = Switcher(id="switcher"), Small(id="small")
        self.queue, self.timers = QueuePane(desk.queue_rows, id="queue"), TimersPane(id="timers")
        self.conversation = ConversationPane(id="conversation")
        self.orders, self.canned = OrdersPane(id="orders"), CannedPane(id="replies")
        self._arrangement = Arrangement(3, 0, 0, True, 0, 0)
        self.ahead = Ahead(desk)
        self.recognised = desk.recognised
        self._heard, self._parts = deque(), deque()
        self.clocks, self.coming = [], []
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
        """The first frame is the queue as it is; what comes next is heard."""
        self._unsubscribe = self.desk.subscribe(self.hear)
        self._place()
        status = self.desk.status()
        self._stuck = status.held + status.rejected
        self.sort()
        self.queue.be_tall(2 if self.app.settings.density == "two" else 1)
        self.queue.go(self.queue.ids[0] if self.queue.ids else None)
        self._tick()
        self.call_after_refresh(self._open_first)

    def _open_first(self) -> None:
        """Who is next is read once the queue is on screen; unless a key has opened somebody already."""
        if self.open_id is None:
            self.open(self.desk.next_for_me())

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    # Reading

    def open(self, conversation_id: str | None) -> None:
        """Show a conversation, or none, with its draft; what was written in the one before is kept there."""
        other = conversation_id != self.open_id
        if other:
            self.keep_draft()
            self.mended(None)
            self.recognised = self.desk.recognised
        if self.canned.searching:
            self.canned.end_search()
        self.opened, self.depth = self.ahead.take(conversation_id), PAGE
        draft = self.find_draft(self.open_id) if other else None
        self.skipped = 0
        self._show_words(draft.text if draft is not None else "")
        self.offer(self.opened.offer)
        self.call_after_refresh(self._show_aside)
        if self.open_id is not None and not self.queue.holds(self.open_id):
            self.sort()
        self.bars()
        if self.open_id is not None:
            self.queue.go(self.open_id)

    def show_opened(self, draft: str = "") -> None:
        """Hand what was read to the panes."""
        self._show_words(draft)
        self._show_aside()

    def _show_words(self, draft: str) -> None:
        """What the key asked for: the conversation itself."""
        opened, now = self.opened, self.desk.now()
        self.conversation.show(
            opened.head,
            opened.items,
            self.recognised,
            opened.notices,
            now=now,
            draft=draft,
            taken=self.taken,
        )
        self.conversation.brief(opened.orders[0] if opened.orders and self._arrangement.columns < 3 else None)
        self.queue.open_row(self.open_id)
        if opened.head is None:
            self.rest()

    def _show_aside(self) -> None:
        """What stands beside the words; where another conversation is opened, in the frame after them."""
        opened = self.opened
        self.orders.show(opened.orders, self.desk.now(), someone=opened.head is not None)
        if not self.canned.searching:
            self.canned.show(opened.replies, "", self.desk.canned_count())

    def rest(self) -> None:
        """Nothing is open: say whether anybody waits, and what comes next."""
        if self.desk.queue_count("work"):
            words = self.say("打开一位，来往的话和订单就在这里。", "Open one to see its messages and orders.")
            keys = [cap_of(self, "next"), cap_of(self, "open")]
            self.coming = []
            self.conversation.idle.show(self.say("没有打开的会话。", "No conversation is open."), words, keys)
            return
        words = self.shorter_way() or self.say(
            "有人来时响一声，这里自己打开，不必盯着。", "When someone comes it rings and opens here by itself."
        )
        opens, sees = cap_of(self, "open"), cap_of(self, "notices", "去看", "see")
        self.coming = next_things(self.desk, self.lang, opens, sees)
        keys = [cap_of(self, "search"), cap_of(self, "palette")]
        sentence = self.say("没有人在等。", "No one is waiting.")
        things = [one.thing for one in self.coming]
        self.conversation.idle.show(sentence, words, keys, things, self.desk.now())

    def search(self, query: str) -> None:
        """Show the replies that a query means; '' those that fit the conversation."""
        lines = self.desk.canned(query, self.open_id)
        if not query:
            self.opened = self.opened._replace(replies=lines)
        self.canned.show(lines, query, self.desk.canned_count())
        if query and not lines:
            self.set_timer(SLIPPED, lambda: self._search_slips(query))

    def _search_slips(self, query: str) -> None:
        """Nothing was found and no further key came: perhaps a finger slipped."""
        if self.canned.searching and self.canned.words == query:
            lines = self.desk.canned(query, self.open_id, slips=True)
            if lines:
                self.canned.show(lines, query, self.desk.canned_count())

    def _tick(self) -> None:
        """Once a second: only what reads otherwise is painted."""
        now = self.desk.now()
        self.queue.tick(now)
        self.timers.tick(now)
        self.conversation.tick(now)
        self.clocks_tick()
        self.warn(now)
        self.call_after_refresh(self._show_rate)
        self.bars()
        self.set_timer((SECOND - now % SECOND) / SECOND + 0.002, self._tick)

    def _show_rate(self) -> None:
        """Read my reply rate anew, after the frame: of one day at once, of many days beside, and not every second."""
        platform = self.app.settings.platform
        if self._arrangement.columns < 3:
            return
        if platform not in MONTHLY:
            self.status_bar.rate(self.desk.reply_rate(platform))
        elif self.desk.now() // SECOND % MONTHLY_S == 0:
            self.run_worker(self._rate_beside(platform), exclusive=True, group="rate", exit_on_error=False)

    async def _rate_beside(self, platform: str) -> None:
        self.status_bar.rate(await asyncio.to_thread(self.desk.reply_rate, platform))

    # Places

    async def run_command(self, name: str) -> None:
        """Do what a command does, but nothing on panes that a small terminal does not show."""
        if self._arrangement.columns or name == "quit":
            await super().run_command(name)

    def on_resize(self, event: events.Resize) -> None:
        """Another size; what was written in is written in again where it is back on screen."""
        self._place()
        self.bars()
        self.call_after_refresh(self._refocus)

    def _refocus(self) -> None:
        for one, takes_keys in ((self.composer, self.composer.writing), (self.canned, self.canned.searching)):
            if takes_keys and self._arrangement.columns and self.focused is not one:
                self.set_focus(one, scroll_visible=False)

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
            "status": fit.columns > 0,
            "body": fit.columns > 0,
            "notice": fit.columns > 0,
            "keys": fit.columns > 0,
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
        self.conversation.thread.reads(moving and pane == "conversation")
        if self.opened.head is not None:
            self.conversation.brief(self.opened.orders[0] if self.opened.orders and fit.columns < 3 else None)

    def on_row_chosen(self, event: RowChosen) -> None:
        """A row was clicked on."""
        event.stop()
        chosen = self.timers.conversation() if event.pane is self.timers else event.row
        if chosen is not None:
            self.open(chosen)
            self.go("conversation" if self.single else "timers" if event.pane is self.timers else "queue")

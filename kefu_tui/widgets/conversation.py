"""The conversation pane: who it is, the thread, and below it the composer or why nothing can be written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from kefu_tui.widgets.bubbles import Recognised
from kefu_tui.widgets.composer import Composer
from kefu_tui.widgets.headline import Headline
from kefu_tui.widgets.idle import Idle
from kefu_tui.widgets.resting import Foot, why_not
from kefu_tui.widgets.thread import Thread

if TYPE_CHECKING:
    from kefu_tui.store.shown import Filled, Head, NoticeRow, OrderCard, ThreadItem

LOW = ((30, 8), (24, 7), (18, 6), (0, 5))
"""Rows of the pane from which the composer has so many at least."""


class ConversationPane(Vertical):
    """One conversation. Only the composer takes keys by itself; moving is the screen's."""

    DEFAULT_CSS = """
    ConversationPane { height: 1fr; }
    ConversationPane .gone { display: none; }
    """

    active = reactive(False)
    """Whether keys move this pane: the customer's name is a filled chip then."""
    moving = reactive(True)
    """Whether single keys act; only then they are shown."""
    offline = reactive(False)
    """Nothing leaves now; the composer says what becomes of a reply."""
    stale = reactive("")
    """Since when what is shown may be old, as a clock of day; '' when it is fresh."""
    waiting = reactive("")
    """What of the thread is still being fetched, one sentence; '' when all is there."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.headline = Headline()
        self.thread = Thread()
        self.composer = Composer()
        self.foot = Foot(classes="gone")
        self.idle = Idle()
        self.answerable = False
        """Whether a reply can be written: the composer is there."""
        self._head: Head | None = None
        self._mending = False
        self._now = 0

    def compose(self) -> ComposeResult:
        """Head, thread, and what is below."""
        yield self.headline
        yield self.thread
        yield self.idle
        yield self.composer
        yield self.foot

    def on_mount(self) -> None:
        """Nothing is open yet."""
        self._arrange()

    @property
    def held(self) -> "NoticeRow | None":
        """The words that did not leave whose keys are shown."""
        return self.thread.held

    def show(
        self,
        head: "Head | None",
        items: Sequence["ThreadItem"],
        recognised: Recognised,
        notices: Sequence["NoticeRow"],
        *,
        now: int | None = None,
        draft: str = "",
        taken: "Filled | None" = None,
    ) -> None:
        """Shows a conversation, or None. Another one than before starts at its end, with its draft in the composer.

        `notices` may hold those of other conversations; `now` in µs UTC, the last tick's when not given; `taken` is the
        canned reply that the draft came from.
        """
        other = (head.id if head else None) != (self._head.id if self._head else None)
        self._head = head
        self._now = now or self._now or (items[-1].at if items else 0)
        self.headline.show(head, self._now)
        own = [notice for notice in notices if head and notice.conversation_id == head.id]
        self.thread.show(items if head else [], own, recognised, now=self._now, anew=other)
        if other:
            if self.composer.writing:
                self.composer.leave()
            self.composer.offer(None, 0)
            self.composer.start(draft, taken)
        self._arrange()

    def mend(self, mending: bool) -> None:
        """Whether held words are being mended: they can be, whoever has the conversation now."""
        if mending != self._mending:
            self._mending = self.composer.mending = mending
            self._arrange()

    def offer(self, filled: "Filled | None", number: int) -> None:
        """Offers a reply as ghost text; `number` is its place in the replies pane."""
        self.composer.offer(filled, number)

    def brief(self, order: "OrderCard | None") -> None:
        """Says an order under the head, where its pane is folded; None shows visits and tags."""
        self.headline.brief(order)

    def tick(self, now: int) -> None:
        """The clock went on; `now` in µs UTC."""
        self._now = now
        self.headline.tick(now)
        self.idle.tick(now)

    def _arrange(self) -> None:
        """Composer or foot, thread or nothing."""
        head = self._head
        rest = why_not(self, head, draft=bool(self.composer.text)) if head and not self._mending else None
        self.answerable = head is not None and rest is None
        if (rest or not head) and self.composer.writing:
            self.composer.leave()
            self.composer.post_message(Composer.Leave())
        self.composer.set_class(head is None or rest is not None, "gone")
        self.foot.set_class(rest is None, "gone")
        self.thread.set_class(head is None, "gone")
        self.headline.set_class(head is None, "gone")
        self.idle.set_class(head is not None, "gone")
        self.composer.second = self.held is not None
        if rest:
            self.foot.show(rest)

    def on_resize(self, event: events.Resize) -> None:
        """Gives the composer its rows: more in a taller pane, at most half of it."""
        height = event.size.height
        low = next(rows for least, rows in LOW if height >= least)
        self.composer.between(low, max(low, height // 2))

    def watch_active(self, active: bool) -> None:
        """The chip is the head's."""
        self.headline.active = active

    def watch_moving(self, moving: bool) -> None:
        """Keys of held words and of the foot act only while moving."""
        self.thread.acting(moving)
        self.foot.moving = self.composer.moving = moving

    def watch_offline(self, offline: bool) -> None:
        """The composer tells it."""
        self.composer.offline = offline

    def watch_waiting(self, waiting: str) -> None:
        """The thread tells it."""
        self.thread.waiting = waiting

    def watch_stale(self, stale: str) -> None:
        """The head tells it."""
        self.headline.stale = stale

"""What the workstation's acts stand on: the desk, the panes, and how a verb is done and told of."""

from concurrent.futures import Future
from typing import TYPE_CHECKING

from textual.screen import Screen

from kefu_tui.screens.idle import Next
from kefu_tui.screens.outcome import outcome
from kefu_tui.screens.reading import WHOLE, Ahead, Opened
from kefu_tui.widgets.canned import CannedPane
from kefu_tui.widgets.composer import Composer
from kefu_tui.widgets.conversation import ConversationPane
from kefu_tui.widgets.ink import say
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.orders import OrdersPane
from kefu_tui.widgets.queue import QueuePane
from kefu_tui.widgets.timers import TimersPane

if TYPE_CHECKING:
    from kefu_tui.app import KefuApp
    from kefu_tui.desk import Desk, Done, Refusal
    from kefu_tui.desk.ticket_rows import Which
    from kefu_tui.desk.views import View


class Workplace(Screen[None]):
    """Panes and desk of the workstation, and the words it has with the agent. `WorkScreen` fills it in."""

    app: "KefuApp"
    desk: "Desk"
    queue: QueuePane
    timers: TimersPane
    conversation: ConversationPane
    orders: OrdersPane
    canned: CannedPane
    opened: Opened
    ahead: Ahead
    shown: "View"
    """What of the queue is shown."""
    marks: set[str]
    """Conversations that are selected."""
    pane: str
    """Which pane keys move: queue, conversation, replies, orders or timers."""
    single: bool
    """Whether one pane is shown at a time."""

    coming: list[Next]
    """What is to be done next, while nobody waits."""
    acted_on: str | None = None
    """The conversation of the last verb."""

    def open(self, conversation_id: str | None) -> None:
        """Show a conversation, or none."""
        raise NotImplementedError

    def jump(self, conversation_id: str, message_id: str, words: tuple[str, ...]) -> None:
        """Show a conversation where a message stands."""
        raise NotImplementedError

    def go(self, pane: str) -> None:
        """Give a pane the keys."""
        raise NotImplementedError

    def told(self, text: str, *, refused: bool = False, undoable: bool = False) -> None:
        """Say a sentence in the notice row."""
        raise NotImplementedError

    def list_all(self) -> None:
        """List the whole of the queue's view, and go to its end."""
        raise NotImplementedError

    def sort(self) -> None:
        """Read the queue and the clocks anew."""
        raise NotImplementedError

    def bars(self) -> None:
        """Show what stands around the panes, as things are."""
        raise NotImplementedError

    async def show_tickets(self, which: "Which", id: str) -> None:
        """The tickets of a view, the cursor on one of them."""
        raise NotImplementedError

    def look_ahead(self) -> None:
        """The cursor moved in the queue."""
        raise NotImplementedError

    def unmark(self) -> None:
        """Nothing is selected any more."""
        raise NotImplementedError

    def keep_draft(self) -> None:
        """Keep what is written, now."""
        raise NotImplementedError

    def drop_draft(self) -> None:
        """What was to be kept was sent."""
        raise NotImplementedError

    def search(self, query: str) -> None:
        """Show the replies that a query means."""
        raise NotImplementedError

    def deepen(self, depth: int = WHOLE) -> None:
        """Read older messages of the open conversation."""
        raise NotImplementedError

    def see(self, shown: "View") -> None:
        """Show a view of the queue."""
        raise NotImplementedError

    @property
    def lang(self) -> str:
        """The language of the app."""
        return self.app.lang

    def say(self, zh: str, en: str) -> str:
        """Words in the language of the app."""
        return say(self.app.lang, zh, en)

    @property
    def composer(self) -> Composer:
        """The composer."""
        return self.conversation.composer

    @property
    def open_id(self) -> str | None:
        """The conversation on screen."""
        return self.opened.head.id if self.opened.head is not None else None

    def refused(self, verb: str) -> bool:
        """Whether a verb cannot act on the open conversation; says why."""
        if self.opened.head is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return True
        why = self.desk.refusal(verb, self.opened.head.id)
        if why is not None:
            self.told(why, refused=True)
        return why is not None

    async def did(self, answer: "Future[Done | Refusal]") -> "Done | None":
        """Wait for a verb to be committed here, and say what it did or why not."""
        before = self.open_id
        result = await outcome(answer, self.lang)
        if isinstance(result, str):
            self.told(result, refused=True)
            return None
        self.acted_on = before
        self.ahead.forget()
        self.told(result.said, undoable=result.undoable)
        return result

    @property
    def many(self) -> list[str]:
        """The selected conversations, where verbs act on them: while the queue has the keys."""
        return [one for one in self.queue.ids if one in self.marks] if self.pane == "queue" and self.marks else []

    @property
    def customer(self) -> str:
        """The open conversation's customer, masked."""
        return customer_name(self.opened.head.name, self.lang) if self.opened.head is not None else ""

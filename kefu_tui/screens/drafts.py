"""What is being written is kept: at every pause of typing, before anything else is shown, and when the agent leaves."""

import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from textual.message import Message
from textual.timer import Timer

from kefu_tui.desk import Refusal, StoreError
from kefu_tui.screens.counting import Counting
from kefu_tui.screens.outcome import unsaved
from kefu_tui.widgets.composer import Composer

if TYPE_CHECKING:
    from kefu_tui.desk import Draft, Filled

PAUSE = 0.4
"""Seconds without a key after which a draft is kept."""
LONGEST = 2.0
"""Seconds of typing without a pause after which it is kept as well."""


class Drafts(Counting):
    """The text of the composer and its place in the store."""

    class Unkept(Message):
        """A draft could not be saved."""

        def __init__(self, error: StoreError) -> None:
            super().__init__()
            self.error = error

    taken: "Filled | None" = None
    """The canned reply that the text came from."""
    _kept: tuple[str | None, str] = (None, "")
    """Conversation and text as they were kept last."""
    _pause: Timer | None = None
    _unkept_since = 0.0
    """When the first key came that is not kept yet, by the monotonic clock, in seconds."""

    def on_composer_changed(self, event: Composer.Changed) -> None:
        """Another text: keep it when the typing pauses, or has gone on for long."""
        event.stop()
        if not event.text:
            self.taken = None
        self.mark_offer()
        now = time.monotonic()
        if self._pause is None:
            self._unkept_since = now
        else:
            self._pause.stop()
        self._pause = self.set_timer(max(0.01, min(PAUSE, self._unkept_since + LONGEST - now)), self.keep_draft)

    def mark_offer(self) -> None:
        """Show the key that takes the offer only where it acts."""
        raise NotImplementedError

    def keep_draft(self) -> None:
        """Keep what is written, now, with the conversation it was written in."""
        self._stop_pause()
        fresh = (self.open_id, self.composer.text)
        if self.open_id is not None and fresh != self._kept:
            self._kept = fresh
            canned = self.taken.canned_id if self.taken is not None else None
            self.desk.keep_draft(self.open_id, fresh[1], canned).add_done_callback(self._draft_kept)

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _draft_kept(self, answer: "Future[None]") -> None:
        """Called from the writer's thread."""
        error = answer.exception()
        if isinstance(error, StoreError):
            self.post_message(self.Unkept(error))

    def on_drafts_unkept(self, event: Unkept) -> None:
        """A draft was not saved: say so, and try again with the next pause."""
        event.stop()
        self._kept = (None, "")
        self.told(unsaved(event.error, self.lang), refused=True)

    def last_words(self) -> str:
        """Keep what is written while the app ends; returns it where that cannot be done."""
        if self.open_id is None or not self.is_mounted or not self.composer.text:
            return ""
        try:
            self.desk.keep_draft(self.open_id, self.composer.text).result(timeout=LONGEST)
        except (StoreError, TimeoutError):
            return self.composer.text
        return ""

    def find_draft(self, conversation_id: str | None) -> "Draft | None":
        """What was being written in a conversation that is opened now, and the canned reply that it came from."""
        draft = self.desk.draft(conversation_id) if conversation_id is not None else None
        self._kept = (conversation_id, draft.text if draft is not None else "")
        self.taken = None
        if draft is not None and draft.canned_id is not None:
            filled = self.desk.fill(draft.canned_id, draft.conversation_id)
            self.taken = None if isinstance(filled, Refusal) else filled
        return draft

    def drop_draft(self) -> None:
        """It was sent, and the desk dropped it."""
        self._stop_pause()
        self._kept = (self.open_id, "")

"""Acts on words: writing, offers, canned replies, sending, and replies that were held."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from kefu_tui.desk import Refusal, Sending
from kefu_tui.screens.drafts import Drafts
from kefu_tui.text import one_line
from kefu_tui.widgets.canned import CannedPane
from kefu_tui.widgets.composer import Composer

if TYPE_CHECKING:
    from kefu_tui.desk import CannedLine, Filled, NoticeRow


class Writing(Drafts):
    """What the composer, the replies pane and held words are told to do."""

    mending: "NoticeRow | None" = None
    """The held reply that the composer's text is to replace."""
    offered: "Filled | None" = None
    """The reply that the composer offers."""
    skipped = 0
    """How many offers were passed over."""
    place = 0
    """The offer's place in the replies pane, from 1; 0: it is not there."""
    resumes = False
    """Whether writing goes on after a search."""

    def do_write(self) -> None:
        """Start writing in my conversation, or go on mending held words."""
        if self.mending is not None or not self.refused("reply"):
            self.begin()

    def begin(self) -> None:
        """The composer takes the keys."""
        self.composer.begin()
        self.set_focus(self.composer, scroll_visible=False)  # at once: the next key may be waiting already
        self.go("conversation")

    def do_accept(self) -> None:
        """Take the offered reply; in the replies pane, the one under the cursor."""
        if self.pane == "replies":
            self.use_line(self.canned.current())
        elif self.refused("reply"):
            return
        elif self.composer.accept():
            self.took(self.offered)
        elif self.composer.text:
            self.told(self.say("清空了才能采纳。", "Clear the text to accept."), refused=True)
        else:
            self.told(self.say("现在没有推荐的话术。", "Nothing is offered now."), refused=True)

    def took(self, filled: "Filled | None") -> None:
        """A reply is in the text now: remember which, keep it, write on."""
        self.taken = filled
        self.keep_draft()
        self.mark_offer()
        self.begin()

    def do_other(self) -> None:
        """Offer the next best reply; after the last the first again."""
        if self.open_id is None or self.composer.text:
            self.told(self.say("清空了才能换一条。", "Clear the text for another."), refused=True)
            return
        found = self.desk.offer(self.open_id, self.skipped + 1)
        self.skipped = self.skipped + 1 if found is not None else 0
        self.offer(found or self.desk.offer(self.open_id))

    def offer(self, filled: "Filled | None") -> None:
        """Show an offer with its place in the replies pane."""
        self.offered = filled
        wanted = filled.canned_id if filled is not None else ""
        self.place = next((number for number, line in enumerate(self.opened.replies, 1) if line.id == wanted), 0)
        self.conversation.offer(filled, self.place)
        self.mark_offer()

    def mark_offer(self) -> None:
        """Show the keys of the replies pane only where they act: the offer's not beside a text."""
        self.canned.usable = self.conversation.answerable
        self.canned.offered = self.place if self.conversation.answerable and not self.composer.text else 0

    def use_line(self, line: "CannedLine | None") -> None:
        """Put a line of the replies pane into the composer."""
        if line is not None:
            self.use(line.id)
        else:
            self.told(self.say("没有这一条话术。", "There is no such reply."), refused=True)

    def use(self, canned_id: str) -> None:
        """Put a canned reply, filled, into the composer."""
        words = self.canned.words if self.canned.searching else ""
        if self.canned.searching:
            self.canned.end_search()
            self.search("")
        place = next((number for number, line in enumerate(self.opened.replies, 1) if line.id == canned_id), 0)
        offered = self.offered is not None and self.offered.canned_id == canned_id and not self.composer.text
        self.desk.effort.inserted("search" if words else "number", place, offered, len(words))
        if self.refused("reply") or self.open_id is None:
            return
        filled = self.desk.fill(canned_id, self.open_id)
        if isinstance(filled, Refusal):
            self.told(filled.say(self.lang), refused=True)
            return
        self.composer.take(filled)
        self.took(filled)

    def do_leave(self) -> None:
        """Stop writing; the draft stays."""
        self.keep_draft()
        self.composer.leave()
        self.go("conversation")

    def do_search(self) -> None:
        """Find a canned reply."""
        self.resumes = self.composer.writing
        if self.resumes:
            self.keep_draft()
            self.composer.leave()
        self.go("replies")
        self.canned.begin_search()
        self.set_focus(self.canned, scroll_visible=False)
        self.search("")
        self.go("replies")

    # Sending

    def lacking(self) -> bool:
        """Whether the text still lacks a value of its canned reply; says which."""
        lacks = self.composer.lacks
        if lacks:
            what = self.say("、", ", ").join(map(one_line, lacks))
            self.told(self.say(f"缺{what}，补上才能发。", f"{what} missing; fill it to send."), refused=True)
        return bool(lacks)

    async def send(
        self, text: str, *, resolve: bool = False, tag: str = "", record: Mapping[str, str] = MappingProxyType({})
    ) -> bool:
        """Send a text to the conversation it was written in, and resolve that with it; true when it is committed here."""
        target = self.open_id
        if target is None or self.lacking():
            return False
        if self.mending is not None:
            answer = self.desk.settle(self.mending.id, "edit", text)
        else:
            sending = Sending(self.app.settings.undo_send_s, resolve, tag, tuple(record.items()))
            answer = self.desk.reply(target, text, self.taken.canned_id if self.taken is not None else None, sending)
        if await self.did(answer) is None:
            return False
        if resolve and self.mending is not None and await self.did(self.desk.resolve(target, tag, record)) is None:
            return False
        self.drop_draft()
        self.taken = None
        self.composer.start("")
        self.mended(None)
        return True

    def open_next(self, after: str | None) -> None:
        """Show who is next; who was writing writes on, where it is mine."""
        writing = self.composer.writing
        found = self.desk.next_for_me(after)
        self.open(found)
        head = self.opened.head
        if writing and head is not None and head.mine and not head.phone:
            self.begin()
        else:
            self.composer.leave()
            if writing or self.single or found is None:
                self.go("conversation" if found is not None else "queue")

    async def on_composer_submit(self, event: Composer.Submit) -> None:
        """Enter, or the key that stays."""
        event.stop()
        target = self.open_id
        if await self.send(event.text) and not event.stay:
            self.open_next(target)

    def on_composer_accept(self, event: Composer.Accept) -> None:
        """The offered reply is the text."""
        event.stop()
        self.took(self.offered)

    def on_composer_expand(self, event: Composer.Expand) -> None:
        """Initials become the reply that they mean."""
        event.stop()
        line = next(iter(self.desk.canned(event.letters, self.open_id, 1)), None)
        if line is None:
            self.told(
                self.say(f"没有 {event.letters} 这样的话术。", f"No reply goes by {event.letters}."), refused=True
            )
            return
        self.composer.start("")
        self.use(line.id)

    def on_composer_another(self, event: Composer.Another) -> None:
        """Another offer."""
        event.stop()
        self.do_other()

    def on_composer_leave(self, event: Composer.Leave) -> None:
        """Writing ended."""
        event.stop()
        self.keep_draft()
        self.go("conversation")

    def on_canned_pane_query(self, event: CannedPane.Query) -> None:
        """Other search words; a digit behind words that find nothing with it chooses among what they found."""
        event.stop()
        last = event.text[-1:]
        line = self.canned.line(int(last)) if last.isascii() and last.isdecimal() else None
        if line is not None and not self.desk.canned(event.text, self.open_id, 1):
            self.use(line.id)
        else:
            self.search(event.text)

    def on_canned_pane_chosen(self, event: CannedPane.Chosen) -> None:
        """A reply was chosen."""
        event.stop()
        self.use(event.canned_id)

    def on_canned_pane_left(self, event: CannedPane.Left) -> None:
        """The search was given up: back to where the agent was."""
        event.stop()
        self.search("")
        if self.resumes:
            self.begin()
        else:
            self.go("conversation" if self.open_id is not None else "queue")

    # Held replies

    def held(self) -> "NoticeRow | None":
        """The held reply of the open conversation; says so where there is none."""
        found = self.conversation.held
        if found is None:
            self.told(self.say("这里没有扣下的回复。", "No reply is held here."), refused=True)
        return found

    def do_held_edit(self) -> None:
        """The held words come back into the composer; sending them settles it."""
        if (notice := self.held()) is not None:
            self.mend(notice)

    def mend(self, notice: "NoticeRow") -> None:
        """Write what is to replace held words, beginning with them."""
        self.taken = None
        self.mended(notice)
        self.composer.set_text(notice.body)
        self.keep_draft()
        self.begin()

    def mended(self, notice: "NoticeRow | None") -> None:
        """The held words that are being mended from now on, or none."""
        self.mending = notice
        self.conversation.mend(notice is not None)
        self.mark_offer()

    async def do_held_send(self) -> None:
        """Send it as it is."""
        await self._settle("send-anyway")

    async def do_held_discard(self) -> None:
        """Give it up."""
        await self._settle("discard")

    async def do_held_note(self) -> None:
        """Keep it as a note."""
        await self._settle("to-note")

    async def _settle(self, action: str) -> None:
        if (notice := self.held()) is None:
            return
        given = "dismiss" if action == "discard" and "discard" not in notice.actions else action
        if given not in notice.actions:
            self.told(
                self.say("这一条只能留作备注或放下。", "This one can be kept as a note or dismissed."), refused=True
            )
            return
        await self.did(self.desk.settle(notice.id, given))

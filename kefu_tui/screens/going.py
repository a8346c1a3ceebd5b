"""Going about: how a command is run by its id, moving in panes and between them, and what lies over them."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from inspect import isawaitable
from typing import TYPE_CHECKING

from textual.message import Message

from kefu_tui.commands import COMMANDS, shown_key
from kefu_tui.screens.keyed import Keyed, is_chinese
from kefu_tui.screens.recording import Recording
from kefu_tui.text import clean, clock_of_day, one_line
from kefu_tui.text_narrow import lost
from kefu_tui.widgets.bubbles import PARTIES
from kefu_tui.widgets.matching import found

if TYPE_CHECKING:
    from kefu_tui.desk import QueueRow
    from kefu_tui.screens.notices import Answer
    from kefu_tui.screens.search import Chosen

COMPOSING = frozenset(("send", "send-stay", "accept", "other", "newline", "leave"))
"""Commands that the composer and the search do by themselves while they have the keys."""
SEARCHED = 400
"""Rows of the queue that the palette looks through."""


class Going(Keyed, Recording):
    """Commands that go somewhere, and how any command is run."""

    class Behind(Message):
        """Follows other messages on their way; when it arrives, they were handled."""

        def __init__(self) -> None:
            super().__init__()
            self.arrived = asyncio.Event()

    @property
    def situation(self) -> str:
        """What keys are: commands (moving), text (writing) or search words (searching)."""
        if self.composer.writing:
            return "writing"
        return "searching" if self.canned.searching else "moving"

    async def run_command(self, name: str) -> None:
        """Do what a command does."""
        if name.startswith("reply-"):
            self.do_reply(int(name.removeprefix("reply-")))
            return
        if name.startswith("macro:"):
            row = next((row for row in self.desk.macros.all() if row.id == name.removeprefix("macro:")), None)
            if row is not None:
                await self.run_macro(row)
            return
        done = getattr(self, "do_" + name.replace("-", "_"))()
        if isawaitable(done):
            await done

    def leaves(self, name: str) -> bool:
        """Whether a command is left to what has the keys as text: its own, and to undo in a text that is there."""
        if self.situation == "moving":
            return False
        return name in COMPOSING or (name == "undo" and bool(self.composer.text or self.canned.searching))

    async def settled(self) -> None:
        """Wait until the composer, or the search, and this screen have handled what they were sent."""
        source = self.composer if self.composer.writing else self.canned
        for _ in range(2):  # the first passes the key itself, the second what the key posted
            behind = self.Behind()
            if not source.post_message(behind):
                return
            await asyncio.wait_for(behind.arrived.wait(), 5)

    def on_going_behind(self, event: Behind) -> None:
        """All before it was handled."""
        event.stop()
        event.arrived.set()

    def stray(self, key: str) -> None:
        """A key that means nothing while moving: a Chinese character tells that the input method is on."""
        if is_chinese(key):
            shown = self.app.keymap.shown("transfer", "writing")
            self.told(
                self.say(f"输入法处于中文状态，按 {shown} 也能转接。", f"Chinese input is on; {shown} also transfers."),
                refused=True,
            )

    def tell_chord(self, chord: str, key: str) -> None:
        """Nothing goes on from the keys so far with this one."""
        before, after = shown_key(chord), shown_key(key)
        self.told(self.say(f"{before} 后面没有 {after}。", f"Nothing follows {before} with {after}."), refused=True)

    def tell_keymap(self, zh: str, en: str) -> None:
        """The agent's keymap was refused, and why."""
        self.told(self.say(f"keymap.toml 没有用上：{zh}", f"keymap.toml is not used: {en}"), refused=True)

    def do_reply(self, number: int) -> None:
        """Use a line of the replies pane."""
        self.use_line(self.canned.line(number))

    # Moving

    def _move(self, rows: int) -> None:
        panes: dict[str, Callable[[int], None]] = {
            "queue": self.queue.move,
            "conversation": self.conversation.thread.scroll_rows,
            "replies": self.canned.move,
            "orders": self.orders.move,
            "timers": self.timers.move,
        }
        panes[self.pane](rows)
        if self.pane == "queue":
            self.look_ahead()

    def do_up(self) -> None:
        """One row up."""
        self._move(-1)

    def do_down(self) -> None:
        """One row down."""
        self._move(1)

    def _page(self, pages: int) -> None:
        if self.pane == "conversation" or self.composer.writing:
            self.conversation.thread.scroll_page(pages)
        elif self.pane in ("queue", "timers"):
            (self.queue if self.pane == "queue" else self.timers).page(pages)
        else:
            self._move(8 * pages)

    def do_page_up(self) -> None:
        """One page up; while writing, the thread's."""
        self._page(-1)

    def do_page_down(self) -> None:
        """One page down; while writing, the thread's."""
        self._page(1)

    def do_top(self) -> None:
        """To the top."""
        if self.pane == "conversation":
            self.deepen()
            self.conversation.thread.scroll_top()
        else:
            self._move(-1_000_000)

    def do_end(self) -> None:
        """To the end."""
        if self.pane == "conversation":
            self.conversation.thread.scroll_bottom()
        elif self.pane == "queue" and len(self.queue.ids) < self.queue.total:
            self.list_all()
        else:
            self._move(1_000_000)

    # Panes

    def _leave_text(self) -> None:
        """Keys are commands again; what was written is kept."""
        if self.composer.writing:
            self.keep_draft()
            self.composer.leave()
        if self.canned.searching:
            self.canned.end_search()
            self.search("")

    def do_queue(self) -> None:
        """To the queue."""
        self._leave_text()
        self.go("queue")

    def do_conversation(self) -> None:
        """To the conversation; from there, write."""
        if self.pane == "conversation" and not self.composer.writing:
            self.do_write()
            return
        self._leave_text()
        self.go("conversation")

    def do_replies(self) -> None:
        """To the replies."""
        self.go("replies")

    def do_orders(self) -> None:
        """To the orders."""
        self._leave_text()
        self.go("orders")

    def do_timers(self) -> None:
        """To the timers."""
        self._leave_text()
        self.go("timers")

    def do_back(self) -> None:
        """One step back towards the queue; where rows are selected there, none is first."""
        if self.many:
            self.unmark()
            return
        away = self.pane in ("replies", "orders", "timers") and self.open_id is not None
        self.go("conversation" if away else "queue")

    # Over the workstation

    async def do_notices(self) -> None:
        """What was held or refused, and sync."""
        from kefu_tui.screens.notices import Notices

        self.keep_draft()

        def shown(answer: "Answer | None") -> None:
            if answer is not None and answer.notice.conversation_id is not None:
                self.open(answer.notice.conversation_id)
                self.go("conversation")
                if answer.edit:
                    self.mend(answer.notice)

        await self.app.push_screen(Notices(self.desk), shown)

    async def do_find(self) -> None:
        """Search in everything, and jump to what was found."""
        from kefu_tui.screens.search import Search

        self.keep_draft()

        def chosen(answer: "Chosen | None") -> None:
            if answer is None:
                return
            if answer.hit.kind == "reply":
                self.use(answer.hit.id)
            elif answer.hit.kind == "ticket":
                self.call_later(self.show_tickets, "all", answer.hit.id)
            elif answer.hit.conversation_id is None:
                self.told(self.say("这里没有它的会话。", "No conversation of it is here."), refused=True)
            else:
                self.jump(answer.hit.conversation_id, answer.hit.id, answer.words)

        await self.app.push_screen(Search(self.desk.finding, self.desk.now), chosen)

    async def do_palette(self) -> None:
        """Find anything by a few letters."""
        from kefu_tui.screens.palette import Palette

        situation = "writing" if self.composer.writing else "moving"

        async def chosen(answer: str | None) -> None:
            if answer is None:
                return
            kind, _, name = answer.partition(" ")
            if kind == "command":
                self.count_use(name, "palette")
                await self.run_command(name)
            elif kind == "reply":
                self.use(name)
            else:
                self.open(name)
                self.go("conversation")

        palette = Palette(
            lambda name: self.app.keymap.shown(name, situation),
            lambda name: COMMANDS[name].situation in (situation, "both"),
            self._finder(),
            lambda typed: self.desk.canned(typed, self.open_id, 5),
        )
        await self.app.push_screen(palette, chosen)

    def _finder(self) -> "Callable[[str], list[QueueRow]]":
        """Finds conversations whose customer's name, its initials or the last words hold what was typed."""
        known: list[tuple[QueueRow, str, str]] = []

        def find(typed: str) -> "list[QueueRow]":
            if not known:  # read once, with the first letter
                rows = self.desk.queue_rows(self.desk.queue_ids("all", SEARCHED))
                known.extend((row, one_line(row.name), one_line(row.preview).lower()) for row in rows)
            word = typed.lower()
            return [row for row, name, words in known if word in words or found(name, word)]

        return find

    async def do_settings(self) -> None:
        """Settings, changed at once."""
        from kefu_tui.screens.settings import SettingsSheet

        await self.app.push_screen(SettingsSheet(lambda: self.app.settings, self.app.set_to))

    async def do_stats(self) -> None:
        """Keys used, and where a shorter way was."""
        from kefu_tui.screens.stats import Keys

        kept = self.desk.effort.keep()
        if kept is not None:
            await asyncio.wrap_future(kept)
        await self.app.push_screen(Keys(self.desk.effort.stats(), self.hint_words))

    async def do_help(self) -> None:
        """Every key."""
        from kefu_tui.screens.help import Help

        problems = "  ".join(one.say(self.lang) for one in self.app.problems)
        await self.app.push_screen(Help(self.app.keymap.keys, problems, self.pane))

    async def do_original(self) -> None:
        """What was written, where less of it can be shown."""
        from kefu_tui.screens.original import Original

        texts = []
        for item in self.opened.items if self.app.wide else ():
            if lost(clean(item.text, newlines=True)):
                party = self.say(*PARTIES.get(item.who, PARTIES["customer"])[:2])
                who = party or one_line(item.author) or self.say("同事", "Colleague")
                texts.append((f"{who} {clock_of_day(item.at, self.desk.zone())}", item.text))
        if not texts:
            self.told(self.say("这里看到的就是原文。", "What is shown is what was written."), refused=True)
            return
        await self.app.push_screen(Original(texts))

    def preload(self) -> None:
        """Load what the first frame did without, so that no key waits for it."""
        for name in ("asks", "help", "notices", "palette", "picker", "search"):
            import_module(f"kefu_tui.screens.{name}")

    def do_theme(self) -> None:
        """The next theme."""
        self.app.next_theme()

    def do_language(self) -> None:
        """The other language."""
        self.app.next_language()

    def do_tour(self) -> None:
        """Leave for the tour; the workstation is back after it."""
        if self.app.tour is not None:
            self.told(self.say("教程正在走。", "The tour is on."))
            return
        self.keep_draft()
        self.app.exit("tour")

    def do_quit(self) -> None:
        """Leave; what is written is kept first."""
        self.keep_draft()
        self.app.exit()

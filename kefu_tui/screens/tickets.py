"""Tickets: a board of them by state, the one under the cursor beside it, and keys for all that can be done with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from kefu_tui.screens.fresh import TOGETHER
from kefu_tui.screens.keyed import CHINESE, is_chinese, key_name
from kefu_tui.screens.sheet import Caps, Item, Menu, Sheet, Text
from kefu_tui.screens.ticket_acts import TicketActs, Wanted
from kefu_tui.text import cells, one_line
from kefu_tui.widgets.ink import lang_of, say, urgency_style
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.ticket_text import TicketText

if TYPE_CHECKING:
    from kefu_tui.desk import Changed, Desk
    from kefu_tui.desk.ticket_rows import TicketCard, TicketRow, Which

CLOCK = 6
"""Cells of a clock in the list."""
STALE = 30
"""Seconds after which clocks, and who is at a ticket, are read again where nothing changed."""
WIDE = 100
"""Cells from which list and ticket stand side by side."""
VIEWS: dict[str, tuple[str, str]] = {
    "mine": ("我的", "mine"), "group": ("没人经办", "nobody's"), "open": ("没关闭的", "open"), "all": ("全部", "all"),
}  # fmt: skip
FEW = ("1-9", "s", "c", "a", "Enter", "Esc")
"""Keys that are told where there is no room for all."""
CATEGORIES: dict[str, tuple[str, str]] = {
    "todo": ("待处理", "To do"), "doing": ("处理中", "In progress"), "waiting": ("等待", "Waiting"),
    "resolved": ("已解决", "Resolved"), "closed": ("已关闭", "Closed"),
}  # fmt: skip


class TicketSheet(TicketActs):
    """A list by state at the left, the ticket at the right; on a narrow screen one after the other."""

    def __init__(self, desk: "Desk", which: "Which" = "mine", ticket_id: str = "") -> None:
        super().__init__(desk)
        self._which = which
        self._begin = ticket_id
        self._rows: dict[str, TicketRow] = {}
        self._card: TicketCard | None = None
        self._inside = bool(ticket_id)
        """On a narrow screen: whether the ticket is shown, not the list."""
        self._stale: set[str] | None = set()
        """Tickets that changed and are to be read again; None: all."""
        self._unsubscribe: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        keys = {
            "1-9": say(lang, "下一步", "move"), "s": say(lang, "步骤", "step"), "c": say(lang, "记一句", "comment"),
            "f": say(lang, "填字段", "fill"), "a": say(lang, "转交", "assign"), "p": say(lang, "优先级", "priority"),
            "w": say(lang, "关注", "watch"), "m": say(lang, "合并", "merge"), "Enter": say(lang, "会话", "chat"),
            "Esc": say(lang, "关", "close"),
        }  # fmt: skip
        shown = list(keys) if self.app.size.width >= WIDE else FEW
        yield Sheet(
            Text(say(lang, "工单", "Tickets"), id="head", bold=True),
            Text(),
            Horizontal(
                Menu(say(lang, "没有工单。在会话里按 T 开一张。", "No tickets. T opens one from a conversation.")),
                TicketText(),
                classes="both",
            ),
            Text(id="told"),
            Caps([(key, keys[key]) for key in shown], best=False),
            id="tickets",
        )

    def on_mount(self) -> None:
        """All of the view; what changes is heard."""
        self._unsubscribe = self._desk.subscribe(self._heard)
        self.set_interval(STALE, self._freshen)
        self._list()
        if self._begin:
            self.query_one(Menu).choose(self._begin)
        self._look()
        self.call_after_refresh(self._fit)

    def on_unmount(self) -> None:
        """Nobody listens any more, and nobody is at a ticket."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._looking.leave()

    def on_resize(self) -> None:
        """Side by side, or one of the two."""
        self._fit()

    # Changes by others

    def _heard(self, changed: "Changed") -> None:
        """Something changed; called from any thread."""
        if changed.tickets is None or changed.tickets:
            self.call_later(self._note, changed.tickets)

    def _note(self, ids: frozenset[str] | None) -> None:
        """What changes together is read together."""
        if self._stale == set():
            self.set_timer(TOGETHER, self._renew)
        self._stale = None if ids is None or self._stale is None else self._stale | ids

    def _renew(self) -> None:
        """Read what changed: the list where a line of it is another now, else only the ticket that is shown."""
        ids, self._stale = self._stale, set()
        rows = self._desk.tickets.rows(self._which, among=ids) if ids is not None else []
        if ids is None or {row.id: row for row in rows} != {id: self._rows[id] for id in ids if id in self._rows}:
            self._freshen()
        elif self._card is not None and self._card.row.id in ids:
            self._look()

    def _freshen(self) -> None:
        """Read everything anew; the ticket under the cursor stays where it only left the view: keys are meant for it."""
        self._list(stays=True, keeps=True)
        self._look()

    # What is shown

    def _fit(self) -> None:
        wide = self.app.size.width >= WIDE
        menu, text = self.query_one(Menu), self.query_one(TicketText)
        menu.display, text.display = wide or not self._inside, wide or self._inside
        menu.styles.width = 46 if wide else "1fr"
        self._attend()

    def _attend(self) -> None:
        """Colleagues are told of the ticket that is shown, not of one in a list alone."""
        shown = self._inside or self.app.size.width >= WIDE
        self._looking.at(self._card.row.id if self._card is not None and shown else "")

    def _list(self, *, stays: bool = False, keeps: bool = False) -> None:
        """The lines of the view; `stays`: the cursor stays; `keeps`: so does its ticket, of whatever view it is now."""
        lang, now, menu = lang_of(self), self._desk.now(), self.query_one(Menu)
        rows = self._desk.tickets.rows(self._which)
        if keeps and menu.current is not None and menu.current.id not in {row.id for row in rows}:
            rows += self._desk.tickets.rows("all", among=[menu.current.id])
        order = list(CATEGORIES)
        rows.sort(key=lambda row: order.index(row.category))
        self._rows = {row.id: row for row in rows}
        items = []
        for row in rows:
            look = urgency_style(row.due, now, lang)
            clock = look.text.strip() or "-"
            who = customer_name(row.customer, lang) if row.customer else ""
            items.append(
                Item(
                    row.id,
                    f"{' ' * (CLOCK - cells(clock))}{clock}  {one_line(row.title)}",
                    f"{who} {row.state}".strip(),
                    "",
                    say(lang, *CATEGORIES[row.category]),
                )
            )
        (menu.renew if stays else menu.set_items)(items)
        views = "  ".join(
            f"[{say(lang, *name)}]" if key == self._which else say(lang, *name) for key, name in VIEWS.items()
        )
        self.query_one("#head", Text).say(say(lang, f"工单 {len(rows)}", f"Tickets {len(rows)}"), f"{views}  < >")

    def _look(self) -> None:
        """Show the ticket under the cursor."""
        item = self.query_one(Menu).current
        self._card = self._desk.tickets.one(item.id) if item is not None else None
        self.query_one(TicketText).show(self._card, self._desk.now())
        self._attend()

    def _again(self) -> None:
        """Read everything anew, the cursor on the same ticket."""
        self._list(stays=True)
        self._look()

    def _say(self, words: str) -> None:
        self.query_one("#told", Text).say(words)

    def on_menu_chosen(self) -> None:
        """A click goes to a ticket, as the cursor does."""
        self._look()

    # Keys

    async def press(self, event: events.Key) -> None:
        """Go about, or act on the ticket under the cursor."""
        menu, text, key, lang = self.query_one(Menu), self.query_one(TicketText), key_name(event), lang_of(self)
        wide = self.app.size.width >= WIDE
        moves = {"up": -1, "k": -1, "down": 1, "j": 1}
        pages = {"pageup": -1, "pagedown": 1, "space": 1}
        self._say("")
        if key in ("escape", "q"):
            if self._inside and not wide:
                self._inside = False
                self._fit()
            else:
                self.dismiss(None)
        elif key in moves and not (self._inside and not wide):
            menu.move(moves[key])
            self._look()
        elif key in moves:
            text.scroll_by(moves[key])
        elif key in pages:
            text.scroll_by(pages[key] * max(1, text.size.height - 2))
        elif key in ("right", "]", "left", "["):
            names = list(VIEWS)
            step = 1 if key in ("right", "]") else -1
            self._which = cast("Which", names[(names.index(self._which) + step) % len(names)])
            self._list()
            self._look()
        elif is_chinese(key):
            self._say(say(lang, *CHINESE))
        elif self._card is not None:
            await self._act(key, self._card)

    async def _act(self, key: str, card: "TicketCard") -> None:
        if key == "enter":
            if not self._inside and self.app.size.width < WIDE:
                self._inside = True
                self._fit()
            elif card.conversation_id is not None:
                self.dismiss(Wanted(card.conversation_id))
            else:
                self._say(say(lang_of(self), "这张工单没有会话。", "No conversation belongs to this ticket."))
        elif key.isdigit() and 0 < int(key) <= len(card.moves):
            await self._move(card, card.moves[int(key) - 1])
        elif (act := {"s": self._step, "c": self._comment, "f": self._fill, "a": self._assign, "w": self._watch,
                      "p": self._priority, "m": self._merge}.get(key)) is not None:  # fmt: skip
            await act(card)
        elif key == "u":
            await self._did(self._desk.undo())

"""Tickets: a board of them by state, the one under the cursor beside it, and keys for all that can be done with it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from kefu_tui.screens.keyed import CHINESE, Over, is_chinese, key_name
from kefu_tui.screens.outcome import outcome
from kefu_tui.screens.sheet import Caps, Item, Menu, Sheet, Text
from kefu_tui.text import cells, one_line
from kefu_tui.widgets.ink import lang_of, say, urgency_style
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.ticket_text import TicketText

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.desk import Desk, Done, Refusal
    from kefu_tui.desk.ticket_rows import FieldRow, MoveRow, TicketCard, TicketRow, Which
    from kefu_tui.screens.picker import Picked

CLOCK = 6
"""Cells of a clock in the list."""
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


class Wanted(NamedTuple):
    """A conversation that is to be opened."""

    conversation_id: str


class TicketSheet(Over[Wanted | None]):
    """A list by state at the left, the ticket at the right; on a narrow screen one after the other."""

    def __init__(self, desk: "Desk", which: "Which" = "mine", ticket_id: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._which = which
        self._begin = ticket_id
        self._rows: dict[str, TicketRow] = {}
        self._card: TicketCard | None = None
        self._inside = bool(ticket_id)
        """On a narrow screen: whether the ticket is shown, not the list."""

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
        """All of the view."""
        self._list()
        if self._begin:
            self.query_one(Menu).choose(self._begin)
        self._look()
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Side by side, or one of the two."""
        self._fit()

    def _fit(self) -> None:
        wide = self.app.size.width >= WIDE
        menu, text = self.query_one(Menu), self.query_one(TicketText)
        menu.display, text.display = wide or not self._inside, wide or self._inside
        menu.styles.width = 46 if wide else "1fr"

    def _list(self) -> None:
        lang, now = lang_of(self), self._desk.now()
        rows = self._desk.tickets.rows(self._which)
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
        self.query_one(Menu).set_items(items)
        views = "  ".join(
            f"[{say(lang, *name)}]" if key == self._which else say(lang, *name) for key, name in VIEWS.items()
        )
        self.query_one("#head", Text).say(say(lang, f"工单 {len(rows)}", f"Tickets {len(rows)}"), f"{views}  < >")

    def _look(self) -> None:
        """Show the ticket under the cursor."""
        item = self.query_one(Menu).current
        self._card = self._desk.tickets.one(item.id) if item is not None else None
        self.query_one(TicketText).show(self._card, self._desk.now())

    def _again(self) -> None:
        """Read everything anew, the cursor on the same ticket."""
        menu = self.query_one(Menu)
        there = menu.current.id if menu.current is not None else ""
        self._list()
        menu.choose(there)
        self._look()

    def _say(self, words: str) -> None:
        self.query_one("#told", Text).say(words)

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

    async def _did(self, answer: "Future[Done | Refusal]") -> bool:
        result = await outcome(answer, lang_of(self))
        self._again()
        self._say(result if isinstance(result, str) else result.said)
        return not isinstance(result, str)

    async def _pick(
        self, question: str, items: "Sequence[Item]", picked: "Callable[[Picked], Awaitable[None]]"
    ) -> None:
        from kefu_tui.screens.picker import Picker

        async def answered(answer: "Picked | None") -> None:
            if answer is not None:
                await picked(answer)

        def fit(typed: str) -> list[Item]:
            return [item for item in items if typed.lower() in item.text.lower()]

        await self.app.push_screen(Picker(question, fit), answered)

    async def _ask(
        self, question: str, text: str, does: str, written: "Callable[[str], Awaitable[None]]", aside: str = ""
    ) -> None:
        from kefu_tui.screens.picker import Writer

        async def answered(answer: str | None) -> None:
            if answer is not None:
                await written(answer)

        await self.app.push_screen(Writer(question, aside=aside, does=does, text=text), answered)

    # Acts

    async def _move(self, card: "TicketCard", move: "MoveRow") -> None:
        """Ask for each field that the move needs and that is empty, then show what the customer will be told."""
        empty = [field for field in card.fields if field.id in move.fields and not field.value]
        if move.why and not empty:
            self._say(move.why)
            return
        await self._gather(card, move, empty, {})

    async def _gather(self, card: "TicketCard", move: "MoveRow", empty: "list[FieldRow]", told: dict[str, str]) -> None:
        if empty:
            first, *rest = empty

            async def given(value: str) -> None:
                await self._gather(card, move, rest, {**told, first.id: value})

            await self._value(first, given)
            return
        tickets, lang = self._desk.tickets, lang_of(self)
        words = tickets.words(card.row.id, move.id, told)
        if not words:
            await self._did(tickets.move(card.row.id, move.id, told, text=""))
            return

        async def written(text: str) -> None:
            await self._did(tickets.move(card.row.id, move.id, told, text=text))

        await self._ask(
            move.name, words, say(lang, "推进并发给客户", "move, and send"), written,
            say(lang, "可以改；删空就不发", "edit it; empty sends nothing"),
        )  # fmt: skip

    async def _value(self, field: "FieldRow", given: "Callable[[str], Awaitable[None]]") -> None:
        lang = lang_of(self)
        if field.choices:

            async def picked(answer: "Picked") -> None:
                await given(answer.id)

            await self._pick(one_line(field.name), [Item(id, one_line(name)) for id, name in field.choices], picked)
            return
        hints = {
            "money": say(lang, "金额，如 99.50", "an amount, such as 99.50"),
            "date": say(lang, "日期，如 2026-12-01", "a date, such as 2026-12-01"),
            "yesno": "yes / no",
            "order_no": say(lang, "订单号", "the order's number"),
        }
        await self._ask(one_line(field.name), field.value, say(lang, "填好", "fill"), given, hints.get(field.type, ""))

    async def _step(self, card: "TicketCard") -> None:
        """Choose a step: done, or not after all."""
        lang = lang_of(self)
        if not card.steps:
            self._say(say(lang, "这张工单没有步骤。", "This ticket has no steps."))
            return

        async def picked(answer: "Picked") -> None:
            there = next(one for one in card.steps if one.id == answer.id)
            await self._did(self._desk.tickets.step(card.row.id, there.id, done=not there.done))

        items = [Item(one.id, f"{'[x]' if one.done else '[ ]'} {one.name}", one_line(one.owner)) for one in card.steps]
        await self._pick(say(lang, "哪一步做完了", "Which step was done"), items, picked)

    async def _comment(self, card: "TicketCard") -> None:
        async def written(text: str) -> None:
            await self._did(self._desk.tickets.comment(card.row.id, text))

        lang = lang_of(self)
        await self._ask(say(lang, "给同事记一句", "A line for colleagues"), "", say(lang, "记下", "add"), written)

    async def _fill(self, card: "TicketCard") -> None:
        lang = lang_of(self)

        async def picked(answer: "Picked") -> None:
            field = next(one for one in card.fields if one.id == answer.id)

            async def given(value: str) -> None:
                await self._did(self._desk.tickets.set(card.row.id, fields={field.id: value}))

            await self._value(field, given)

        items = [Item(one.id, one_line(one.name), one_line(one.shown) or "-") for one in card.fields]
        await self._pick(say(lang, "填哪一项", "Which field"), items, picked)

    async def _assign(self, card: "TicketCard") -> None:
        from kefu_tui.screens.asks import colleague_items

        lang = lang_of(self)

        async def picked(answer: "Picked") -> None:
            kind, _, id = answer.id.partition(" ")
            told = {"agent_id": id} if kind == "agent" else {"group_id": id}
            await self._did(self._desk.tickets.assign(card.row.id, **told))

        await self._pick(
            say(lang, "转交给", "Hand over to"), colleague_items(self._desk.colleagues(), "", lang), picked
        )

    async def _priority(self, card: "TicketCard") -> None:
        from kefu_tui.screens.asks import priority_items

        lang = lang_of(self)

        async def picked(answer: "Picked") -> None:
            await self._did(self._desk.tickets.set(card.row.id, priority=int(answer.id)))

        await self._pick(say(lang, "优先级", "Priority"), priority_items(lang), picked)

    async def _watch(self, card: "TicketCard") -> None:
        me = self._desk.me().name
        watches = any(name == me for name, _ in card.people)
        await self._did(self._desk.tickets.watch(card.row.id, leave=watches))

    async def _merge(self, card: "TicketCard") -> None:
        lang = lang_of(self)
        others = [row for row in self._desk.tickets.rows("open") if row.id != card.row.id]

        async def picked(answer: "Picked") -> None:
            await self._did(self._desk.tickets.merge(card.row.id, answer.id))

        items = [Item(row.id, one_line(row.title), f"{row.kind} {row.state}") for row in others]
        await self._pick(say(lang, "并进哪一张", "Merge into"), items, picked)

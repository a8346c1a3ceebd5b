"""What can be done with a ticket by a key: each act asks for what it needs, does it, and says what became of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.screens.keyed import Over
from kefu_tui.screens.looking import Looking
from kefu_tui.screens.outcome import outcome
from kefu_tui.screens.sheet import Item
from kefu_tui.text import one_line
from kefu_tui.widgets.ink import lang_of, say

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.app import KefuApp
    from kefu_tui.desk import Desk, Done, Refusal
    from kefu_tui.desk.ticket_rows import FieldRow, MoveRow, TicketCard
    from kefu_tui.screens.picker import Picked


class Wanted(NamedTuple):
    """A conversation that is to be opened."""

    conversation_id: str


class TicketActs(Over[Wanted | None]):
    """The acts on the ticket that a sheet shows."""

    app: "KefuApp"

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._looking = Looking(self, desk)

    def _again(self) -> None:
        """Read everything anew, the cursor on the same ticket."""
        raise NotImplementedError

    def _say(self, words: str) -> None:
        """Tell what became of a key."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """A dialog was closed."""
        if self.app.screen is self:
            self._looking.back()

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
        self,
        card: "TicketCard",
        question: str,
        text: str,
        does: str,
        written: "Callable[[str], Awaitable[None]]",
        aside: str = "",
    ) -> None:
        from kefu_tui.screens.picker import Writer

        async def answered(answer: str | None) -> None:
            if answer is not None:
                await written(answer)

        self._looking.writes(card.row.id)
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

            await self._value(card, first, given)
            return
        tickets, lang = self._desk.tickets, lang_of(self)
        words = tickets.words(card.row.id, move.id, told)
        if not words:
            await self._did(tickets.move(card.row.id, move.id, told, text=""))
            return

        async def written(text: str) -> None:
            await self._did(tickets.move(card.row.id, move.id, told, text=text))

        await self._ask(
            card, move.name, words, say(lang, "推进并发给客户", "move, and send"), written,
            say(lang, "可以改；删空就不发", "edit it; empty sends nothing"),
        )  # fmt: skip

    async def _value(self, card: "TicketCard", field: "FieldRow", given: "Callable[[str], Awaitable[None]]") -> None:
        lang = lang_of(self)
        if field.choices:

            async def picked(answer: "Picked") -> None:
                await given(answer.id)

            self._looking.writes(card.row.id)
            await self._pick(one_line(field.name), [Item(id, one_line(name)) for id, name in field.choices], picked)
            return
        hints = {
            "money": say(lang, "金额，如 99.50", "an amount, such as 99.50"),
            "date": say(lang, "日期，如 2026-12-01", "a date, such as 2026-12-01"),
            "yesno": "yes / no",
            "order_no": say(lang, "订单号", "the order's number"),
        }
        await self._ask(
            card, one_line(field.name), field.value, say(lang, "填好", "fill"), given, hints.get(field.type, "")
        )

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
        await self._ask(card, say(lang, "给同事记一句", "A line for colleagues"), "", say(lang, "记下", "add"), written)

    async def _fill(self, card: "TicketCard") -> None:
        lang = lang_of(self)

        async def picked(answer: "Picked") -> None:
            field = next(one for one in card.fields if one.id == answer.id)

            async def given(value: str) -> None:
                await self._did(self._desk.tickets.set(card.row.id, fields={field.id: value}))

            await self._value(card, field, given)

        self._looking.writes(card.row.id)
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

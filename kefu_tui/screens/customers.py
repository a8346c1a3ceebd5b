"""Acts on customers: take, hand over, put away, resolve, note, tag, undo; and going from one to the next."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from kefu_tui.screens.buying import Buying
from kefu_tui.text import one_line

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.desk import Colleague, Done, Refusal
    from kefu_tui.desk.closing import Lack
    from kefu_tui.screens.picker import Picked
    from kefu_tui.screens.sheet import Item


class Customers(Buying):
    """Verbs on the open conversation, each with what it must ask first."""

    async def ask(
        self,
        question: str,
        search: "Callable[[str], Sequence[Item]]",
        picked: "Callable[[Picked | None], Awaitable[None]]",
        *,
        hint: str = "",
        aside: str = "",
        digits: bool = True,
        does: str = "",
    ) -> None:
        """Lay a picker over everything; it is ready for the next key when this returns."""
        from kefu_tui.screens.picker import Picker

        picker = Picker(question, search, hint=hint, aside=aside, digits=digits, does=does)
        await self.app.push_screen(picker, picked)

    async def ask_words(
        self, question: str, aside: str, does: str, written: Callable[[str | None], Awaitable[None]], text: str = ""
    ) -> None:
        """Lay a sheet to write on over everything; it is ready for the next key when this returns."""
        from kefu_tui.screens.picker import Writer

        await self.app.push_screen(Writer(question, aside=aside, does=does, text=text), written)

    # Verbs

    async def do_next(self) -> None:
        """Take the open conversation where nobody has it, else who breaches first of those waiting; then write."""
        if many := self.many:
            await self._all(self.desk.on(many).take())
            return
        head = self.opened.head
        free = head is not None and not head.mine and (head.assignee_id is None or self.queue_section() == "offered")
        rings = head is not None and head.mine and head.due is not None and head.due.kind == "phone_pick_up"
        if head is not None and (free or rings):
            waiting = [head.id]
        else:
            call = self.desk.ringing()  # a caller waits seconds, not minutes
            waiting = [call] if call is not None else self.desk.queue_ids("waiting", 1)
        if not waiting:
            await self.do_unread()
            return
        if (why := self.desk.refusal("take", waiting[0])) is not None:
            self.told(why, refused=True)
        elif await self.did(self.desk.take(waiting[0])) is not None:
            self.open(waiting[0])
            if self.opened.head is not None and self.opened.head.phone:
                self.go("conversation")
            else:
                self.begin()

    async def _all(self, answer: "Future[Done | Refusal]") -> None:
        """One verb on all that are selected; then nothing is."""
        if await self.did(answer) is not None:
            self.unmark()

    def _whom(self, many: Sequence[str]) -> str:
        """Whom a question is about: the open conversation's customer, or how many are selected."""
        return self.say(f"选中的 {len(many)} 位", f"{len(many)} selected") if many else self.customer

    def queue_section(self) -> str:
        """The section of the open conversation in the queue."""
        rows = self.desk.queue_rows([self.open_id]) if self.open_id is not None else []
        return rows[0].section if rows else ""

    async def do_unread(self) -> None:
        """Open my unanswered conversation that breaches first."""
        found = self.desk.next_for_me(self.open_id)
        if found is None:
            self.told(self.say("没有人在等。", "No one is waiting."))
            return
        self.open(found)
        self.go("conversation")

    def do_open(self) -> None:
        """Open what the cursor is on; where it is open, write."""
        chosen = {"queue": self.queue.cursor, "timers": self.timers.conversation()}.get(self.pane, self.open_id)
        if chosen is None and self.open_id is None and self.coming:
            chosen = self.coming[0].conversation_id
        if self.pane == "replies":
            self.use_line(self.canned.current())
        elif chosen is not None and chosen != self.open_id:
            self.open(chosen)
            if self.single:
                self.go("conversation")
        else:
            self.do_write()

    async def do_transfer(self) -> None:
        """Ask to whom, then for a few words."""
        many = self.many
        if not many and self.refused("transfer"):
            return
        from kefu_tui.screens.asks import colleague_items

        colleagues, lang = self.desk.colleagues(), self.lang
        chosen = {f"{one.kind} {one.id}": one for one in colleagues}

        async def picked(answer: "Picked | None") -> None:
            if answer is not None:
                await self._hand_over(chosen[answer.id], many)

        await self.ask(
            self.say(f"把 {self._whom(many)} 转给", f"Hand {self._whom(many)} over to"),
            lambda typed: colleague_items(colleagues, typed, lang),
            picked,
            hint=self.say("打名字的一部分", "a part of the name"),
            does=self.say("转给", "hand over"),
        )

    async def _hand_over(self, colleague: "Colleague", many: Sequence[str]) -> None:
        target = self.open_id
        name = one_line(colleague.name)

        async def written(note: str | None) -> None:
            if note is not None and many:
                await self._all(self.desk.on(many).transfer(colleague, note))
            elif note is not None and target is not None:
                self.keep_draft()
                if await self.did(self.desk.transfer(target, colleague, note)) is not None:
                    self.open_next(target)

        question = self.say(f"转给 {name}，附一句话", f"To {name}, with a note")
        aside = self.say("可以空着，客户看不到", "may stay empty, hidden from the customer")
        await self.ask_words(question, aside, self.say("转接", "hand over"), written)

    async def do_snooze(self, exact: bool = False) -> None:
        """Ask until when."""
        many = self.many
        if not many and self.refused("snooze"):
            return
        from kefu_tui.screens.asks import snooze_times

        target, zone, lang = self.open_id, self.desk.zone(), self.lang

        async def picked(answer: "Picked | None") -> None:
            if answer is None or (target is None and not many):
                return
            if answer.id == "ask":
                await self.do_snooze(exact=True)
                return
            if many or target is None:
                await self._all(self.desk.on(many).snooze(int(answer.id)))
                return
            self.keep_draft()
            if await self.did(self.desk.snooze(target, int(answer.id))) is not None:
                self.open_next(target)

        await self.ask(
            self.say(f"{self._whom(many)} 稍后再说", f"Snooze {self._whom(many)}"),
            lambda typed: snooze_times(typed, self.desk.now(), zone, lang) if typed or not exact else [],
            picked,
            hint=self.say("45，3h，2天，18:30", "45, 3h, 2d, 18:30") if exact else "",
            aside=self.say("客户说话就回来", "back when the customer writes"),
            digits=not exact,
        )

    async def do_resolve(self) -> None:
        """Ask for a tag; send what is being written first, then open the next."""
        many = self.many
        if not many and self.refused("resolve"):
            return
        from kefu_tui.screens.asks import resolve_items

        target, lang, tags = self.open_id, self.lang, self.desk.tags()
        text = self.composer.text if self.composer.writing else ""
        if text.strip() and self.lacking():
            return

        async def picked(answer: "Picked | None") -> None:
            if answer is None or (target is None and not many):
                return
            tag = answer.id.removeprefix("tag ")
            if many or target is None:
                await self._all(self.desk.on(many).resolve(tag))
                return

            async def filled(record: dict[str, str]) -> None:
                if text.strip():
                    done = await self.send(text, resolve=True, tag=tag, record=record)
                else:
                    done = await self.did(self.desk.resolve(target, tag or None, record)) is not None
                if done:
                    self.open_next(target)

            await self._fill_record(self.desk.lacks(target), {}, filled)

        question = self.say(f"结束 {self._whom(many)}", f"Resolve {self._whom(many)}")
        if text.strip():
            question = self.say(f"发送并结束 {self.customer}", f"Send and resolve {self.customer}")
        hint = self.say("标签", "tag")
        await self.ask(question, lambda typed: resolve_items(tags, typed, lang), picked, hint=hint)

    async def _fill_record(
        self,
        lacks: "list[Lack]",
        record: dict[str, str],
        filled: "Callable[[dict[str, str]], Awaitable[None]]",
    ) -> None:
        """Ask for each field that the close-out record still needs; given up, nothing is resolved."""
        if not lacks:
            await filled(record)
            return
        first, *rest = lacks

        async def written(value: str | None) -> None:
            if value is not None and value.strip():
                await self._fill_record(rest, {**record, first.id: value.strip()}, filled)

        aside = self.say(f"结束前要填，还有 {len(lacks)} 项", f"before it is resolved; {len(lacks)} to go")
        await self.ask_words(first.title, aside, self.say("填好", "fill"), written, first.proposal)

    async def do_reopen(self) -> None:
        """Open it again."""
        if not self.refused("reopen") and self.open_id is not None:
            await self.did(self.desk.reopen(self.open_id))

    async def do_release(self) -> None:
        """Back to those who wait."""
        if many := self.many:
            await self._all(self.desk.on(many).release())
        elif not self.refused("release") and self.open_id is not None:
            self.keep_draft()
            await self.did(self.desk.release(self.open_id))

    async def do_note(self) -> None:
        """Ask for the words of a note."""
        if self.refused("note"):
            return
        target = self.open_id

        async def written(text: str | None) -> None:
            if text and target is not None:
                await self.did(self.desk.note(target, text))

        question = self.say(f"备注 {self.customer}", f"Note on {self.customer}")
        aside = self.say("客户看不到", "hidden from the customer")
        await self.ask_words(question, aside, self.say("记下", "keep"), written)

    async def do_tag(self) -> None:
        """Ask for a tag; one that is on comes off."""
        head, many = self.opened.head, self.many
        if not many and (self.refused("tag") or head is None):
            return
        from kefu_tui.screens.asks import tag_items

        tags, lang = self.desk.tags(), self.lang

        async def picked(answer: "Picked | None") -> None:
            if answer is not None and many:
                await self._all(self.desk.on(many).tag(answer.id))
            elif answer is not None and head is not None:
                verb = self.desk.untag if answer.id in head.tags else self.desk.tag
                await self.did(verb(head.id, answer.id))

        question = self.say(f"标签 {self._whom(many)}", f"Tag {self._whom(many)}")
        own = head.tags if head is not None and not many else ()
        await self.ask(question, lambda typed: tag_items(tags, own, typed, lang), picked)

    async def do_priority(self) -> None:
        """Ask how urgent the open conversation is."""
        from kefu_tui.screens.asks import priority_items

        id = self.open_id
        if self.opened.head is None or id is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return

        async def picked(answer: "Picked | None") -> None:
            if answer is not None:
                await self.did(self.desk.prioritise(id, int(answer.id)))

        items = priority_items(self.lang)
        await self.ask(
            self.say("优先级", "Priority"), lambda typed: [one for one in items if typed in one.text], picked
        )

    async def do_undo(self) -> None:
        """Take back the last step, and show the conversation it was done in."""
        target = self.acted_on
        if await self.did(self.desk.undo()) is not None and target is not None and not self.composer.text:
            self.open(target)
            self.go("conversation" if self.single else self.pane)

"""A telephone call logged by keys: its number, which way it went, a name, and what was said."""

from typing import TYPE_CHECKING, cast

from kefu_tui.screens.reminding import Reminding
from kefu_tui.screens.sheet import Item

if TYPE_CHECKING:
    from kefu_tui.desk.calling import Way
    from kefu_tui.screens.picker import Picked


class Calling(Reminding):
    """What an agent notes of a call that was had."""

    async def do_call_log(self) -> None:
        """Ask for the number, then for the rest."""
        from kefu_tui.desk.calling import is_number

        async def written(phone: str | None) -> None:
            if phone is None:
                return
            if not is_number(phone):
                self.told(
                    self.say("这不是电话号码，3 到 20 位数字。", "This is no number: 3 to 20 digits."), refused=True
                )
                return
            await self._which_way(phone)

        await self.ask_words(
            self.say("记一通电话", "Log a call"),
            self.say("对方的号码", "the other one's number"),
            self.say("下一步", "go on"),
            written,
        )

    async def _which_way(self, phone: str) -> None:
        items = [Item("in", self.say("打进来的", "They called")), Item("out", self.say("打出去的", "I called"))]

        async def picked(answer: "Picked | None") -> None:
            if answer is not None:
                await self._who(phone, cast("Way", answer.id))

        await self.ask(
            self.say("谁打的", "Who called"),
            lambda typed: [item for item in items if typed.lower() in item.text.lower()],
            picked,
        )

    async def _who(self, phone: str, way: "Way") -> None:
        async def written(name: str | None) -> None:
            if name is not None:
                await self._what(phone, way, name.strip())

        await self.ask_words(
            self.say("怎么称呼", "The caller's name"),
            self.say("可以空着", "may stay empty"),
            self.say("下一步", "go on"),
            written,
        )

    async def _what(self, phone: str, way: "Way", name: str) -> None:
        from kefu_tui.desk.calling import Told, conversation_of, log

        async def written(text: str | None) -> None:
            if text is None:
                return
            note_id, done = log(self.desk, Told(phone, text, way, name))
            if await self.did(done) is not None:
                self.keep_draft()
                self.open(conversation_of(self.desk, note_id))
                self.go("conversation")

        await self.ask_words(
            self.say("说了什么", "What was said"),
            self.say("记成备注，客户看不到", "kept as a note, hidden from the customer"),
            self.say("记下", "keep"),
            written,
        )

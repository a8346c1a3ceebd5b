"""Macros at the workstation: recorded, run, bound to keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kefu_tui.screens.viewing import Viewing
from kefu_tui.text import one_line
from kefu_tui.widgets.matching import found

if TYPE_CHECKING:
    from kefu_tui.model.rows import Macro
    from kefu_tui.screens.picker import Picked
    from kefu_tui.screens.sheet import Item

SCOPE_NAMES: dict[str, tuple[str, str]] = {
    "agent": ("我的", "mine"),
    "group": ("本组", "group"),
    "company": ("全公司", "company"),
}


class Recording(Viewing):
    """What the keys of macros do."""

    recording: int | None = None
    """The mark of what was done before the recording began; None: nothing is recorded."""

    def recorded(self) -> int:
        """Steps recorded so far."""
        return len(self.desk.macros.recorded(self.recording)) if self.recording is not None else 0

    async def do_record(self) -> None:
        """Begin to record; or end it, and ask for a name."""
        if self.recording is None:
            self.recording = self.desk.macros.last_done()
            self.told(self.say("开始录了，照常做；再按一次结束。", "Recording. Work as usual; once more ends it."))
            return
        from kefu_tui.desk.macros import Written

        steps = self.desk.macros.recorded(self.recording)
        self.recording = None
        if not steps:
            self.told(self.say("没有做过什么，没有录下宏。", "Nothing was done, so there is no macro."))
            return
        text = self.desk.macros.text_of(steps)

        async def written(name: str | None) -> None:
            if name:
                await self.did(self.desk.macros.save(Written(name, text)))
                self.app.bind_macros()

        question = self.say(f"录了 {len(steps)} 步，这个宏叫什么", f"{len(steps)} steps. A name for this macro")
        await self.ask_words(question, one_line(text.replace("\n", "  ")), self.say("存", "save"), written)

    async def do_macro(self) -> None:
        """Choose a macro and run it."""
        macros = self.desk.macros.all()
        if not macros:
            key = self.app.keymap.shown("record", "moving")
            self.told(self.say(f"还没有宏，按 {key} 录一个。", f"No macros yet; {key} records one."), refused=True)
            return
        by_id = {row.id: row for row in macros}

        async def picked(answer: "Picked | None") -> None:
            if answer is not None:
                await self.run_macro(by_id[answer.id])

        question = self.say(f"对 {self.customer} 用哪个宏", f"Run which macro on {self.customer}")
        await self.ask(question, lambda typed: self._macro_items(macros, typed), picked)

    def _macro_items(self, macros: "Sequence[Macro]", typed: str) -> "list[Item]":
        from kefu_tui.screens.sheet import Item

        items = []
        for row in macros:
            name = one_line(row.name)
            match = next(iter(found(name, typed.lower())), None) if typed else (0, 0)
            if match is not None:
                aside = one_line(self.desk.macros.steps(row, self.lang).replace("\n", "  "))
                items.append(Item(row.id, name, aside, help=aside, match=match))
        return items

    async def run_macro(self, row: "Macro") -> None:
        """Run a macro on the open conversation, asking for its blanks first."""
        if self.open_id is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return
        self.keep_draft()
        await self._ask_next(row, self.open_id, self.desk.macros.asks(row), {})

    async def _ask_next(self, row: "Macro", target: str, asks: list[str], answers: dict[str, str]) -> None:
        """Ask for the next blank; when all are filled, run."""
        if not asks:
            hold = self.app.settings.undo_send_s
            if await self.did(self.desk.macros.run(row, target, answers, hold)) is not None:
                head = self.desk.head(target)
                if head is None or not head.mine or head.status in ("resolved", "snoozed"):
                    self.open_next(target)
            return
        name, *rest = asks

        async def written(value: str | None) -> None:
            if value:
                await self._ask_next(row, target, rest, {**answers, name: value})

        question = f"{one_line(row.name)}  {one_line(name)}"
        await self.ask_words(question, self.say(f"还有 {len(asks)} 处要填", f"{len(asks)} to fill"), "", written)

    async def do_macros(self) -> None:
        """Manage macros."""
        from kefu_tui.screens.macros import Chosen, Macros

        async def chosen(answer: "Chosen | None") -> None:
            self.app.bind_macros()
            if answer is not None:
                await self.run_macro(answer.macro)

        await self.app.push_screen(Macros(self.desk.macros, self.desk.me().role in ("lead", "admin")), chosen)

"""Routing by keys: my presence, an offer passed on, why a conversation went to whom; and the rules that act by themselves."""

from typing import TYPE_CHECKING, cast

from kefu_tui.screens.emergencies import Emergencies
from kefu_tui.screens.sheet import Item
from kefu_tui.text import clock_of_day, one_line

if TYPE_CHECKING:
    from kefu_tui.desk.routes import Because, Presence
    from kefu_tui.screens.picker import Picked

PRESENCES: dict[str, tuple[str, str]] = {
    "online": ("在线，派给我", "online, offer me work"), "busy": ("忙，先别派", "busy"), "away": ("离开一会", "away"),
    "offline": ("下班", "offline"),
}  # fmt: skip
ANSWERS: dict[str, tuple[str, str]] = {
    "": ("还在等", "stands"), "taken": ("接了", "taken"), "passed": ("给了下一个", "passed on"), "expired": ("没接", "not taken"),
}  # fmt: skip


class Routing(Emergencies):
    """Who is offered what."""

    async def do_presence(self) -> None:
        """Choose whether work is offered to me."""
        from kefu_tui.desk.routes import set_presence, shift

        hours = shift(self.desk, self.desk.agent_id)
        own = self.say(f"我的班次 {hours}", f"my hours {hours}") if hours else ""
        items = [Item(name, self.say(*words)) for name, words in PRESENCES.items()]

        async def picked(answer: "Picked | None") -> None:
            if answer is not None:
                await self.did(set_presence(self.desk, cast("Presence", answer.id)))

        await self.ask(
            self.say("我的状态", "My presence"),
            lambda typed: [item for item in items if typed.lower() in f"{item.id} {item.text}".lower()],
            picked,
            aside=own,
        )

    async def do_automation(self) -> None:
        """The rules that act by themselves."""
        from kefu_tui.screens.automation import AutomationSheet

        self.keep_draft()

        def wanted(conversation_id: str | None) -> None:
            if conversation_id is not None:
                self.open(conversation_id)
                self.go("conversation")

        await self.app.push_screen(AutomationSheet(self.desk), wanted)

    async def do_pass(self) -> None:
        """The open conversation was offered to me: to the next."""
        from kefu_tui.desk.routes import pass_on

        if self.opened.head is None or self.open_id is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return
        await self.did(pass_on(self.desk, self.open_id))

    async def do_route_why(self) -> None:
        """Every offer of the open conversation with its reasons, and what would be decided now."""
        from kefu_tui.desk.routes import explain

        if self.open_id is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return
        told, zone = explain(self.desk, self.open_id), self.desk.zone()
        items: list[Item] = []

        def add(group: str, because: "list[Because]") -> None:
            for one in because:
                sign = "+" if one.fit else "-"
                items.append(Item(f"{len(items)}", f"{sign} {one_line(one.agent)}", one.why, group=group))

        if told.now:
            add(
                self.say(
                    f"现在（第 {told.position} 位，共 {told.waiting} 位）",
                    f"Now (place {told.position} of {told.waiting})",
                ),
                told.now,
            )
        for one in reversed(told.offers):
            answer = self.say(*ANSWERS.get(one.answer, (one.answer, one.answer)))
            add(f"{clock_of_day(one.at, zone)}  {one_line(one.agent)}  {answer}", one.because)
        if not items:
            self.told(self.say("没有派过，也不在等。", "It was not offered and does not wait."))
            return

        async def picked(answer: "Picked | None") -> None:
            return

        await self.ask(
            self.say("为什么给谁", "Why it went to whom"),
            lambda typed: [item for item in items if typed.lower() in item.text.lower()],
            picked,
            digits=False,
        )

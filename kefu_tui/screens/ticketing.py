"""Tickets from the workstation: the board, and one opened from a conversation."""

from typing import TYPE_CHECKING

from kefu_tui.screens.calling import Calling
from kefu_tui.screens.sheet import Item
from kefu_tui.text import one_line

if TYPE_CHECKING:
    from kefu_tui.desk.ticket_rows import Which
    from kefu_tui.screens.picker import Picked
    from kefu_tui.screens.ticket_acts import Wanted


class Ticketing(Calling):
    """Work that outlives a conversation."""

    async def do_tickets(self) -> None:
        """The board: my own first."""
        await self.show_tickets("mine", "")

    async def show_tickets(self, which: "Which", id: str) -> None:
        """The tickets of a view, the cursor on one of them."""
        from kefu_tui.screens.tickets import TicketSheet

        self.keep_draft()

        def wanted(answer: "Wanted | None") -> None:
            if answer is not None:
                self.open(answer.conversation_id)
                self.go("conversation")

        await self.app.push_screen(TicketSheet(self.desk, which, id), wanted)

    async def do_ticket_open(self) -> None:
        """From the open conversation: one that is there already, or a new one of some workflow."""
        head = self.opened.head
        if head is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return
        tickets = self.desk.tickets
        there = tickets.rows("all", conversation_id=head.id)
        new = self.say("新开一张", "A new one")
        old = self.say("这位客户的", "Of this customer")
        items = [Item(f"there {row.id}", one_line(row.title), f"{row.kind} {row.state}", group=old) for row in there]
        items += [Item(f"new {name}", title, group=new) for name, title in tickets.workflows()]

        async def picked(answer: "Picked | None") -> None:
            if answer is None:
                return
            kind, _, name = answer.id.partition(" ")
            if kind == "there":
                await self.show_tickets("all", name)
                return

            async def written(text: str | None) -> None:
                if not text:
                    return
                title, _, more = text.partition("\n")
                id, done = tickets.open(name, title, conversation_id=head.id, text=more.strip())
                if await self.did(done) is not None:
                    await self.show_tickets("mine", id)

            await self.ask_words(
                self.say("工单说什么事", "What the ticket is about"),
                self.say("第一行是标题", "the first line is its title"),
                self.say("开单", "open"),
                written,
            )

        await self.ask(
            self.say(f"{self.customer} 的工单", f"Tickets of {self.customer}"),
            lambda typed: [item for item in items if typed.lower() in item.text.lower()],
            picked,
        )

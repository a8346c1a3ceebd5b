"""Acts on the shelf of canned replies: edit one where it stands, add one, remove one."""

import asyncio
from typing import TYPE_CHECKING

from kefu_tui.screens.writing import Writing

if TYPE_CHECKING:
    from kefu_tui.screens.canned_edit import Fields


class Shelving(Writing):
    """What the keys of the shelf do."""

    async def do_canned_edit(self) -> None:
        """Edit the reply under the cursor; one that is not mine to change becomes my own copy."""
        line = self.canned.current()
        if line is None:
            self.told(self.say("没有这一条话术。", "There is no such reply."), refused=True)
            return
        await self._edit(line.id)

    async def do_canned_add(self) -> None:
        """Write a new reply, beginning with what is being written."""
        await self._edit(None)

    async def _edit(self, canned_id: str | None) -> None:
        from kefu_tui.desk import guarding, shelving
        from kefu_tui.screens.canned_edit import CannedEdit, Fields

        desk = self.desk
        reply, own = shelving.opened(desk, canned_id)
        fields = Fields(
            reply.title, reply.shortcut, reply.text, reply.when_words, reply.scenario, reply.stage, reply.scope
        )
        if canned_id is None:
            fields = fields._replace(text=self.composer.text)
        target = self.open_id

        async def answered(answer: "Fields | str | None") -> None:
            if isinstance(answer, str):
                await self.did(shelving.removing(desk, reply.id))
            elif answer is not None:
                spelled = await asyncio.to_thread(shelving.spelled, answer.title)
                await self.did(shelving.writing(desk, reply, answer._asdict(), spelled))

        question = self.say("新话术", "A new reply") if canned_id is None else self.say("改话术", "Edit a reply")
        if canned_id is not None and not own:
            question = self.say("存成我自己的一条", "Save a copy of my own")
        shares = desk.me().role in shelving.MAY_SHARE
        sheet = CannedEdit(
            question,
            fields,
            lambda text: shelving.preview(desk, text, target),
            lambda text: guarding.told(text, reply.lang, self.lang),
            removes=canned_id is not None and own,
            shares=shares,
        )
        await self.app.push_screen(sheet, answered)

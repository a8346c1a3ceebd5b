"""Ways to look at the queue: views, filter, groups, what is selected, what is pinned, and why a row stands there."""

import asyncio
from typing import TYPE_CHECKING

from kefu_tui.desk.views import View
from kefu_tui.screens.routing import Routing
from kefu_tui.text import clock_of_day, count, day, duration_words, one_line
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.queue import GROUPS, SECTIONS, TIERS, VIEWS
from kefu_tui.widgets.timers import CLOCKS

if TYPE_CHECKING:
    from kefu_tui.desk import QueueRow
    from kefu_tui.screens.picker import Picked
    from kefu_tui.screens.sheet import Item

MARKED_AT_ONCE = 200
"""Rows that select-all takes: as many as one verb may act on."""


class Viewing(Routing):
    """What of the queue is shown, and how."""

    # Views

    def do_view_next(self) -> None:
        """Another view of the queue."""
        self._turn_view(1)

    def do_view_back(self) -> None:
        """The view before."""
        self._turn_view(-1)

    def _turn_view(self, by: int) -> None:
        views = self._views()
        here = next((at for at, view in enumerate(views) if view._replace(group_by="") == self._plain), 0)
        self.see(views[(here + by) % len(views)])

    @property
    def _plain(self) -> View:
        return self.shown._replace(group_by="")

    def _views(self) -> list[View]:
        """All views in turn: those of the trade, then the saved ones."""
        desk = self.desk.views
        return [View(base) for base in VIEWS] + [desk.shown(saved)._replace(group_by="") for saved in desk.saved()]

    async def do_views(self) -> None:
        """Choose a view, or take a saved one away."""
        from kefu_tui.screens.sheet import Item

        desk = self.desk.views
        saved = {row.id: row for row in desk.saved()}
        items = [Item(f"base {base}", self.say(*words)) for base, words in VIEWS.items()]
        for row in saved.values():
            shared = {"group": ("本组", "group"), "company": ("全公司", "company")}.get(row.scope, ("我的", "mine"))
            aside = f"{self.say(*shared)}  {one_line(row.filter)}"
            items.append(Item(f"saved {row.id}", one_line(row.name), aside, group=self.say("存下的", "Saved")))
        for row in saved.values():
            name = one_line(row.name)
            items.append(
                Item(f"drop {row.id}", self.say(f"删掉 {name}", f"Remove {name}"), group=self.say("删掉", "Remove"))
            )

        async def picked(answer: "Picked | None") -> None:
            if answer is None:
                return
            kind, _, id = answer.id.partition(" ")
            if kind == "drop":
                await self.did(desk.remove(id))
                if self.shown.saved_id == id:
                    self.see(View())
            else:
                self.see(View(id) if kind == "base" else desk.shown(saved[id]))
                self.go("queue")

        await self.ask(self.say("看哪个视图", "Which view"), lambda typed: _holding(items, typed), picked)

    async def do_filter(self) -> None:
        """Ask for a filter; what is typed is shown at once."""
        from kefu_tui.screens.filter import Filter

        before = self.shown

        def shown(text: str) -> None:
            self.see(before._replace(filter=text, saved_id="", name="") if text else View(before.base))

        def answered(text: str | None) -> None:
            if text is None:
                self.see(before)

        await self.app.push_screen(Filter(self.desk.views, before.filter, shown, lambda: self.queue.total), answered)

    async def do_view_save(self) -> None:
        """Ask for a name, and keep the filter and the grouping under it."""
        if not self.shown.filter:
            key = self.app.keymap.shown("filter", "moving")
            self.told(self.say(f"先筛选（{key}），再存。", f"Filter first ({key}), then save."), refused=True)
            return
        shown = self.shown

        async def written(name: str | None) -> None:
            if name and await self.did(self.desk.views.save(name, shown)) is not None:
                saved = next((row for row in self.desk.views.saved() if row.name == name), None)
                if saved is not None:
                    self.see(self.desk.views.shown(saved)._replace(base=shown.base))

        question = self.say("这个视图叫什么", "A name for this view")
        await self.ask_words(question, one_line(shown.filter), self.say("存", "save"), written)

    async def do_group_by(self) -> None:
        """Ask what rows are to stand under."""
        from kefu_tui.screens.sheet import Item

        items = [Item("", self.say("不分组", "no groups"))]
        items += [Item(name, self.say(*words)) for name, words in GROUPS.items()]

        async def picked(answer: "Picked | None") -> None:
            if answer is not None:
                self.see(self.shown._replace(group_by=answer.id))

        await self.ask(self.say("按什么分组", "Group by"), lambda typed: _holding(items, typed), picked)

    def do_density(self) -> None:
        """One row for a conversation, or two."""
        self.app.set_to("density", "one" if self.queue.tall == 2 else "two")

    # Rows

    def do_mark(self) -> None:
        """Select the row under the cursor, or no more, and go on to the next."""
        if self.queue.cursor is None:
            return
        self.marks ^= {self.queue.cursor}
        self._show_marks()
        self.queue.move(1)

    def do_mark_all(self) -> None:
        """Select everything in this view; where something is selected, nothing."""
        if self.marks:
            self.unmark()
            return
        self.marks = set(self.queue.ids[:MARKED_AT_ONCE])
        self._show_marks()
        if len(self.queue.ids) > MARKED_AT_ONCE:
            many = count(MARKED_AT_ONCE, self.lang)
            self.told(
                self.say(f"选中了前 {many} 位，一次最多这么多。", f"The first {many} are selected, the most at once.")
            )

    def unmark(self) -> None:
        """Nothing is selected any more."""
        self.marks.clear()
        self._show_marks()

    def _show_marks(self) -> None:
        self.queue.mark(frozenset(self.marks))
        self.bars()

    async def do_pin(self) -> None:
        """Keep the row under the cursor, or the open conversation, on top; or no more."""
        chosen = self.queue.cursor if self.pane == "queue" else self.open_id
        if chosen is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return
        kept = await asyncio.wrap_future(self.desk.views.pin(chosen))
        self.told(self.say("放到最上面了。", "Kept on top.") if kept else self.say("不再置顶。", "No longer on top."))
        self.sort()

    def do_why(self) -> None:
        """Say why the row under the cursor stands where it does."""
        row = self.queue.row_of(self.queue.cursor) if self.queue.cursor is not None else None
        if row is not None:
            self.told(self._why(row))

    def _why(self, row: "QueueRow") -> str:
        now, lang, zone = self.desk.now(), self.lang, self.desk.zone()
        facts = [self.say(*SECTIONS["pinned" if row.pinned else row.section])]
        if row.due is not None and row.due.due_at is not None and not row.due.paused:
            clock = self.say(*CLOCKS.get(row.due.kind, (row.due.kind, row.due.kind)))
            left = (row.due.due_at - now) / 1_000_000
            spent = duration_words(abs(left), "en" if lang == "en" else "zh")
            due = clock_of_day(row.due.due_at, zone)
            if left < 0:
                facts.append(self.say(f"{clock} {due} 到期，超了 {spent}", f"{clock} was due {due}, {spent} ago"))
            else:
                facts.append(self.say(f"{clock} {due} 到期，还有 {spent}", f"{clock} due {due}, in {spent}"))
        else:
            at = f"{day(row.last_at, now, zone, 'en' if lang == 'en' else 'zh')} {clock_of_day(row.last_at, zone)}"
            facts.append(self.say(f"没有在走的钟，最后一句 {at}", f"no clock runs, last words {at}"))
        if row.unanswered:
            facts.append(self.say(f"未回 {row.unanswered} 条", f"{row.unanswered} unanswered"))
        if row.tier == "vip":
            facts.append(self.say(*TIERS["vip"]))
        return f"{customer_name(row.name, lang)}  " + self.say("，", ", ").join(facts) + self.say("。", ".")


def _holding(items: "list[Item]", typed: str) -> "list[Item]":
    """The items whose words hold what was typed."""
    found = []
    for item in items:
        at = item.text.lower().find(typed.lower())
        if at >= 0:
            found.append(item._replace(match=(at, at + len(typed))))
    return found

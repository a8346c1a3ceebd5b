"""Reminders and call-backs by keys; and once a second, what falls due is said and rung for."""

from typing import TYPE_CHECKING

from kefu_tui.screens.customers import Customers
from kefu_tui.text import countdown
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.timers import called

if TYPE_CHECKING:
    from kefu_tui.desk.reminding import Of
    from kefu_tui.screens.picker import Picked
    from kefu_tui.store.shown import TimerRow


CALL = 5
"""How grave a call is: graver than anything else."""


class Reminding(Customers):
    """What an agent wants to be reminded of, and what the clocks say by themselves."""

    _heard_at = 0
    """Up to when what fell due was said, µs UTC."""
    _rung: frozenset[tuple[str, int]] = frozenset()
    """Calls that ring and were said: conversation, and since when."""

    async def do_remind(self) -> None:
        """Ask when, then for a few words: of the open conversation, or of its own where none is open."""
        await self._remind("reminder")

    async def do_call_back(self) -> None:
        """Ask when the open conversation's customer is to be called back."""
        if self.opened.head is None:
            self.told(self.say("先打开一个会话。", "Open a conversation first."), refused=True)
            return
        await self._remind("call_back")

    async def _remind(self, of: "Of") -> None:
        from kefu_tui.desk.reminding import remind
        from kefu_tui.screens.asks import snooze_times

        target, zone, lang = self.open_id, self.desk.zone(), self.lang
        whom = self.customer if target is not None else ""
        question = self.say(f"提醒我 {whom}".strip(), f"Remind me {'of ' + whom if whom else ''}".strip())
        if of == "call_back":
            question = self.say(f"回访 {whom}", f"Call {whom} back")

        async def picked(answer: "Picked | None") -> None:
            if answer is None:
                return
            if answer.id == "ask":
                await asked(exact=True)
                return
            when = int(answer.id)

            async def written(text: str | None) -> None:
                if text is not None:
                    await self.did(remind(self.desk, when, text.strip(), target, of))

            await self.ask_words(
                question, self.say("写一句，也可以空着", "a few words, or none"), self.say("记下", "set"), written
            )

        async def asked(exact: bool) -> None:
            await self.ask(
                question,
                lambda typed: snooze_times(typed, self.desk.now(), zone, lang) if typed or not exact else [],
                picked,
                hint=self.say("45，3h，2天，18:30", "45, 3h, 2d, 18:30") if exact else "",
                digits=not exact,
            )

        await asked(exact=False)

    async def do_remind_done(self) -> None:
        """The reminder under the cursor was done."""
        from kefu_tui.desk.reminding import done

        row = self.timers.current()
        if row is None or not row.reminder_id:
            self.told(self.say("光标在一条提醒上才能办完它。", "Put the cursor on a reminder first."), refused=True)
            return
        await self.did(done(self.desk, row.reminder_id))

    # What falls due

    def warn(self, now: int) -> None:
        """Say the gravest thing that fell due since the last second, and ring: not at night unless the agent wants it.

        A call that rings is said once, before anything else.
        """
        before, self._heard_at = self._heard_at, now
        rings = {
            (row.conversation_id, row.due.started_at): row
            for row in self.timers.rows
            if row.due.kind == "phone_pick_up" and not row.reminder_id
        }
        heard, self._rung = self._rung, frozenset(rings)
        if not before:
            return
        told = [(grave, row) for row in self.timers.rows if (grave := _grave(row, before, now))]
        fresh = sorted(rings.keys() - heard)
        if fresh and self.desk.ringing() is not None:  # The rows may be a second old, and it was picked up since.
            told += [(CALL, rings[one]) for one in fresh]
        if not told:
            return
        grave, row = max(told, key=lambda one: one[0])
        self.told(self._call_words(row) if grave == CALL else self._due_words(row, now))
        if self.app.settings.night or self.desk.on_shift(now):
            self.ring(mine=row.mine)

    def _call_words(self, row: "TimerRow") -> str:
        who, key = customer_name(row.name, self.lang), self.app.keymap.shown("next", "moving")
        if not key:
            return self.say(f"来电：{who}。", f"A call: {who}.")
        return self.say(f"来电：{who}，{key} 接起。", f"A call: {who}. {key} picks up.")

    def _due_words(self, row: "TimerRow", now: int) -> str:
        who = customer_name(row.name, self.lang) if row.conversation_id else ""
        name = self.say(*called(row.due.kind))
        if row.reminder_id:
            return self.say(f"到时了：{name} {who} {row.text}", f"Now: {name} {who} {row.text}").strip()
        if row.due.due_at is not None and row.due.due_at <= now:
            return self.say(f"{who} 的{name}超时了。", f"{who}: {name} is late.")
        left = countdown(((row.due.due_at or now) - now) / 1_000_000, lang=self.lang)
        return self.say(f"{who} 的{name}还剩 {left}。", f"{who}: {left} left for {name}.")

    def ring(self, *, mine: bool) -> None:
        """Ring, where the agent wants to hear of it."""
        raise NotImplementedError


def _grave(row: "TimerRow", before: int, now: int) -> int:
    """How grave it is that this fell due between two moments; 0: it did not."""
    due = row.due
    if due.due_at is not None and before < due.due_at <= now:
        return 4 if row.reminder_id else 3 if row.mine else 1
    return 2 if row.mine and due.warn_at is not None and before < due.warn_at <= now else 0

"""Emergencies by keys: begun and ended, and the sentence that stands in the notice row while one lasts."""

from typing import TYPE_CHECKING, cast

from kefu_tui.screens.sheet import Item
from kefu_tui.screens.ticketing import Ticketing
from kefu_tui.text import clock_of_day, count, one_line
from kefu_tui.widgets.names import customer_name

if TYPE_CHECKING:
    from kefu_tui.operations.emergency import Kind
    from kefu_tui.screens.picker import Picked

NAMES: dict[str, tuple[str, str]] = {
    "outage": ("停机", "outage"), "surge": ("大促", "surge"), "incident": ("公共事件", "incident"),
}  # fmt: skip
HELP: dict[str, tuple[str, str]] = {
    "outage": ("客户收到代答，钟站住，列出要回的人", "customers are told to wait, clocks stand, who waits is listed"),
    "surge": ("接待量放宽，只问要紧的", "more at a time, only what matters asked"),
    "incident": ("公共事件，全组看得到", "everybody sees it"),
}  # fmt: skip


class Emergencies(Ticketing):
    """What a lead switches on and off for everybody."""

    async def do_emergency(self) -> None:
        """Choose one to begin or to end, or a customer who waits for the answer that was promised."""
        from kefu_tui.desk import emergencies

        desk, lang = self.desk, self.lang
        lasts = {one.kind: one for one in emergencies.modes(desk)}
        items = []
        for kind, names in NAMES.items():
            one = lasts.get(kind)
            name = self.say(*names)
            if one is None:
                items.append(Item(f"on {kind}", self.say(f"开始{name}", f"Begin {name}"), self.say(*HELP[kind])))
            else:
                since = clock_of_day(one.since, desk.zone())
                items.append(
                    Item(
                        f"off {kind}", self.say(f"结束{name}", f"End {name}"), self.say(f"{since} 起", f"since {since}")
                    )
                )
        waits = emergencies.call_backs(desk)
        group = self.say(f"答应过要回的 {len(waits)} 位", f"{len(waits)} who were promised an answer")
        items += [
            Item(
                f"call {one.conversation_id}",
                customer_name(one.name, lang),
                clock_of_day(one.since, desk.zone()),
                group=group,
            )
            for one in waits[:20]
        ]

        async def picked(answer: "Picked | None") -> None:
            if answer is None:
                return
            what, _, name = answer.id.partition(" ")
            if what == "call":
                self.open(name)
                self.go("conversation")
            elif what == "off":
                await self.did(emergencies.end(desk, cast("Kind", name)))
            else:
                await self._begin_mode(cast("Kind", name))

        await self.ask(
            self.say("应急", "Emergencies"),
            lambda typed: [item for item in items if typed.lower() in item.text.lower()],
            picked,
        )

    async def _begin_mode(self, kind: "Kind") -> None:
        from kefu_tui.desk import emergencies

        async def written(reason: str | None) -> None:
            if reason is not None:
                await self.did(emergencies.begin(self.desk, kind, reason=reason))

        await self.ask_words(
            self.say(f"开始{NAMES[kind][0]}", f"Begin {NAMES[kind][1]}"),
            self.say("为什么，给同事看", "why, for colleagues"),
            self.say("开始", "begin"),
            written,
        )

    def lasting(self) -> str:
        """The emergencies that last, in one sentence; '' where there is none."""
        found, waits = self.desk.lasting()
        told = []
        for kind, since, reason in found:
            at = clock_of_day(since, self.desk.zone())
            name = self.say(*NAMES.get(kind, (kind, kind)))
            told.append(self.say(f"{name}，{at} 起", f"{name} since {at}") + (f" {one_line(reason)}" if reason else ""))
        if waits:
            many = count(waits, self.lang)
            told.append(self.say(f"{many} 位等着回", f"{many} to be answered"))
        return self.say("；", "; ").join(told)

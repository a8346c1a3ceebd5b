"""Automation by keys: rules switched, written, rehearsed on what was; what they did, taken back or tried again."""

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from kefu_tui.screens.keyed import CHINESE, Over, is_chinese, key_name
from kefu_tui.screens.outcome import outcome
from kefu_tui.screens.sheet import TOO_LONG, Caps, Item, Menu, Sheet, Text, Typed
from kefu_tui.text import clock_of_day, day, one_line
from kefu_tui.widgets.ink import lang_of, say
from kefu_tui.widgets.names import customer_name

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.desk import Desk, Done, Refusal
    from kefu_tui.desk.automation import RuleRow, RunRow

DAYS = 7
"""Days that a rule is rehearsed on."""
STATES: dict[str, tuple[str, str]] = {
    "done": ("做了", "done"), "refused": ("没做成", "refused"), "undone": ("已撤回", "taken back"),
}  # fmt: skip
WIDE = 100
"""Cells from which there is room for all keys."""
RARE = ("A", "d")
"""Keys that are not told where there is none."""
KEYS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "rules": (
        ("Space", "开/关", "on/off"), ("t", "试", "rehearse"), ("l", "记录", "log"), ("e", "改", "edit"),
        ("A", "新", "new"), ("d", "删", "drop"), ("Esc", "关", "close"),
    ),
    "log": (("Enter", "会话", "chat"), ("u", "撤回", "undo"), ("r", "再试", "retry"), ("Esc", "规则", "rules")),
    "cases": (("Enter", "会话", "chat"), ("Esc", "规则", "rules")),
    "writing": (("Enter", "存", "save"), ("^J", "换行", "new line"), ("Esc", "不改", "leave")),
}  # fmt: skip


class AutomationSheet(Over[str | None]):
    """Rules, then what one of them did or would have done; it ends with the conversation that is wanted."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._shows = "rules"
        """rules, log, cases (of a rehearsal), writing."""
        self._rules: dict[str, RuleRow] = {}
        self._runs: dict[str, RunRow] = {}
        self._rule = ""
        """The rule whose record is shown."""
        self._stop = False
        """Whether a rehearsal that is under way is to end."""

    def compose(self) -> ComposeResult:
        """The sheet."""
        yield Sheet(
            Text(id="head", bold=True),
            Text(),
            Menu(say(lang_of(self), "什么也没有。", "Nothing here.")),
            Typed(),
            Text(id="told"),
            *(Caps(self._caps(shows), best=False).add_class(shows) for shows in KEYS),
            id="automation",
        )

    def _caps(self, shows: str) -> list[tuple[str, str]]:
        lang = lang_of(self)
        wide = self.app.size.width >= WIDE
        return [(key, say(lang, zh, en)) for key, zh, en in KEYS[shows] if wide or key not in RARE]

    def on_mount(self) -> None:
        """All rules."""
        self._show("rules")
        self._list()

    def _show(self, shows: str) -> None:
        self._shows = shows
        typed = self.query_one(Typed)
        typed.display = shows == "writing"
        self.query_one(Menu).display = shows != "writing"
        for name in KEYS:
            self.query_one(f"Caps.{name}", Caps).display = name == shows

    def _head(self, left: str, right: str = "") -> None:
        self.query_one("#head", Text).say(left, right)

    def _say(self, words: str) -> None:
        self.query_one("#told", Text).say(words)

    def _when(self, us: int | None) -> str:
        if us is None:
            return ""
        desk, lang = self._desk, lang_of(self)
        return f"{day(us, desk.now(), desk.zone(), lang)} {clock_of_day(us, desk.zone())}"

    # What is listed

    def _list(self, at: str = "") -> None:
        lang = lang_of(self)
        rows = self._desk.automation.all()
        self._rules = {row.id: row for row in rows}
        items = []
        for row in rows:
            told = self._desk.automation.words(row.body)
            mark = "[x]" if row.since is not None else "[ ]"
            halted = self._when(row.halted_at)
            state = say(lang, f"{halted} 做得太多，停下了", f"acted too often, halted {halted}") if halted else ""
            many = say(lang, f"7 天 {row.runs} 次", f"{row.runs} in 7 days") if row.runs else ""
            wrong = say(lang, f"{row.refused} 次没做成", f"{row.refused} refused") if row.refused else ""
            aside = "  ".join(one for one in (state, many, wrong, row.name) if one)
            items.append(Item(row.id, f"{mark} {one_line(row.title)}", aside, help=f"{aside}: {one_line(told)}"))
        menu = self.query_one(Menu)
        menu.set_items(items)
        menu.choose(at)
        on = sum(row.since is not None for row in rows)
        self._head(
            say(lang, f"自动规则 {len(rows)}", f"Automation {len(rows)}"), say(lang, f"开着 {on} 条", f"{on} on")
        )

    def _log(self, at: str = "") -> None:
        lang = lang_of(self)
        runs = self._desk.automation.log(self._rule, limit=200)
        self._runs = {run.id: run for run in runs}
        items = []
        for run in runs:
            did = run.why if run.state == "refused" else " / ".join(run.did)
            state = say(lang, *STATES[run.state]) + (f" {run.by}" if run.state == "undone" else "")
            posted = {"queued": say(lang, "待外发", "to post"), "sent": say(lang, "已外发", "posted"),
                      "failed": say(lang, "没发成", "not posted")}.get(run.hook_state, "")  # fmt: skip
            items.append(
                Item(
                    run.id,
                    f"{self._when(run.at)}  {customer_name(run.customer, lang)}",
                    one_line(f"{state} {posted}  {did}"),
                )
            )
        menu = self.query_one(Menu)
        menu.set_items(items)
        menu.choose(at)
        title = self._rules[self._rule].title if self._rule in self._rules else ""
        self._head(say(lang, f"{one_line(title)}：记录 {len(runs)}", f"{one_line(title)}: log {len(runs)}"))

    async def _rehearse(self, row: "RuleRow") -> None:
        from kefu_tui.desk.rehearsing import sentence

        lang, desk = lang_of(self), self._desk
        self._stop = False
        self._show("cases")
        self.query_one(Menu).set_items([])
        self._head(say(lang, f"{one_line(row.title)}：试", f"{one_line(row.title)}: rehearsed"))

        def progress(done: int, total: int) -> bool:
            if self.is_attached:
                self.app.call_from_thread(self._say, say(lang, f"在试 {done}/{total}", f"Rehearsing {done}/{total}"))
            return not self._stop

        told = await asyncio.to_thread(desk.automation.rehearse, row.body, DAYS, progress)
        if self._stop or not self.is_attached:
            return
        self.query_one(Menu).set_items(
            [
                Item(
                    f"{number} {one.conversation_id}",
                    f"{self._when(one.at)}  {customer_name(one.customer, lang)}",
                    one_line(one.text),
                )
                for number, one in enumerate(told.cases)
            ]
        )
        self._say(sentence(told, DAYS, lang))

    # Keys

    async def press(self, event: events.Key) -> None:
        """Go about, write, or act on the line under the cursor."""
        if self._shows == "writing":
            await self._write(event)
            return
        menu, key = self.query_one(Menu), key_name(event)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8}
        if key in steps:
            menu.move(steps[key])
        elif key in ("escape", "q"):
            self._leave()
        elif is_chinese(key):
            self._say(say(lang_of(self), *CHINESE))
        elif self._shows == "rules":
            await self._on_rules(key)
        elif menu.current is not None:
            await self._on_lines(key, menu.current.id)

    def _leave(self) -> None:
        if self._shows == "rules":
            self.dismiss(None)
            return
        self._stop = True
        self._show("rules")
        self._list(self._rule)
        self._say("")

    async def _on_rules(self, key: str) -> None:
        item = self.query_one(Menu).current
        row = self._rules.get(item.id) if item is not None else None
        if key == "A":
            from kefu_tui.desk.automation import NEW

            self._edit(NEW)
        elif row is None:
            return
        elif key == "space":
            await self._did(self._desk.automation.switch(row.id, row.since is None))
        elif key == "e":
            self._rule = row.id
            self._edit(row.body)
        elif key == "d":
            await self._did(self._desk.automation.remove(row.id))
        elif key == "l":
            self._rule = row.id
            self._show("log")
            self._say("")
            self._log()
        elif key == "t":
            self._rule = row.id
            self.run_worker(self._rehearse(row), exclusive=True, exit_on_error=False)

    async def _on_lines(self, key: str, id: str) -> None:
        if self._shows == "cases":
            if key == "enter":
                self.dismiss(id.partition(" ")[2])
            return
        run = self._runs[id]
        if key == "enter":
            self.dismiss(run.conversation_id)
        elif key == "u":
            await self._did(self._desk.automation.undo(run), id)
        elif key == "r":
            await self._did(self._desk.automation.retry(run), id)

    async def _did(self, answer: "Future[Done | Refusal]", at: str = "") -> bool:
        result = await outcome(answer, lang_of(self))
        self._say(result if isinstance(result, str) else result.said)
        item = self.query_one(Menu).current
        if self._shows == "log":
            self._log(at)
        else:
            self._list(item.id if item is not None else "")
        return not isinstance(result, str)

    # Writing

    def _edit(self, text: str) -> None:
        typed = self.query_one(Typed)
        typed.clear()
        typed.put(text)
        self._show("writing")
        self._trouble()

    def _trouble(self) -> None:
        lang = lang_of(self)
        troubles = self._desk.automation.troubles(self.query_one(Typed).value)
        self._say(troubles[0].say(lang) if troubles else say(lang, "可以用。", "It can be used."))

    async def _write(self, event: events.Key) -> None:
        typed = self.query_one(Typed)
        if event.key == "escape":
            self._leave()
        elif event.key in ("ctrl+j", "shift+enter"):
            typed.put("\n")
        elif event.key == "enter":
            result = await outcome(self._desk.automation.save(typed.value), lang_of(self))
            if isinstance(result, str):
                self._say(result)
                return
            self._show("rules")
            self._list(self._rule)
            self._say(result.said)
        elif typed.press(event):
            self._trouble()

    def on_paste(self, event: events.Paste) -> None:
        """A paste is written."""
        if self._shows == "writing" and not self.query_one(Typed).put(event.text):
            self._say(say(lang_of(self), *TOO_LONG))

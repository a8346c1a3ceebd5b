"""The macros of this agent: looked at, written, named, bound, shared, removed."""

from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.app import ComposeResult

from kefu_tui.screens.keyed import CHINESE, Over, is_chinese, key_name
from kefu_tui.screens.outcome import outcome
from kefu_tui.screens.sheet import TOO_LONG, Caps, Item, Menu, Sheet, Text, Typed
from kefu_tui.text import fold_key, one_line
from kefu_tui.widgets.editing import character
from kefu_tui.widgets.ink import lang_of, say

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kefu_tui.desk import Done, Refusal
    from kefu_tui.desk.macros import Macros as Shelf
    from kefu_tui.desk.macros import Written
    from kefu_tui.model.rows import Macro

SCOPES: dict[str, tuple[str, str]] = {
    "agent": ("我的", "Mine"),
    "group": ("本组", "My group"),
    "company": ("全公司", "Company"),
}


class Chosen(NamedTuple):
    """A macro that is to be run."""

    macro: "Macro"


class Macros(Over[Chosen | None]):
    """A list with what each does; keys act on the one under the cursor."""

    def __init__(self, shelf: "Shelf", shares: bool) -> None:
        super().__init__()
        self._shelf = shelf
        self._shares = shares
        self._rows: dict[str, Macro] = {}
        self._editing = ""
        """What is being written: steps or name; '' nothing."""
        self._binds = False
        """Whether the next key is to be the macro's."""

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        keys = [
            ("Enter", say(lang, "用", "run")),
            ("e", say(lang, "改", "edit")),
            ("n", say(lang, "改名", "name")),
            ("b", say(lang, "定键", "bind")),
            *([("s", say(lang, "分享", "share"))] if self._shares else []),
            ("d", say(lang, "删", "drop")),
            ("Esc", say(lang, "关", "close")),
        ]
        yield Sheet(
            Text(
                say(lang, "宏", "Macros"),
                say(lang, "A 新写一个；逗号加它的键就用", "A writes one; a comma and its key runs it"),
                bold=True,
            ),
            Text(),
            Menu(say(lang, "还没有宏。在队列或会话里按 Q 录一个。", "No macros yet. Press Q at work to record one.")),
            Typed(),
            Text(id="told"),
            Caps(keys),
            id="macros",
        )

    def on_mount(self) -> None:
        """All of them."""
        self._list()
        self._edit("")

    def _list(self) -> None:
        lang = lang_of(self)
        self._rows = {row.id: row for row in self._shelf.all()}
        items = []
        for row in self._rows.values():
            steps = self._shelf.steps(row, lang)
            many = len(steps.splitlines())
            items.append(
                Item(
                    row.id,
                    one_line(row.name),
                    say(lang, f"{many} 步", f"{many} steps"),
                    f", {row.key}" if row.key else "",
                    say(lang, *SCOPES.get(row.scope, (row.scope, row.scope))),
                    one_line(steps.replace("\n", "  ")),
                )
            )
        self.query_one(Menu).set_items(items)

    @property
    def _current(self) -> "Macro | None":
        item = self.query_one(Menu).current
        return self._rows.get(item.id) if item is not None else None

    def _edit(self, what: str, text: str = "") -> None:
        """Write steps or a name, beginning with a text; '' ends it."""
        typed = self.query_one(Typed)
        self._editing = what
        typed.display = bool(what)
        typed.styles.height = 6 if what in ("steps", "new") else 1
        typed.clear()
        typed.put(text)
        lang = lang_of(self)
        hint = say(
            lang,
            "一行一步：标签 催件、备注 什么、转接 登录名、稍后 2h、结束",
            "a step a line: tag urgent, note .., transfer login, snooze 2h, resolve",
        )
        self._say(hint if what in ("steps", "new") else "")

    def _say(self, words: str) -> None:
        self.query_one("#told", Text).say(words)

    async def press(self, event: events.Key) -> None:
        """Act on the macro under the cursor, or write."""
        if self._binds:
            await self._bound(event)
        elif self._editing:
            await self._written(event)
        else:
            await self._act(event)

    async def _act(self, event: events.Key) -> None:
        menu, row, lang, key = self.query_one(Menu), self._current, lang_of(self), key_name(event)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8}
        if key in ("escape", "q"):
            self.dismiss(None)
        elif key in steps:
            menu.move(steps[key])
        elif key == "A":
            self._edit("new")
        elif is_chinese(key):
            self._say(say(lang, *CHINESE))
        elif row is None:
            return
        elif key == "enter":
            self.dismiss(Chosen(row))
        elif key == "e":
            self._edit("steps", self._shelf.steps(row, lang))
        elif key == "n":
            self._edit("name", row.name)
        elif key == "b":
            self._binds = True
            self._say(
                say(lang, "按一个字符作它的键；退格是不要键。", "Press one character for its key; backspace for none.")
            )
        elif key == "s" and self._shares:
            order = list(SCOPES)
            await self._save(self._as(row)._replace(scope=order[(order.index(row.scope) + 1) % len(order)]), row.id)
        elif key == "d":
            await self._did(self._shelf.remove(row.id))

    def _as(self, row: "Macro") -> "Written":
        from kefu_tui.desk.macros import Written

        return Written(row.name, self._shelf.steps(row), row.key, row.scope)

    async def _bound(self, event: events.Key) -> None:
        row, key = self._current, fold_key(character(event))
        self._binds = False
        self._say("")
        if row is None or event.key == "escape":
            return
        if event.key == "backspace":
            key = ""
        elif not key or key.isspace() or is_chinese(key):
            self._say(say(lang_of(self), "这个键不行，要一个字符。", "Not this key: one character."))
            return
        await self._save(self._as(row)._replace(key=key), row.id)

    async def _written(self, event: events.Key) -> None:
        typed, row = self.query_one(Typed), self._current
        if event.key == "escape":
            self._edit("")
        elif event.key in ("ctrl+j", "shift+enter") and self._editing in ("steps", "new"):
            typed.put("\n")
        elif event.key == "enter":
            from kefu_tui.desk.macros import Written

            if self._editing == "new":
                first = typed.value.strip().splitlines()
                await self._save(Written(first[0][:20] if first else "", typed.value), "")
            elif row is not None:
                fields = {"steps": typed.value} if self._editing == "steps" else {"name": typed.value.strip()}
                await self._save(self._as(row)._replace(**fields), row.id)
        elif typed.press(event) and self._editing in ("steps", "new"):
            troubles = self._shelf.troubles(typed.value)
            self._say(troubles[0].say(lang_of(self)) if troubles else "")

    def on_paste(self, event: events.Paste) -> None:
        """A paste is written."""
        if self._editing:
            typed = self.query_one(Typed)
            put = typed.put(event.text) if self._editing in ("steps", "new") else typed.put_line(event.text)
            if not put:
                self._say(say(lang_of(self), *TOO_LONG))

    async def _save(self, written: "Written", id: str) -> None:
        if await self._did(self._shelf.save(written, id)):
            self._edit("")

    async def _did(self, answer: "Future[Done | Refusal]") -> bool:
        result = await outcome(answer, lang_of(self))
        if isinstance(result, str):
            self._say(result)
            return False
        self._list()
        self._say(result.said)
        return True

"""Pickers: choose one of a few by typing, by number or by moving; and the sheet to write a few words in."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult

from kefu_tui.screens.keyed import Over
from kefu_tui.screens.sheet import TOO_LONG, Caps, Item, Menu, Sheet, Text, Typed
from kefu_tui.text import fold_key
from kefu_tui.widgets.editing import character
from kefu_tui.widgets.ink import lang_of, say

STEPS = {"up": -1, "down": 1, "ctrl+n": 1, "pageup": -8, "pagedown": 8}
"""Keys that move in a menu while something is typed above it."""

PROMPT = "> "
"""In front of the words of a search."""
MOST = 12
"""Rows of a picker's menu."""


class Picked(NamedTuple):
    """What was chosen, and what was typed to find it."""

    id: str
    typed: str


class Picker(Over[Picked | None]):
    """A question, a line to type in, and what fits it. A digit chooses while nothing is typed."""

    def __init__(
        self,
        question: str,
        search: Callable[[str], Sequence[Item]],
        *,
        hint: str = "",
        aside: str = "",
        digits: bool = True,
        does: str = "",
    ) -> None:
        super().__init__()
        self._question = question
        self._search = search
        self._hint = hint
        self._aside = aside
        self._digits = digits
        self._does = does

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        keys = [
            ("Enter", self._does or say(lang, "选这个", "choose")),
            ("Esc", say(lang, "关", "close")),
        ]
        if self._digits:
            keys.insert(1, ("1-9", say(lang, "直接选", "choose at once")))
        yield Sheet(
            Text(self._question, self._aside, bold=True),
            Typed(self._hint, prompt=PROMPT),
            Text(),
            Menu(say(lang, "没有合适的。", "Nothing fits.")),
            Text(),
            Caps(keys),
            id="picker",
        )

    def on_mount(self) -> None:
        """Everything is there at once."""
        self._fill("")
        self.query_one(Sheet).fit(self.query_one(Menu), MOST)

    def _fill(self, typed: str) -> None:
        items = list(self._search(typed.strip()))
        if self._digits and not typed:
            items = [item._replace(key=str(place)) if place < 10 else item for place, item in enumerate(items, 1)]
        self.query_one(Menu).set_items(items)
        self.query_one(Caps).say(str(len(items)))

    async def press(self, event: events.Key) -> None:
        """Choose, move, leave, type; a digit chooses while nothing is typed."""
        typed, menu = self.query_one(Typed), self.query_one(Menu)
        digit = fold_key(character(event))
        if event.key == "escape":
            self.dismiss(None)
        elif event.key in STEPS:
            menu.move(STEPS[event.key])
        elif event.key == "enter":
            if menu.current is not None:
                self.dismiss(Picked(menu.current.id, typed.value.strip()))
        elif self._digits and not typed.value and digit.isdecimal() and 0 < int(digit) <= min(9, len(menu.items)):
            self.dismiss(Picked(menu.items[int(digit) - 1].id, ""))
        elif typed.press(event):
            self._fill(typed.value)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted word is looked for."""
        self.query_one(Typed).put_line(event.text)
        self._fill(self.query_one(Typed).value)

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        """A click chooses."""
        self.dismiss(Picked(event.item.id, self.query_one(Typed).value.strip()))


class Writer(Over[str | None]):
    """A question and some lines to answer it; None when it was left."""

    def __init__(self, question: str, *, aside: str = "", does: str = "", text: str = "") -> None:
        super().__init__()
        self._question = question
        self._aside = aside
        self._does = does
        self._begun = text

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        keys = [
            ("Enter", self._does),
            ("^J", say(lang, "换行", "new line")),
            ("Esc", say(lang, "不写了", "leave")),
        ]
        yield Sheet(
            Text(self._question, self._aside, bold=True),
            Text(),
            Typed(),
            Text(id="told"),
            Caps(keys),
            token="amber",
            id="writer",
        )

    def on_mount(self) -> None:
        """What is there already."""
        if self._begun:
            self.query_one(Typed).put(self._begun)

    async def press(self, event: events.Key) -> None:
        """Done, left, or written on."""
        typed = self.query_one(Typed)
        if event.key == "enter":
            self.dismiss(typed.value.strip())
        elif event.key == "escape":
            self.dismiss(None)
        elif event.key in ("ctrl+j", "shift+enter"):
            typed.put("\n")
        else:
            typed.press(event)

    def on_paste(self, event: events.Paste) -> None:
        """A paste keeps its line ends."""
        put = self.query_one(Typed).put(event.text)
        self.query_one("#told", Text).say("" if put else say(lang_of(self), *TOO_LONG))

"""Pickers: choose one of a few by typing a part of it, by number or by moving; and the sheet to write a few words in."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Input, TextArea

from kefu_tui.screens.sheet import Caps, Field, Item, Menu, Sheet, Text
from kefu_tui.text import fold_key
from kefu_tui.widgets.ink import lang_of, say


class Picked(NamedTuple):
    """What was chosen, and what was typed to find it."""

    id: str
    typed: str


class Picker(ModalScreen[Picked | None]):
    """A question, a line to type in, and what fits it. A digit chooses while nothing is typed."""

    CSS_PATH = "sheet.tcss"

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
            Field(self._hint),
            Text(),
            Menu(say(lang, "没有合适的。", "Nothing fits.")),
            Caps(keys),
            id="picker",
        )

    def on_mount(self) -> None:
        """Everything is there at once."""
        self._fill("")
        self.query_one(Field).focus()

    def _fill(self, typed: str) -> None:
        items = list(self._search(typed.strip()))
        if self._digits and not typed:
            items = [item._replace(key=str(place)) if place < 10 else item for place, item in enumerate(items, 1)]
        menu = self.query_one(Menu)
        menu.set_items(items)
        self.query_one(Caps).say(str(len(items)))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another search, or a digit that chooses."""
        event.stop()
        typed = fold_key(event.value) if len(event.value) == 1 else event.value
        items = self.query_one(Menu).items
        if self._digits and len(typed) == 1 and typed.isdigit() and 0 < int(typed) <= len(items) and items[0].key:
            self.dismiss(Picked(items[int(typed) - 1].id, ""))
            return
        self._fill(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter chooses what is under the cursor."""
        event.stop()
        current = self.query_one(Menu).current
        if current is not None:
            self.dismiss(Picked(current.id, event.value.strip()))

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        """A click chooses."""
        self.dismiss(Picked(event.item.id, self.query_one(Field).value.strip()))

    def on_key(self, event: events.Key) -> None:
        """Moving and leaving; the rest is typed."""
        steps = {"up": -1, "down": 1, "ctrl+n": 1, "pageup": -8, "pagedown": 8}
        if event.key in steps:
            event.stop()
            self.query_one(Menu).move(steps[event.key])
        elif event.key == "escape":
            event.stop()
            self.dismiss(None)


class Words(TextArea):
    """Some lines to write: Enter is done, ctrl+j is a new line."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "escape"):
            return
        if event.key in ("ctrl+j", "shift+enter"):
            event.stop()
            event.prevent_default()
            self.insert("\n")
            return
        await super()._on_key(event)


class Writer(ModalScreen[str | None]):
    """A question and some lines to answer it; None when it was left."""

    CSS_PATH = "sheet.tcss"

    def __init__(self, question: str, *, aside: str = "", does: str = "", text: str = "", token: str = "amber") -> None:
        super().__init__()
        self._question = question
        self._aside = aside
        self._does = does
        self._text = text
        self._token = token

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
            Words(self._text, compact=True, highlight_cursor_line=False, soft_wrap=True),
            Text(),
            Caps(keys),
            token=self._token,
            id="writer",
        )

    def on_mount(self) -> None:
        """Writing begins at once."""
        words = self.query_one(Words)
        words.focus()
        words.move_cursor(words.document.end)

    def on_key(self, event: events.Key) -> None:
        """Done or left."""
        if event.key == "enter":
            event.stop()
            self.dismiss(self.query_one(Words).text.strip())
        elif event.key == "escape":
            event.stop()
            self.dismiss(None)

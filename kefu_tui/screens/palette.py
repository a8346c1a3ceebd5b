"""The palette: commands, customers and canned replies found by a few letters, Chinese, pinyin or English."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from kefu_tui.commands import GROUPS, TABLE, Command
from kefu_tui.screens.keyed import Over
from kefu_tui.screens.picker import PROMPT, STEPS
from kefu_tui.screens.sheet import Caps, Item, Menu, Sheet, Text, Typed
from kefu_tui.text import count, last_words, one_line
from kefu_tui.widgets.ink import lang_of, say
from kefu_tui.widgets.matching import found
from kefu_tui.widgets.names import customer_name

if TYPE_CHECKING:
    from kefu_tui.desk import CannedLine, QueueRow

SHOWN = 5
"""Customers and replies at most; they never push commands off the sheet."""


def match_command(command: Command, typed: str, lang: str) -> tuple[int, int] | None:
    """Which part of a command's label what was typed stands for, (0, 0) where it matches elsewhere; None: no match."""
    typed = typed.lower()
    label = say(lang, *command.label)
    if (at := label.lower().find(typed)) >= 0:
        return at, at + len(typed)
    syllables = command.spell.split()
    initials = "".join(syllable[0] for syllable in syllables)
    spelled = "".join(syllables)
    if (at := initials.find(typed)) >= 0:
        return _part(label, syllables, at, at + len(typed))
    if spelled.startswith(typed):
        taken, length = 0, 0
        while length < len(typed):
            length += len(syllables[taken])
            taken += 1
        return _part(label, syllables, 0, taken)
    if typed in say("en" if lang == "zh" else "zh", *command.label).lower() or typed in command.id:
        return 0, 0
    return None


def _part(label: str, syllables: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Characters of a Chinese label that syllables [start, end) stand for; nothing where they do not go by one."""
    places = [place for place, char in enumerate(label) if char != " "]
    if len(places) != len(syllables):
        return 0, 0
    return places[start], places[end - 1] + 1


def command_items(typed: str, lang: str, key: Callable[[str], str], fits: Callable[[str], bool]) -> list[Item]:
    """Commands that fit and match, best first; all that fit, in order, where nothing is typed."""
    matched: list[tuple[bool, Item]] = []
    for command in filter(lambda one: fits(one.id), TABLE):
        match = match_command(command, typed, lang) if typed else (0, 0)
        if match is None or (command.id.startswith("reply-") and not typed):
            continue
        shown, told = say(lang, *command.label), say(lang, *command.help)
        group = say(lang, "命令", "Commands") if typed else say(lang, *GROUPS[command.group])
        item = Item(f"command {command.id}", shown, told, key(command.id), group, told, match)
        matched.append((match != (0, min(len(typed), match[1])) or not match[1], item))
    return [item for _, item in (sorted(matched, key=lambda one: one[0]) if typed else matched)]


class Palette(Over[str | None]):
    """Answers with `command ID`, `conversation ID` or `reply ID`."""

    def __init__(
        self,
        key: Callable[[str], str],
        fits: Callable[[str], bool],
        customers: Callable[[str], Sequence["QueueRow"]],
        replies: Callable[[str], Sequence["CannedLine"]],
    ) -> None:
        super().__init__()
        self._key = key
        self._fits = fits
        self._customers = customers
        self._replies = replies

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        yield Sheet(
            Typed(say(lang, "拼音、首字母、英文都行", "a few letters of anything"), prompt=PROMPT),
            Text(),
            Menu(say(lang, "没有这样的命令、客户或话术。", "No such command, customer or reply.")),
            Text(),
            Caps([("Enter", say(lang, "执行", "do it")), ("Esc", say(lang, "关", "close"))]),
            id="palette",
        )

    def on_mount(self) -> None:
        """Every command is there at once."""
        self._fill("")

    def _fill(self, typed: str) -> None:
        lang = lang_of(self)
        items = command_items(typed, lang, self._key, self._fits)
        if typed:
            items = items[:9]
            for row in self._customers(typed)[:SHOWN]:
                name, preview = customer_name(row.name, lang), last_words(row.preview, lang)
                items.append(
                    Item(
                        f"conversation {row.id}",
                        name,
                        preview,
                        group=say(lang, "客户", "Customers"),
                        match=_where(name, typed),
                    )
                )
            for reply in self._replies(typed)[:SHOWN]:
                title = one_line(reply.title)
                used = say(lang, f"用过 {count(reply.uses, lang)} 次", f"used {count(reply.uses, lang)} times")
                group = say(lang, "话术", "Replies")
                items.append(Item(f"reply {reply.id}", title, used, group=group, match=_where(title, typed)))
        self.query_one(Menu).set_items(items)
        self.query_one(Caps).say(count(len(items), lang))

    async def press(self, event: events.Key) -> None:
        """Do it, move, leave, type."""
        typed, menu = self.query_one(Typed), self.query_one(Menu)
        if event.key in ("escape", "ctrl+p"):
            self.dismiss(None)
        elif event.key in STEPS:
            menu.move(STEPS[event.key])
        elif event.key == "enter":
            if menu.current is not None:
                self.dismiss(menu.current.id)
        elif typed.press(event):
            self._fill(typed.value.strip())

    def on_paste(self, event: events.Paste) -> None:
        """A pasted word is looked for."""
        self.query_one(Typed).put_line(event.text)
        self._fill(self.query_one(Typed).value.strip())

    def on_menu_chosen(self, event: Menu.Chosen) -> None:
        """A click does it."""
        self.dismiss(event.item.id)


def _where(text: str, typed: str) -> tuple[int, int]:
    return next(iter(found(text, typed)), (0, 0))

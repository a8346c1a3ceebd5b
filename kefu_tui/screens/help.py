"""Help: every command with its keys, straight from the table."""

from collections.abc import Mapping
from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.commands import GROUPS, TABLE, shown_key
from kefu_tui.screens.keyed import Over, key_name
from kefu_tui.screens.sheet import Caps, Sheet, Text
from kefu_tui.text import cells, wrap
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

NARROW = 90
"""Cells under which the help sentence stands below its label instead of beside it."""
KEYS_WIDTH = 18
LABEL_WIDTH = {"zh": 18, "en": 18}


class HelpLine(NamedTuple):
    """A line of the help: a group's name, or keys, label and a piece of the help sentence."""

    group: str = ""
    keys: str = ""
    label: str = ""
    text: str = ""


HERE: dict[str, str] = {"queue": "queue", "orders": "orders", "replies": "shelf", "conversation": "customers"}
"""The group that is told first where a pane has the keys."""


def help_lines(keys: Mapping[str, tuple[str, ...]], lang: str, width: int, pane: str = "") -> list[HelpLine]:
    """All of the help for a width in cells, what belongs to a pane first; the replies 1 to 9 are one line."""
    lines: list[HelpLine] = []
    narrow = width < NARROW
    room = width - KEYS_WIDTH - (0 if narrow else LABEL_WIDTH.get(lang, 18))
    here = HERE.get(pane, "")
    for group, words in sorted(GROUPS.items(), key=lambda one: one[0] != here):
        if group == here:
            words = (f"这里：{words[0]}", f"Here: {words[1]}")
        lines += [HelpLine(), HelpLine(group=say(lang, *words))] if lines else [HelpLine(group=say(lang, *words))]
        for command in TABLE:
            if command.group != group or (command.id.startswith("reply-") and command.id != "reply-1"):
                continue
            shown = "  ".join(shown_key(key) for key in keys[command.id]) or "-"
            label, text = say(lang, *command.label), say(lang, *command.help)
            if command.id == "reply-1":
                shown = " ".join(shown_key(keys[f"reply-{n}"][0]) for n in (1, 9) if keys[f"reply-{n}"]).replace(
                    " ", "-"
                )
                label = say(lang, "第几条话术", "reply 1 to 9")
                text = say(lang, "把话术栏里那一条填进回复。", "Puts that reply of the pane into the composer.")
            first, *rest = ["", *wrap(text, room)] if narrow else wrap(text, room)
            lines.append(HelpLine(keys=shown, label=label, text=first))
            lines += [HelpLine(text=more) for more in rest]
    return lines


class HelpText(Widget):
    """The scrolling part."""

    class Scrolled(Message):
        """Another part is in sight; `below` lines follow."""

        def __init__(self, below: int) -> None:
            super().__init__()
            self.below = below

    def __init__(self, keys: Mapping[str, tuple[str, ...]], pane: str) -> None:
        super().__init__()
        self._keys = keys
        self._pane = pane
        self._lines: list[HelpLine] = []
        self._top = 0

    def on_resize(self) -> None:
        """Another width wraps otherwise."""
        self._lines = help_lines(self._keys, lang_of(self), self.size.width - 4, self._pane)
        self.scroll_by(0)

    def scroll_by(self, lines: int) -> None:
        """Scroll by lines, not past the ends."""
        self._top = max(0, min(self._top + lines, len(self._lines) - self.size.height))
        self.refresh()
        self.post_message(self.Scrolled(max(0, len(self._lines) - self._top - self.size.height)))

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = Line(ink_of(self), self.size.width, "over").gap(2)
        if self._top + y >= len(self._lines):
            return line.strip()
        shown = self._lines[self._top + y]
        if shown.group:
            return line.add(shown.group, bold=True).strip()
        if self.size.width - 4 < NARROW and not shown.keys:
            return line.to(2 + KEYS_WIDTH).add(shown.text, ink="mid").strip()
        line.add(shown.keys, ink="azure", bold=True).to(2 + KEYS_WIDTH)
        width = LABEL_WIDTH.get(lang_of(self), 18)
        line.gap(0 if cells(shown.keys) < KEYS_WIDTH else 1).add(shown.label)
        return line.to(2 + KEYS_WIDTH + width).add(shown.text, ink="mid").strip()


class Help(Over[None]):
    """Every key, and what it does."""

    def __init__(self, keys: Mapping[str, tuple[str, ...]], problems: str = "", pane: str = "") -> None:
        super().__init__()
        self._keys = keys
        self._pane = pane
        self._problems = problems

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        yield Sheet(
            Text(say(lang, "键和它们做什么", "Keys and what they do"), self._problems, bold=True),
            Text(),
            HelpText(self._keys, self._pane),
            Text(),
            Caps([("Esc", say(lang, "关", "close")), ("j k", say(lang, "上下", "scroll"))]),
            id="help",
        )

    def on_help_text_scrolled(self, event: HelpText.Scrolled) -> None:
        """Say how much is below."""
        event.stop()
        below = say(lang_of(self), f"往下还有 {event.below} 行", f"{event.below} lines below")
        self.query_one(Caps).say(below if event.below else "")

    async def press(self, event: events.Key) -> None:
        """Scrolling and leaving."""
        text = self.query_one(HelpText)
        page = max(1, text.size.height - 2)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page, "space": page}
        steps |= {"home": -10_000, "end": 10_000}
        key = key_name(event)
        if key in steps:
            text.scroll_by(steps[key])
        elif key in ("escape", "enter", "q", "f1", "?"):
            self.dismiss(None)

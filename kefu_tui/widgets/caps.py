"""Keys as panes show them: the agent's own where they were rebound, those of the table otherwise."""

from collections.abc import Mapping, Sequence

from textual.widget import Widget

from kefu_tui.commands import COMMANDS, shown_key
from kefu_tui.widgets.ink import Line, cap, cap_cells, lang_of, say

Cap = tuple[str, str]
"""A key as it is written on a cap, and what it does."""

GAP = 3
"""Cells between keys."""


def keys_of(widget: Widget, command: str) -> tuple[str, ...]:
    """Every key of a command, as a terminal names them: those of the app's keymap, where it has one."""
    keys = getattr(getattr(widget.app, "keymap", None), "keys", None)
    if isinstance(keys, Mapping):
        return tuple(keys.get(command, ()))
    return COMMANDS[command].keys + COMMANDS[command].ime


def cap_of(widget: Widget, command: str, zh: str = "", en: str = "", *, situation: str = "moving") -> Cap:
    """A command's key in a situation and its label, or other words for what it does here. No key: it is unbound."""
    lang = lang_of(widget)
    shown = getattr(getattr(widget.app, "keymap", None), "shown", None)
    if shown:
        key = str(shown(command, situation))
    else:
        keys = [key for key in keys_of(widget, command) if situation == "moving" or len(key.split(" ")[0]) > 1]
        key = shown_key(keys[0]) if keys else ""
    return key, say(lang, zh, en) if zh else say(lang, *COMMANDS[command].label)


def caps(line: Line, shown: Sequence[Cap], until: int, *, acting: bool = True, best: bool = True) -> Line:
    """Caps one after another as far as they fit before column `until`; `best` fills the first.

    Keys that do not act now (`acting` false) stand there without their caps, so that nothing moves when they do.
    """
    first = True
    for key, label in shown:
        gap = 0 if first else GAP
        if not key:
            continue
        if line.cells + gap + cap_cells(line.ink, key, label) > until:
            break
        line.gap(gap)
        if acting:
            cap(line, key, label, best=best and first)
        else:
            line.add(key if line.ink.flat else f" {key} ", ink="dim").add(f" {label}", ink="dim")
        first = False
    return line


def zone_of(widget: Widget) -> str:
    """The IANA zone of the app that a widget lives in; Shanghai's outside of KefuApp."""
    zone = getattr(widget.app, "zone", None)
    return zone if isinstance(zone, str) else "Asia/Shanghai"

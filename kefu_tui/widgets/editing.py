"""What keys do to a text that is being written: those of an editor, and those that are characters."""

import unicodedata

from textual import events

from kefu_tui.widgets.writing import Writing

MODIFIERS = frozenset(("alt", "ctrl", "super", "hyper", "meta"))
"""What makes a key a chord. Terminals write Esc and a quick letter as alt and the letter."""


def character(event: events.Key) -> str:
    """The character that a key press types; '' where it types none: a control, or a letter with a modifier.

    A character that no keyboard has (an input method's) is never a chord.
    """
    typed = event.character or ""
    if len(typed) != 1 or not (typed.isprintable() or unicodedata.category(typed) == "Zs"):
        return ""  # a full-width space is a character, though not a printable one
    return "" if typed.isascii() and not MODIFIERS.isdisjoint(event.key.split("+")[:-1]) else typed


def edit(writing: Writing, key: str, width: int) -> bool:
    """Edits and moves as shells and editors do; False where the key means nothing here."""
    match key:
        case "backspace" | "ctrl+h" | "shift+backspace":
            writing.back()
        case "delete":
            writing.delete()
        case "ctrl+w" | "ctrl+backspace" | "alt+backspace":
            writing.back_word()
        case "ctrl+k":
            writing.kill_end()
        case "ctrl+u":
            writing.kill_start()
        case "ctrl+z":
            writing.undo()
        case "ctrl+y":
            writing.redo()
        case "left":
            writing.left()
        case "right":
            writing.right()
        case "ctrl+left":
            writing.left_word()
        case "ctrl+right":
            writing.right_word()
        case "home" | "ctrl+a":
            writing.home(width)
        case "end" | "ctrl+e":
            writing.end(width)
        case "ctrl+home":
            writing.move(0)
        case "ctrl+end":
            writing.move(len(writing.text))
        case "up":
            writing.vertical(-1, width)
        case "down":
            writing.vertical(1, width)
        case _:
            return False
    return True

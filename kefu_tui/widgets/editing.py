"""What the keys of an editor do to a text that is being written."""

from kefu_tui.widgets.writing import Writing


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

"""The composer: a reply being written, or the offered one as ghost text, with the keys that act on it."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, clean, cut, one_line
from kefu_tui.widgets.bubbles import marked
from kefu_tui.widgets.caps import Cap, cap_of, caps, keys_of
from kefu_tui.widgets.editing import edit
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say, title
from kefu_tui.widgets.writing import LIMIT, Writing

if TYPE_CHECKING:
    from kefu_tui.store.shown import Filled

PAD = 2
"""Columns left free on both sides of the text."""
BOUNCE = 0.3
"""Seconds in which a second send of the same text is the same key."""
NEAR_LIMIT = 9_000
"""Characters from which the count says the limit too."""


class Composer(Widget, can_focus=False):
    """Writes one reply. Keys are text while it has the focus; what it does not use goes on to the screen.

    Rows: head, an empty one, the text, an empty one, keys; the empty ones go first where it is low.
    """

    DEFAULT_CSS = "Composer { height: 8; }"
    ALLOW_SELECT: ClassVar[bool] = False

    offline = reactive(False)
    """Nothing leaves now: what is written is kept and sent later."""

    class Changed(Message):
        """The text is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submit(Message):
        """Send it; `stay` in the conversation, or open the next."""

        def __init__(self, text: str, stay: bool) -> None:
            super().__init__()
            self.text = text
            self.stay = stay

    class Accept(Message):
        """Take the offered reply."""

    class Another(Message):
        """Offer the next best reply."""

    class Leave(Message):
        """Stop writing; the draft stays."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.writing = False
        """Whether keys are text."""
        self._writing = Writing()
        self._offered: Filled | None = None
        self._number = 0
        self._ghost = Writing()
        self._taken: Filled | None = None
        """The reply that the text began as."""
        self._word = ""
        """What was wrong with the last key, until the next."""
        self._sent: tuple[str, float] = ("", 0.0)
        """What was submitted last, and when by the clock of events."""
        self._top = 0
        self._low, self._high = 8, 16

    # What is in it

    @property
    def text(self) -> str:
        """What is written; '' while only the ghost is there."""
        return self._writing.text

    def set_text(self, text: str) -> None:
        """Puts a text into the composer, the cursor at its end; undo brings back what was there. Posts nothing."""
        offered = self._offered
        self._taken = offered if offered and offered.text == text else None
        self._writing.set(text, offered.spans if self._taken and offered else ())
        self._fresh()

    def start(self, text: str = "") -> None:
        """Begins another text, without the past of the one before: a draft, or nothing."""
        self._taken = None
        self._writing.start(text)
        self._fresh()

    def offer(self, filled: "Filled | None", number: int) -> None:
        """Shows a reply as ghost text while nothing is written; `number` is its place in the replies pane, 0 none."""
        if (filled, number) != (self._offered, self._number):
            self._offered, self._number = filled, number
            self._ghost.start(filled.text if filled else "", filled.spans if filled else ())
            self._fresh()

    def accept(self) -> "Filled | None":
        """Takes the offered reply as the text; None where none is shown."""
        ghost = self.ghost
        if ghost:
            self.set_text(ghost.text)
        return ghost

    def warn(self, word: str) -> None:
        """Says in the head what is wrong, until the next key."""
        self._word = one_line(word)
        self.refresh()

    @property
    def ghost(self) -> "Filled | None":
        """The offered reply, while it is shown."""
        return None if self.text else self._offered

    # Writing and not

    def begin(self) -> None:
        """Starts writing: the composer takes the keys."""
        self.writing = True
        self.can_focus = True
        self.focus(scroll_visible=False)
        self._fresh()

    def leave(self) -> None:
        """Stops writing; the text stays."""
        self.writing = False
        self._word = ""
        if self.has_focus:
            self.blur()
        self.can_focus = False
        self._fresh()

    def between(self, low: int, high: int) -> None:
        """Fewest and most rows that it may take."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, max(low, high)
            self._fresh()

    # Rows

    @property
    def _chrome(self) -> int:
        """Rows that are not text."""
        return 4 if self._low >= 6 else 2

    @property
    def _width(self) -> int:
        return max(4, self.size.width - 2 * PAD)

    @property
    def _room(self) -> int:
        """Rows of text in sight."""
        return max(1, self.size.height - self._chrome)

    @property
    def _first(self) -> int:
        """The row in which the text begins."""
        return self._chrome // 2

    @property
    def _shown(self) -> Writing:
        """What is in sight: the text, or the ghost."""
        return self._ghost if self.ghost else self._writing

    def _fresh(self) -> None:
        """Draws it anew: as tall as the text needs, the cursor in sight, the input method's window beside it."""
        if not self.is_mounted or not self.size.width:
            return
        self.styles.height = min(max(self._low, len(self._shown.rows(self._width)) + self._chrome), self._high)
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Scrolls until the cursor is in sight, and tells the terminal where it stands."""
        rows = self._writing.rows(self._width)
        row = self._writing.row(rows)
        self._top = max(0, min(max(self._top, row - self._room + 1), row, len(rows) - self._room))
        if self.writing:
            self.app.cursor_position = self.cursor_place

    @property
    def cursor_place(self) -> Offset:
        """Where the cursor stands on the screen."""
        rows = self._writing.rows(self._width)
        column = self._writing.column(rows, self._width)
        return self.content_region.offset + Offset(PAD + column, self._first + self._writing.row(rows) - self._top)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One row."""
        ink = ink_of(self)
        line = Line(ink, self.size.width, "pane" if ink.flat else "raise_", pad=PAD)
        if not ink.flat:
            line.add(ink.bar, ink="azure" if self.writing else "rail")
        if y == 0:
            self._head(line)
        elif y == self.size.height - 1:
            caps(line.to(PAD), self._caps(), self.size.width - PAD)
        elif self._first <= y < self._first + self._room:
            self._text_row(line.to(PAD), y - self._first)
        return line.strip()

    def _head(self, line: Line) -> None:
        lang, flat = lang_of(self), line.ink.flat
        line.add("-", ink="rail") if flat else line.to(1)
        title(line, say(lang, "回复", "Reply"), focused=self.writing)
        words, ink, bold = self._state()
        line.right(words, ink=ink, bold=bold)
        about = self._about()
        if about:
            line.gap(1 if self.writing else 2)
            line.add(cut(about, max(0, line.room - 1)), ink="dim")
        if flat:  # no planes: a rule parts it from the thread
            line.add("-" * line.room, ink="rail").right("-" * PAD, ink="rail")

    @property
    def _source(self) -> "Filled | None":
        """The reply that is offered, or that the text still is."""
        return self.ghost or (self._taken if self._writing.marks or self._taken_whole else None)

    @property
    def _taken_whole(self) -> bool:
        return self._taken is not None and self._taken.text == self.text

    def _about(self) -> str:
        """What the text is: the offered reply, one that was taken, a draft."""
        lang, source = lang_of(self), self._source
        if source:
            number = f"{self._number} " if self._number and self.ghost else ""
            return say(lang, f"话术 {number}", number) + one_line(source.title)
        if self.text and not self.writing:
            return say(lang, "草稿，离线也能写", "draft, works offline") if self.offline else say(lang, "草稿", "draft")
        return say(lang, "离线也能写", "works offline") if self.offline else ""

    def _state(self) -> tuple[str, str, bool]:
        """What stands at the right of the head: a word on the last key, what is missing or filled, the length."""
        lang, source = lang_of(self), self._source
        if self._word:
            return self._word, "amber", True
        if source and (source.missing or source.asks):
            names = say(lang, "、", ", ").join(one_line(name) for name in (*source.missing, *source.asks))
            return say(lang, "缺 ", "missing ") + cut(names, max(8, self.size.width // 3)), "amber", True
        if source and self.ghost:
            count = len(source.spans)
            return say(lang, f"{count} 处已填，0 处缺", f"{count} filled, 0 missing"), "jade", False
        count = len(self.text)
        if count >= NEAR_LIMIT:
            return say(lang, f"{count} / {LIMIT} 字", f"{count} / {LIMIT} characters"), "amber", True
        return (say(lang, f"{count} 字", f"{count} characters") if count else ""), "dim", False

    def _caps(self) -> list[Cap]:
        """The keys that act on the text now, the best first."""
        situation = "writing" if self.writing else "moving"
        other = cap_of(self, "other", situation=situation)
        if self.ghost:
            return [cap_of(self, "accept", situation=situation), other]
        if not self.writing:
            return [cap_of(self, "write", "接着写", "go on")] if self.text else [cap_of(self, "write")]
        keep = ("存好，连上就发", "keep, send when online") if self.offline else ("", "")
        send = [cap_of(self, "send", *keep, situation="writing"), cap_of(self, "send-stay", situation="writing")]
        return send + ([other] if self._taken_whole else []) if self.text else []

    def _text_row(self, line: Line, row: int) -> None:
        ghost, shown = self.ghost is not None, self._shown
        rows = shown.rows(self._width)
        index = row + self._top
        if index >= len(rows):
            return
        start, end = rows[index]
        here = shown.row(rows) == index if not ghost else index == 0
        cursor = (0 if ghost else shown.at) if self.writing and here else None
        for words, filled, under in with_cursor(shown, start, end, cursor):
            ink = "text" if filled or not ghost else "dim"
            line.add(clean(words), ink=ink, underline=filled, fill="text" if under else None)
        if cursor is not None and cursor >= end:
            line.to(PAD + min(self._width, cells(shown.text[start:cursor]))).add(" ", fill="text")

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Text and editing; everything else goes on to the screen."""
        if not self.writing:
            return
        self._word = ""
        before = self.text
        used = self._command(event) or edit(self._writing, event.key, self._width)
        if not used and event.character and event.is_printable:
            used = True
            self._put(event.character)
        if used:
            event.stop()
            event.prevent_default()
        self._after(before)

    def on_paste(self, event: events.Paste) -> None:
        """A paste is one edit, with its newlines."""
        if not self.writing:
            return
        event.stop()
        self._word = ""
        before = self.text
        self._put(event.text)
        self._after(before)

    def _after(self, before: str) -> None:
        """Draws what an edit changed, and tells of it."""
        self._fresh()
        if self.text != before:
            self.post_message(self.Changed(self.text))

    def _put(self, text: str) -> None:
        if not self._writing.insert(text):
            self._word = say(lang_of(self), f"最多 {LIMIT} 字，没有放进去", f"at most {LIMIT} characters, not put in")

    def _command(self, event: events.Key) -> bool:
        """Does what a key of the table means here."""
        lang = lang_of(self)
        if event.key in keys_of(self, "newline"):
            self._put("\n")
        elif event.key in keys_of(self, "accept"):
            if self.accept():
                self.post_message(self.Accept())
            else:
                self._word = say(lang, "清空了才能采纳", "clear it to accept") if self.text else ""
        elif event.key in keys_of(self, "other"):
            self.post_message(self.Another())
        elif event.key in keys_of(self, "send"):
            self._submit(event, stay=False)
        elif event.key in keys_of(self, "send-stay"):
            self._submit(event, stay=True)
        elif event.key in keys_of(self, "leave"):
            self.leave()
            self.post_message(self.Leave())
        else:
            return False
        return True

    def _submit(self, event: events.Key, *, stay: bool) -> None:
        """Sends what is written. A key that bounced sends nothing twice."""
        lang = lang_of(self)
        text, at = self._sent
        if not self.text.strip():
            self._word = (
                say(lang, "采纳了再发", "accept it first") if self.ghost else say(lang, "还没写", "nothing written")
            )
        elif self.text != text or event.time - at > BOUNCE:
            self._sent = (self.text, event.time)
            self.post_message(self.Submit(self.text, stay))

    # Events

    def on_mount(self) -> None:
        """Keeps the input method's window beside the cursor when the layout moves."""
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._follow() if self.writing else None)

    def on_resize(self, event: events.Resize) -> None:
        """Wraps for the width."""
        self._fresh()

    def on_focus(self, event: events.Focus) -> None:
        """The terminal's cursor comes along."""
        self._fresh()

    def on_click(self, event: events.Click) -> None:
        """Starts writing where it was clicked."""
        event.stop()
        rows = self._writing.rows(self._width)
        row = min(max(0, event.y - self._first + self._top), len(rows) - 1)
        self._writing.move(self._writing.index(rows, row, event.x - PAD))
        self.begin()


def with_cursor(writing: Writing, start: int, end: int, cursor: int | None) -> list[tuple[str, bool, bool]]:
    """The pieces of a row, each with whether it is a filled value and whether the cursor stands on it."""
    if cursor is None or not start <= cursor < end:
        return [(words, filled, False) for words, filled in marked(writing.text, start, end, writing.marks)]
    after = writing.after(cursor)
    return [
        (words, filled, first == cursor)
        for first, last in ((start, cursor), (cursor, after), (after, end))
        for words, filled in marked(writing.text, first, last, writing.marks)
    ]

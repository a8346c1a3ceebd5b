"""The replies pane: canned replies that suit, or that a search found, with the key that puts each into the composer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cells, clean, count, cut, one_line, wrap
from kefu_tui.widgets.bubbles import marked
from kefu_tui.widgets.caps import cap_of, keys_of
from kefu_tui.widgets.editing import character, edit
from kefu_tui.widgets.ink import Line, cap, cap_cells, ink_of, lang_of, say, title
from kefu_tui.widgets.matching import found
from kefu_tui.widgets.offer import in_words
from kefu_tui.widgets.writing import Writing

if TYPE_CHECKING:
    from kefu_tui.store.shown import CannedLine

TITLE = 5
"""Column of the titles."""
LONGEST = 40
"""Characters of a query."""
SCOPES = {"agent": ("我", "me"), "group": ("组", "team")}
"""Whose a reply is, where it is not the whole company's."""
PREVIEW = 3
"""Rows of a reply's text that are shown under its title."""


class CannedPane(Widget, can_focus=False):
    """Draws replies, best first; while searching it takes the keys as text."""

    DEFAULT_CSS = "CannedPane { height: 1fr; }"
    ALLOW_SELECT: ClassVar[bool] = False

    active = reactive(False)
    """Whether keys move this pane: its title is a filled chip then."""
    moving = reactive(True)
    """Whether single keys act: not while writing."""
    usable = reactive(True)
    """Whether a reply can be put into the composer: a conversation is open in which one can be written."""
    offered = reactive(0)
    """Which line the composer offers, from 1; 0 none. Tab takes it."""

    class Query(Message):
        """The search words are others."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Chosen(Message):
        """Put this reply into the composer."""

        def __init__(self, canned_id: str) -> None:
            super().__init__()
            self.canned_id = canned_id

    class Left(Message):
        """The search was given up."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.searching = False
        """Whether keys are search words."""
        self._lines: list[CannedLine] = []
        self._total = 0
        self._query = Writing()
        self._at = 0
        self._titled = True
        self._drawn: tuple[object, list[Strip]] = ((), [])

    def show(self, lines: Sequence["CannedLine"], query: str, total: int) -> None:
        """Other replies, best first, found by `query` of `total` in the box."""
        same = [line.id for line in lines] == [line.id for line in self._lines]
        self._lines, self._total = list(lines), total
        if not self.searching and query != self._query.text:
            self._query.start(query)
        if not same:
            self._at = 0
        self._redraw()

    def titled(self, shown: bool) -> None:
        """Whether the pane says its own name; in one column the switcher does."""
        if self._titled != shown:
            self._titled = shown
            self._redraw()

    @property
    def words(self) -> str:
        """The search words."""
        return self._query.text

    def current(self) -> "CannedLine | None":
        """The reply whose text is shown."""
        return self._lines[self._at] if self._at < len(self._lines) else None

    def move(self, rows: int) -> None:
        """Goes down by rows, up when negative; stays at the ends."""
        self._at = min(max(0, self._at + rows), max(0, len(self._lines) - 1))
        self._redraw()

    def line(self, number: int) -> "CannedLine | None":
        """A line of those shown, counted from 1."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else None

    def begin_search(self) -> None:
        """Takes the keys as search words, beginning with none."""
        self.searching = True
        self._query.start("")
        self._at = 0
        self.can_focus = True
        self.focus(scroll_visible=False)
        self._redraw()

    def end_search(self) -> None:
        """Gives the keys back; the words go."""
        self.searching = False
        self._query.start("")
        self._at = 0
        if self.has_focus:
            self.blur()
        self.can_focus = False
        self._redraw()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Search words; arrows choose among what was found."""
        if not self.searching:
            return
        before = self.words
        if not self._use(event):
            return
        event.stop()
        event.prevent_default()
        self._tell(before)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted word is searched for."""
        if self.searching:
            event.stop()
            before = self.words
            self._query.insert(" ".join(event.text.split())[:LONGEST])
            self._tell(before)

    def _use(self, event: events.Key) -> bool:
        if event.key in keys_of(self, "leave"):
            self.end_search()
            self.post_message(self.Left())
        elif event.key in ("enter", "tab"):
            if (line := self.current()) is not None:
                self.post_message(self.Chosen(line.id))
        elif event.key in ("up", "ctrl+p"):
            self.move(-1)
        elif event.key in ("down", "ctrl+n"):
            self.move(1)
        elif edit(self._query, event.key, LONGEST * 2):
            pass
        elif typed := character(event):
            if len(self.words) < LONGEST:
                self._query.insert(typed)
        else:
            return False
        return True

    def _tell(self, before: str) -> None:
        self._redraw()
        if self.words != before:
            self._at = 0
            self.post_message(self.Query(self.words))

    # Drawing

    def _redraw(self) -> None:
        self._drawn = ((), [])
        if self.searching and self.is_mounted and self.app.screen is self.screen:
            self.app.cursor_position = self.cursor_place
        self.refresh()

    @property
    def cursor_place(self) -> Offset:
        """Where the cursor stands on the screen, for the input method's window."""
        before = cells(f"  {self._called()}  /") + cells(self.words[: self._query.at])
        return self.content_region.offset + Offset(min(before, max(0, self.size.width - 1)), 0)

    def render_line(self, y: int) -> Strip:
        """One row."""
        drawn_with = (ink_of(self), lang_of(self), self.size, self.active, self.moving, self.usable, self.offered)
        if self._drawn[0] != drawn_with:
            self._drawn = (drawn_with, self._draw())
        rows = self._drawn[1]
        return rows[y] if y < len(rows) else self._line().strip()

    def _line(self, plane: str = "pane") -> Line:
        return Line(ink_of(self), self.size.width, plane)

    def _called(self) -> str:
        return say(lang_of(self), "话术", "Replies")

    def _draw(self) -> list[Strip]:
        head = [self._head().strip()] if self._titled or self.searching or self.words else []
        if self.size.height > 8 and head:
            head.append(self._line().strip())
        if not self._lines:
            return head + self._empty()
        room = self.size.height - len(head)
        opened = self._opened(room)
        around = max(0, room - len(opened))
        above = min(self._at, max(around - (len(self._lines) - self._at - 1), around // 2))
        rows = [self._row(place).strip() for place in range(self._at - above, self._at)] + opened
        below = self._lines[self._at + 1 :]
        left = around - above
        fit = len(below) if len(below) <= left else left - 1
        rows += [self._row(place).strip() for place in range(self._at + 1, self._at + 1 + max(0, fit))]
        if fit < len(below) and left > 0:
            rest = count(len(below) - fit, lang_of(self))
            more = say(lang_of(self), f"往下还有 {rest} 条", f"{rest} more below")
            rows.append(self._line().gap(TITLE).add(more, ink="dim").strip())
        return head + rows

    def _head(self) -> Line:
        line = self._line().gap(1)
        lang = lang_of(self)
        total = count(self._total, lang)
        if self.searching or self.words:
            title(line, self._called(), focused=self.active or self.searching)
            line.right(f"{len(self._lines)} / {total}", ink="mid")
            self._draw_words(line.gap(1 if self.active or self.searching else 2))
            return line
        title(line, self._called(), total, focused=self.active)
        key, label = cap_of(self, "search", "搜", "find", situation="moving" if self.moving else "writing")
        if key and line.room > cap_cells(line.ink, key, label):
            cap(line, key, label, right=True)
        return line

    def _draw_words(self, line: Line) -> None:
        """The search words, with the cursor in them."""
        query = self.words
        at = self._query.at if self.searching else len(query)
        after = self._query.after(at)
        line.add("/", ink="dim").add(clean(query[:at]), bold=True, underline=True)
        if self.searching:
            line.add(clean(query[at:after]) or " ", bold=True, fill="text")
            line.add(clean(query[after:]), bold=True, underline=True)

    def _opened(self, room: int) -> list[Strip]:
        """The current line with why it is offered and how it begins."""
        lang, line = lang_of(self), self._lines[self._at]
        plane = "calm"
        rows = [self._row(self._at, plane)]
        width = self.size.width - TITLE - 2
        reason = one_line(line.reason)
        if reason:
            rows.append(self._line(plane).gap(TITLE).add(cut(reason, width), ink="dim"))
        most = min(PREVIEW, max(0, room - 4)) if self.searching or self.active or not reason else 0
        texts = wrap(one_line(in_words(line.text, lang)), width) if most else []
        if len(texts) > most:
            texts = [*texts[: most - 1], cut(" ".join(texts[most - 1 :]), width)] if most else []
        rows += [self._line(plane).gap(TITLE).add(text, ink="mid") for text in texts]
        if not line.text and not reason:
            rows.append(self._line(plane).gap(TITLE).add(say(lang, "没有内容", "empty"), ink="dim"))
        return [row.strip() for row in rows]

    def _row(self, place: int, plane: str = "pane") -> Line:
        """Number, title with what was found underlined, and the shortcut or the key that takes it."""
        entry, line = self._lines[place], self._line(plane)
        here = place == self._at
        number = str(place + 1) if place < 9 else ""
        acts = self.usable and (self.moving or self.searching)
        line.gap(2).column(number, TITLE - 2, ink="azure" if acts else "dim", bold=acts)
        self._end(line, entry, place)
        name = cut(one_line(entry.title), max(4, line.room - 1))
        query = self.words
        ink = "text" if here else "mid"
        for words, match in marked(name, 0, len(name), found(name, query) if query else []):
            line.add(words, ink="text" if match else ink, bold=match or here, underline=match)
        return line

    def _end(self, line: Line, entry: "CannedLine", place: int) -> None:
        if self.searching and self.usable and place == self._at:
            cap(line, "Enter", best=True, right=True)
        elif not self.searching and place + 1 == self.offered:
            cap(line, cap_of(self, "accept")[0], best=True, right=True)
        else:
            shortcut, query = cut(one_line(entry.shortcut), 8), self.words.lower()
            found_here = len(query) if query and shortcut.lower().startswith(query) else 0
            whose = SCOPES.get(entry.scope)
            if whose is not None and line.room > 24:
                line.right(say(lang_of(self), *whose) + " ", ink="dim")
            line.right(shortcut[:found_here], ink="mid", underline=True).right(shortcut[found_here:], ink="dim")

    def _empty(self) -> list[Strip]:
        lang = lang_of(self)
        if self.words:
            words = say(lang, "没有这样的话术，换个词。", "No such reply. Try another word.")
        else:
            words = say(lang, "这里还没有话术。", "No canned replies yet.")
        return [self._line().strip(), self._line().gap(2).add(words, ink="mid").strip()]

    # Events

    def on_mount(self) -> None:
        """Keeps the input method's window beside the cursor when the layout moves."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._moved)

    def _moved(self, screen: object) -> None:
        if self.searching and self.app.screen is self.screen and self.app.cursor_position != self.cursor_place:
            self.app.cursor_position = self.cursor_place
            self.refresh()  # the terminal hears of it with the next thing that is drawn

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.move(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.move(1)

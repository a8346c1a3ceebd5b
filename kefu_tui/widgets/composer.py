"""The composer: a reply being written, or the offered one as ghost text, with the keys that act on it."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kefu_tui.text import cells, clean, cut, one_line
from kefu_tui.widgets.caps import Cap, cap_of, caps, keys_of
from kefu_tui.widgets.editing import character, edit
from kefu_tui.widgets.field import PAD, Field
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say, title
from kefu_tui.widgets.offer import Offer, gaps_of, offer_of
from kefu_tui.widgets.writing import LIMIT, Writing

if TYPE_CHECKING:
    from kefu_tui.store.shown import Filled

BOUNCE = 0.3
"""Seconds in which a second send of the same text is the same key."""
SHORTEST = 10
"""Cells below which what the text is remains unsaid rather than cut."""
NEAR_LIMIT = 9_000
"""Characters from which the count says the limit too."""


LETTERS = re.compile("[a-z0-9]{2,12}")
"""What may be the initials or the shortcut of a canned reply."""


class Composer(Field):
    """Writes one reply. Keys are text while it has the focus; what it does not use goes on to the screen."""

    DEFAULT_CSS = "Composer { height: 8; }"

    offline = reactive(False)
    """Nothing leaves now: what is written is kept and sent later."""
    moving = reactive(True)
    """Whether keys that are no text act while nothing is written: not while something else takes them."""
    mending = reactive(False)
    """What is written is to replace words that were held."""
    second = reactive(False)
    """Something else comes first: no key of a resting composer is the best next one."""

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

    class Expand(Message):
        """What is written so far are the initials of a canned reply: put that in its place."""

        def __init__(self, letters: str) -> None:
            super().__init__()
            self.letters = letters

    class Another(Message):
        """Offer the next best reply."""

    class Leave(Message):
        """Stop writing; the draft stays."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._offered: Offer | None = None
        self._number = 0
        self._ghost = Writing()
        self._taken: Offer | None = None
        """The reply that the text began as."""
        self._word = ""
        """What was wrong with the last key, until the next."""
        self._sent: tuple[str, float] = ("", 0.0)
        """What was submitted last, and when by the clock of events."""

    # What is in it

    @property
    def text(self) -> str:
        """What is written; '' while only the ghost is there."""
        return self._writing.text

    def set_text(self, text: str) -> None:
        """Puts a text into the composer, the cursor at its end; undo brings back what was there. Posts nothing."""
        offer = self._offered if self._offered and text in (self._offered.raw, self._offered.text) else None
        if offer and offer == self._taken and offer.text == self.text:
            return
        self._taken = offer
        self._writing.set(offer.text if offer else text, offer.marks if offer else ())
        self._to_gap()
        self._fresh()

    def start(self, text: str = "", taken: "Filled | None" = None) -> None:
        """Begins another text, without the past of the one before: a draft, perhaps of a canned reply, or nothing."""
        offer, gaps = (offer_of(taken, lang_of(self)) if taken and text else None), gaps_of(text)
        if offer and gaps:
            offer = offer._replace(lacks=tuple(dict.fromkeys((*offer.lacks, *gaps.lacks))))
        self._taken, self._gap = offer or gaps, None
        self._writing.start(text, offer.marks if offer and offer.text == text else ())
        self._fresh()

    def offer(self, filled: "Filled | None", number: int) -> None:
        """Shows a reply as ghost text while nothing is written; `number` is its place in the replies pane, 0 none."""
        offered = offer_of(filled, lang_of(self)) if filled else None
        if (offered, number) != (self._offered, self._number):
            self._offered, self._number = offered, number
            self._ghost.start(offered.text if offered else "", offered.marks if offered else ())
            self._fresh()

    def take(self, filled: "Filled") -> None:
        """Puts a chosen reply in: in the place of nothing or of an untouched reply, else where the cursor is."""
        offer = offer_of(filled, lang_of(self))
        if not self.text or self._untouched:
            self._taken = offer
            self._writing.set(offer.text, offer.marks)
        elif self._writing.replace(self._writing.at, self._writing.at, offer.text, offer.marks):
            self._taken = offer._replace(lacks=(*self.lacks, *offer.lacks))
        self._to_gap()
        self._fresh()

    def accept(self) -> bool:
        """Takes the offered reply as the text; False where none is shown."""
        ghost = self.ghost
        if ghost:
            self.set_text(ghost.text)
        return ghost is not None

    @property
    def ghost(self) -> Offer | None:
        """The offered reply, while it is shown."""
        return None if self.text else self._offered

    @property
    def _shown(self) -> Writing:
        """What is in sight: the text, or the ghost."""
        return self._ghost if self.ghost else self._writing

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
            best = self.writing or (self.ghost is not None and not self.second)
            caps(line.to(PAD), self._caps(), self.size.width - PAD, best=best)
        elif self._first <= y < self._first + self._room:
            self._text_row(line.to(PAD), y - self._first)
        return line.strip()

    def _head(self, line: Line) -> None:
        lang, flat = lang_of(self), line.ink.flat
        name = say(lang, "回复", "Reply")
        rule = "-" * PAD if flat else " " * PAD  # without planes a rule parts it from the thread
        if self.writing:
            title(line.add(rule[: 1 - line.cells], ink="rail"), name, focused=True).gap(1)
        else:
            line.add(rule[line.cells :], ink="rail").add(name, bold=True).add(rule, ink="rail")
        words, ink, bold = self._state()
        line.right(words, ink=ink, bold=bold)
        if flat:
            line.pad = 0
            line.right(rule, ink="rail")
        about = self._about()
        if cells(about) < line.room or line.room > SHORTEST:
            line.add(cut(about, line.room - 1), ink="dim")
        if flat:
            line.add("-" * line.room, ink="rail")

    @property
    def _source(self) -> Offer | None:
        """The reply that is offered, or that the text still is in part."""
        return self.ghost or (self._taken if self._untouched or self._writing.marks or self.lacks else None)

    @property
    def _untouched(self) -> bool:
        """Whether the text is the reply that was taken, as it was."""
        return self._taken is not None and self._taken.text == self.text

    @property
    def lacks(self) -> list[str]:
        """What is still missing in the text of the canned replies that it came from."""
        return self._taken.still_lacks(self.text) if self._taken else []

    def _about(self) -> str:
        """What the text is: the offered reply, one that was taken, a draft."""
        lang, source = lang_of(self), self._source
        if self.mending and not self.ghost:
            return say(lang, "改扣下的那条", "mending the held reply")
        if source and source.title:
            number = f"{self._number} " if self._number and self.ghost else ""
            return say(lang, f"话术 {number}", number) + source.title
        if self.text and not self.writing:
            return say(lang, "草稿，离线也能写", "draft, works offline") if self.offline else say(lang, "草稿", "draft")
        return say(lang, "离线也能写", "works offline") if self.offline else ""

    def _state(self) -> tuple[str, str, bool]:
        """What stands at the right of the head: a word on the last key, what is missing or filled, the length."""
        lang, source = lang_of(self), self._source
        if self._word:
            return self._word, "amber", True
        lacks = source.lacks if source and self.ghost else self.lacks
        if lacks:
            names = say(lang, "、", ", ").join(map(one_line, lacks))
            return say(lang, "缺 ", "missing ") + cut(names, max(8, self.size.width // 3)), "amber", True
        if source and self.ghost:
            filled = len(source.marks)
            if not filled:
                return "", "dim", False
            return say(lang, f"{filled} 处已填，0 处缺", f"{filled} filled, 0 missing"), "jade", False
        count = len(self.text)
        if count >= NEAR_LIMIT:
            return say(lang, f"{count} / {LIMIT} 字", f"{count} / {LIMIT} characters"), "amber", True
        return (say(lang, f"{count} 字", f"{count} characters") if count else ""), "dim", False

    def _caps(self) -> list[Cap]:
        """The keys that act on the text now, the best first."""
        if not (self.writing or self.moving):
            return []
        situation = "writing" if self.writing else "moving"
        if self.ghost:
            return [cap_of(self, name, situation=situation) for name in ("accept", "other")]
        if not self.writing:
            return [cap_of(self, "write", "接着写", "go on")] if self.text else [cap_of(self, "write")]
        keep = ("存好，连上就发", "keep, send when online") if self.offline else ("", "")
        send = [cap_of(self, "send", *keep, situation="writing"), cap_of(self, "send-stay", situation="writing")]
        return send if self.text else []

    def _text_row(self, line: Line, row: int) -> None:
        ghost, shown = self.ghost is not None, self._shown
        rows = shown.rows(self._width)
        index = row + self._top
        if index >= len(rows):
            return
        start, end = rows[index]
        offer = self.ghost or self._taken
        gaps = offer.gaps(shown.text) if offer else []
        here = index == (0 if ghost else shown.row(rows))
        cursor = (0 if ghost else shown.at) if self.writing and here else None
        under = self._gap or (cursor, shown.after(cursor)) if cursor is not None else (end, end)
        places = {start, end, *under, *(edge for span in (*gaps, *shown.marks) for edge in span)}
        edges = sorted(place for place in places if start <= place <= end)
        for first, last in pairwise(edges):
            filled = any(one <= first < two for one, two in shown.marks)
            gap = any(one <= first < two for one, two in gaps)
            ink = "amber" if gap else "text" if filled or not ghost else "dim"
            fill = "text" if under[0] <= first < under[1] else None
            line.add(clean(shown.text[first:last]), ink=ink, underline=filled or gap, fill=fill)
        if cursor is not None and cursor >= end:
            line.to(PAD + min(self._width, cells(shown.text[start:cursor]))).add(" ", fill="text")

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Text and editing; everything else goes on to the screen."""
        if not self.writing:
            return
        self._word = ""
        before = self.text
        used = self._command(event) or self._edit(event.key)
        if not used and (typed := character(event)):
            used = True
            self._put(typed)
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

    def _edit(self, key: str) -> bool:
        if self._gap and key in ("backspace", "delete"):
            self._writing.replace(*self._gap, "")
        elif not edit(self._writing, key, self._width):
            return False
        self._gap = None
        return True

    def _to_gap(self) -> bool:
        """Goes to the next missing value, where the next character takes its place; False where nothing is missing."""
        gaps = self._taken.gaps(self.text) if self._taken else []
        self._gap = next((gap for gap in gaps if gap[0] > self._writing.at), gaps[0] if gaps else None)
        if self._gap:
            self._writing.move(self._gap[0])
        return self._gap is not None

    def _put(self, text: str) -> None:
        gap, self._gap = self._gap or (self._writing.at, self._writing.at), None
        if not self._writing.replace(*gap, text):
            self._word = say(lang_of(self), f"最多 {LIMIT} 字，没有放进去", f"at most {LIMIT} characters, not put in")

    def _command(self, event: events.Key) -> bool:
        """Does what a key of the table means here."""
        lang = lang_of(self)
        if event.key in keys_of(self, "newline"):
            self._put("\n")
        elif event.key in keys_of(self, "accept"):
            if self.accept():
                self.post_message(self.Accept())
            elif self._to_gap():
                pass
            elif LETTERS.fullmatch(self.text):
                self.post_message(self.Expand(self.text))
            else:
                none = say(lang, "没有推荐的话术", "nothing is offered")
                self._word = say(lang, "清空了才能采纳", "clear it to accept") if self.text else none
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
        if self.lacks:
            self._to_gap()
            self._word = say(lang, "补上才能发：", "fill in to send: ") + one_line(self.lacks[0])
        elif not self.text.strip():
            self._word = (
                say(lang, "采纳了再发", "accept it first") if self.ghost else say(lang, "还没写", "nothing written")
            )
        elif self.text != text or event.time - at > BOUNCE:
            self._sent = (self.text, event.time)
            self.post_message(self.Submit(self.text, stay))

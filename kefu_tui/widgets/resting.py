"""What stands where no reply can be written: why, and the key that changes it."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.text import cut, one_line
from kefu_tui.widgets.caps import Cap, cap_of, caps
from kefu_tui.widgets.field import PAD
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

if TYPE_CHECKING:
    from kefu_tui.store.shown import Head

ENDED = frozenset(("resolved", "closed"))


class Rest(NamedTuple):
    """A bold sentence, what is known besides, and keys."""

    sentence: str
    detail: str = ""
    keys: tuple[Cap, ...] = ()
    best: bool = True
    """Whether the first key is what to do next."""


def why_not(widget: Widget, head: "Head", *, draft: bool) -> Rest | None:
    """Why no reply can be written in a conversation, and what can be done; None where one can."""
    lang = lang_of(widget)
    note = cap_of(widget, "note")
    kept = say(lang, "写了一半的话还在。", "What was begun is kept.") if draft else ""
    if head.status == "archived":
        return Rest(say(lang, "已归档，只能看。", "Archived, read only."), kept)
    if head.status in ENDED:
        return Rest(say(lang, "已结束。", "Resolved."), kept, (cap_of(widget, "reopen"), note))
    if head.phone and (head.mine or not head.assignee_id):
        return _by_phone(widget, head, kept)
    if head.mine:
        return None
    if head.assignee_id:
        who = cut(one_line(head.assignee or ""), 12) or say(lang, "同事", "A colleague")
        return Rest(say(lang, f"{who} 在接待。", f"{who} has this customer."), kept, (note,), best=False)
    take = cap_of(widget, "next", "接待并回复", "take and reply")
    return Rest(say(lang, "还没有人接。", "Nobody has this customer."), kept, (take, note))


def _by_phone(widget: Widget, head: "Head", kept: str) -> Rest:
    """What there is to do with a caller: pick up what rings, take who waits, note what was said."""
    lang, note = lang_of(widget), cap_of(widget, "note")
    if head.due is not None and head.due.kind == "phone_pick_up":
        return Rest(say(lang, "来电在响。", "A call rings."), kept, (cap_of(widget, "next", "接起", "pick up"), note))
    said = say(lang, "给来电的人发不了文字，说了什么记备注。", "Nothing is written to a caller: note what was said.")
    if head.mine:
        return Rest(said, kept, (note,), best=False)
    return Rest(said, kept, (cap_of(widget, "next", "接待", "take"), note))


class Foot(Widget):
    """In the composer's place: why no reply can be written, and keys, in the row where the composer has its own."""

    DEFAULT_CSS = "Foot { height: 4; }"
    ALLOW_SELECT: ClassVar[bool] = False

    moving = reactive(True)
    """Whether single keys act."""

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._rest = Rest("")

    def show(self, rest: Rest) -> None:
        """Another reason."""
        if rest != self._rest:
            self._rest = rest
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        ink = ink_of(self)
        line = Line(ink, self.size.width, "pane" if ink.flat else "raise_", pad=PAD)
        if ink.flat:
            line.add("-" * self.size.width if y == 0 else "", ink="rail")
        else:
            line.add(ink.bar, ink="rail")
        if y == 1:
            line.to(PAD).add(self._rest.sentence, bold=True).gap(1).add(self._rest.detail, ink="mid")
        elif y == 3:
            caps(line.to(PAD), self._rest.keys, self.size.width - PAD, acting=self.moving, best=self._rest.best)
        return line.strip()

"""A canned reply being written or changed: its fields, and how it reads filled for the open conversation."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.screens.keyed import Over
from kefu_tui.screens.sheet import TOO_LONG, Caps, Sheet, Text, Typed
from kefu_tui.text import clean, cut, one_line, wrap
from kefu_tui.widgets.ink import Line, ink_of, lang_of, say

if TYPE_CHECKING:
    from kefu_tui.desk import Filled

Words = tuple[str, str]
LABEL = 10
"""Cells of a field's name."""

STAGES: dict[str, Words] = {
    "greet": ("招呼", "greet"), "ask": ("询问", "ask"), "analyse": ("分析", "analyse"), "recommend": ("推荐", "recommend"),
    "answer": ("解答", "answer"), "close": ("促成", "close"), "confirm": ("确认", "confirm"),
    "goodbye": ("道别", "goodbye"), "aftersale": ("售后", "aftersale"),
}  # fmt: skip
SCOPES: dict[str, Words] = {"agent": ("我的", "mine"), "company": ("全公司", "company")}


class Fields(NamedTuple):
    """What is written of a canned reply."""

    title: str = ""
    shortcut: str = ""
    text: str = ""
    when: str = ""
    scenario: str = "other"
    stage: str = "answer"
    scope: str = "agent"


NAMES: dict[str, Words] = {
    "title": ("标题", "title"),
    "shortcut": ("快捷码", "shortcut"),
    "text": ("内容", "text"),
    "when": ("何时用", "when"),
    "scenario": ("场景", "scenario"),
    "stage": ("阶段", "stage"),
    "scope": ("给谁用", "for"),
}
TEXTS = ("title", "shortcut", "text", "when", "scenario")
CHOSEN: dict[str, dict[str, Words]] = {"stage": STAGES, "scope": SCOPES}


class Name(Widget):
    """A field's name; bold while it is written in."""

    DEFAULT_CSS = "Name { width: 12; height: 1; }"

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field
        self.here = False

    def render_line(self, y: int) -> Strip:
        """The name, and in front of it where the keys go."""
        ink = ink_of(self)
        line = (
            Line(ink, self.size.width, "over").gap(1).add(">" if self.here and y == 0 else " ", ink="azure", bold=True)
        )
        words = say(lang_of(self), *NAMES[self._field]) if y == 0 else ""
        return line.add(words, ink="text" if self.here else "mid", bold=self.here).strip()


class Choose(Widget):
    """A field with a few values, turned by left and right."""

    DEFAULT_CSS = "Choose { height: 1; width: 1fr; }"

    def __init__(self, field: str, value: str) -> None:
        super().__init__()
        self._values = CHOSEN[field]
        self.value = value if value in self._values else next(iter(self._values))

    def turn(self, by: int) -> None:
        """Another value."""
        names = list(self._values)
        self.value = names[(names.index(self.value) + by) % len(names)]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The value among the others."""
        line = Line(ink_of(self), self.size.width, "over").gap(2)
        for name, words in self._values.items():
            chosen = name == self.value
            line.add(say(lang_of(self), *words), ink="azure" if chosen else "dim", bold=chosen, underline=chosen).gap(2)
        return line.strip()


class Preview(Widget):
    """How the reply reads, and what is wrong with it."""

    DEFAULT_CSS = "Preview { height: 1fr; width: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, str]] = []
        self._shown: tuple[str, str, str, Sequence[str]] = ("", "", "", ())

    def show(self, text: str, lacks: str, wrong: str, breaks: Sequence[str] = ()) -> None:
        """Another text, what it lacks, what is wrong, which rules of the guard it breaks."""
        self._shown = (text, lacks, wrong, breaks)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """What is wrong first, then the text."""
        text, lacks, wrong, breaks = self._shown
        width = self.size.width
        rows = [(wrong, "red")] if wrong else []
        if lacks:
            rows.append((say(lang_of(self), f"这位客户缺 {lacks}", f"Missing for this customer: {lacks}"), "amber"))
        rows += [(cut(one, width - 4), "amber") for one in breaks]
        rows += [(line, "text") for line in wrap(clean(text, newlines=True), max(8, width - 4))]
        words, ink = rows[y] if y < len(rows) else ("", "text")
        return Line(ink_of(self), width, "raise_").gap(2).add(words, ink=ink).strip()


class CannedEdit(Over[Fields | str | None]):
    """Answers with the fields, with `remove`, or None when it was left."""

    def __init__(
        self,
        question: str,
        fields: Fields,
        fill: "Callable[[str], Filled | str]",
        breaks: Callable[[str], list[str]],
        *,
        removes: bool,
        shares: bool,
    ) -> None:
        super().__init__()
        self._question = question
        self._fields = fields
        self._fill = fill
        self._breaks = breaks
        self._removes = removes
        self._order = [name for name in NAMES if name != "scope" or shares]
        self._here = 0

    def compose(self) -> ComposeResult:
        """Fields, preview, keys."""
        lang = lang_of(self)
        keys = [
            ("Enter", say(lang, "存", "save")),
            ("Tab", say(lang, "下一项", "next")),
            ("^J", say(lang, "换行", "new line")),
        ]
        keys += [("^D", say(lang, "删掉", "remove"))] if self._removes else []
        keys.append(("Esc", say(lang, "不改了", "leave")))
        rows = []
        for name in self._order:
            value = str(getattr(self._fields, name))
            field = Typed() if name in TEXTS else Choose(name, value)
            field.id = f"field-{name}"
            rows.append(Horizontal(Name(name), field, classes="field body-text" if name == "text" else "field"))
        yield Sheet(Text(self._question, bold=True), Text(), *rows, Text(), Preview(), Caps(keys), id="canned-edit")

    def on_mount(self) -> None:
        """What is there already."""
        for name in TEXTS:
            self._typed(name).put(str(getattr(self._fields, name)))
        self._go(0)

    def _typed(self, name: str) -> Typed:
        return self.query_one(f"#field-{name}", Typed)

    def _go(self, by: int) -> None:
        self._here = (self._here + by) % len(self._order)
        for place, label in enumerate(self.query(Name)):
            label.here = place == self._here
            label.refresh()
        for place, name in enumerate(self._order):
            if name in TEXTS:
                self._typed(name).has_keys(place == self._here)
        self._show()

    @property
    def written(self) -> Fields:
        """What is written now."""
        values = {name: self._typed(name).value.strip() for name in TEXTS}
        for name in CHOSEN:
            values[name] = (
                self.query_one(f"#field-{name}", Choose).value if name in self._order else getattr(self._fields, name)
            )
        return Fields(**values)

    def _show(self) -> None:
        filled = self._fill(self._typed("text").value)
        if isinstance(filled, str):
            self.query_one(Preview).show("", "", filled)
        else:
            lacks = say(lang_of(self), "、", ", ").join(map(one_line, (*filled.missing, *filled.asks)))
            self.query_one(Preview).show(filled.text, lacks, "", self._breaks(filled.text))

    async def press(self, event: events.Key) -> None:
        """Save, leave, remove, go on, turn, type."""
        name = self._order[self._here]
        if event.key == "escape":
            self.dismiss(None)
        elif event.key == "enter":
            self._save()
        elif event.key == "ctrl+d" and self._removes:
            self.dismiss("remove")
        elif event.key in ("tab", "shift+tab") or (event.key in ("up", "down") and name != "text"):
            self._go(1 if event.key in ("tab", "down") else -1)
        elif name in CHOSEN:
            if event.key in ("left", "right", "space"):
                self.query_one(f"#field-{name}", Choose).turn(-1 if event.key == "left" else 1)
        elif event.key in ("ctrl+j", "shift+enter") and name == "text":
            self._typed(name).put("\n")
            self._show()
        elif self._typed(name).press(event):
            self._show()

    def _save(self) -> None:
        written, lang = self.written, lang_of(self)
        if not written.title or not written.text:
            wrong = say(lang, "标题和内容都要有。", "Title and text are needed.")
            self.query_one(Preview).show(written.text, "", wrong)
        elif not isinstance(filled := self._fill(written.text), str):
            self.dismiss(written)
        else:
            self.query_one(Preview).show("", "", filled)

    def on_paste(self, event: events.Paste) -> None:
        """A paste is written where the keys go."""
        name = self._order[self._here]
        if name in TEXTS:
            typed = self._typed(name)
            if typed.put(event.text) if name == "text" else typed.put_line(event.text):
                self._show()
            else:
                self.query_one(Preview).show(typed.value, "", say(lang_of(self), *TOO_LONG))

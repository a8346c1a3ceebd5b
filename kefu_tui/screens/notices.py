"""Held and sync: what did not leave, why, and the keys that decide it; above it how far sync is."""

from collections.abc import Callable
from concurrent.futures import Future
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from textual.app import ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from kefu_tui.commands import COMMANDS
from kefu_tui.now import SECOND
from kefu_tui.screens.above import Above
from kefu_tui.screens.keyed import CHINESE, Keyed, is_chinese
from kefu_tui.screens.outcome import copied, outcome
from kefu_tui.screens.sheet import Caps, Sheet, Text
from kefu_tui.text import clean, clock_of_day, count, cut, day, duration_words, one_line, wrap
from kefu_tui.widgets.ink import Line, cap, ink_of, lang_of, say
from kefu_tui.widgets.names import customer_name

if TYPE_CHECKING:
    from kefu_tui.app import KefuApp
    from kefu_tui.desk import Changed, Desk, Done, NoticeRow, Refusal, SyncStatus

LEVELS = {"held": ("扣下", "held", "red"), "rejected": ("没做成", "refused", "red"), "info": ("告知", "note", "amber")}
ACTIONS = {
    "edit": "held-edit",
    "send-anyway": "held-send",
    "discard": "held-discard",
    "dismiss": "held-discard",
    "to-note": "held-note",
    "copy": "copy",
}
"""The command of each action of a notice."""


class Answer(NamedTuple):
    """A notice whose conversation is to be opened, perhaps to edit its words."""

    notice: "NoticeRow"
    edit: bool = False


def sync_words(status: "SyncStatus", now: int, zone: str, lang: str) -> list[tuple[str, str]]:
    """How sync stands, as pairs of what and how much."""
    since = duration_words((now - status.since) / SECOND, lang)
    states = {
        "online": (f"已连上 {since}", f"connected for {since}"),
        "polling": (f"轮询 {since}，推送不通", f"polling for {since}, no push"),
        "offline": (f"离线 {since}", f"offline for {since}"),
        "needs-auth": ("登录过期：kefu login", "signed out: kefu login"),
        "upgrade": ("后台换了版本，要升级 kefu", "the backend moved on: upgrade kefu"),
        "forked": ("编号和后台对不上：kefu login", "numbers do not fit the backend's: kefu login"),
        "full": (f"本机存不下 {since}", f"cannot be saved here for {since}"),
        "damaged": ("本机的数据坏了：kefu doctor --mend", "the store is damaged: kefu doctor --mend"),
        "local": ("单机，没有后台", "local, no backend"),
    }
    found = [(say(lang, "同步", "sync"), say(lang, *states.get(status.state, (status.state, status.state))))]
    waits = count(status.pending, lang)
    if status.oldest_pending_at is not None:
        oldest = clock_of_day(status.oldest_pending_at, zone)
        waits += say(lang, f"，最早 {oldest} 写的", f", oldest from {oldest}")
    found.append((say(lang, "待发", "to send"), waits))
    if status.loaded < 100:
        found.append((say(lang, "首次载入", "loading"), f"{status.loaded}%"))
    found.append((say(lang, "收到", "received"), f"{status.cursor} / {status.head}"))
    return found


class NoticeList(Widget):
    """Sync's figures, then the notices, each with its words and, under the cursor, its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[NoticeRow] = []
        self.place = 0
        self._sync: list[tuple[str, str]] = []
        self._keys: dict[str, str] = {}
        self._now = 0
        self._zone = ""
        self._drawn: tuple[object, list[Strip]] = (None, [])

    def show(
        self, rows: "list[NoticeRow]", sync: list[tuple[str, str]], keys: dict[str, str], now: int, zone: str
    ) -> None:
        """Other notices or figures; `keys` are the caps of commands."""
        self.rows, self._sync, self._keys, self._now, self._zone = rows, sync, keys, now, zone
        self.move(0)

    @property
    def current(self) -> "NoticeRow | None":
        """The notice under the cursor."""
        return self.rows[self.place] if self.rows else None

    def move(self, by: int) -> None:
        """Move the cursor, not past the ends."""
        self.place = max(0, min(self.place + by, len(self.rows) - 1))
        self._drawn = (None, [])
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        drawn_with = (ink_of(self), lang_of(self), self.size)
        if self._drawn[0] != drawn_with:
            self._drawn = (drawn_with, self._draw())
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Line(ink_of(self), self.size.width, "over").strip()

    def _draw(self) -> list[Strip]:
        """The lines in sight: the notice under the cursor is kept there; the last line says how many are below."""
        width, height = self.size.width, self.size.height
        blocks = [self._head(width)] + [self._notice(place, width) for place in range(len(self.rows))]
        ends = list(accumulate(len(block) for block in blocks))
        lines = [line for block in blocks for line in block]
        if len(lines) - 1 <= height:  # the last one is empty
            return lines
        top = max(0, min(ends[self.place + 1] - height + 1, len(lines) - 1 - height))
        below = sum(end - 1 > top + height - 1 for end in ends[1:])
        if below:
            more = say(lang_of(self), f"往下还有 {below} 条", f"{below} more below")
            return [
                *lines[top : top + height - 1],
                Line(ink_of(self), width, "over").gap(2).add(more, ink="dim").strip(),
            ]
        return lines[top : top + height]

    def _head(self, width: int) -> list[Strip]:
        ink, lang = ink_of(self), lang_of(self)
        lines = []
        for what, how in self._sync:
            lines.append(Line(ink, width, "over").gap(2).add(what, ink="mid").to(12).add(how).strip())
        lines.append(Line(ink, width, "over").strip())
        if not self.rows:
            empty = say(lang, "没有扣下的，也没有没做成的。", "Nothing is held and nothing was refused.")
            lines.append(Line(ink, width, "over").gap(2).add(empty, bold=True).strip())
        return lines

    def _notice(self, place: int, width: int) -> list[Strip]:
        ink, lang, row = ink_of(self), lang_of(self), self.rows[place]
        chosen = place == self.place
        plane = "held" if chosen else "over"
        zh, en, token = LEVELS.get(row.level, LEVELS["info"])
        at = f"{day(row.at, self._now, self._zone, lang)} {clock_of_day(row.at, self._zone)}"

        def line(mark: str = ink.bar) -> Line:
            return Line(ink, width, plane, pad=2).add(mark if chosen else " ", ink="azure").to(2)

        head = (
            line(ink.cursor)
            .add(say(lang, zh, en), ink=token, bold=True)
            .gap(2)
            .add(customer_name(row.name, lang), bold=True)
        )
        lines = [head.right(at, ink="mid").strip()]
        lines += [line().add(words).strip() for words in wrap(clean(row.text), width - 6)]
        if row.body:
            lines += [
                line().add(part, ink="mid").strip() for part in wrap(clean(row.body, newlines=True), width - 6)[:6]
            ]
        if chosen:
            keys = line()
            order = [action for action in ACTIONS if action in row.actions]
            for index, action in enumerate(order):
                name = ACTIONS.get(action, "")
                label = say(lang, "知道了", "dismiss") if action == "dismiss" else say(lang, *COMMANDS[name].label)
                if name and self._keys.get(name):
                    cap(keys, self._keys[name], label, best=index == 0, ink="text").gap(3)
            lines += [line().strip(), keys.strip()]
        lines.append(Line(ink, width, "over").strip())
        return lines


class Notices(Keyed, Above[Answer | None]):
    """Over everything until it is left; its keys are those of the table."""

    CSS_PATH = "sheet.tcss"
    app: "KefuApp"

    pane = "notices"

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self.desk = desk
        self._unsubscribe: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """The sheet."""
        lang = lang_of(self)
        yield Sheet(
            Text(say(lang, "扣下与同步", "Held, and sync"), bold=True),
            Text(),
            NoticeList(),
            Text(id="said"),
            Caps(
                [
                    (self.app.keymap.shown("open", "moving"), say(lang, "打开会话", "open it")),
                    (self.app.keymap.shown("back", "moving"), say(lang, "关", "close")),
                ],
                best=False,
            ),
            id="notices",
        )

    def on_mount(self) -> None:
        """Everything is there at once."""
        self._unsubscribe = self.desk.subscribe(self._heard)
        self._fill()
        self.set_interval(1, self._fill)

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _heard(self, changed: "Changed") -> None:
        self.call_later(self._fill)

    def _fill(self) -> None:
        now, zone = self.desk.now(), self.desk.zone()
        keys = {name: self.app.keymap.shown(name, "moving") for name in set(ACTIONS.values())}
        sync = sync_words(self.desk.status(), now, zone, lang_of(self))
        self.query_one(NoticeList).show(self.desk.notices(), sync, keys, now, zone)

    def heed(self) -> None:
        """A key was pressed: what was said is read."""
        self.query_one("#said", Text).say("")

    def stray(self, key: str) -> None:
        """A Chinese character tells that the input method is on."""
        if is_chinese(key):
            self.query_one("#said", Text).say(say(lang_of(self), *CHINESE))

    async def run_command(self, name: str) -> None:
        """Decide about the notice under the cursor, move, open, leave."""
        rows = self.query_one(NoticeList)
        steps = {"up": -1, "down": 1, "page-up": -5, "page-down": 5, "top": -10_000, "end": 10_000}
        notice = rows.current
        if name in steps:
            rows.move(steps[name])
        elif name in ("back", "notices"):
            self.dismiss(None)
        elif notice is not None and name == "open":
            self.dismiss(Answer(notice))
        elif notice is not None and name == "copy":
            self.app.copy_to_clipboard(notice.body)
            words = cut(one_line(notice.body), 24)
            self.query_one("#said", Text).say(copied(words, lang_of(self)))
        elif notice is not None and name == "held-edit" and "edit" in notice.actions:
            self.dismiss(Answer(notice, edit=True))
        elif notice is not None:
            action = next((one for one in notice.actions if ACTIONS.get(one) == name), None)
            if action is not None:
                await self._settle(self.desk.settle(notice.id, action))

    async def _settle(self, answer: "Future[Done | Refusal]") -> None:
        result = await outcome(answer, lang_of(self))
        said = result if isinstance(result, str) else result.said
        self.query_one("#said", Text).say(said)
        self._fill()

"""What the rows around the panes say: figures of the queue, the switcher's facts, the notice row, the keys that act."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.commands import COMMANDS
from kefu_tui.text import clock_of_day, count, one_line
from kefu_tui.widgets.ink import say, urgency_style
from kefu_tui.widgets.notice_bar import Notice
from kefu_tui.widgets.queue import QueueFacts
from kefu_tui.widgets.row_list import Section
from kefu_tui.widgets.switcher import Tab

if TYPE_CHECKING:
    from kefu_tui.desk import Desk, Due, QueueRow, SyncStatus
    from kefu_tui.desk.views import View
    from kefu_tui.store.listing import Part

ORDER = ("pinned", "mine", "offered", "waiting", "others")
"""Sections of the queue, from the top."""

LOAD = ("over", "now", "soon", "calm")
"""States that the load bar tells apart."""
NEAR = 6
"""How far down the queue those are who may be opened next."""

MOVING = ("transfer", "snooze", "resolve", "reopen", "note", "tag")
QUEUE = ("next", "open", "transfer", "snooze", "resolve", "note")
"""In one column the queue has no other place for its keys."""
BRIEF = {"replies": ("话术", "replies"), "conversation": ("会话", "chat")}
"""What the switcher calls panes where the command's own words are long."""
WRITING = ("newline", "search", "transfer", "snooze", "resolve", "leave")


def sections_of(view: "View", parts: "Sequence[Part]") -> list[Section]:
    """The headings of a listing; in a view by sections those that always stand there though nobody is in them."""
    found = [Section(part.name, part.rows) for part in parts]
    if view.group_by or view.filter:
        return found or [Section("", 0)]
    wanted = {"work": ("mine", "waiting"), "mine": ("mine",), "waiting": ("waiting",)}.get(
        view.base, ("mine", "waiting")
    )
    there = {section.name for section in found}
    found += [Section(name, 0) for name in wanted if name not in there]
    return sorted(found, key=lambda section: ORDER.index(section.name))


def queue_facts(desk: "Desk", view: "View", total: int, marked: int) -> QueueFacts:
    """Figures of the queue's title and headings."""
    me, status = desk.me(), desk.status()
    stale = clock_of_day(status.since, desk.zone()) if status.state == "offline" else ""
    name = one_line(view.name or view.filter)
    return QueueFacts(view.base, total, me.load, me.capacity, stale, name, view.group_by, marked)


class Waiting(NamedTuple):
    """Who nobody has: the first of them, and how many."""

    first: "QueueRow | None" = None
    many: int = 0


def waiting_of(desk: "Desk", ids: Sequence[str], sections: Sequence[Section]) -> Waiting:
    """Who waits, from the queue as it was read; asked for where the view leaves them out."""
    start = 0
    for section in sections:
        if section.name == "waiting":
            return Waiting(
                next(iter(desk.queue_rows(ids[start : start + 1])), None) if section.rows else None, section.rows
            )
        start += section.rows
    return Waiting(next(iter(desk.queue_rows(desk.queue_ids("waiting", 1))), None), desk.queue_count("waiting"))


class Standing(NamedTuple):
    """How things stand, for the notice row."""

    status: "SyncStatus"
    now: int
    zone: str
    lang: str
    look: str
    """The key that shows what was held, and how far sync is."""


def notice_line(stand: Standing) -> Notice:
    """What stays wrong until it is mended: no connection, no sign-in, what was held or refused; else nothing."""
    status, lang = stand.status, stand.lang
    see = say(lang, "看同步", "see sync")
    if status.state == "offline":
        since = clock_of_day(status.since, stand.zone)
        text = say(
            lang,
            f"{since} 起连不上。照常工作，每一步都记下了；连上后自动补发，不会重发。",
            f"No connection since {since}. Keep working; it sends by itself, once.",
        )
        brief = say(lang, "照常工作，连上后自动补发，不会重发。", "Keep working; it sends by itself, once.")
        return Notice(text, "offline", say(lang, "断网", "offline"), stand.look, see, brief)
    if status.state == "needs-auth":
        text = say(
            lang, "登录过期了。写的都记下了，登录后补发：kefu login", "Signed out. All is kept; sends after: kefu login"
        )
        return Notice(text, "offline", say(lang, "要登录", "sign in"), stand.look, see)
    if status.state == "upgrade":
        text = say(
            lang, "后台换了版本，升级 kefu 后继续。写的都记下了。", "The backend moved on; upgrade kefu. All is kept."
        )
        return Notice(text, "offline", say(lang, "要升级", "upgrade"), stand.look, see)
    if status.state == "forked":
        text = say(
            lang,
            "这个桌面的编号和后台对不上（拷过，或丢过一段），同步停了。写的都在，登录后补发：kefu login",
            "This desk was copied or lost its end; sync stopped. All is kept; sends after: kefu login",
        )
        return Notice(text, "offline", say(lang, "要登录", "sign in"), stand.look, see)
    if status.state == "full":
        text = say(
            lang,
            "本机的数据写不进去，同步等着。腾出空间后自己接着来。",
            "The store cannot be written; sync waits. Make room, and it goes on by itself.",
        )
        return Notice(text, "offline", say(lang, "存不下", "full"), stand.look, see)
    if status.state == "damaged":
        text = say(
            lang,
            "本机的数据坏了，同步停了。退出后运行 kefu doctor --mend，能救的都救回来。",
            "The store is damaged; sync stopped. Leave, then run kefu doctor --mend: it saves what can be saved.",
        )
        return Notice(text, "offline", say(lang, "坏了", "damaged"), stand.look, see)
    if status.held:
        figure = count(status.held, lang)
        text = say(lang, f"扣下 {figure} 条，客户没有收到。", f"{figure} held. The customer has not seen it.")
        return Notice(text, "held", say(lang, "扣下", "held"), stand.look, say(lang, "去看", "see"))
    if status.rejected:
        figure = count(status.rejected, lang)
        text = say(lang, f"{figure} 步没有做成，原文还在。", f"{figure} refused; the words are kept.")
        return Notice(text, "held", say(lang, "没做成", "refused"), stand.look, say(lang, "去看", "see"))
    return Notice()


def tabs(facts: dict[str, "Due | int | None"], key: Callable[[str], str], now: int, lang: str) -> list[Tab]:
    """The switcher: each pane with its key and its most urgent clock, or how many."""
    found = []
    for pane, command in (
        ("queue", "queue"),
        ("conversation", "conversation"),
        ("replies", "search"),
        ("orders", "orders"),
        ("timers", "timers"),
    ):
        fact = facts.get(pane)
        name = say(lang, *BRIEF.get(pane, COMMANDS[command].label))
        if isinstance(fact, int):
            found.append(Tab(pane, key(command), name, count(fact, lang)))
        else:
            look = urgency_style(fact, now, lang)
            found.append(Tab(pane, key(command), name, look.text, look.state in ("now", "over")))
    return found


def bottom_keys(
    commands: Sequence[str], situation: str, key: Callable[[str, str], str], acts: Callable[[str], bool], lang: str
) -> list[tuple[str, str]]:
    """Keys and labels of those commands that act now and have a key."""
    found = []
    for name in commands:
        command = COMMANDS[name]
        shown = key(name, situation)
        if shown and (not command.verb or acts(command.verb)):
            found.append((shown, say(lang, *command.label)))
    return found

"""What the pickers offer: times to snooze until, colleagues to hand over to, tags; and how a typed time is read."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kefu_tui.now import HOUR, MINUTE
from kefu_tui.screens.sheet import Item
from kefu_tui.text import clock_of_day, day, fit, one_line
from kefu_tui.widgets.ink import say

if TYPE_CHECKING:
    from kefu_tui.desk import Colleague

PRESENCE: dict[str, tuple[str, str]] = {
    "online": ("在线", "online"),
    "busy": ("忙", "busy"),
    "away": ("离开", "away"),
    "offline": ("离线", "offline"),
}

STATE = 7
"""Cells of a colleague's state in a picker."""

_SPAN = re.compile(r"([0-9]{1,4})\s*(分钟|分|m|min|小时|时|h|天|d)?")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")
_UNITS = {"分钟": 1, "分": 1, "m": 1, "min": 1, "小时": 60, "时": 60, "h": 60, "天": 1440, "d": 1440}


def snooze_times(typed: str, now: int, zone: str, lang: str) -> list[Item]:
    """Times to come back, the item's id being the moment in µs UTC, `ask` another one; for a typed time that alone."""
    if typed:
        until = read_time(typed, now, zone)
        return [] if until is None else [_until(until, now, zone, lang, say(lang, "到这时", "until then"))]
    local = datetime.fromtimestamp(now // 1_000_000, ZoneInfo(zone))
    morning = (local + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    return [
        _until(now + 30 * MINUTE, now, zone, lang, say(lang, "30 分", "30 minutes")),
        _until(now + 2 * HOUR, now, zone, lang, say(lang, "2 小时", "2 hours")),
        _until(int(morning.timestamp()) * 1_000_000, now, zone, lang, say(lang, "明早 9 点", "tomorrow 09:00")),
        Item("ask", say(lang, "别的时间", "another time"), "45  3h  18:30"),
    ]


def _until(moment: int, now: int, zone: str, lang: str, words: str) -> Item:
    return Item(str(moment), words, f"{day(moment, now, zone, lang)} {clock_of_day(moment, zone)}")


def read_time(typed: str, now: int, zone: str) -> int | None:
    """The moment (µs UTC) that a typed time means: minutes, `3h`, `2天`, or the next `18:30`; None when it is none."""
    if found := _CLOCK.fullmatch(typed):
        local = datetime.fromtimestamp(now // 1_000_000, ZoneInfo(zone))
        moment = local.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
        if moment <= local:
            moment += timedelta(days=1)
        return int(moment.timestamp()) * 1_000_000
    if found := _SPAN.fullmatch(typed.lower()):
        minutes = int(found[1]) * _UNITS[found[2] or "m"]
        return now + minutes * MINUTE if 0 < minutes <= 60 * 24 * 90 else None
    return None


def colleague_items(colleagues: Sequence["Colleague"], typed: str, lang: str) -> list[Item]:
    """Those whose name holds what was typed; people first, then groups. The id is kind and id."""
    groups = {"agent": say(lang, "同事", "Colleagues"), "group": say(lang, "组", "Groups")}
    found = []
    for one in sorted(colleagues, key=lambda one: one.kind != "agent"):
        name = one_line(one.name)
        at = name.lower().find(typed.lower())
        if at < 0:
            continue
        state = say(lang, *PRESENCE.get(one.presence, (one.presence, one.presence)))
        if one.kind == "agent":
            aside = f"{fit(state, STATE)}  {say(lang, f'在手 {one.load}', f'{one.load} open')}"
        else:
            aside = say(lang, f"等候 {one.load}", f"{one.load} wait") if one.load else ""
        found.append(Item(f"{one.kind} {one.id}", name, aside, group=groups[one.kind], match=(at, at + len(typed))))
    return found


def tag_items(tags: Sequence[str], own: Sequence[str], typed: str, lang: str) -> list[Item]:
    """Tags that hold what was typed, and the typed word itself as a new one."""
    found = []
    for tag in dict.fromkeys((*own, *tags)):
        word = one_line(tag)
        at = word.lower().find(typed.lower())
        if at >= 0:
            has = say(lang, "已有，再选是去掉", "is on; takes it off") if tag in own else ""
            found.append(Item(tag, word, has, match=(at, at + len(typed))))
    if typed and typed not in (*tags, *own):
        found.append(Item(typed, typed, say(lang, "新标签", "new tag")))
    return found


def resolve_items(tags: Sequence[str], typed: str, lang: str) -> list[Item]:
    """How to resolve: without a tag (id ''), or with one."""
    found = [item._replace(id=f"tag {item.id}") for item in tag_items(tags, (), typed, lang)]
    if not typed:
        found.insert(0, Item("", say(lang, "不加标签", "no tag")))
    return found


def priority_items(lang: str) -> list[Item]:
    """The five priorities."""
    names = say(lang, "最急 急 平常 不急 有空再办", "urgent high normal low whenever").split()
    return [Item(str(number), f"P{number} {name}") for number, name in enumerate(names, start=1)]

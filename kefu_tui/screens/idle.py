"""What is to be done next while nobody waits: clocks that run, customers put away until later, words that were held."""

from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.text import clock_of_day, count, day
from kefu_tui.widgets.caps import Cap
from kefu_tui.widgets.idle import Thing
from kefu_tui.widgets.ink import say
from kefu_tui.widgets.names import customer_name
from kefu_tui.widgets.timers import CLOCKS

if TYPE_CHECKING:
    from kefu_tui.desk import Desk

MOST = 3
"""Things of a kind that are shown."""


class Next(NamedTuple):
    """Something to be done, and the conversation it is in."""

    conversation_id: str | None
    thing: Thing


def next_things(desk: "Desk", lang: str, opens: Cap, sees: Cap) -> list[Next]:
    """Clocks first, then who comes back when, then what was held or refused; `opens` goes to the first of them."""
    found = [
        Next(row.conversation_id, Thing(say(lang, *CLOCKS.get(row.due.kind, (row.due.kind,) * 2)), row.name, row.due))
        for row in desk.timers(MOST)
        if row.due.due_at is not None
    ]
    found += _put_away(desk, lang, {one.conversation_id for one in found})
    found = [one._replace(thing=one.thing._replace(who=customer_name(one.thing.who, lang))) for one in found]
    if found:
        found[0] = found[0]._replace(thing=found[0].thing._replace(cap=opens))
    status = desk.status()
    for figure, zh, en in ((status.held, "扣下", "held"), (status.rejected, "没做成", "refused")):
        if figure:
            what = say(lang, f"{zh} {count(figure, lang)}", f"{count(figure, lang)} {en}")
            found.append(Next(None, Thing(what, say(lang, "等你决定", "you decide"), cap=sees)))
    return found


def _put_away(desk: "Desk", lang: str, without: set[str | None]) -> list[Next]:
    """My snoozed conversations, who comes back first on top."""
    now, zone = desk.now(), desk.zone()
    rows = [row for row in desk.queue_rows(desk.queue_ids("mine", 50)) if row.status == "snoozed"]
    heads = [head for row in rows if row.id not in without and (head := desk.head(row.id)) is not None]
    heads.sort(key=lambda head: (head.snoozed_until is None, head.snoozed_until or 0))
    found = []
    for head in heads[:MOST]:
        until = head.snoozed_until
        time = ""
        if until is not None:
            same = day(until, now, zone, lang) == day(now, now, zone, lang)
            time = clock_of_day(until, zone) if same else day(until, now, zone, lang)
        found.append(Next(head.id, Thing(say(lang, "稍后", "Later"), head.name, time=time)))
    return found

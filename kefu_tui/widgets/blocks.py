"""How a thread falls into parts that are drawn one by one: groups, date lines, what is new, what did not leave."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.text import day

if TYPE_CHECKING:
    from kefu_tui.store.shown import NoticeRow, ThreadItem

PART = 1_000
"""Characters of a long message that are laid out at once."""
GROUP = 8
"""Messages that may share a bubble."""
MINUTE = 60_000_000
QUARTER = 15 * MINUTE
"""Every zone's midnight falls on a quarter of an hour."""
ANSWERS = frozenset(("", "pending", "likely_conflict", "unknown"))
"""Marks of a reply that counts as an answer."""


class Block(NamedTuple):
    """What is laid out and drawn as one: a bubble, a part of a long one, a system line, words that did not leave."""

    key: str
    """The first message's id and the part's number: stays when a thread grows."""
    who: str
    author: str
    at: int
    mark: str
    texts: tuple[str, ...]
    """Raw: one text for each message of a bubble, or one part of a long message."""
    gap: bool = False
    """An empty row above."""
    head: bool = True
    """The bubble begins here; not so in later parts of a long message."""
    long: bool = False
    date: str = ""
    """Words of the date line above, '' for none. A system line has its day in the place of its time."""
    new: int = 0
    """How many messages are new from here on; 0 where no divider stands."""
    fresh: bool = False
    """A message of the customer that nobody has answered yet."""
    notice: "NoticeRow | None" = None
    active: bool = False
    """Its keys act now: of several the oldest; the others are folded to one row."""
    stuck: int = 0
    """How many replies of the thread are held."""
    ids: tuple[str, ...] = ()
    """The messages in it."""


def blocks(
    items: Sequence["ThreadItem"], notices: Sequence["NoticeRow"], *, now: int, zone: str, lang: str
) -> list[Block]:
    """The parts of a thread, oldest first. Notices that no message has come last: words that were kept, steps refused."""
    by_message = {notice.message_id: notice for notice in notices if notice.message_id}
    by_operation = {notice.op_id: notice for notice in notices if notice.op_id and notice.body}
    fresh_from, fresh = _unanswered(items)
    days = _Days(now, zone, lang)
    found: list[Block] = []
    used: set[str] = set()
    index = 0
    while index < len(items):
        item = items[index]
        notice = by_message.get(item.id) or by_operation.get(item.op_id)
        date = days.line(item.at, items[index - 1].at if index else None)
        block = Block(
            f"{item.id}/0", item.who, item.author, item.at, item.mark, (item.text,), date=date, ids=(item.id,)
        )
        if notice:
            used.add(notice.id)
            found.append(block._replace(texts=(notice.body or item.text,), notice=notice))
            index += 1
            continue
        if item.who == "system" and date == days.today:
            block = block._replace(date="")
        count = _together(items, index, fresh_from)
        block = block._replace(
            new=fresh if index == fresh_from and index else 0,
            fresh=item.who == "customer" and index >= fresh_from,
            texts=tuple(each.text for each in items[index : index + count]),
            ids=tuple(each.id for each in items[index : index + count]),
        )
        found.extend(_parted(block))
        index += count
    for notice in notices:
        if notice.id not in used:
            date = days.line(notice.at, found[-1].at if found else None)
            words = notice.body or notice.text
            found.append(Block(f"{notice.id}/0", "me", "", notice.at, "", (words,), date=date, notice=notice))
    return _spaced(found)


def _parted(block: Block) -> list[Block]:
    """A long message in parts, so that only what is seen need be laid out; anything else as it is."""
    if len(block.texts) > 1 or len(block.texts[0]) <= PART + PART // 2:
        return [block]
    message = block.key.rpartition("/")[0]
    parts = parts_of(block.texts[0])
    later = block._replace(head=False, long=True, date="", new=0)
    return [block._replace(texts=(parts[0],), long=True)] + [
        later._replace(key=f"{message}/{number}", texts=(part,)) for number, part in enumerate(parts[1:], 1)
    ]


def parts_of(text: str, size: int = PART) -> list[str]:
    """A long text in parts of about `size` characters, each ending where a line may: a newline, a stop, a space."""
    parts: list[str] = []
    start = 0
    while len(text) - start > size + size // 2:
        end = next(
            (
                place + 1
                for stop in ("\n", "。", "，", " ")
                if (place := text.rfind(stop, start + size // 2, start + size)) >= 0
            ),
            start + size,
        )
        parts.append(text[start:end].removesuffix("\n"))
        start = end
    return [*parts, text[start:]]


def _spaced(found: list[Block]) -> list[Block]:
    """The blocks with the empty rows between them, and with the keys at the first of those that did not leave."""
    held = sum(block.notice is not None and block.notice.level == "held" for block in found)
    oldest = next((block.key for block in found if block.notice), "")
    spaced: list[Block] = []
    for block in found:
        before = spaced[-1] if spaced else None
        active = block.key == oldest
        if block.notice:
            adjoins = before is not None and before.notice is not None and not before.active
        else:
            adjoins = before is not None and before.notice is None and block.who == before.who == "system"
        gap = before is not None and block.head and not (adjoins and (not block.date or block.who == "system"))
        spaced.append(block._replace(gap=gap, active=active, stuck=held if block.notice else 0))
    return spaced


def _unanswered(items: Sequence["ThreadItem"]) -> tuple[int, int]:
    """Where the customer's messages that wait for an answer begin, and how many they are."""
    answered = max(
        (index for index, item in enumerate(items) if item.who in ("me", "agent") and item.mark in ANSWERS), default=-1
    )
    waiting = [index for index in range(answered + 1, len(items)) if items[index].who == "customer"]
    if not waiting:
        return len(items), 0
    return waiting[0], len(waiting)


def _together(items: Sequence["ThreadItem"], index: int, fresh_from: int) -> int:
    """How many messages from `index` on share one bubble: of one party, in one minute, none with a mark."""
    first = items[index]
    length = 0
    for count in range(len(items) - index):
        item = items[index + count]
        length += len(item.text)
        fits = count < GROUP and length <= PART and not item.mark and first.who not in ("note", "system")
        same = item.who == first.who and item.author == first.author and item.at // MINUTE == first.at // MINUTE
        if count and not (fits and same and not first.mark and index + count != fresh_from):
            return count
    return len(items) - index


class _Days:
    """Date lines: where the day of a zone changes, and before the first line of another day."""

    def __init__(self, now: int, zone: str, lang: str) -> None:
        self._now, self._zone, self._lang = now, zone, lang
        self._words: dict[int, str] = {}
        self.today = self._of(now)

    def line(self, at: int, before: int | None) -> str:
        """Words of the date line above a message of `at`, '' for none; `before` is the message's above."""
        here = self._of(at)
        return here if here != self._of(self._now if before is None else before) else ""

    def _of(self, at: int) -> str:
        quarter = at // QUARTER
        if quarter not in self._words:
            self._words[quarter] = day(at, self._now, self._zone, self._lang)
        return self._words[quarter]

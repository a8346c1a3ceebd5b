"""What the workstation reads of a conversation to show it, and what it reads ahead of time for those who come next."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kefu_tui.desk import CannedLine, Desk, Filled, Head, NoticeRow, OrderCard, ThreadItem

AHEAD = 3
"""Conversations read before they are opened."""
PAGE = 200
"""Messages read at a time, the newest first."""
WHOLE = 10_000
"""Messages read of a conversation that is wanted from its beginning."""


class Opened(NamedTuple):
    """All that is shown of one conversation."""

    head: "Head | None"
    items: "list[ThreadItem]"
    notices: "list[NoticeRow]"
    orders: "list[OrderCard]"
    replies: "list[CannedLine]"
    offer: "Filled | None"

    @property
    def premise(self) -> tuple[object, ...]:
        """What suggested replies rest on: where the conversation stands, what was said last, the orders."""
        head = self.head
        if head is None:
            return ()
        last = self.items[-1].id if self.items else ""
        return head.mine, head.status, head.last_pos, head.language, last, self.orders


NOTHING = Opened(None, [], [], [], [], None)


def read(desk: "Desk", conversation_id: str | None) -> Opened:
    """Everything of a conversation; without one, the shelf of canned replies alone."""
    return suggested(desk, words(desk, conversation_id, PAGE))


def suggested(desk: "Desk", opened: Opened) -> Opened:
    """A conversation with the replies that suit it."""
    if opened.head is None:
        return opened._replace(replies=desk.canned("", None), offer=None)
    return opened._replace(replies=desk.canned("", opened.head.id), offer=desk.offer(opened.head.id))


def words(desk: "Desk", conversation_id: str | None, depth: int) -> Opened:
    """A conversation with its newest `depth` messages and its orders, without the replies that suit it."""
    head = desk.head(conversation_id) if conversation_id is not None else None
    if head is None:
        return NOTHING
    own = [notice for notice in desk.notices() if notice.conversation_id == head.id]
    return Opened(head, desk.thread(head.id, depth), own, desk.orders(head.customer_id), [], None)


class Ahead:
    """Conversations that are likely to be opened next, read while nobody waits; forgotten when they change."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._kept: dict[str, Opened] = {}

    def take(self, conversation_id: str | None) -> Opened:
        """A conversation, from what was read ahead where it is there."""
        if conversation_id is not None and (kept := self._kept.pop(conversation_id, None)) is not None:
            return kept
        return read(self._desk, conversation_id)

    def fill(self, ids: list[str]) -> Opened | None:
        """Read one more of the first few of these, and return it; None when all are there."""
        self._kept = {one: self._kept[one] for one in ids[:AHEAD] if one in self._kept}
        for conversation_id in ids[:AHEAD]:
            if conversation_id not in self._kept:
                opened = self._kept[conversation_id] = read(self._desk, conversation_id)
                return opened
        return None

    def forget(self, ids: Iterable[str] | None = None) -> None:
        """These changed; None: anything may have."""
        if ids is None:
            self._kept.clear()
        else:
            for conversation_id in ids:
                self._kept.pop(conversation_id, None)

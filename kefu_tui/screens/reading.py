"""What the workstation reads of a conversation to show it, and what it reads ahead of time for those who come next."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kefu_tui.desk import CannedLine, Desk, Filled, Head, NoticeRow, OrderCard, ThreadItem

AHEAD = 3
"""Conversations read before they are opened."""


class Opened(NamedTuple):
    """All that is shown of one conversation."""

    head: "Head | None"
    items: "list[ThreadItem]"
    notices: "list[NoticeRow]"
    orders: "list[OrderCard]"
    replies: "list[CannedLine]"
    offer: "Filled | None"


NOTHING = Opened(None, [], [], [], [], None)


def read(desk: "Desk", conversation_id: str | None) -> Opened:
    """Everything of a conversation; without one, the shelf of canned replies alone."""
    head = desk.head(conversation_id) if conversation_id is not None else None
    if head is None:
        return NOTHING._replace(replies=desk.canned("", None))
    return Opened(
        head,
        desk.thread(head.id),
        [notice for notice in desk.notices() if notice.conversation_id == head.id],
        desk.orders(head.customer_id),
        desk.canned("", head.id),
        desk.offer(head.id),
    )


class Ahead:
    """Conversations that are likely to be opened next, read while nobody waits; forgotten when anything changes."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._kept: dict[str, Opened] = {}

    def take(self, conversation_id: str | None) -> Opened:
        """A conversation, from what was read ahead where it is there."""
        if conversation_id is not None and (kept := self._kept.pop(conversation_id, None)) is not None:
            return kept
        return read(self._desk, conversation_id)

    def fill(self, ids: list[str]) -> bool:
        """Read one more of the first few of these; false when all are there."""
        for conversation_id in ids[:AHEAD]:
            if conversation_id not in self._kept:
                self._kept[conversation_id] = read(self._desk, conversation_id)
                return True
        return False

    def forget(self) -> None:
        """Something changed."""
        self._kept.clear()

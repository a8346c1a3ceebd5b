"""The Desk: verbs and reads that screens and the command line hold in their hands. What few need is loaded when asked for."""

from kefu_tui.desk.answers import Changed, Done, Sending
from kefu_tui.desk.desk import Desk
from kefu_tui.operations.refusals import Refusal
from kefu_tui.store.engine import StoreError
from kefu_tui.store.shown import (
    CannedLine,
    Colleague,
    Draft,
    Due,
    Filled,
    Head,
    Me,
    NoticeRow,
    OrderCard,
    Parcel,
    QueueRow,
    SyncStatus,
    ThreadItem,
    TimerRow,
)

__all__ = [
    "CannedLine",
    "Changed",
    "Colleague",
    "Desk",
    "Done",
    "Draft",
    "Due",
    "Filled",
    "Head",
    "Me",
    "NoticeRow",
    "OrderCard",
    "Parcel",
    "QueueRow",
    "Refusal",
    "Sending",
    "StoreError",
    "SyncStatus",
    "ThreadItem",
    "TimerRow",
]

"""The Desk: verbs and reads that screens and the command line hold in their hands."""

from kefu_tui.desk.desk import Changed, Desk, Done
from kefu_tui.desk.home import Home, HomeError, begin_sync, kept_level, open_desk, sync_once, syncing
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
from kefu_tui.sync.transport import Refused, Unreachable

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
    "Home",
    "HomeError",
    "Me",
    "NoticeRow",
    "OrderCard",
    "Parcel",
    "QueueRow",
    "Refusal",
    "Refused",
    "StoreError",
    "SyncStatus",
    "ThreadItem",
    "TimerRow",
    "Unreachable",
    "begin_sync",
    "kept_level",
    "open_desk",
    "sync_once",
    "syncing",
]

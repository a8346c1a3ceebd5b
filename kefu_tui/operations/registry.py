"""All verbs by their kind, and how one is read from what was sent."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kefu_tui.operations.base import Operation
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, Snooze, Transfer, Wake
from kefu_tui.operations.delivery import Delivered
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.macro import RemoveMacro, SaveMacro
from kefu_tui.operations.message import Note, Reply, SettleHeld
from kefu_tui.operations.order import ImportOrders
from kefu_tui.operations.people import AddAgent, AddGroup, JoinGroup, SetPolicy
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.returns import ReviewReturn
from kefu_tui.operations.saved_view import RemoveSavedView, SaveSavedView
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.operations.void import Void

KINDS: dict[str, type[Operation]] = {
    operation.kind: operation
    for operation in (
        AddAgent, AddGroup, Claim, Delivered, ImportOrders, JoinGroup, Note, Receive, Release, RemoveCanned, RemoveMacro,
        RemoveSavedView, Reopen, Reply, Resolve, ReviewReturn, SaveCanned, SaveMacro, SaveSavedView, SetPolicy, SettleHeld,
        Snooze, Tag, Transfer, Untag, Void, Wake,
    )
}  # fmt: skip


def parse(kind: str, arguments: Mapping[str, Any]) -> Operation | Refusal:
    """The operation that a kind and its JSON arguments say, or why they say none."""
    known = KINDS.get(kind)
    if known is None:
        return Refusal("unknown-kind")
    try:
        return msgspec.convert(arguments, known)
    except (msgspec.ValidationError, UnicodeError) as error:
        return Refusal("invalid", {"what": str(error)})

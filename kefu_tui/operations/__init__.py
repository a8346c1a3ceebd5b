"""The verbs: each written once, run at the desk and at the backend. `KINDS` is their registry."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kefu_tui.operations.base import Actor, Basis, Context, Operation, Outcome
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, Snooze, Transfer, Wake
from kefu_tui.operations.delivery import Delivered
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.message import Note, Reply, SettleHeld
from kefu_tui.operations.order import ImportOrders
from kefu_tui.operations.people import AddAgent, AddGroup, JoinGroup, SetPolicy
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.operations.view import View
from kefu_tui.operations.void import Void

__all__ = ["KINDS", "Actor", "Basis", "Context", "Operation", "Outcome", "Refusal", "View", "decide", "parse"]

KINDS: dict[str, type[Operation]] = {
    operation.kind: operation
    for operation in (
        AddAgent, AddGroup, Claim, Delivered, ImportOrders, JoinGroup, Note, Receive, Release, RemoveCanned, Reopen, Reply, Resolve,
        SaveCanned, SetPolicy, SettleHeld, Snooze, Tag, Transfer, Untag, Void, Wake,
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


def decide(operation: Operation, view: View, context: Context) -> Outcome | Refusal:
    """Applies an operation to a view. A refusal, a no-op and an exception leave no writes behind."""
    view.mark()
    try:
        outcome = operation.apply(view, context)
    except BaseException:
        view.take_back()
        raise
    if isinstance(outcome, Refusal) or outcome.status == "noop":
        view.take_back()
    return outcome

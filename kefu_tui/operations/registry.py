"""All verbs by their kind, and how one is read from what was sent."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kefu_tui.operations.archive import Archive
from kefu_tui.operations.automation import (
    ForgetRuns,
    HaltAutomation,
    Posted,
    RemoveAutomation,
    RetryRun,
    RunAutomation,
    SaveAutomation,
    SwitchAutomation,
    UndoRun,
)
from kefu_tui.operations.base import Operation
from kefu_tui.operations.call import AnswerCall, EndCall, LogCall, RingCall
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.close_out import Rate
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, SetPriority, Snooze, Transfer, Wake
from kefu_tui.operations.delivery import Delivered
from kefu_tui.operations.emergency import BeginMode, EndMode, HoldClocks
from kefu_tui.operations.entering import Enter, Leave
from kefu_tui.operations.intake import Receive
from kefu_tui.operations.macro import RemoveMacro, SaveMacro
from kefu_tui.operations.message import Note, Reply, SettleHeld
from kefu_tui.operations.order import ImportOrders
from kefu_tui.operations.people import AddAgent, AddGroup, JoinGroup
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.reminder import DoneReminder, RemoveReminder, SetReminder
from kefu_tui.operations.returns import ReviewReturn
from kefu_tui.operations.routing import HoldLine, OfferTo, PassOffer, SetDistribution, SetPresence, SetShift, SetSkills
from kefu_tui.operations.saved_view import RemoveSavedView, SaveSavedView
from kefu_tui.operations.service_policy import DropPolicy, EnactPolicy, PlanPolicy, RetimeClocks, SetPolicy
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.operations.ticket import MoveTicket, OpenTicket, SetTicket
from kefu_tui.operations.ticket_parts import (
    AssignTicket,
    CommentTicket,
    DoStep,
    LinkTicket,
    MergeTicket,
    OwnStep,
    WatchTicket,
)
from kefu_tui.operations.ticket_reading import ForgetReaders, LookAtTicket
from kefu_tui.operations.void import Void
from kefu_tui.operations.workflows import SetWorkflow

KINDS: dict[str, type[Operation]] = {
    operation.kind: operation
    for operation in (
        AddAgent, AddGroup, AnswerCall, Archive, AssignTicket, BeginMode, Claim, CommentTicket, Delivered,
        DoneReminder, DoStep, DropPolicy, EnactPolicy, EndCall, EndMode, Enter, ForgetReaders, ForgetRuns, HaltAutomation,
        HoldClocks, HoldLine, ImportOrders, JoinGroup, Leave, LinkTicket, LogCall, LookAtTicket, MergeTicket,
        MoveTicket, Note, OfferTo, OpenTicket, OwnStep, PassOffer, PlanPolicy, Posted, Rate, Receive, Release,
        RemoveAutomation, RemoveCanned, RemoveMacro, RemoveReminder, RemoveSavedView, Reopen, Reply, Resolve,
        RetimeClocks, RetryRun, ReviewReturn, RingCall, RunAutomation, SaveAutomation, SaveCanned, SaveMacro,
        SaveSavedView, SetDistribution, SetPolicy, SetPresence, SetPriority, SetReminder, SetShift, SetSkills,
        SetTicket, SettleHeld, SetWorkflow, Snooze, SwitchAutomation, Tag, Transfer, UndoRun, Untag, Void, Wake,
        WatchTicket,
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

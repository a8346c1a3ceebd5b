"""Taking back what was done last: void while no byte has left, else by its inverse."""

import json
from typing import NamedTuple

from kefu_tui.desk.verbs import SAID, Told, Workplace, basis_of, keep_draft, pick, told_of
from kefu_tui.model.sql import Connection
from kefu_tui.now import SECOND
from kefu_tui.operations import Refusal
from kefu_tui.operations.registry import parse
from kefu_tui.store import outbox
from kefu_tui.store.acts import ACT


def undo(connection: Connection, desk: Workplace, within_s: int | None) -> Told | Refusal:
    """Takes back what was done last, all operations of it: voided while no byte has left, else by their inverses.

    What a customer has been sent stays sent; where that is all of it, it is too late.
    """
    done = _undoable(connection, desk, within_s)
    if not done:
        return Refusal("nothing-to-undo")
    first = done[-1]
    conversation = json.loads(first.args).get("conversation_id")
    said = SAID["undo"][pick(desk)].format(what=told_of(connection, desk, first.kind, conversation))
    lasting = [one for one in done if one.tries > 0 and one.inverse is None]
    if len(lasting) == len(done):
        return Refusal("too-late")
    if lasting:
        said += SAID["lasting"][pick(desk)]
        connection.executemany("UPDATE outbox SET undone = 1 WHERE op_no = ?", [(one.op_no,) for one in lasting])
    op_id, status = first.op_id, "void"
    for one in done:
        if one in lasting:
            continue
        if one.tries == 0:
            outbox.cancel(connection, one.op_no)
            if one.kind == "conversation.reply":
                told = json.loads(one.args)
                keep_draft(connection, desk, told["conversation_id"], told["text"], told.get("canned_id"))
            continue
        operation = parse(*json.loads(one.inverse or ""))
        if isinstance(operation, Refusal):
            return operation
        basis = basis_of(connection, operation)
        issued = outbox.issue(connection, operation, desk.agent_id, basis, desk.now(), desk.ids())
        if isinstance(issued.outcome, Refusal):
            return issued.outcome
        connection.execute("UPDATE outbox SET undone = 1 WHERE op_no IN (?, ?)", (one.op_no, issued.op_no))
        op_id, status = issued.op_id, issued.outcome.status
    return Told(op_id, status, False, said, (conversation,) if conversation else (), first.kind.startswith("canned"))


def can_undo(connection: Connection, desk: Workplace, within_s: int) -> tuple[str, int] | None:
    """What undo would take back, and for how many seconds still."""
    done = _undoable(connection, desk, within_s)
    if all(one.tries > 0 and one.inverse is None for one in done):
        return None
    first = done[-1]
    what = told_of(connection, desk, first.kind, json.loads(first.args).get("conversation_id"))
    left = max(0, within_s - (desk.now() - first.at) // SECOND)
    waits = max((one.hold_until or 0 for one in done if one.inverse is None), default=0) - desk.now()
    return what, min(left, -(-waits // SECOND)) if waits > 0 else left  # what was sent goes when its wait is over


class _Operation(NamedTuple):
    op_no: int
    op_id: str
    kind: str
    tries: int
    inverse: str | None
    args: str
    at: int
    hold_until: int | None


def _undoable(connection: Connection, desk: Workplace, within_s: int | None) -> list[_Operation]:
    """The operations of the last verb that still stands, newest first."""
    since = desk.now() - within_s * SECOND if within_s is not None else 0
    found = connection.execute(
        "SELECT op_no, op_id, kind, tries, inverse, args, at, hold_until FROM outbox WHERE undone = 0 AND verb = ("
        f"SELECT verb FROM outbox WHERE undone = 0 AND kind <> 'void' AND {ACT} AND at >= ? "
        "AND coalesce(status, '') NOT IN ('rejected', 'noop', 'quarantined') ORDER BY op_no DESC LIMIT 1) "
        "AND coalesce(status, '') NOT IN ('rejected', 'noop', 'quarantined') ORDER BY op_no DESC",
        (since,),
    )
    return [_Operation(*values) for values in found]

"""Why a verb cannot act now: asked by every key that is shown, so it is light to load and quick to answer."""

from typing import Protocol

from kefu_tui.model.rows import Conversation
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations.base import ENDED
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules.calls import is_phone
from kefu_tui.store import queries


class Workplace(Protocol):
    """Whose verbs they are."""

    agent_id: str


def refusal(connection: Connection, desk: Workplace, verb: str, id: str | None) -> Refusal | None:
    """Why a verb cannot act on a conversation now, as far as that shows without trying."""
    if verb == "take" and id is None:
        id = queries.next_for(connection, desk.agent_id, None)
        if id is None:
            return Refusal("not-waiting")
    there = Reader(connection).get(Conversation, id) if id else None
    if there is None:
        return Refusal("gone")
    me = queries.me(connection, desk.agent_id)
    leads = me is not None and me.role in ("lead", "admin")
    if verb == "take":
        if there.status in ENDED:
            return Refusal("conversation-closed")
        if there.assignee_id not in (None, desk.agent_id) and there.offered_to_id != desk.agent_id and not leads:
            by = next((one.name for one in queries.colleagues(connection, "") if one.id == there.assignee_id), "")
            return Refusal("already-claimed", {"by": by})
        if me and me.load >= me.capacity and there.assignee_id != me.id:
            return Refusal("full", {"load": str(me.load), "capacity": str(me.capacity)})
        return None
    if verb in ("note", "tag", "untag"):
        return None
    if verb == "reply" and is_phone(there.channel):
        return Refusal("no-text-here")
    if verb == "reopen":
        return None if there.status in ENDED else Refusal("wrong-state", {"status": there.status})
    if there.status in ENDED:
        return Refusal("conversation-closed")
    if there.assignee_id is None and not (leads and verb != "reply"):
        return Refusal("not-taken")
    if there.assignee_id != desk.agent_id and not (leads and verb != "reply"):
        by = next((one.name for one in queries.colleagues(connection, "") if one.id == there.assignee_id), "")
        return Refusal("not-owner", {"by": by})
    if verb == "wake" and there.status != "snoozed":
        return Refusal("wrong-state", {"status": there.status})
    return None

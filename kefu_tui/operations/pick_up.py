"""A call that rings is picked up: the line in the thread says so, and the promise to answer it ends."""

from collections.abc import Sequence

import msgspec

from kefu_tui.model.rows import Conversation, Message
from kefu_tui.operations import timing
from kefu_tui.operations.base import Context
from kefu_tui.operations.view import View
from kefu_tui.rules import calls


def ringing(view: View, conversation: Conversation) -> list[Message]:
    """The lines of the calls that ring in a conversation, in id order."""
    if not calls.is_phone(conversation.channel):
        return []
    return [line for line in view.where(Message, "conversation_id", conversation.id) if _rings(line)]


def call_of(line: Message) -> calls.Call | None:
    """The call that a line keeps; None for any other line."""
    return calls.read(line.text) if line.kind == "event" and line.author == "system" else None


def picked_up(
    view: View, context: Context, conversation: Conversation, lines: Sequence[Message], at: int, by: str | None
) -> Conversation:
    """These calls were answered at `at` (µs UTC): the promise is kept or late, and nobody waits any more."""
    if not lines:
        return conversation
    text = ""
    for line in lines:
        call = call_of(line)
        assert call is not None
        text = calls.kept(msgspec.structs.replace(call, answered_at=max(at, call.rang_at or 0), missed=False))
        view.change(line, text=text, author_id=by)
    timing.happened(view, conversation, "picked_up", at, context.op_id)
    return noted(view, context, conversation, text, waits=bool(conversation.unanswered))


def not_taken(view: View, conversation: Conversation, lines: Sequence[Message], at: int) -> None:
    """These calls rang until at most `at` (µs UTC), and nobody answered."""
    for line in lines:
        call = call_of(line)
        assert call is not None
        view.change(line, text=calls.kept(msgspec.structs.replace(call, missed=True)))
    timing.given_up(view, conversation, "rang", at)


def noted(view: View, context: Context, conversation: Conversation, preview: str, *, waits: bool) -> Conversation:
    """The conversation after something of a call: what the queue says of it, whether somebody waits, what is due next."""
    conversation = view.change(
        conversation,
        preview=preview,
        last_at=context.now,
        waiting_since=(conversation.waiting_since or context.now) if waits else None,
    )
    return timing.settle(view, conversation)


def _rings(line: Message) -> bool:
    call = call_of(line)
    return call is not None and call.rings

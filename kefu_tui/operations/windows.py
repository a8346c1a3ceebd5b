"""Whether a channel still takes an answer: some do only for so long after the customer's last words."""

import json
from collections.abc import Mapping
from functools import lru_cache

from kefu_tui.model.rows import Conversation, Policy
from kefu_tui.operations.view import View
from kefu_tui.rules.windows import parse_windows

NEWEST = 50
"""Messages that are looked through first: the customer's last words are among them as a rule."""


@lru_cache(maxsize=8)
def _parsed(body: str) -> Mapping[str, int]:
    return parse_windows(json.loads(body).get("windows", {}))


def shut(view: View, conversation: Conversation, now: int) -> int | None:
    """How long (µs) the conversation's channel takes answers, where that is over at `now` (µs); None where it still does."""
    row = view.get(Policy, "default")
    window = _parsed(row.body).get(conversation.channel) if row else None
    if window is None or now - _last_words(view, conversation) <= window:
        return None
    return window


def _last_words(view: View, conversation: Conversation) -> int:
    """When the customer wrote last; when the conversation began, where the customer wrote nothing in it."""
    for after in sorted({max(0, conversation.last_pos - NEWEST), 0}, reverse=True):
        times = [line.at for line in view.messages_after(conversation.id, after) if line.author == "customer"]
        if times:
            return max(times)
    return conversation.opened_at

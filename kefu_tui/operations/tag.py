"""Verbs on tags: tag, untag."""

from typing import ClassVar

from kefu_tui.ids import derive
from kefu_tui.model.rows import Tag as TagRow
from kefu_tui.operations.base import (
    APPLIED,
    NOOP,
    Context,
    ConversationOperation,
    Operation,
    Outcome,
    open_conversation,
)
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

LONGEST = 40


def tag_id(conversation_id: str, name: str) -> str:
    """The id that one word on one conversation has everywhere."""
    return derive(conversation_id, "tag", name)


class Tag(ConversationOperation, kw_only=True, frozen=True):
    """One word on the conversation; twice is once."""

    kind: ClassVar[str] = "conversation.tag"
    name: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        if not self.name.strip() or self.name != self.name.strip() or "\n" in self.name:
            return Refusal("invalid", {"what": "tag"})
        if len(self.name) > LONGEST:
            return Refusal("too-long", {"length": str(len(self.name)), "limit": str(LONGEST)})
        id = tag_id(self.conversation_id, self.name)
        if view.get(TagRow, id) is not None:
            return NOOP
        view.put(
            TagRow(id=id, conversation_id=self.conversation_id, name=self.name, by_id=context.actor.id, at=context.now)
        )
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(TagRow, tag_id(self.conversation_id, self.name))
        return None if there else Untag(conversation_id=self.conversation_id, name=self.name)


class Untag(ConversationOperation, kw_only=True, frozen=True):
    """Takes a word off the conversation."""

    kind: ClassVar[str] = "conversation.untag"
    name: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        row = view.get(TagRow, tag_id(self.conversation_id, self.name))
        if row is None:
            return NOOP
        view.delete(row)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(TagRow, tag_id(self.conversation_id, self.name))
        return Tag(conversation_id=self.conversation_id, name=self.name) if there else None

"""The close-out record of a conversation: what its kind needs, what was filled in, and the customer's own score."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

from kefu_tui.ids import derive
from kefu_tui.model.rows import CloseOut, Conversation, Message, Policy
from kefu_tui.operations.base import APPLIED, ENDED, NOOP, Context, ConversationOperation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.close_out import FIELDS, LONGEST, SCORES, parse_close_out

RATED = {"zh": "客户评价：{score} 分（满分 5）{comment}", "en": "The customer's score: {score} of 5{comment}"}
"""The note that colleagues read in the conversation."""


@lru_cache(maxsize=8)
def _needed(body: str) -> Mapping[str, tuple[str, ...]]:
    return parse_close_out(json.loads(body).get("close_out", {}))


def of(view: View, conversation_id: str) -> CloseOut | None:
    """The record of a conversation, where there is one."""
    return view.get(CloseOut, record_id(conversation_id))


def record_id(conversation_id: str) -> str:
    """The id that the record of a conversation has everywhere."""
    return derive(conversation_id, "close-out")


def lacking(view: View, conversation: Conversation, told: Mapping[str, str] | None = None) -> list[str]:
    """The fields that the policy in force asks of this kind and that are not filled, `told` counted in."""
    policy = view.get(Policy, "default")
    needed = _needed(policy.body).get(conversation.kind, ()) if policy else ()
    if not needed:
        return []
    there = of(view, conversation.id)
    filled = {**(json.loads(there.fields) if there else {}), **(told or {})}
    return [name for name in needed if not filled.get(name, "").strip()]


def fill(view: View, context: Context, conversation: Conversation, told: Mapping[str, str]) -> Refusal | None:
    """Fills a record before a conversation is resolved; why that cannot be, where something is wrong or lacking."""
    for name, value in told.items():
        if name not in FIELDS:
            return Refusal("invalid", {"what": f"record {name}"})
        if len(value) > LONGEST:
            return Refusal("too-long", {"length": str(len(value)), "limit": str(LONGEST)})
    if lacks := lacking(view, conversation, told):
        zh, en = ("、".join(FIELDS[name][0] for name in lacks), ", ".join(FIELDS[name][1] for name in lacks))
        return Refusal("needs-record", {"what_zh": zh, "what_en": en, "fields": " ".join(lacks)})
    if told:
        there = of(view, conversation.id) or CloseOut(id=record_id(conversation.id), conversation_id=conversation.id)
        fields = {**json.loads(there.fields), **{name: value.strip() for name, value in told.items()}}
        packed = json.dumps(fields, ensure_ascii=False)
        view.change(there, fields=packed, by_id=context.actor.id, at=context.now)
    return None


class Rate(ConversationOperation, kw_only=True, frozen=True):
    """The customer says how satisfied they were with a conversation that is over: 1 to 5, the last word counts."""

    kind: ClassVar[str] = "conversation.rate"
    score: int
    comment: str = ""

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None:
            return Refusal("gone")
        if conversation.status == "archived":
            return Refusal("archived")
        if conversation.status not in ENDED:
            return Refusal("not-resolved")
        if self.score not in SCORES:
            return Refusal("invalid", {"what": f"score {self.score}"})
        if len(self.comment) > LONGEST:
            return Refusal("too-long", {"length": str(len(self.comment)), "limit": str(LONGEST)})
        there = of(view, conversation.id) or CloseOut(id=record_id(conversation.id), conversation_id=conversation.id)
        if (there.score, there.comment) == (self.score, self.comment):
            return NOOP
        view.change(there, score=self.score, comment=self.comment, rated_at=context.now)
        lang = "zh" if conversation.language.startswith("zh") else "en"
        comment = f"{'：' if lang == 'zh' else ': '}{self.comment}" if self.comment.strip() else ""
        view.put(
            Message(
                id=derive(context.op_id, "rated"),
                conversation_id=conversation.id,
                author="bot",
                kind="note",
                text=RATED[lang].format(score=self.score, comment=comment),
                at=context.now,
                state="kept",
                op_id=context.op_id,
            )
        )
        return APPLIED

"""Verbs of emergencies: one is begun, one is ended; and the line that stands in for an answer while an outage lasts."""

from typing import ClassVar, Literal

from kefu_tui.ids import derive
from kefu_tui.model.rows import Conversation, Message, Mode
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, NOOP, Context, Operation, Outcome, leads
from kefu_tui.operations.message import STANDS_IN
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

Kind = Literal["outage", "surge", "incident"]
LONGEST = 500
STAND_IN = {
    "zh": "您好，我们的系统暂时有点慢，您的消息已经记下。恢复后一小时内我们会在这里给您回复，不用重复发。",
    "en": "Hello, our system is slow at the moment. Your message is kept; we expect to answer here within an hour of its return.",
}
"""What a customer reads in an outage where nothing else was told."""


class BeginMode(Operation, kw_only=True, frozen=True):
    """An emergency begins; one of its kind that lasts already is changed."""

    kind: ClassVar[str] = "mode.begin"
    of: Kind
    level: int = 0
    text_zh: str = ""
    text_en: str = ""
    reason: str = ""

    def lane(self) -> str:
        return f"s:{self.of}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        longest = max(len(self.text_zh), len(self.text_en), len(self.reason))
        if longest > LONGEST:
            return Refusal("too-long", {"length": str(longest), "limit": str(LONGEST)})
        if not 0 <= self.level <= 1000:
            return Refusal("invalid", {"what": f"level {self.level}"})
        there = view.get(Mode, self.of)
        row = Mode(
            id=self.of,
            kind=self.of,
            level=self.level,
            text_zh=self.text_zh,
            text_en=self.text_en,
            reason=self.reason,
            since=there.since if there else context.now,
            by_id=there.by_id if there else context.actor.id,
        )
        if there is not None and (there.level, there.text_zh, there.text_en, there.reason) == (
            row.level, row.text_zh, row.text_en, row.reason,
        ):  # fmt: skip
            return NOOP
        view.put(row)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return EndMode(of=self.of) if view.get(Mode, self.of) is None else None


class EndMode(Operation, kw_only=True, frozen=True):
    """It is over; what it was is kept."""

    kind: ClassVar[str] = "mode.end"
    of: Kind

    def lane(self) -> str:
        return f"s:{self.of}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        there = view.get(Mode, self.of)
        if there is None:
            return NOOP
        view.delete(there)
        view.put(
            Mode(
                id=past_id(there),
                kind=there.kind,
                level=there.level,
                text_zh=there.text_zh,
                text_en=there.text_en,
                reason=there.reason,
                since=there.since,
                by_id=there.by_id,
                until=context.now,
                ended_by=context.actor.id,
            )
        )
        return APPLIED


class HoldClocks(Operation, kw_only=True, frozen=True):
    """The backend's own: clocks of some conversations stand while an outage lasts, or go on after it."""

    kind: ClassVar[str] = "mode.clocks"
    conversations: tuple[str, ...]
    stand: bool

    def lane(self) -> str:
        return "s:outage"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        for id in self.conversations:
            conversation = view.get(Conversation, id)
            if conversation is None:
                continue
            if self.stand:
                timing.stand(view, conversation, context.now, "outage")
            else:
                timing.go_on(view, conversation, context.now, "outage")
            timing.settle(view, conversation)
        return APPLIED if view.touched else NOOP


def past_id(mode: Mode) -> str:
    """The id under which an emergency is kept when it is over."""
    return derive("mode", mode.kind, str(mode.since))


def stand_in(view: View, context: Context, conversation: Conversation, message_id: str) -> Conversation:
    """In an outage a customer who writes is told so, once in it; a promise to answer after it begins."""
    outage = view.get(Mode, "outage")
    if outage is None:
        return conversation
    id = derive("stand-in", conversation.id, str(outage.since))
    timing.stand(view, conversation, context.now, "outage")
    if view.get(Message, id) is not None:
        return conversation
    lang = "zh" if conversation.language.startswith("zh") else "en"
    text = (outage.text_zh if lang == "zh" else outage.text_en) or STAND_IN[lang]
    view.put(
        Message(
            id=id,
            conversation_id=conversation.id,
            author="bot",
            text=text,
            at=context.now,
            state="queued",
            reason=STANDS_IN,
            op_id=context.op_id,
        )
    )
    timing.happened(view, conversation, "stood_in", context.now, message_id)
    return conversation

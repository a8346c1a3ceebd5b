"""Verbs of telephone calls: one rings, is answered, is over, as an exchange tells it; or an agent logs one by hand."""

from typing import ClassVar, Literal

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, Conversation, Customer, Group, Message, Reminder
from kefu_tui.now import DAY, MINUTE
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, ENDED, NOOP, Context, ConversationOperation, Operation, Outcome, sees
from kefu_tui.operations.conversation import claimed, wake
from kefu_tui.operations.intake import begun, customer_of, living
from kefu_tui.operations.message import PREVIEW, unfit
from kefu_tui.operations.pick_up import call_of, not_taken, noted, picked_up, ringing
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules import calls, suggest
from kefu_tui.rules.policy import KINDS

OLDEST = DAY
"""So long ago a call may have been when it is told of."""
APART = 5 * MINUTE
"""So much the clocks of an exchange or a desk may be before the backend's."""
LONGEST_NAME = 200


class RingCall(Operation, kw_only=True, frozen=True):
    """A call comes in: a line in the living conversation of the caller, or the first of a new one that waits.

    `customer_id` and `conversation_id` are used only where new ones are needed; `call_id` is the line's. `at`: when it
    rang, µs UTC; without, now.
    """

    kind: ClassVar[str] = "call.ring"
    channel: str
    group_id: str
    external_id: str
    call_id: str
    customer_id: str
    conversation_id: str
    name: str = ""
    phone: str | None = None
    at: int | None = None

    def lane(self) -> str:
        return f"u:{self.customer_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if not calls.is_phone(self.channel):
            return Refusal("invalid", {"what": "channel"})
        rang_at = _told(self.at, context.now)
        if isinstance(rang_at, Refusal):
            return rang_at
        if view.get(Message, self.call_id) is not None:
            return NOOP
        told = {key: value for key in ("name", "phone") if (value := getattr(self, key))}
        called = calls.masked(self.phone or self.external_id)
        customer = customer_of(
            view, context.now, self.channel, self.external_id, self.customer_id, told, self.name or called
        )
        if customer.risk == "blocked":
            return Refusal("forbidden")
        alive = living(view.where(Conversation, "customer_id", customer.id))
        if not alive:
            conversation = begun(view, context, customer, self.conversation_id, self.group_id)
            timing.happened(view, conversation, "opened", context.now, self.call_id)
        else:
            conversation = wake(view, alive[-1], context.now) if alive[-1].status == "snoozed" else alive[-1]
        text = _line(view, context, conversation, self.call_id, calls.Call(way="in", rang_at=rang_at))
        timing.happened(view, conversation, "rang", rang_at, self.call_id)
        noted(view, context, conversation, text, waits=True)
        return APPLIED


class AnswerCall(ConversationOperation, kw_only=True, frozen=True):
    """The exchange says that a call was answered, and by whom where it knows: that agent has the conversation if nobody had."""

    kind: ClassVar[str] = "call.answer"
    call_id: str
    agent_id: str | None = None
    at: int | None = None

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        there = _there(view, context, self.conversation_id, self.call_id)
        if isinstance(there, Refusal):
            return there
        conversation, line, call = there
        answered_at = _told(self.at, context.now)
        if isinstance(answered_at, Refusal):
            return answered_at
        if call.answered_at is not None:
            return NOOP
        if self.agent_id is not None:
            agent = view.get(Agent, self.agent_id)
            if agent is None or agent.left_at is not None or agent.role == "auditor":
                return Refusal("no-such-target")
            if conversation.assignee_id is None and conversation.status not in ENDED:
                conversation = claimed(view, conversation, agent.id)
        picked_up(view, context, conversation, [line], answered_at, self.agent_id)
        return APPLIED


class EndCall(ConversationOperation, kw_only=True, frozen=True):
    """The exchange says that a call is over. One that was missed waits to be called back."""

    kind: ClassVar[str] = "call.end"
    call_id: str
    missed: bool | None = None
    """Without, whether nobody had answered it."""
    at: int | None = None

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        there = _there(view, context, self.conversation_id, self.call_id)
        if isinstance(there, Refusal):
            return there
        conversation, line, call = there
        ended_at = _told(self.at, context.now)
        if isinstance(ended_at, Refusal):
            return ended_at
        if call.ended_at is not None:
            return NOOP
        ended_at = max(ended_at, call.answered_at or call.rang_at or 0)
        missed = call.answered_at is None if self.missed is None else self.missed
        answered_at = None if missed else call.answered_at
        over = msgspec.structs.replace(call, answered_at=answered_at, ended_at=ended_at, missed=missed)
        text = calls.kept(over)
        view.change(line, text=text)
        if not [one for one in ringing(view, conversation) if one.id != line.id]:
            timing.given_up(view, conversation, "rang", ended_at)
        if missed and conversation.assignee_id is not None and conversation.status not in ENDED:
            self._call_back(view, context, conversation, conversation.assignee_id)
        noted(view, context, conversation, text, waits=missed or conversation.waiting_since is not None)
        return APPLIED

    def _call_back(self, view: View, context: Context, conversation: Conversation, agent_id: str) -> None:
        """Whoever has the conversation is reminded of it; where nobody has, it stands among those who wait."""
        view.put(
            Reminder(
                id=derive("missed", self.call_id),
                agent_id=agent_id,
                conversation_id=conversation.id,
                kind="call_back",
                due_at=context.now,
                set_at=context.now,
            )
        )


class LogCall(Operation, kw_only=True, frozen=True):
    """An agent logs a call by hand: its conversation is the agent's, with a line of the call and what was said as a note.

    The agent's own living conversation with this number goes on, else one that nobody has; else there is a new one. Where
    it rings there, that call is meant. `customer_id`, `conversation_id`: of new ones. `call_id`, `note_id`: of the lines.
    Times in µs UTC, within a day before `logged_at` (without, now): a call in with both keeps or breaks the promise to
    answer it, one that only rang was missed.
    """

    kind: ClassVar[str] = "call.log"
    group_id: str
    customer_id: str
    conversation_id: str
    call_id: str
    note_id: str
    phone: str
    text: str
    direction: Literal["in", "out"] = "in"
    name: str = ""
    of: str | None = None
    """Kind of a new conversation; without, told from the text."""
    rang_at: int | None = None
    answered_at: int | None = None
    logged_at: int | None = None

    def lane(self) -> str:
        return f"u:{self.customer_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        actor, number = context.actor, calls.number(self.phone)
        if actor.role in ("auditor", "system"):
            return Refusal("forbidden")
        refused = self._unfit(number, context.now)
        if refused:
            return refused
        if view.get(Group, self.group_id) is None:
            return Refusal("no-such-target")
        if actor.role != "admin" and self.group_id not in actor.groups:
            return Refusal("forbidden")
        if view.get(Message, self.note_id) is not None:
            return NOOP
        told = {"phone": number, **({"name": self.name} if self.name else {})}
        called = self.name or calls.masked(number)
        lines = [one for one in view.where(Customer, "external_id", number) if calls.is_phone(one.channel)]
        known = max(lines, key=lambda one: (one.first_seen_at, one.id), default=None)
        channel = known.channel if known else calls.PHONE
        customer = customer_of(view, context.now, channel, number, self.customer_id, told, called)
        conversation = self._conversation(view, context, customer)
        if not self._is_ringing(view, context, conversation):
            self._tell(view, context, conversation)
        view.put(
            Message(
                id=self.note_id,
                conversation_id=conversation.id,
                author="agent",
                author_id=actor.id,
                kind="note",
                text=self.text,
                at=context.now,
                state="kept",
                op_id=context.op_id,
            )
        )
        noted(view, context, _now(view, conversation), self.text[:PREVIEW], waits=False)
        return APPLIED

    def _unfit(self, number: str, now: int) -> Refusal | None:
        if not number:
            return Refusal("no-number", {"what": self.phone[:40] or "-"})
        refused = unfit(self.text)
        if refused:
            return refused
        if len(self.name) > LONGEST_NAME:
            return Refusal("too-long", {"length": str(len(self.name)), "limit": str(LONGEST_NAME)})
        if self.of is not None and self.of not in KINDS:
            return Refusal("invalid", {"what": "of"})
        return self._wrong_times(now)

    def _wrong_times(self, now: int) -> Refusal | None:
        logged_at = now if self.logged_at is None else self.logged_at
        times = [one for one in (self.rang_at, self.answered_at) if one is not None]
        if logged_at > now + APART or any(one > logged_at for one in times):
            return Refusal("call-times", {"what_zh": "还没有到", "what_en": "they are still to come"})
        if any(one < logged_at - OLDEST for one in times):
            return Refusal("call-times", {"what_zh": "过了 24 小时", "what_en": "more than 24 hours ago"})
        if self.answered_at is not None and self.rang_at is None:
            return Refusal(
                "call-times", {"what_zh": "只有接起，没有响铃", "what_en": "answered, but when did it ring?"}
            )
        if len(times) == 2 and times[1] < times[0]:
            return Refusal("call-times", {"what_zh": "接起在响铃之前", "what_en": "answered before it rang"})
        return None

    def _conversation(self, view: View, context: Context, customer: Customer) -> Conversation:
        """The one that goes on, or a new one; it is the actor's and open."""
        me = context.actor.id
        alive = [
            one for one in living(view.where(Conversation, "customer_id", customer.id)) if sees(context.actor, one)
        ]
        mine = [one for one in alive if one.assignee_id == me]
        free = [one for one in alive if one.assignee_id is None]
        if mine:
            return wake(view, mine[-1], context.now) if mine[-1].status == "snoozed" else mine[-1]
        if free:
            return claimed(view, free[-1], me)
        kind = self.of or suggest.classify(self.text)
        fresh = begun(view, context, customer, self.conversation_id, self.group_id, kind)
        timing.happened(view, fresh, "opened", context.now, self.call_id)
        return claimed(view, fresh, me)

    def _is_ringing(self, view: View, context: Context, conversation: Conversation) -> bool:
        """Whether the call is one that rings there. What rings is over: picked up, or missed where this one was not taken."""
        rings = ringing(view, conversation)
        if not rings:
            return False
        if self.direction == "out" or (self.rang_at is not None and self.answered_at is None):
            not_taken(view, conversation, rings, context.now)
            return self.direction == "in"
        before = max((call.rang_at or 0 for one in rings if (call := call_of(one)) is not None), default=0)
        same = self.answered_at is None or self.answered_at >= before
        at = self.answered_at if same and self.answered_at is not None else context.now
        picked_up(view, context, conversation, rings, at, context.actor.id)
        return same

    def _tell(self, view: View, context: Context, conversation: Conversation) -> None:
        """A line of a call that no exchange told of; one that came in keeps or breaks its promise by its times."""
        missed = self.rang_at is not None and self.answered_at is None
        call = calls.Call(way=self.direction, rang_at=self.rang_at, answered_at=self.answered_at, missed=missed)
        _line(view, context, conversation, self.call_id, call, context.actor.id)
        if self.direction == "out" or self.rang_at is None:
            return
        timing.happened(view, conversation, "rang", self.rang_at, self.call_id)
        if self.answered_at is not None:
            timing.happened(view, conversation, "picked_up", self.answered_at, self.call_id)
        else:
            timing.given_up(view, conversation, "rang", context.now if self.logged_at is None else self.logged_at)


def _line(
    view: View, context: Context, conversation: Conversation, id: str, call: calls.Call, by: str | None = None
) -> str:
    """The line of a call in its thread, sent to nobody; its text."""
    text = calls.kept(call)
    view.put(
        Message(
            id=id,
            conversation_id=conversation.id,
            author="system",
            author_id=by,
            kind="event",
            text=text,
            at=context.now,
            state="kept",
            op_id=derive(context.op_id, "call"),  # of the operation itself is what an agent wrote, one message at most
        )
    )
    return text


def _there(
    view: View, context: Context, conversation_id: str, call_id: str
) -> tuple[Conversation, Message, calls.Call] | Refusal:
    """A call that an exchange tells of, or why it cannot."""
    if context.actor.role not in ("system", "admin"):
        return Refusal("forbidden")
    conversation, line = view.get(Conversation, conversation_id), view.get(Message, call_id)
    call = call_of(line) if line is not None else None
    if conversation is None or line is None or call is None or line.conversation_id != conversation.id:
        return Refusal("gone")
    if conversation.status == "archived":
        return Refusal("archived")
    return conversation, line, call


def _told(at: int | None, now: int) -> int | Refusal:
    """When it was, as an exchange tells: never later than now, or why that cannot be."""
    if at is None:
        return now
    if at > now + APART:
        return Refusal("call-times", {"what_zh": "还没有到", "what_en": "they are still to come"})
    if at < now - OLDEST:
        return Refusal("call-times", {"what_zh": "过了 24 小时", "what_en": "more than 24 hours ago"})
    return min(at, now)


def _now(view: View, conversation: Conversation) -> Conversation:
    """The conversation as the operation has left it so far."""
    return view.get(Conversation, conversation.id) or conversation

"""Verbs of routing: presence, skills, how a group's work is given out; an offer made and ended; the line that tells to wait."""

import json
from typing import ClassVar, Literal

from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, Conversation, Group, Message, RoutingOffer, Shift, Skill
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, MAX_TEXT, NOOP, Context, ConversationOperation, Operation, Outcome, leads
from kefu_tui.operations.message import STANDS_IN
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.calls import is_phone
from kefu_tui.rules.policy import PolicyError
from kefu_tui.rules.shifts import parse_shift

MOST_SKILLS = 40
LONGEST = 40


class SetPresence(Operation, kw_only=True, frozen=True):
    """An agent is online, busy, away or offline; a lead may say it of a colleague."""

    kind: ClassVar[str] = "agent.presence"
    agent_id: str
    presence: Literal["online", "busy", "away", "offline"]

    def lane(self) -> str:
        return f"a:{self.agent_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        agent = view.get(Agent, self.agent_id)
        if agent is None or agent.left_at is not None:
            return Refusal("no-such-target")
        if context.actor.id != agent.id and not leads(context.actor):
            return Refusal("forbidden")
        if agent.presence == self.presence:
            return NOOP
        view.change(agent, presence=self.presence)
        return APPLIED


def _led(view: View, context: Context, agent_id: str) -> Agent | Refusal:
    """An agent whom the actor leads, or why nothing may be said of them."""
    if not leads(context.actor):
        return Refusal("forbidden")
    agent = view.get(Agent, agent_id)
    return Refusal("no-such-target") if agent is None or agent.left_at is not None else agent


class SetSkills(Operation, kw_only=True, frozen=True):
    """What an agent is good at: kinds of conversation, languages; all of it."""

    kind: ClassVar[str] = "agent.skills"
    agent_id: str
    skills: tuple[str, ...] = ()

    def lane(self) -> str:
        return f"a:{self.agent_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        agent = _led(view, context, self.agent_id)
        if isinstance(agent, Refusal):
            return agent
        wanted = {name.strip() for name in self.skills}
        if len(wanted) > MOST_SKILLS or any(not name or len(name) > LONGEST for name in wanted):
            return Refusal("invalid", {"what": "skills"})
        there = {row.name: row for row in view.where(Skill, "agent_id", agent.id)}
        if set(there) == wanted:
            return NOOP
        for name, row in there.items():
            if name not in wanted:
                view.delete(row)
        for name in sorted(wanted - set(there)):
            view.put(Skill(id=derive(agent.id, "skill", name), agent_id=agent.id, name=name))
        return APPLIED


class SetShift(Operation, kw_only=True, frozen=True):
    """The hours in which an agent is offered work; '' for the group's own."""

    kind: ClassVar[str] = "agent.shift"
    agent_id: str
    hours: str = ""

    def lane(self) -> str:
        return f"a:{self.agent_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        agent = _led(view, context, self.agent_id)
        if isinstance(agent, Refusal):
            return agent
        there = view.get(Shift, derive(agent.id, "shift"))
        if (there.hours if there else "") == self.hours:
            return NOOP
        try:
            if self.hours:
                parse_shift(self.hours)
        except PolicyError as error:
            return Refusal("invalid", {"what": str(error)})
        if self.hours:
            view.put(Shift(id=derive(agent.id, "shift"), agent_id=agent.id, hours=self.hours))
        elif there:
            view.delete(there)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Shift, derive(self.agent_id, "shift"))
        return SetShift(agent_id=self.agent_id, hours=there.hours if there else "")


class SetDistribution(Operation, kw_only=True, frozen=True):
    """Whether agents of a group take work (pull), or it is offered to them (push)."""

    kind: ClassVar[str] = "group.distribution"
    group_id: str
    distribution: Literal["pull", "push"]

    def lane(self) -> str:
        return f"g:{self.group_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        group = view.get(Group, self.group_id)
        if group is None:
            return Refusal("gone")
        if group.distribution == self.distribution:
            return NOOP
        view.change(group, distribution=self.distribution)
        return APPLIED


class OfferTo(ConversationOperation, kw_only=True, frozen=True):
    """The backend's own: a waiting conversation is offered to an agent, with the reasons."""

    kind: ClassVar[str] = "routing.offer"
    agent_id: str
    reasons: str = "[]"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or conversation.status != "waiting" or conversation.assignee_id is not None:
            return NOOP
        if conversation.offered_to_id is not None:
            return NOOP
        view.change(conversation, offered_to_id=self.agent_id)
        view.put(
            RoutingOffer(
                id=derive(context.op_id, "offer"),
                conversation_id=conversation.id,
                agent_id=self.agent_id,
                at=context.now,
                reasons=self.reasons,
            )
        )
        return APPLIED


class PassOffer(ConversationOperation, kw_only=True, frozen=True):
    """An offer goes to the next: whoever has it does not take it, or the backend waited long enough."""

    kind: ClassVar[str] = "routing.pass"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None:
            return Refusal("gone")
        system = context.actor.role == "system"
        if not system and conversation.offered_to_id != context.actor.id:
            return Refusal("not-offered")
        standing = [row for row in view.where(RoutingOffer, "conversation_id", conversation.id) if not row.answer]
        for row in standing:
            taken = conversation.assignee_id == row.agent_id
            answer = "taken" if taken else "expired" if system else "passed"
            view.change(row, answer=answer, answered_at=context.now)
        if conversation.assignee_id is None and conversation.offered_to_id is not None:
            view.change(conversation, offered_to_id=None)
        elif not standing:
            return NOOP
        return APPLIED


class HoldLine(ConversationOperation, kw_only=True, frozen=True):
    """The backend's own: a customer for whom nobody is free is told so, with the place in the line, once a wait."""

    kind: ClassVar[str] = "routing.line"
    text: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system" or len(self.text) > MAX_TEXT:
            return Refusal("forbidden")
        conversation = view.get(Conversation, self.conversation_id)
        if conversation is None or conversation.status != "waiting" or conversation.waiting_since is None:
            return NOOP
        if is_phone(conversation.channel):
            return NOOP
        id = line_id(conversation.id, conversation.waiting_since)
        if view.get(Message, id) is not None:
            return NOOP
        view.put(
            Message(
                id=id,
                conversation_id=conversation.id,
                author="bot",
                text=self.text,
                at=context.now,
                state="queued",
                reason=STANDS_IN,
                op_id=context.op_id,
            )
        )
        timing.happened(view, conversation, "said", context.now, id)
        timing.settle(view, conversation)
        return APPLIED


def line_id(conversation_id: str, waiting_since: int) -> str:
    """The id of the line that tells a customer to wait: one for each wait."""
    return derive("waiting-line", conversation_id, str(waiting_since))


def told(reasons: "list[tuple[str, bool, str, str]]") -> str:
    """Reasons as they are kept with an offer."""
    return json.dumps(reasons, ensure_ascii=False)

"""What every operation is: a small typed object with one pure `apply`, its registry, its context and its outcome."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec

from kefu_tui.model.rows import Agent, Conversation, Membership
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

ENDED = ("resolved", "closed", "archived")
"""States of a conversation that is over."""
MAX_TEXT = 10_000
"""Longest text of a message, in characters."""


class Actor(NamedTuple):
    """Who acts: an agent with the groups it works in, or the system itself."""

    id: str
    name: str
    role: str
    groups: frozenset[str]


SYSTEM = Actor("system", "system", "system", frozenset())


class Basis(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What the agent knew when the operation was begun; explains conflicts and decides `held`.

    `orders` maps the ids of orders that the text speaks of to the version seen.
    """

    version: int = 0
    last_pos: int = 0
    claim: str | None = None
    status: str | None = None
    orders: Mapping[str, int] = {}


class Context(NamedTuple):
    """Everything an operation may know besides rows. `now` is µs UTC: the backend's, or the outbox time at a desk."""

    actor: Actor
    now: int
    op_id: str
    basis: Basis


class Outcome(NamedTuple):
    """What an operation decided. A held reply names its reason; a no-op wrote nothing."""

    status: Literal["applied", "noop", "held"]
    code: str | None = None
    facts: Mapping[str, str] = {}


APPLIED = Outcome("applied")
NOOP = Outcome("noop")


class Operation(msgspec.Struct, kw_only=True, frozen=True):
    """A verb. Subclasses name their `kind`, decide in `apply`, and give their `inverse` where undoing makes sense."""

    kind: ClassVar[str]
    v: ClassVar[int] = 1

    def lane(self) -> str:
        """The lane of what the operation is about."""
        raise NotImplementedError

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        """Decides everything before the first write; a refusal writes nothing."""
        raise NotImplementedError

    def sets(self) -> Mapping[str, str]:
        """The fields that it gives a value, and which: of two who did not know of each other the earlier is told."""
        return {}

    def inverse(self, view: View, context: Context) -> "Operation | None":
        """The operation that would take this one back, seen from before it is applied."""
        return None


def decide(operation: Operation, view: View, context: Context) -> Outcome | Refusal:
    """Applies an operation to a view. A refusal, a no-op and an exception leave no writes behind."""
    view.mark()
    try:
        outcome = operation.apply(view, context)
    except BaseException:
        view.take_back()
        raise
    if isinstance(outcome, Refusal) or outcome.status == "noop":
        view.take_back()
    return outcome


class ConversationOperation(Operation, kw_only=True, frozen=True):
    """A verb on one conversation."""

    conversation_id: str

    def lane(self) -> str:
        return f"c:{self.conversation_id}"


def actor_of(view: View, agent: Agent) -> Actor:
    """The actor that an agent is, with its groups as the view knows them."""
    groups = frozenset(row.group_id for row in view.where(Membership, "agent_id", agent.id))
    return Actor(agent.id, agent.name, agent.role, groups)


def sees(actor: Actor, conversation: Conversation) -> bool:
    """Whether this conversation is in the actor's sight: its groups, or work that is or was offered to it."""
    return (
        actor.role in ("admin", "system")
        or conversation.group_id in actor.groups
        or actor.id in (conversation.assignee_id, conversation.offered_to_id)
    )


def leads(actor: Actor) -> bool:
    """Whether the actor may decide about colleagues' work (in the groups it sees)."""
    return actor.role in ("lead", "admin", "system")


def open_conversation(view: View, context: Context, id: str) -> Conversation | Refusal:
    """The conversation an operation is about, or why the actor may not touch it."""
    if context.actor.role == "auditor":
        return Refusal("forbidden")
    conversation = view.get(Conversation, id)
    if conversation is None:
        return Refusal("gone")
    if not sees(context.actor, conversation):
        return Refusal("forbidden")
    if conversation.status == "archived":
        return Refusal("archived")
    return conversation


def name_of(view: View, agent_id: str | None) -> str:
    """The display name of an agent, for sentences; empty when nobody."""
    agent = view.get(Agent, agent_id) if agent_id else None
    return agent.name if agent else ""


def arguments(operation: Operation) -> dict[str, Any]:
    """The operation's arguments as JSON-native values."""
    values: dict[str, Any] = msgspec.to_builtins(operation)
    return values

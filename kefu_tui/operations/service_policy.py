"""Verbs on service policies: one is put in force at once, or planned for a day; then running clocks are computed anew."""

import json
from typing import ClassVar

from kefu_tui.model.rows import Conversation, Policy, PolicyVersion
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, NOOP, Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.policy import PolicyError
from kefu_tui.rules.sections import parse_whole

LONGEST = 1_000_000
"""Characters of a policy."""


class SetPolicy(Operation, kw_only=True, frozen=True):
    """Puts a service policy in force; clocks that run keep the times they were given."""

    kind: ClassVar[str] = "policy.set"
    policy_id: str = "default"
    name: str
    body: str

    def lane(self) -> str:
        return f"p:{self.policy_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        there = view.get(Policy, self.policy_id)
        if there and (there.name, there.body) == (self.name, self.body):
            return NOOP
        view.put(Policy(id=self.policy_id, name=self.name, body=self.body))
        return APPLIED


class PlanPolicy(Operation, kw_only=True, frozen=True):
    """A policy that will be in force from a moment on (µs UTC); where that is past, as soon as the backend has it."""

    kind: ClassVar[str] = "policy.plan"
    version_id: str
    name: str
    body: str
    effective_at: int

    def lane(self) -> str:
        return f"q:{self.version_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        wrong = _wrong(self.body)
        if wrong:
            return Refusal("invalid", {"what": wrong})
        there = view.get(PolicyVersion, self.version_id)
        if there is not None:
            return NOOP
        view.put(
            PolicyVersion(
                id=self.version_id,
                name=self.name,
                body=self.body,
                effective_at=max(self.effective_at, context.now),
                set_by=context.actor.id,
                set_at=context.now,
            )
        )
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return DropPolicy(version_id=self.version_id)


class DropPolicy(Operation, kw_only=True, frozen=True):
    """Takes a planned policy back before it is in force."""

    kind: ClassVar[str] = "policy.drop"
    version_id: str

    def lane(self) -> str:
        return f"q:{self.version_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        there = view.get(PolicyVersion, self.version_id)
        if there is None:
            return NOOP
        if there.done_at is not None:
            return Refusal("in-force")
        view.delete(there)
        return APPLIED


class EnactPolicy(Operation, kw_only=True, frozen=True):
    """A planned policy is in force from now on. `total` conversations have clocks to be computed anew."""

    kind: ClassVar[str] = "policy.enact"
    version_id: str
    total: int

    def lane(self) -> str:
        return f"q:{self.version_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        version = view.get(PolicyVersion, self.version_id)
        if version is None or version.done_at is not None:
            return NOOP
        view.put(Policy(id="default", name=version.name, body=version.body))
        view.change(version, done_at=context.now, total=self.total, finished_at=None if self.total else context.now)
        return APPLIED


class RetimeClocks(Operation, kw_only=True, frozen=True):
    """The clocks of some conversations are computed anew after a policy came into force; `last` tells that these are all."""

    kind: ClassVar[str] = "policy.retime"
    version_id: str
    conversations: tuple[str, ...]
    last: bool = False

    def lane(self) -> str:
        return f"q:{self.version_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        version = view.get(PolicyVersion, self.version_id)
        if version is None or version.finished_at is not None:
            return NOOP
        clocks, moved = version.clocks, version.moved
        for id in self.conversations:
            conversation = view.get(Conversation, id)
            if conversation is not None:
                ran, late = timing.retime(view, conversation)
                clocks, moved = clocks + ran, moved + late
        view.change(
            version,
            clocks=clocks,
            moved=moved,
            retimed_to=self.conversations[-1] if self.conversations else version.retimed_to,
            finished_at=context.now if self.last else None,
        )
        return APPLIED


def _wrong(body: str) -> str:
    """Why a policy cannot be used, '' where it can."""
    if len(body) > LONGEST:
        return f"body: more than {LONGEST} characters"
    try:
        data = json.loads(body)
        if not isinstance(data, dict):
            return "body: a table is needed"
        parse_whole(data)
    except (ValueError, PolicyError) as error:
        return str(error)
    return ""

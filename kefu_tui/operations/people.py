"""Verbs of administration: agents, groups and memberships."""

from typing import ClassVar

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, Group, Membership
from kefu_tui.operations.base import APPLIED, NOOP, Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

ROLES = ("agent", "lead", "admin", "auditor")


class AddGroup(Operation, kw_only=True, frozen=True):
    """A new group with its waiting line."""

    kind: ClassVar[str] = "group.add"
    group_id: str
    name: str
    title: str = ""
    distribution: str = "pull"
    reply_policy: str = "hold"

    def lane(self) -> str:
        return f"g:{self.group_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if not self.name.strip():
            return Refusal("invalid", {"what": "name"})
        if view.where(Group, "name", self.name):
            return NOOP
        fields = msgspec.structs.asdict(self)
        view.put(Group(id=fields.pop("group_id"), **fields))
        return APPLIED


class AddAgent(Operation, kw_only=True, frozen=True):
    """A new account and the groups it works in; its password is the backend's alone and not part of this."""

    kind: ClassVar[str] = "agent.add"
    agent_id: str
    login: str
    name: str
    role: str = "agent"
    groups: tuple[str, ...] = ()
    """Ids of groups."""

    def lane(self) -> str:
        return f"a:{self.agent_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if self.role not in ROLES:
            return Refusal("invalid", {"what": f"role {self.role!r}"})
        if not self.login.strip() or self.login != self.login.strip() or not self.login.isprintable():
            return Refusal("invalid", {"what": f"login {self.login!r}"})
        if view.where(Agent, "login", self.login):
            return Refusal("taken-name", {"what": self.login})
        if any(view.get(Group, group) is None for group in self.groups):
            return Refusal("no-such-target")
        view.put(Agent(id=self.agent_id, login=self.login, name=self.name, role=self.role))
        for group in self.groups:
            view.put(Membership(id=derive(self.agent_id, "in", group), agent_id=self.agent_id, group_id=group))
        return APPLIED


class JoinGroup(Operation, kw_only=True, frozen=True):
    """An agent begins or ends working in a group."""

    kind: ClassVar[str] = "agent.join"
    agent_id: str
    group_id: str
    leave: bool = False

    def lane(self) -> str:
        return f"a:{self.agent_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if view.get(Agent, self.agent_id) is None or view.get(Group, self.group_id) is None:
            return Refusal("no-such-target")
        id = derive(self.agent_id, "in", self.group_id)
        there = view.get(Membership, id)
        if (there is None) == self.leave:
            return NOOP
        if there is not None:
            view.delete(there)
        else:
            view.put(Membership(id=id, agent_id=self.agent_id, group_id=self.group_id))
        return APPLIED

"""What verbs on things with a scope share: canned replies, macros and saved views of the company, a group or an agent."""

from typing import Protocol, TypeVar

import msgspec

from kefu_tui.model.rows import CannedReply, Macro, SavedView
from kefu_tui.operations.base import APPLIED, NOOP, Actor, Context, Outcome, leads
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

SCOPES = ("company", "group", "agent")

ScopedT = TypeVar("ScopedT", CannedReply, Macro, SavedView)


class Scoped(Protocol):
    """Something that belongs to the company, a group or an agent."""

    @property
    def scope(self) -> str: ...
    @property
    def scope_id(self) -> str | None: ...


def may_edit(actor: Actor, it: Scoped) -> bool:
    """Everyone their own, leads their group's and the company's."""
    if actor.role in ("admin", "system"):
        return True
    if it.scope == "agent":
        return it.scope_id == actor.id and actor.role != "auditor"
    if it.scope == "group":
        return leads(actor) and it.scope_id in actor.groups
    return leads(actor)


def save(view: View, context: Context, row: ScopedT) -> Outcome | Refusal:
    """Writes a row. On one that exists, `context.basis.version` must be the version that was looked at."""
    there = view.get(type(row), row.id)
    if row.scope not in SCOPES:
        return Refusal("invalid", {"what": "scope"})
    if not may_edit(context.actor, row) or (there and not may_edit(context.actor, there)):
        return Refusal("forbidden")
    if there and context.basis.version and there.version != context.basis.version:
        return Refusal("stale-version")
    same = {"version": 0, "edited_at": 0, "edited_by": None}
    if there and msgspec.structs.replace(there, **same) == msgspec.structs.replace(row, **same):
        return NOOP
    view.put(msgspec.structs.replace(row, edited_at=context.now, edited_by=context.actor.id))
    return APPLIED


def remove(view: View, context: Context, table: type[ScopedT], id: str) -> Outcome | Refusal:
    """Takes a row away; one that is gone already changes nothing."""
    there = view.get(table, id)
    if there is None:
        return NOOP
    if not may_edit(context.actor, there):
        return Refusal("forbidden")
    view.delete(there)
    return APPLIED

"""Verbs of automation: a rule saved, switched, removed; what it does to a conversation, taken back, tried again."""

import json
from typing import ClassVar, Literal

from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, Automation, AutomationRun, Conversation, Reminder
from kefu_tui.now import DAY
from kefu_tui.operations.automation_steps import Performed, Subject, perform, take_back
from kefu_tui.operations.base import (
    APPLIED,
    NOOP,
    SYSTEM,
    Context,
    ConversationOperation,
    Operation,
    Outcome,
    leads,
    open_conversation,
)
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.automation import AutomationError, Rule, parse

RUNS_KEPT = 90 * DAY
"""How long what a rule did is remembered."""


def rule_id(name: str) -> str:
    """The id that a rule has everywhere."""
    return derive("automation", name)


class AutomationOperation(Operation, kw_only=True, frozen=True):
    """A verb on one rule."""

    rule_id: str

    def lane(self) -> str:
        return f"x:{self.rule_id}"


class SaveAutomation(AutomationOperation, kw_only=True, frozen=True):
    """A rule, new (it is off) or changed. On one that exists, `context.basis.version` must be the version looked at."""

    kind: ClassVar[str] = "automation.save"
    body: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        try:
            rule = parse(self.body)
        except AutomationError as error:
            return Refusal("invalid", {"what": str(error)})
        if self.rule_id != rule_id(rule.name):
            return Refusal("invalid", {"what": f"name {rule.name!r}"})
        there = view.get(Automation, self.rule_id)
        if there and context.basis.version and there.version != context.basis.version:
            return Refusal("stale-version")
        if there and there.body == self.body:
            return NOOP
        view.put(
            Automation(
                id=self.rule_id,
                name=rule.name,
                zh=rule.zh,
                en=rule.en,
                position=rule.order,
                body=self.body,
                since=there.since if there else None,
                halted_at=there.halted_at if there else None,
                edited_at=context.now,
                edited_by=context.actor.id,
            )
        )
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Automation, self.rule_id)
        if there is None:
            return RemoveAutomation(rule_id=self.rule_id)
        return SaveAutomation(rule_id=self.rule_id, body=there.body)


class SwitchAutomation(AutomationOperation, kw_only=True, frozen=True):
    """On: from now on it acts on what happens. Off: no more."""

    kind: ClassVar[str] = "automation.switch"
    on: bool

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        there = view.get(Automation, self.rule_id)
        if there is None:
            return Refusal("gone")
        if (there.since is not None) == self.on:
            return NOOP
        view.change(there, since=context.now if self.on else None, halted_at=None)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        return SwitchAutomation(rule_id=self.rule_id, on=not self.on)


class RemoveAutomation(AutomationOperation, kw_only=True, frozen=True):
    """Takes a rule away; what it did stays in the record."""

    kind: ClassVar[str] = "automation.remove"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        there = view.get(Automation, self.rule_id)
        if there is None:
            return NOOP
        view.delete(there)
        return APPLIED

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Automation, self.rule_id)
        return SaveAutomation(rule_id=self.rule_id, body=there.body) if there else None


class HaltAutomation(AutomationOperation, kw_only=True, frozen=True):
    """The backend's own: a rule that acts far too often is switched off, and leads are reminded of it."""

    kind: ClassVar[str] = "automation.halt"
    often: int

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        there = view.get(Automation, self.rule_id)
        if there is None or there.since is None:
            return NOOP
        view.change(there, since=None, halted_at=context.now)
        text = f"自动规则「{there.zh}」10 分钟里做了 {self.often} 次，已停下 / {there.en}: halted"
        for role in ("lead", "admin"):
            for agent in view.where(Agent, "role", role):
                if agent.left_at is None:
                    id = derive(context.op_id, agent.id)
                    view.put(Reminder(id=id, agent_id=agent.id, text=text, due_at=context.now, set_at=context.now))
        return APPLIED


class RunAutomation(ConversationOperation, kw_only=True, frozen=True):
    """A rule acts on a conversation, once for each cause: by the backend when it is set off, or by a lead's hand.

    All its steps are done or none; a step that is refused is written down with the run. By itself a rule acts on one
    conversation no more often than it says.
    """

    kind: ClassVar[str] = "automation.run"
    rule_id: str
    cause: str
    event: str
    ticket_id: str | None = None

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not leads(context.actor):
            return Refusal("forbidden")
        row = view.get(Automation, self.rule_id)
        if row is None:
            return Refusal("gone")
        by_itself = context.actor.role == "system"
        id = derive("run", self.rule_id, self.conversation_id, self.cause)
        if (by_itself and row.since is None) or view.get(AutomationRun, id) is not None:
            return NOOP
        conversation = open_conversation(view, context, self.conversation_id)
        if isinstance(conversation, Refusal):
            return conversation
        rule = _parsed(row)
        if isinstance(rule, Refusal):
            return rule
        if by_itself and braked(view, row.id, rule, self.conversation_id, context.now):
            return NOOP
        run = AutomationRun(
            id=id,
            rule_id=row.id,
            conversation_id=conversation.id,
            ticket_id=self.ticket_id,
            event=self.event,
            at=context.now,
            state="done",
            by_id=context.actor.id,
        )
        _write(view, run, perform(view, context, rule, Subject(conversation, self.ticket_id, id)))
        return APPLIED


class UndoRun(ConversationOperation, kw_only=True, frozen=True):
    """Takes back what a rule did, as far as it can be; what a customer was told stays told."""

    kind: ClassVar[str] = "automation.undo"
    run_id: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        run = _run(view, context, self.conversation_id, self.run_id)
        if isinstance(run, Refusal):
            return run
        if run.state != "done":
            return NOOP
        refused = take_back(view, _as_it_was(run, context), json.loads(run.did))
        if refused is not None:
            return refused
        view.change(run, state="undone", undone_by=context.actor.id)
        return APPLIED


class RetryRun(ConversationOperation, kw_only=True, frozen=True):
    """Tries again what was refused, or posts again what could not be posted."""

    kind: ClassVar[str] = "automation.retry"
    run_id: str

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        run = _run(view, context, self.conversation_id, self.run_id)
        if isinstance(run, Refusal):
            return run
        if run.state == "done" and run.hook_state == "failed":
            view.change(run, hook_state="queued")
            return APPLIED
        if run.state != "refused":
            return NOOP
        row = view.get(Automation, run.rule_id)
        conversation = view.get(Conversation, run.conversation_id)
        if row is None or conversation is None:
            return Refusal("gone")
        rule = _parsed(row)
        if isinstance(rule, Refusal):
            return rule
        performed = perform(view, _as_it_was(run, context), rule, Subject(conversation, run.ticket_id, run.id))
        if performed.refused is not None:
            return performed.refused[1]
        _write(view, run, performed)
        return APPLIED


class Posted(ConversationOperation, kw_only=True, frozen=True):
    """The backend's own: how the post of a run went."""

    kind: ClassVar[str] = "automation.posted"
    run_id: str
    state: Literal["sent", "failed"]

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        run = view.get(AutomationRun, self.run_id)
        if run is None or run.hook_state == self.state:
            return NOOP
        view.change(run, hook_state=self.state)
        return APPLIED


class ForgetRuns(ConversationOperation, kw_only=True, frozen=True):
    """What rules did in it more than RUNS_KEPT ago is forgotten; what still waits to be posted stays."""

    kind: ClassVar[str] = "automation.forget-runs"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role != "system":
            return Refusal("forbidden")
        old = [
            run
            for run in view.where(AutomationRun, "conversation_id", self.conversation_id)
            if run.at < context.now - RUNS_KEPT and run.hook_state != "queued"
        ]
        for run in old:
            view.delete(run)
        return APPLIED if old else NOOP


def braked(view: View, id: str, rule: Rule, conversation_id: str, now: int) -> bool:
    """Whether a rule has acted on a conversation as often as it may."""
    most, span = rule.most
    runs = view.where(AutomationRun, "conversation_id", conversation_id)
    return sum(run.rule_id == id and run.at > now - span for run in runs) >= most


def _as_it_was(run: AutomationRun, context: Context) -> Context:
    """What a rule did by itself is taken back and tried again as the shop's own work, not as the lead's who asks for it."""
    return context._replace(actor=SYSTEM) if run.by_id == SYSTEM.id else context


def _parsed(row: Automation) -> Rule | Refusal:
    try:
        return parse(row.body)
    except AutomationError as error:  # of an older version of kefu
        return Refusal("invalid", {"what": str(error)})


def _run(view: View, context: Context, conversation_id: str, id: str) -> AutomationRun | Refusal:
    if not leads(context.actor):
        return Refusal("forbidden")
    conversation = open_conversation(view, context, conversation_id)
    if isinstance(conversation, Refusal):
        return conversation
    run = view.get(AutomationRun, id)
    return run if run is not None and run.conversation_id == conversation_id else Refusal("gone")


def _write(view: View, run: AutomationRun, performed: Performed) -> None:
    why = ""
    if performed.refused is not None:
        step, refusal = performed.refused
        why = json.dumps([step, refusal.code, dict(refusal.facts)], ensure_ascii=False)
    view.change(
        run,
        state="refused" if performed.refused else "done",
        did=json.dumps(performed.did, ensure_ascii=False),
        why=why,
        hook=performed.hook,
        hook_text=performed.hook_text,
        hook_state="queued" if performed.hook else "",
    )

"""The verb that says how a kind of ticket is worked."""

import json
from typing import ClassVar

from kefu_tui.ids import derive
from kefu_tui.model.rows import Workflow
from kefu_tui.operations.base import APPLIED, NOOP, Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View
from kefu_tui.rules.workflow import WorkflowError, parse_workflow

LONGEST = 200_000
"""Characters of a workflow."""


class SetWorkflow(Operation, kw_only=True, frozen=True):
    """A workflow, new or changed; tickets in a state that it no longer has must be moved first, and are refused until then."""

    kind: ClassVar[str] = "workflow.set"
    name: str
    body: str

    def lane(self) -> str:
        return f"w:{derive('workflow', self.name)}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if context.actor.role not in ("system", "admin"):
            return Refusal("forbidden")
        if len(self.body) > LONGEST:
            return Refusal("too-long", {"length": str(len(self.body)), "limit": str(LONGEST)})
        try:
            told = json.loads(self.body)
            flow = parse_workflow(told if isinstance(told, dict) else {})
        except (ValueError, WorkflowError) as error:
            return Refusal("invalid", {"what": str(error)})
        if flow.name != self.name:
            return Refusal("invalid", {"what": f"name {flow.name!r}"})
        id = derive("workflow", self.name)
        there = view.get(Workflow, id)
        if there is not None and there.body == self.body:
            return NOOP
        view.put(Workflow(id=id, name=self.name, body=self.body))
        return APPLIED

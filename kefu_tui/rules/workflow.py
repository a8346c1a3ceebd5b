"""Workflows as data: states with clocks, guarded transitions, fields, a checklist, and what the customer is told."""

from kefu_tui.rules.workflow_draw import draw
from kefu_tui.rules.workflow_parse import parse_workflow
from kefu_tui.rules.workflow_run import (
    Clock,
    Effects,
    Move,
    Refused,
    Stand,
    Walk,
    effects,
    moves,
    simulate,
    told,
)
from kefu_tui.rules.workflow_shape import (
    CLOCKS,
    Field,
    Said,
    State,
    Step,
    Transition,
    Workflow,
    WorkflowError,
    shown,
    unfit,
)

__all__ = [
    "CLOCKS",
    "Clock",
    "Effects",
    "Field",
    "Move",
    "Refused",
    "Said",
    "Stand",
    "State",
    "Step",
    "Transition",
    "Walk",
    "Workflow",
    "WorkflowError",
    "draw",
    "effects",
    "moves",
    "parse_workflow",
    "shown",
    "simulate",
    "told",
    "unfit",
]

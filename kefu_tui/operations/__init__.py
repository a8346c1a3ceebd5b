"""The verbs: each written once, run at the desk and at the backend. `registry.KINDS` names them all."""

from kefu_tui.operations.base import Actor, Basis, Context, Operation, Outcome, decide
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View

__all__ = ["Actor", "Basis", "Context", "Operation", "Outcome", "Refusal", "View", "decide"]

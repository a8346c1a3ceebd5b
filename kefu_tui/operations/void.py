"""The verb that fills a number: an operation cancelled before any byte of it left the desk."""

from typing import ClassVar

from kefu_tui.operations.base import NOOP, Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.view import View


class Void(Operation, kw_only=True, frozen=True):
    """Nothing; it keeps the numbers of a device without a hole."""

    kind: ClassVar[str] = "void"

    def lane(self) -> str:
        return "-:void"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        return NOOP

"""Verbs on macros: save (new or edited) and remove."""

from typing import ClassVar

import msgspec

from kefu_tui.model.rows import Macro
from kefu_tui.operations.base import Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.scoped import remove, save
from kefu_tui.operations.view import View

LONGEST = 40
"""Characters of a name."""
MOST_BYTES = 20_000
"""Of the steps."""


class SaveMacro(Operation, kw_only=True, frozen=True):
    """Writes a macro. On one that exists, `context.basis.version` must be the version that was looked at."""

    kind: ClassVar[str] = "macro.save"
    macro_id: str
    name: str
    steps: str
    key: str = ""
    scope: str = "agent"
    scope_id: str | None = None

    def lane(self) -> str:
        return f"m:{self.macro_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not self.name.strip() or "\n" in self.name or not self.steps:
            return Refusal("empty")
        for value, limit in ((self.name, LONGEST), (self.key, 1), (self.steps, MOST_BYTES)):
            if len(value) > limit:
                return Refusal("too-long", {"length": str(len(value)), "limit": str(limit)})
        values = msgspec.structs.asdict(self)
        del values["macro_id"]
        return save(view, context, Macro(id=self.macro_id, edited_at=0, **values))

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Macro, self.macro_id)
        return _restored(there) if there else RemoveMacro(macro_id=self.macro_id)


class RemoveMacro(Operation, kw_only=True, frozen=True):
    """Takes a macro away."""

    kind: ClassVar[str] = "macro.remove"
    macro_id: str

    def lane(self) -> str:
        return f"m:{self.macro_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        return remove(view, context, Macro, self.macro_id)

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(Macro, self.macro_id)
        return _restored(there) if there else None


def _restored(row: Macro) -> SaveMacro:
    """The operation that writes it back as it is now."""
    values = {key: getattr(row, key) for key in SaveMacro.__struct_fields__ if key != "macro_id"}
    return SaveMacro(macro_id=row.id, **values)

"""Verbs on saved views: save (new or edited) and remove."""

from typing import ClassVar

import msgspec

from kefu_tui.model.rows import SavedView
from kefu_tui.operations.base import Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.scoped import remove, save
from kefu_tui.operations.view import View

LONGEST = 40
"""Characters of a name."""
MOST = 400
"""Characters of a filter."""


class SaveSavedView(Operation, kw_only=True, frozen=True):
    """Writes a saved view. On one that exists, `context.basis.version` must be the version that was looked at."""

    kind: ClassVar[str] = "view.save"
    view_id: str
    name: str
    filter: str
    group_by: str = ""
    place: int = 0
    scope: str = "agent"
    scope_id: str | None = None

    def lane(self) -> str:
        return f"v:{self.view_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not self.name.strip() or "\n" in self.name:
            return Refusal("empty")
        for value, limit in ((self.name, LONGEST), (self.filter, MOST)):
            if len(value) > limit:
                return Refusal("too-long", {"length": str(len(value)), "limit": str(limit)})
        values = msgspec.structs.asdict(self)
        del values["view_id"]
        return save(view, context, SavedView(id=self.view_id, edited_at=0, **values))

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(SavedView, self.view_id)
        return _restored(there) if there else RemoveSavedView(view_id=self.view_id)


class RemoveSavedView(Operation, kw_only=True, frozen=True):
    """Takes a saved view away."""

    kind: ClassVar[str] = "view.remove"
    view_id: str

    def lane(self) -> str:
        return f"v:{self.view_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        return remove(view, context, SavedView, self.view_id)

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(SavedView, self.view_id)
        return _restored(there) if there else None


def _restored(row: SavedView) -> SaveSavedView:
    """The operation that writes it back as it is now."""
    values = {key: getattr(row, key) for key in SaveSavedView.__struct_fields__ if key != "view_id"}
    return SaveSavedView(view_id=row.id, **values)

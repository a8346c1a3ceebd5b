"""Verbs on canned replies: save (new or edited) and remove."""

from typing import ClassVar

import msgspec

from kefu_tui.model.rows import CannedReply
from kefu_tui.operations.base import MAX_TEXT, Context, Operation, Outcome
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.scoped import remove, save
from kefu_tui.operations.view import View


class SaveCanned(Operation, kw_only=True, frozen=True):
    """Writes a canned reply. On one that exists, `context.basis.version` must be the version that was looked at.

    Pinyin and initials come with the arguments: whoever saves has computed them.
    """

    kind: ClassVar[str] = "canned.save"
    canned_id: str
    title: str
    text: str
    stage: str
    scenario: str
    scope: str = "company"
    scope_id: str | None = None
    lang: str = "zh"
    shortcut: str = ""
    when_words: str = ""
    pinyin: str = ""
    initials: str = ""

    def lane(self) -> str:
        return f"r:{self.canned_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        if not self.title.strip() or not self.text.strip():
            return Refusal("empty")
        if len(self.text) > MAX_TEXT:
            return Refusal("too-long", {"length": str(len(self.text)), "limit": str(MAX_TEXT)})
        fields = msgspec.structs.asdict(self)
        del fields["canned_id"]
        return save(view, context, CannedReply(id=self.canned_id, edited_at=0, **fields))

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(CannedReply, self.canned_id)
        return restored(there) if there else RemoveCanned(canned_id=self.canned_id)


class RemoveCanned(Operation, kw_only=True, frozen=True):
    """Takes a canned reply off the shelf."""

    kind: ClassVar[str] = "canned.remove"
    canned_id: str

    def lane(self) -> str:
        return f"r:{self.canned_id}"

    def apply(self, view: View, context: Context) -> Outcome | Refusal:
        return remove(view, context, CannedReply, self.canned_id)

    def inverse(self, view: View, context: Context) -> Operation | None:
        there = view.get(CannedReply, self.canned_id)
        return restored(there) if there else None


def restored(row: CannedReply) -> SaveCanned:
    """The operation that writes a canned reply back as it is now."""
    fields = {key: getattr(row, key) for key in SaveCanned.__struct_fields__ if key != "canned_id"}
    return SaveCanned(canned_id=row.id, **fields)

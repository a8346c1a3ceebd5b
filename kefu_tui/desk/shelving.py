"""Keeping the shelf of canned replies: one saved, one removed, a file of them taken in as one."""

from collections.abc import Sequence

import msgspec

from kefu_tui.desk import reads_cli
from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.ids import derive
from kefu_tui.model.rows import CannedReply
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules.canned_file import ParsedReply
from kefu_tui.rules.pinyin import keys

MAY_SHARE = ("lead", "admin")
"""Roles that write for the whole company; others write for themselves."""


def fresh(desk: Desk, scope: str | None = None) -> CannedReply:
    """A canned reply with nothing in it yet, for the company where the agent may, else for the agent alone."""
    scope = scope or ("company" if desk.me().role in MAY_SHARE else "agent")
    return CannedReply(
        id=desk.ids(),
        scope=scope,
        scope_id=desk.agent_id if scope == "agent" else None,
        stage="answer",
        scenario="other",
        title="",
        text="",
        edited_at=0,
    )


def save(desk: Desk, reply: CannedReply) -> Done | Refusal:
    """Writes a canned reply; pinyin and initials are made from its title."""
    return desk.do(_saving(reply)).result()


def remove(desk: Desk, id: str) -> Done | Refusal:
    """Takes a canned reply off the shelf."""
    return desk.do(RemoveCanned(canned_id=id)).result()


def take_in(desk: Desk, replies: Sequence[ParsedReply]) -> Done | Refusal:
    """Writes the replies of a file, all or none. The same file again changes nothing.

    A reply without an id is told by its shortcut, without one by its title.
    """
    known = {row.id: row for row in reads_cli.canned_replies(desk)}
    saving = []
    for parsed in replies:
        new = fresh(desk, parsed.scope or None)
        id = parsed.id or derive(
            "canned-file", new.scope, new.scope_id or "", parsed.lang, parsed.shortcut or parsed.title
        )
        old = known.get(id)
        base = old if old and not parsed.scope else new
        told = {name: getattr(parsed, name) for name in ("shortcut", "title", "text", "stage", "scenario", "lang")}
        saving.append(_saving(msgspec.structs.replace(base, id=id, when_words=parsed.when, **told)))
    return desk.do(*saving).result()


def _saving(reply: CannedReply) -> SaveCanned:
    pinyin, initials = keys(reply.title)
    fields = {name: getattr(reply, name) for name in SaveCanned.__struct_fields__ if hasattr(reply, name)}
    return SaveCanned(**{**fields, "canned_id": reply.id, "pinyin": pinyin, "initials": initials})

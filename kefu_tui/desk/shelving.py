"""Keeping the shelf of canned replies: one saved, one removed, a file of them taken in as one."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future

import msgspec

from kefu_tui.desk import reads_cli
from kefu_tui.desk.answers import Done
from kefu_tui.desk.desk import Desk
from kefu_tui.desk.offers import values
from kefu_tui.ids import derive
from kefu_tui.model.rows import CannedReply, Conversation
from kefu_tui.model.sql import Reader
from kefu_tui.operations.canned import RemoveCanned, SaveCanned
from kefu_tui.operations.refusals import Refusal
from kefu_tui.rules import template
from kefu_tui.rules.canned_file import ParsedReply
from kefu_tui.store.shown import Filled

SHOWN = ("shortcut", "title", "text", "stage", "scenario", "lang")
"""Fields that a file names."""
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


def opened(desk: Desk, id: str | None) -> tuple[CannedReply, bool]:
    """A canned reply to be edited, and whether it is this agent's to change: else a copy of the agent's own. None: a new one."""
    row = next((row for row in reads_cli.canned_replies(desk) if row.id == id), None)
    if row is None:
        return fresh(desk, "agent"), True
    if row.scope_id == desk.agent_id or desk.me().role in MAY_SHARE:
        return row, True
    return msgspec.structs.replace(row, id=desk.ids(), scope="agent", scope_id=desk.agent_id, version=0), False


def writing(
    desk: Desk, reply: CannedReply, fields: Mapping[str, str], spelled: tuple[str, str]
) -> "Future[Done | Refusal]":
    """Writes an edited reply; `spelled` are pinyin and initials of its title."""
    scope = fields["scope"]
    changed = msgspec.structs.replace(
        reply,
        title=fields["title"],
        shortcut=fields["shortcut"],
        text=fields["text"],
        when_words=" ".join(fields["when"].split()),
        scenario=fields["scenario"] or "other",
        stage=fields["stage"],
        scope=scope,
        scope_id=desk.agent_id if scope == "agent" else reply.scope_id if scope == reply.scope else None,
    )
    return desk.do(_saving(changed, spelled))


def removing(desk: Desk, id: str) -> "Future[Done | Refusal]":
    """Takes a canned reply off the shelf."""
    return desk.do(RemoveCanned(canned_id=id))


def spelled(title: str) -> tuple[str, str]:
    """Pinyin and initials of a title, made in a process of its own: what they need is too big for a workstation."""
    done = subprocess.run(
        [sys.executable, "-m", "kefu_tui.rules.pinyin"],
        input=title.encode(),
        capture_output=True,
        timeout=30,
        check=True,
    )
    pinyin, _, initials = done.stdout.decode().strip().partition(" ")
    return pinyin, initials


def preview(desk: Desk, text: str, conversation_id: str | None) -> Filled | str:
    """How a text reads for a conversation; a sentence where it is no template."""
    try:
        with desk.store.read() as connection:
            conversation = Reader(connection).get(Conversation, conversation_id) if conversation_id else None
            known = values(connection, conversation, desk.agent_id, desk.now()) if conversation else {}
            filled = template.fill(text, known)
    except template.TemplateError as error:
        return Refusal("invalid", {"what": str(error)}).say(desk.lang)
    return Filled("", "", filled.text, tuple(filled.spans), tuple(filled.missing), tuple(filled.asks))


def take_in(desk: Desk, replies: Sequence[ParsedReply]) -> Done | Refusal:
    """Writes the replies of a file, all or none. The same file again changes nothing.

    A reply without an id is told by its shortcut, without one by its title.
    """
    return desk.do(*(_saving(new) for new, _ in _matched(desk, replies))).result()


def foreseen(desk: Desk, replies: Sequence[ParsedReply]) -> list[str]:
    """What taking in the replies of a file would do with each: add, change or same."""
    told = []
    for new, old in _matched(desk, replies):
        unlike = old is None or any(
            getattr(new, name) != getattr(old, name) for name in (*SHOWN, "when_words", "scope", "scope_id")
        )
        told.append("add" if old is None else "change" if unlike else "same")
    return told


def _matched(desk: Desk, replies: Sequence[ParsedReply]) -> Iterator[tuple[CannedReply, CannedReply | None]]:
    """Each reply of a file as it would be kept, and the one that is there."""
    known = {row.id: row for row in reads_cli.canned_replies(desk)}
    for parsed in replies:
        new = fresh(desk, parsed.scope or None)
        id = parsed.id or derive(
            "canned-file", new.scope, new.scope_id or "", parsed.lang, parsed.shortcut or parsed.title
        )
        old = known.get(id)
        base = old if old and not parsed.scope else new
        told = {name: getattr(parsed, name) for name in SHOWN}
        yield msgspec.structs.replace(base, id=id, when_words=parsed.when, **told), old


def _saving(reply: CannedReply, spelled: tuple[str, str] | None = None) -> SaveCanned:
    if spelled is None:
        from kefu_tui.rules.pinyin import keys

        spelled = keys(reply.title)
    pinyin, initials = spelled
    fields = {name: getattr(reply, name) for name in SaveCanned.__struct_fields__ if hasattr(reply, name)}
    return SaveCanned(**{**fields, "canned_id": reply.id, "pinyin": pinyin, "initials": initials})

"""A macro's steps done as one: all in one transaction under one verb, or none of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kefu_tui.desk.offers import values
from kefu_tui.desk.verbs import SAID, Told, about, basis_of, pick, premise
from kefu_tui.model.rows import Conversation, Return
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import MINUTE, SECOND
from kefu_tui.operations import Basis, Operation, Refusal
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, Snooze, Transfer
from kefu_tui.operations.message import Note, Reply
from kefu_tui.operations.returns import ReviewReturn
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.rules import macro as rule
from kefu_tui.rules.macro import Step
from kefu_tui.rules.template import TemplateError, fill
from kefu_tui.store import lookups, outbox

if TYPE_CHECKING:
    from kefu_tui.desk.desk import Desk


def run(
    connection: Connection,
    desk: "Desk",
    name: str,
    steps: Sequence[Step],
    conversation_id: str,
    answers: Mapping[str, str],
    hold_s: float,
) -> Told | Refusal:
    """Issues the operations of all steps; a step that is refused is named, and nothing is done."""
    verb, now = desk.ids(), desk.now()
    until = now + int(hold_s * SECOND) if hold_s and any(step.verb in ("reply", "canned") for step in steps) else None
    for number, step in enumerate(steps, 1):
        operations = _operations(connection, desk, step, conversation_id, answers)
        if isinstance(operations, Refusal):
            return _named(desk, number, step, operations)
        for operation, basis in operations:
            issued = outbox.issue(connection, operation, desk.agent_id, basis, now, desk.ids(), verb, until)
            if isinstance(issued.outcome, Refusal):
                return _named(desk, number, step, issued.outcome)
    if not steps:
        return Refusal("empty")
    said = SAID["macro.run"][pick(desk)].format(name=name)
    return Told(verb, "applied", True, said, (conversation_id,))


def _named(desk: "Desk", number: int, step: Step, why: Refusal) -> Refusal:
    words = rule.VERBS[step.verb][0] if desk.lang == "zh" else step.verb
    return Refusal("macro-step", {"step": f"{number} {words}", "why": why.say(desk.lang)})


def _operations(
    connection: Connection, desk: "Desk", step: Step, id: str, answers: Mapping[str, str]
) -> list[tuple[Operation, Basis]] | Refusal:
    there = Reader(connection).get(Conversation, id)
    if there is None:
        return Refusal("gone")
    canned_id, argument = None, step.argument
    if step.verb == "canned":
        found = connection.execute(
            "SELECT id, text FROM canned_reply WHERE shortcut = ? ORDER BY scope = 'agent' DESC, scope = 'group' DESC LIMIT 1",
            (argument,),
        ).fetchone()
        if found is None:
            return Refusal("gone")
        canned_id, argument = found
    if "{{" in argument or "{%" in argument:
        try:
            filled = fill(argument, {**values(connection, there, desk.agent_id, desk.now()), "ask": dict(answers)})
        except TemplateError as error:
            return Refusal("invalid", {"what": str(error)})
        if lacks := [*filled.missing, *filled.asks]:
            return Refusal("missing-value", {"what": ", ".join(lacks)})
        argument = filled.text
    operation: Operation
    match step.verb:
        case "take":
            operation = Claim(conversation_id=id)
        case "reply" | "canned":
            operation = Reply(conversation_id=id, message_id=desk.ids(), text=argument, canned_id=canned_id)
            return [(operation, about(connection, id, premise(connection, id), argument, canned_id))]
        case "note":
            operation = Note(conversation_id=id, message_id=desk.ids(), text=argument)
        case "tag":
            operation = Tag(conversation_id=id, name=argument.strip())
        case "untag":
            operation = Untag(conversation_id=id, name=argument.strip())
        case "transfer":
            to, _, note = argument.partition(rule.NOTE)
            return _transfer(connection, desk, id, to.strip(), note.strip())
        case "snooze":
            operation = Snooze(conversation_id=id, until=desk.now() + (rule.minutes(argument) or 1) * MINUTE)
        case "resolve":
            both: list[Operation] = [Resolve(conversation_id=id)]
            both += [Tag(conversation_id=id, name=argument.strip())] if argument.strip() else []
            return [(one, basis_of(connection, one)) for one in both]
        case "reopen":
            operation = Reopen(conversation_id=id)
        case "release":
            operation = Release(conversation_id=id)
        case _:
            return _approve(connection, there)
    return [(operation, basis_of(connection, operation))]


def _transfer(
    connection: Connection, desk: "Desk", id: str, to: str, note: str
) -> list[tuple[Operation, Basis]] | Refusal:
    agents, groups = lookups.agents_named(connection, to), lookups.groups_named(connection, to)
    if len(agents) + len(groups) != 1:
        return Refusal("no-such-target")
    agent, group = (agents[0][0], None) if agents else (None, groups[0][0])
    operation = Transfer(
        conversation_id=id, to_agent_id=agent, to_group_id=group, note=note, note_id=desk.ids() if note else ""
    )
    return [(operation, basis_of(connection, operation))]


def _approve(connection: Connection, there: Conversation) -> list[tuple[Operation, Basis]] | Refusal:
    """The approval of the first return of this customer that waits for a verdict."""
    found = connection.execute(
        f"SELECT o.id, o.status FROM shop_order o LEFT JOIN {Return.table} r ON r.order_id = o.id "
        "WHERE o.customer_id = ? ORDER BY o.status = 'refunding' AND r.id IS NULL DESC, o.placed_at DESC LIMIT 1",
        (there.customer_id,),
    ).fetchone()
    if found is None:
        return Refusal("gone")
    operation = ReviewReturn(conversation_id=there.id, order_id=found[0], verdict="approved")
    return [(operation, basis_of(connection, operation))]

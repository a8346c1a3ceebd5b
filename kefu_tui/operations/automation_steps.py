"""What a rule's steps do to a conversation: each in its turn on one view, all or none of them."""

import json
from typing import Any, NamedTuple

import msgspec

from kefu_tui.ids import derive
from kefu_tui.model.rows import Agent, CannedReply, Conversation, Customer, Group, Membership, Message, Order
from kefu_tui.now import MINUTE
from kefu_tui.operations import timing
from kefu_tui.operations.base import APPLIED, Basis, Context, Operation, arguments, decide
from kefu_tui.operations.conversation import Release, Reopen, Resolve, SetPriority, Snooze, Transfer
from kefu_tui.operations.message import STANDS_IN, Note, unfit
from kefu_tui.operations.refusals import Refusal
from kefu_tui.operations.reminder import SetReminder
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.operations.ticket import OpenTicket
from kefu_tui.operations.view import View
from kefu_tui.rules import macro as rule
from kefu_tui.rules.automation_shape import PEOPLE, Rule
from kefu_tui.rules.calls import is_phone
from kefu_tui.rules.macro import Step
from kefu_tui.rules.template import TemplateError, fill

VALUES = ("customer.name", "shop.name", "agent.name", "order.no")
"""What the words of a rule may speak of."""
SHOP = {"zh": "本店", "en": "our shop"}


class Subject(NamedTuple):
    """What a rule acts on."""

    conversation: Conversation
    ticket_id: str | None
    run_id: str


class Performed(NamedTuple):
    """What the steps did: verb, argument and what takes it back; or which step was refused, and why."""

    did: list[list[Any]]
    refused: tuple[int, Refusal] | None = None
    hook: str = ""
    hook_text: str = ""


def perform(view: View, context: Context, told: Rule, subject: Subject) -> Performed:
    """Does all steps of a rule, or none: a step that is refused takes back those before it."""
    inner = View(view)
    did: list[list[Any]] = []
    hook = hook_text = ""
    for number, step in enumerate(told.steps, 1):
        here = inner.get(Conversation, subject.conversation.id)
        assert here is not None
        argument = _filled(inner, here, step)
        if isinstance(argument, Refusal):
            return Performed([], (number, argument))
        back: list[Any] = []
        if step.verb in ("say", "canned"):
            said = _say(inner, context, subject._replace(conversation=here), number, argument)
        elif step.verb == "webhook":
            hook, _, hook_text = argument.partition(" ")
            said = None
        else:
            said, back = _operate(inner, context, subject._replace(conversation=here), number, step.verb, argument)
        if isinstance(said, Refusal):
            return Performed([], (number, said))
        did.append([step.verb, step.argument, back])
    take_over(view, inner)
    return Performed(did, None, hook, hook_text.strip())


def take_back(view: View, context: Context, did: list[list[Any]]) -> Refusal | None:
    """Does what takes the steps back, the last first; all of it or nothing."""
    from kefu_tui.operations.registry import parse  # the registry knows this module

    inner = View(view)
    inverses = [one for _, _, back in reversed(did) for one in reversed(back)]
    if not inverses:
        return Refusal("too-late")
    for kind, args in inverses:
        operation = parse(kind, args)
        if isinstance(operation, Refusal):
            return operation
        outcome = decide(operation, inner, context)
        if isinstance(outcome, Refusal):
            return outcome
    take_over(view, inner)
    return None


def take_over(view: View, inner: View) -> None:
    """Writes to a view what was written on one above it."""
    for (table, id), row in inner.written.items():
        if row is not None:
            view.put(row)
        elif (there := view.get(table, id)) is not None:
            view.delete(there)


def _filled(view: View, conversation: Conversation, step: Step) -> str | Refusal:
    """A step's argument with its values; of a canned reply its text."""
    text = step.argument
    if step.verb == "canned":
        found = [row for row in view.where(CannedReply, "shortcut", text) if row.scope == "company"]
        lang = "zh" if conversation.language.startswith("zh") else "en"
        found.sort(key=lambda row: row.lang != lang)
        if not found:
            return Refusal("gone")
        text = found[0].text
    if "{{" not in text and "{%" not in text:
        return text
    try:
        filled = fill(text, values(view, conversation))
    except TemplateError as error:
        return Refusal("invalid", {"what": str(error)})
    if lacks := [*filled.missing, *filled.asks]:
        return Refusal("missing-value", {"what": ", ".join(lacks)})
    return filled.text


def values(view: View, conversation: Conversation) -> dict[str, dict[str, str]]:
    """What the words of a rule may speak of, as VALUES names it."""
    found: dict[str, dict[str, str]] = {}
    customer = view.get(Customer, conversation.customer_id)
    found["customer"] = {"name": customer.name} if customer else {}
    agent = view.get(Agent, conversation.assignee_id) if conversation.assignee_id else None
    found["agent"] = {"name": agent.name} if agent else {}
    orders = view.where(Order, "customer_id", conversation.customer_id)
    newest = max(orders, key=lambda order: (order.placed_at, order.id), default=None)
    found["order"] = {"no": newest.order_no} if newest else {}
    group = view.get(Group, conversation.group_id)
    shop = (newest.shop if newest else "") or (group.title if group else "")
    found["shop"] = {"name": shop or SHOP["zh" if conversation.language.startswith("zh") else "en"]}
    return found


def _say(view: View, context: Context, subject: Subject, number: int, text: str) -> Refusal | None:
    """A line to the customer by the shop itself: a greeting, but no answer, so that no reply is held for it."""
    refused = Refusal("no-text-here") if is_phone(subject.conversation.channel) else unfit(text)
    if refused:
        return refused
    id, conversation = derive(subject.run_id, str(number)), subject.conversation
    view.put(
        Message(
            id=id,
            conversation_id=conversation.id,
            author="bot",
            text=text,
            at=context.now,
            state="queued",
            reason=STANDS_IN,
            op_id=context.op_id,
        )
    )
    timing.happened(view, conversation, "said", context.now, id)
    timing.settle(view, conversation)
    return None


def _operate(
    view: View, context: Context, subject: Subject, number: int, verb: str, argument: str
) -> tuple[Refusal | None, list[Any]]:
    """Does the operations of a step; with the operations that take them back."""
    operations = _operations(view, context, subject, number, verb, argument)
    if isinstance(operations, Refusal):
        return operations, []
    back: list[Any] = []
    for part, operation in enumerate(operations):
        # A reply that is held would wait for nobody, and whose premise could it be: rules have none.
        one = context._replace(op_id=derive(subject.run_id, str(number), str(part)), basis=Basis())
        inverse = operation.inverse(view, one)
        outcome = decide(operation, view, one)
        if isinstance(outcome, Refusal):
            return outcome, []
        if inverse is not None and outcome == APPLIED:
            back.append([inverse.kind, arguments(inverse)])
    return None, back


def _operations(
    view: View, context: Context, subject: Subject, number: int, verb: str, argument: str
) -> list[Operation] | Refusal:
    id, fresh = subject.conversation.id, derive(subject.run_id, str(number))
    match verb:
        case "note":
            return [Note(conversation_id=id, message_id=fresh, text=argument)]
        case "tag":
            return [Tag(conversation_id=id, name=argument.strip())]
        case "untag":
            return [Untag(conversation_id=id, name=argument.strip())]
        case "priority":
            return [SetPriority(conversation_id=id, priority=int(argument))]
        case "transfer":
            return _transfer(view, id, fresh, argument)
        case "release":
            return [Release(conversation_id=id)]
        case "snooze":
            return [Snooze(conversation_id=id, until=context.now + (rule.minutes(argument) or 1) * MINUTE)]
        case "resolve":
            tag = [Tag(conversation_id=id, name=argument.strip())] if argument.strip() else []
            return [Resolve(conversation_id=id), *tag]
        case "reopen":
            return [Reopen(conversation_id=id)]
        case "ticket":
            flow, _, title = argument.partition(" ")
            title = title.strip() or subject.conversation.preview[:60] or flow
            return [OpenTicket(ticket_id=fresh, workflow=flow, title=title, conversation_id=id)]
        case "notify":
            return _notify(view, context, subject, fresh, argument)
        case _:
            return _named(subject, fresh, argument)


def _transfer(view: View, id: str, fresh: str, argument: str) -> list[Operation] | Refusal:
    to, _, note = (part.strip() for part in argument.partition(rule.NOTE))
    agents = view.where(Agent, "login", to)
    groups = view.where(Group, "name", to)
    if len(agents) + len(groups) != 1:
        return Refusal("no-such-target")
    agent, group = (agents[0].id, None) if agents else (None, groups[0].id)
    moving: list[Operation] = [Transfer(conversation_id=id, to_agent_id=agent, to_group_id=group)]
    return [*moving, Note(conversation_id=id, message_id=fresh, text=note)] if note else moving


def _notify(view: View, context: Context, subject: Subject, fresh: str, argument: str) -> list[Operation] | Refusal:
    who, _, text = argument.partition(" ")
    people = _people(view, subject.conversation, who)
    if not people:
        return Refusal("no-such-target")
    return [
        SetReminder(
            reminder_id=derive(fresh, agent),
            agent_id=agent,
            due_at=context.now,
            conversation_id=subject.conversation.id,
            text=text.strip(),
        )
        for agent in people
    ]


def _people(view: View, conversation: Conversation, who: str) -> list[str]:
    """Whom a name means; where nobody has the conversation, its leads."""
    who = {zh: name for name, zh in PEOPLE.items()}.get(who, who)
    if who in ("assignee", "owner"):
        agent = conversation.assignee_id if who == "assignee" else conversation.owner_id
        if agent is not None:
            return [agent]
    elif who != "leads":
        return [row.id for row in view.where(Agent, "login", who) if row.left_at is None]
    members = {row.agent_id for row in view.where(Membership, "group_id", conversation.group_id)}
    leads = [row.id for row in view.where(Agent, "role", "lead") if row.id in members and row.left_at is None]
    return leads or [row.id for row in view.where(Agent, "role", "admin") if row.left_at is None]


def _named(subject: Subject, fresh: str, argument: str) -> list[Operation] | Refusal:
    """Any operation, by its kind and JSON; it is always about what the rule acts on, and its new rows have the run's ids."""
    from kefu_tui.operations.registry import KINDS, parse  # the registry knows this module

    kind, _, told = argument.partition(" ")
    if kind not in KINDS:
        return Refusal("unknown-kind")
    args: dict[str, Any] = json.loads(told.strip() or "{}")
    known = {
        "conversation_id": subject.conversation.id,
        "ticket_id": subject.ticket_id,
        "message_id": fresh,
        "note_id": fresh,
        "reminder_id": fresh,
    }
    fields = {field.name for field in msgspec.structs.fields(KINDS[kind])}
    operation = parse(kind, {**args, **{name: id for name, id in known.items() if id is not None and name in fields}})
    return operation if isinstance(operation, Refusal) else [operation]

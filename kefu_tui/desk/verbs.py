"""The desk's verbs: each finds what it needs, issues its operations in one transaction, and says what it did."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

import msgspec

from kefu_tui import text as words
from kefu_tui.desk.answers import Sending
from kefu_tui.desk.offers import spoken_of
from kefu_tui.ids import Ids
from kefu_tui.model.rows import Conversation, Customer, Message, Shipment
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.now import SECOND, Now
from kefu_tui.operations import Basis, Operation, Refusal
from kefu_tui.operations.conversation import Claim, Release, Reopen, Resolve, Snooze, Transfer, Wake
from kefu_tui.operations.message import Note, Reply, SettleHeld
from kefu_tui.operations.tag import Tag, Untag
from kefu_tui.store import held, outbox, queries
from kefu_tui.store.shown import Colleague

SAID: dict[str, tuple[str, str]] = {
    "conversation.claim": ("已接 {name}", "Took {name}"),
    "conversation.release": ("已放回 {name}", "Released {name}"),
    "conversation.reply": ("已回复 {name}", "Replied to {name}"),
    "conversation.note": ("已记备注 {name}", "Noted on {name}"),
    "conversation.tag": ("已加标签 {name}", "Tagged {name}"),
    "conversation.untag": ("已去标签 {name}", "Untagged {name}"),
    "conversation.transfer": ("已转出 {name}", "Handed over {name}"),
    "conversation.snooze": ("稍后处理 {name}", "Snoozed {name}"),
    "conversation.wake": ("已叫回 {name}", "Woke {name}"),
    "conversation.resolve": ("已结束 {name}", "Resolved {name}"),
    "conversation.reopen": ("已重开 {name}", "Reopened {name}"),
    "held.settle": ("已处理扣下的回复 {name}", "Decided the held reply to {name}"),
    "order.review-return": ("已审退货 {name}", "Reviewed the return of {name}"),
    "conversation.priority": ("优先级已改 {name}", "Priority changed {name}"),
    "automation.save": ("规则已存", "Rule saved"),
    "automation.switch": ("规则已开关", "Rule switched"),
    "automation.remove": ("规则已删", "Rule removed"),
    "automation.run": ("规则已用在 {name}", "Rule ran on {name}"),
    "automation.undo": ("规则做的已撤回 {name}", "Taken back what the rule did {name}"),
    "automation.retry": ("已再试 {name}", "Tried again {name}"),
    "macro.save": ("宏已存", "Macro saved"),
    "macro.run": ("做完宏 {name}", "Ran macro {name}"),
    "macro.remove": ("宏已删", "Macro removed"),
    "view.save": ("视图已存", "View saved"),
    "view.remove": ("视图已删", "View removed"),
    "canned.save": ("话术已存", "Canned reply saved"),
    "canned.remove": ("话术已删", "Canned reply removed"),
    "ticket.open": ("已开工单 {name}", "Ticket opened {name}"),
    "ticket.move": ("工单已推进", "Ticket moved"),
    "ticket.assign": ("工单已转交", "Ticket handed over"),
    "ticket.set": ("工单已改", "Ticket changed"),
    "ticket.comment": ("已记一句", "Comment added"),
    "ticket.step": ("步骤已记", "Step noted"),
    "ticket.own-step": ("步骤已分派", "Step given"),
    "ticket.watch": ("关注已改", "Watchers changed"),
    "ticket.link": ("关联已改", "Links changed"),
    "ticket.look": ("看工单", "Looked at a ticket"),
    "ticket.merge": ("工单已合并", "Tickets merged"),
    "workflow.set": ("流程已存", "Workflow saved"),
    "agent.presence": ("状态已改", "Presence changed"),
    "agent.shift": ("班次已改", "Shift changed"),
    "agent.skills": ("技能已改", "Skills changed"),
    "group.distribution": ("派单方式已改", "Distribution changed"),
    "routing.pass": ("给下一个 {name}", "Passed on {name}"),
    "mode.begin": ("应急已开", "Emergency begun"),
    "mode.end": ("应急已关", "Emergency over"),
    "reminder.set": ("已记下提醒 {name}", "Reminder set {name}"),
    "reminder.done": ("提醒已办", "Reminder done"),
    "reminder.remove": ("提醒已删", "Reminder removed"),
    "policy.plan": ("时限方案已排上", "Policy planned"),
    "policy.drop": ("时限方案已撤下", "Policy taken back"),
    "call.log": ("已记电话 {name}", "Call logged {name}"),
    "order.import": ("订单已导入", "Orders imported"),
    "undo": ("已撤销：{what}", "Undone: {what}"),
    "lasting": ("。已经发出的回复收不回", ". The reply was sent already and stays"),
    "notice": ("已看过", "Dismissed"),
}


class Workplace(Protocol):
    """What verbs need of the desk."""

    agent_id: str
    lang: str
    now: Now
    ids: Ids


class Told(NamedTuple):
    """What a verb did, for those who show it."""

    op_id: str
    status: str
    undoable: bool
    said: str
    conversations: tuple[str, ...]
    canned: bool = False


def do(connection: Connection, desk: Workplace, operations: Sequence[Operation], said: str = "") -> Told | Refusal:
    """Issues operations in one transaction; the first that is refused undoes them all."""
    issued: list[outbox.Issued] = []
    bases = [basis_of(connection, operation) for operation in operations]
    verb = desk.ids()
    for number, (operation, basis) in enumerate(zip(operations, bases, strict=True)):
        op_id = desk.ids() if number else verb
        one = outbox.issue(connection, operation, desk.agent_id, basis, desk.now(), op_id, verb)
        if isinstance(one.outcome, Refusal):
            return one.outcome
        issued.append(one)
    return _told(connection, desk, issued, operations[0].kind, said)


def take(connection: Connection, desk: Workplace, id: str | None, take_over: bool) -> Told | Refusal:
    me = queries.me(connection, desk.agent_id)
    if id is None:
        id = queries.next_for(connection, desk.agent_id, None)
        if id is None:
            return Refusal("not-waiting")
    there = Reader(connection).get(Conversation, id)
    if me and me.load >= me.capacity and there and there.assignee_id != me.id:
        return Refusal("full", {"load": str(me.load), "capacity": str(me.capacity)})
    return do(connection, desk, [Claim(conversation_id=id, take_over=take_over)])


def release(connection: Connection, desk: Workplace, id: str) -> Told | Refusal:
    return do(connection, desk, [Release(conversation_id=id)])


def reply(
    connection: Connection, desk: Workplace, id: str, text: str, canned_id: str | None, sending: Sending
) -> Told | Refusal:
    operation = Reply(conversation_id=id, message_id=desk.ids(), text=text, canned_id=canned_id)
    draft = queries.draft(connection, id)
    basis = premise(connection, id)
    if draft and draft.basis != "{}":
        begun = msgspec.json.decode(draft.basis, type=Basis)
        # Begun before it was taken: what counts is that it is mine now.
        basis = msgspec.structs.replace(begun, claim=desk.agent_id) if basis.claim == desk.agent_id else begun
    basis = about(connection, id, basis, text, canned_id)
    verb, now = operation.message_id, desk.now()
    hold_until = now + int(sending.hold_s * SECOND) if sending.hold_s else None
    issued = [outbox.issue(connection, operation, desk.agent_id, basis, now, verb, hold_until=hold_until)]
    for then in closing(id, sending.tag, dict(sending.record)) if sending.resolve else []:
        basis = basis_of(connection, then)
        issued.append(outbox.issue(connection, then, desk.agent_id, basis, now, desk.ids(), verb, hold_until))
    for one in issued:
        if isinstance(one.outcome, Refusal):
            return one.outcome
    connection.execute("DELETE FROM draft WHERE conversation_id = ?", (id,))
    return _told(connection, desk, issued, (Resolve if sending.resolve else Reply).kind)


def note(connection: Connection, desk: Workplace, id: str, text: str) -> Told | Refusal:
    return do(connection, desk, [Note(conversation_id=id, message_id=desk.ids(), text=text)])


def tag(connection: Connection, desk: Workplace, id: str, name: str) -> Told | Refusal:
    return do(connection, desk, [Tag(conversation_id=id, name=name.strip())])


def untag(connection: Connection, desk: Workplace, id: str, name: str) -> Told | Refusal:
    return do(connection, desk, [Untag(conversation_id=id, name=name.strip())])


def transfer(connection: Connection, desk: Workplace, id: str, colleague: Colleague, note: str) -> Told | Refusal:
    to_agent, to_group = (colleague.id, None) if colleague.kind == "agent" else (None, colleague.id)
    operation = Transfer(
        conversation_id=id,
        to_agent_id=to_agent,
        to_group_id=to_group,
        note=note,
        note_id=desk.ids() if note else "",
    )
    return do(connection, desk, [operation])


def snooze(connection: Connection, desk: Workplace, id: str, until: int, by_customer: bool) -> Told | Refusal:
    return do(connection, desk, [Snooze(conversation_id=id, until=until, by_customer=by_customer)])


def wake(connection: Connection, desk: Workplace, id: str) -> Told | Refusal:
    return do(connection, desk, [Wake(conversation_id=id)])


def resolve(
    connection: Connection, desk: Workplace, id: str, name: str | None, record: Mapping[str, str]
) -> Told | Refusal:
    return do(connection, desk, closing(id, name or "", record))


def closing(id: str, name: str, record: Mapping[str, str] = MappingProxyType({})) -> list[Operation]:
    operations: list[Operation] = [Resolve(conversation_id=id, record=dict(record))]
    if name.strip():
        operations.append(Tag(conversation_id=id, name=name.strip()))
    return operations


def reopen(connection: Connection, desk: Workplace, id: str) -> Told | Refusal:
    return do(connection, desk, [Reopen(conversation_id=id)])


def settle(connection: Connection, desk: Workplace, notice_id: str, action: str, text: str | None) -> Told | Refusal:
    if notice_id.startswith(held.COLLEAGUES):
        return _settle_colleagues(connection, desk, notice_id.removeprefix(held.COLLEAGUES), action, text)
    found = connection.execute(
        "SELECT level, body, conversation_id, message_id FROM notice WHERE id = ? AND seen_at IS NULL", (notice_id,)
    ).fetchone()
    if found is None:
        return Refusal("gone")
    level, body, conversation, message = found
    if action not in queries.ACTIONS[level]:
        return Refusal("invalid", {"what": action})
    told: Told | Refusal = Told(
        "", "applied", False, SAID["notice"][pick(desk)], (conversation,) if conversation else ()
    )
    if level == "held" and action != "copy":
        operation = SettleHeld(conversation_id=conversation, message_id=message, action=SETTLES[action], text=text)
        told = do(connection, desk, [operation])
    elif action == "to-note":
        told = note(connection, desk, conversation, body)
    elif action == "copy":
        return told
    if not isinstance(told, Refusal):
        connection.execute("UPDATE notice SET seen_at = ? WHERE id = ?", (desk.now(), notice_id))
    return told


SETTLES: dict[str, Literal["send", "note", "discard"]] = {
    "send-anyway": "send", "edit": "send", "to-note": "note", "discard": "discard",
}  # fmt: skip


def _settle_colleagues(
    connection: Connection, desk: Workplace, message_id: str, action: str, text: str | None
) -> Told | Refusal:
    """A lead decides about a colleague's held reply: there is no notice of one's own to be seen."""
    message = Reader(connection).get(Message, message_id)
    if message is None:
        return Refusal("gone")
    if action == "copy":
        return Told("", "applied", False, SAID["notice"][pick(desk)], (message.conversation_id,))
    if action not in SETTLES:
        return Refusal("invalid", {"what": action})
    operation = SettleHeld(
        conversation_id=message.conversation_id, message_id=message_id, action=SETTLES[action], text=text
    )
    return do(connection, desk, [operation])


def keep_draft(connection: Connection, desk: Workplace, conversation_id: str, text: str, canned_id: str | None) -> None:
    """Keeps what is being written. What is known is kept from the moment a draft begins."""
    if not text:
        connection.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
        return
    basis = premise(connection, conversation_id)
    connection.execute(
        "INSERT INTO draft (conversation_id, text, canned_id, basis, at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (conversation_id) DO UPDATE SET text = excluded.text, canned_id = excluded.canned_id, at = excluded.at",
        (conversation_id, text, canned_id, msgspec.json.encode(basis).decode(), desk.now()),
    )


def premise(connection: Connection, conversation_id: str) -> Basis:
    """What is known of a conversation now."""
    there = Reader(connection).get(Conversation, conversation_id)
    if there is None:
        return Basis()
    # An order that waits here to be sent has no version yet that the backend could compare.
    orders = connection.execute(
        "SELECT id, version FROM shop_order WHERE customer_id = ? "
        "AND NOT EXISTS (SELECT 1 FROM shadow WHERE type = 'shop_order' AND shadow.id = shop_order.id)",
        (there.customer_id,),
    )
    return Basis(
        version=there.version,
        last_pos=there.last_pos,
        claim=there.assignee_id,
        status=there.status,
        orders=dict(orders.fetchall()),
    )


def about(connection: Connection, id: str, basis: Basis, text: str, canned_id: str | None) -> Basis:
    """The basis with only those orders that the text speaks of."""
    there = Reader(connection).get(Conversation, id)
    if there is None or not basis.orders:
        return basis
    spoken = set()
    if canned_id:
        row = connection.execute("SELECT text FROM canned_reply WHERE id = ?", (canned_id,)).fetchone()
        order = spoken_of(connection, there)
        if row and order and ("order." in row[0] or "shipment." in row[0]):
            spoken.add(order.id)
    for order_id in basis.orders:
        number = connection.execute("SELECT order_no FROM shop_order WHERE id = ?", (order_id,)).fetchone()
        parcels = Reader(connection).where(Shipment, "order_id", order_id)
        if (number and number[0] in text) or any(parcel.tracking_no in text for parcel in parcels):
            spoken.add(order_id)
    orders = {order_id: version for order_id, version in basis.orders.items() if order_id in spoken}
    return msgspec.structs.replace(basis, orders=orders)


def basis_of(connection: Connection, operation: Operation) -> Basis:
    """What is known of the operation's target now."""
    id = getattr(operation, "conversation_id", None)
    if id:
        return msgspec.structs.replace(premise(connection, id), orders={})
    for argument, table in (("canned_id", "canned_reply"), ("ticket_id", "ticket")):
        if target := getattr(operation, argument, None):
            found = connection.execute(f"SELECT version FROM {table} WHERE id = ?", (target,)).fetchone()
            return Basis(version=found[0] if found else 0)
    return Basis()


def _told(connection: Connection, desk: Workplace, issued: Sequence[outbox.Issued], kind: str, said: str = "") -> Told:
    first = issued[0]
    outcome = first.outcome
    assert not isinstance(outcome, Refusal)
    conversations = tuple({one.conversation_id for one in issued if one.conversation_id})
    return Told(
        op_id=first.op_id,
        status=outcome.status,
        undoable=any(one.undoable for one in issued),
        said=said or told_of(connection, desk, kind, first.conversation_id),
        conversations=conversations,
        canned=kind.startswith("canned"),
    )


def told_of(connection: Connection, desk: Workplace, kind: str, conversation_id: str | None) -> str:
    there = Reader(connection).get(Conversation, conversation_id) if conversation_id else None
    customer = Reader(connection).get(Customer, there.customer_id) if there else None
    guest = ("访客", "a guest")[pick(desk)]
    name = words.mask_name(words.one_line(customer.name)) if customer and customer.name else guest if there else ""
    return SAID.get(kind, (kind, kind))[pick(desk)].format(name=name).strip()


def pick(desk: Workplace) -> int:
    return 0 if desk.lang == "zh" else 1

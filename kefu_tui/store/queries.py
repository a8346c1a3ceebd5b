"""What is read from a store for lists and panes: indexed queries that return NamedTuples."""

import json
from collections.abc import Sequence
from typing import Any

from kefu_tui.model.sql import Connection
from kefu_tui.now import HOUR
from kefu_tui.rules.calls import is_phone
from kefu_tui.store import loading
from kefu_tui.store.acts import ACT
from kefu_tui.store.shown import (
    Colleague,
    Draft,
    Due,
    Head,
    Me,
    NoticeRow,
    OrderCard,
    Parcel,
    QueueRow,
    SyncStatus,
    ThreadItem,
    TimerRow,
)

VIEWS = ("work", "waiting", "mine", "group", "all")
LIVE = "('waiting', 'open', 'snoozed')"
ACTIONS = {
    "held": ("send-anyway", "edit", "to-note", "copy", "discard"),
    "rejected": ("copy", "to-note", "dismiss"),
    "info": ("dismiss",),
}

_DUE = "c.due_kind, c.due_from, c.soon_at, c.warn_at, c.due_at"
_SECTION = "CASE WHEN c.assignee_id = :me THEN 0 WHEN c.offered_to_id = :me THEN 1 WHEN c.assignee_id IS NULL THEN 2 ELSE 3 END"
SECTION = (
    "CASE WHEN c.id IN (SELECT conversation_id FROM pin) THEN 'pinned' WHEN c.assignee_id = :me THEN 'mine' "
    "WHEN c.offered_to_id = :me THEN 'offered' WHEN c.assignee_id IS NULL THEN 'waiting' ELSE 'others' END"
)
"""The heading that a conversation stands under in the queue."""


def where(view: str) -> str:
    """The condition of a view. `work` is what an agent works from: mine, offered to me, waiting."""
    if view == "work":
        return (
            "((c.status IN ('waiting', 'open') AND c.assignee_id = :me) OR (c.status = 'waiting' AND c.assignee_id IS NULL) "
            "OR (c.status IN ('waiting', 'open') AND c.offered_to_id = :me))"
        )
    if view == "waiting":
        return "c.status = 'waiting' AND c.assignee_id IS NULL"
    if view == "mine":
        return f"c.status IN {LIVE} AND c.assignee_id = :me"
    if view == "group":
        return "c.status IN ('waiting', 'open', 'snoozed', 'resolved')"
    if view == "all":
        return "c.status <> 'archived'"
    raise ValueError(view)


def queue_count(connection: Connection, view: str, me: str) -> int:
    """How many conversations a view holds."""
    (count,) = connection.execute(f"SELECT count(*) FROM conversation c WHERE {where(view)}", {"me": me}).fetchone()
    return int(count)


def queue_ids(connection: Connection, view: str, me: str, limit: int) -> list[str]:
    """The ids of a view in order: mine, offered, waiting, others; in each what is due first; then the oldest word."""
    found = connection.execute(
        f"SELECT c.id FROM conversation c WHERE {where(view)} "
        f"ORDER BY {_SECTION}, c.due_at IS NULL, c.due_at, c.last_at, c.id LIMIT :limit",
        {"me": me, "limit": limit if limit > 0 else -1},
    )
    return [id for (id,) in found]


def queue_rows(connection: Connection, ids: Sequence[str], me: str) -> list[QueueRow]:
    """The rows of these conversations, in this order; unknown ids are left out."""
    marks = ", ".join("?" * len(ids))
    found = connection.execute(
        f"SELECT c.id, c.assignee_id, c.offered_to_id, c.kind, u.name, u.tier, c.preview, c.unanswered, c.status, "
        f"a.name, {_DUE}, c.last_at, c.channel, c.priority, "
        "(SELECT count(*) FROM outbox o WHERE o.state = 'pending' AND o.lane = 'c:' || c.id), "
        "(SELECT count(*) FROM notice n WHERE n.conversation_id = c.id AND n.level = 'held' AND n.seen_at IS NULL), "
        "EXISTS (SELECT 1 FROM pin p WHERE p.conversation_id = c.id) "
        "FROM conversation c LEFT JOIN customer u ON u.id = c.customer_id LEFT JOIN agent a ON a.id = c.assignee_id "
        f"WHERE c.id IN ({marks})",
        tuple(ids),
    )
    rows: dict[str, QueueRow] = {}
    for values in found:
        id, assignee, offered, kind, name, tier, preview, unanswered, status, assignee_name = values[:10]
        section = (
            "mine" if assignee == me else "offered" if offered == me else "waiting" if assignee is None else "others"
        )
        last_at, channel, priority, pending, held, pinned = values[15:]
        rows[id] = QueueRow(
            id=id,
            section=section,
            kind=kind,
            name=name or "",
            tier=tier or "new",
            preview=preview,
            unanswered=unanswered,
            status=status,
            assignee_id=assignee,
            assignee=assignee_name,
            due=_due(values[10:15]),
            last_at=last_at,
            pending=pending,
            held=held,
            channel=channel,
            priority=priority,
            pinned=bool(pinned),
        )
    return [rows[id] for id in ids if id in rows]


def next_for(connection: Connection, me: str, after: str | None) -> str | None:
    """My unanswered conversation that breaches first, else the first that is offered or waiting."""
    found = connection.execute(
        "SELECT c.id FROM conversation c WHERE c.id IS NOT :after AND ("
        "(c.assignee_id = :me AND c.status = 'open' AND c.unanswered > 0) OR "
        "(c.offered_to_id = :me AND c.status IN ('waiting', 'open')) OR (c.status = 'waiting' AND c.assignee_id IS NULL)) "
        f"ORDER BY {_SECTION}, c.due_at IS NULL, c.due_at, c.last_at, c.id LIMIT 1",
        {"me": me, "after": after},
    ).fetchone()
    return found[0] if found else None


def ringing(connection: Connection, me: str, now: int) -> str | None:
    """The latest conversation, mine or nobody's, in which a call rings and was to be picked up less than an hour ago."""
    found = connection.execute(
        "SELECT id FROM conversation WHERE due_kind = 'phone_pick_up' AND +due_at >= ? AND +status IN ('waiting', 'open') "
        "AND (assignee_id IS NULL OR assignee_id = ? OR offered_to_id = ?) ORDER BY due_from DESC, id LIMIT 1",
        (now - HOUR, me, me),
    ).fetchone()
    return found[0] if found else None


def head(connection: Connection, id: str, me: str) -> Head | None:
    """A conversation and its customer, as the head of the conversation pane."""
    values = connection.execute(
        "SELECT c.id, c.customer_id, u.name, u.tier, u.risk, c.channel, g.title, g.name, c.kind, c.status, c.priority, "
        f"c.language, c.assignee_id, a.name, o.name, c.owner_id, c.opened_at, c.snoozed_until, c.last_pos, {_DUE}, "
        "(SELECT count(*) FROM conversation x WHERE x.customer_id = c.customer_id), "
        "(SELECT count(*) FROM shop_order x WHERE x.customer_id = c.customer_id) "
        "FROM conversation c LEFT JOIN customer u ON u.id = c.customer_id LEFT JOIN agent a ON a.id = c.assignee_id "
        "LEFT JOIN agent o ON o.id = c.offered_to_id LEFT JOIN agent_group g ON g.id = c.group_id WHERE c.id = ?",
        (id,),
    ).fetchone()
    if values is None:
        return None
    tags = connection.execute("SELECT name FROM tag WHERE conversation_id = ? ORDER BY at, id", (id,))
    return Head(
        id=values[0],
        customer_id=values[1],
        name=values[2] or "",
        tier=values[3] or "new",
        risk=values[4] or "none",
        channel=values[5],
        group=values[6] or values[7] or "",
        kind=values[8],
        status=values[9],
        priority=values[10],
        language=values[11],
        assignee_id=values[12],
        assignee=values[13],
        mine=values[12] == me,
        offered_to=values[14],
        first_asked=values[15] == me,
        tags=tuple(name for (name,) in tags),
        visits=values[24],
        orders=values[25],
        opened_at=values[16],
        snoozed_until=values[17],
        due=_due(values[19:24]),
        last_pos=values[18],
        phone=is_phone(values[5]),
    )


def thread(connection: Connection, id: str, me: str, limit: int, before: int | None) -> list[ThreadItem]:
    """The newest lines of a conversation, oldest first; `before` pages back from a position.

    Undecided own lines come last. A held reply is shown to its author and to leads.
    """
    found = connection.execute(
        "SELECT m.id, m.author, m.author_id, m.kind, m.text, m.at, m.state, m.reason, m.op_id, a.name, u.name, "
        "o.state, o.status, o.conflict, o.code, m.conv_pos "
        "FROM message m LEFT JOIN agent a ON a.id = m.author_id LEFT JOIN customer u ON u.id = m.author_id "
        "LEFT JOIN outbox o ON o.op_id = m.op_id WHERE m.conversation_id = :id AND m.state <> 'discarded' "
        "AND (:before IS NULL OR m.conv_pos < :before) "
        "AND (m.state <> 'held' OR m.author_id = :me OR (SELECT role FROM agent WHERE id = :me) IN ('lead', 'admin')) "
        "ORDER BY m.conv_pos IS NULL DESC, CASE WHEN m.conv_pos IS NULL THEN m.at END DESC, m.conv_pos DESC, m.id DESC "
        "LIMIT :limit",
        {"id": id, "before": before, "limit": limit, "me": me},
    ).fetchall()
    return [_item(values, me) for values in reversed(found)]


def _item(values: Sequence[Any], me: str) -> ThreadItem:
    id, author, author_id, kind, text, at, state, reason, op_id, agent, customer, op_state, _, conflict, _, _ = values
    who = "note" if kind == "note" else author
    if who == "agent" and author_id == me:
        who = "me"
    mark = ""
    if state in ("held", "failed", "unknown"):
        mark = state
    elif op_state == "pending":
        mark = "likely_conflict" if conflict else "pending"
    elif state in ("queued", "sending"):
        mark = "sending"
    return ThreadItem(id, who, agent or customer or "", text, at, mark, reason or conflict, op_id)


def orders(connection: Connection, customer_id: str) -> list[OrderCard]:
    """A customer's orders with lines and parcels, newest first."""
    found = connection.execute(
        "SELECT id, order_no, status, total, paid, refund, currency, province, placed_at, paid_at, version FROM shop_order "
        "WHERE customer_id = ? ORDER BY placed_at DESC, id LIMIT 50",
        (customer_id,),
    ).fetchall()
    return [_card(connection, values) for values in found]


def find_orders(connection: Connection, text: str, limit: int = 50) -> list[OrderCard]:
    """Orders whose number, tracking number or buyer is or begins with this text."""
    found = connection.execute(
        "SELECT id, order_no, status, total, paid, refund, currency, province, placed_at, paid_at, version FROM shop_order "
        "WHERE order_no >= :t AND order_no < :t || char(1114111) OR buyer = :t "
        "OR id IN (SELECT order_id FROM shipment WHERE tracking_no = :t) ORDER BY placed_at DESC, id LIMIT :limit",
        {"t": text, "limit": limit},
    ).fetchall()
    return [_card(connection, values) for values in found]


def _card(connection: Connection, values: Sequence[Any]) -> OrderCard:
    lines = connection.execute(
        "SELECT title, quantity, price FROM order_line WHERE order_id = ? ORDER BY id", (values[0],)
    ).fetchall()
    parcels = connection.execute(
        "SELECT carrier, tracking_no, status, trace FROM shipment WHERE order_id = ? ORDER BY id", (values[0],)
    ).fetchall()
    id, number, status, total, paid, refund, currency, province, placed_at, paid_at, version = values
    verdict = connection.execute(
        "SELECT r.verdict, a.name, r.at FROM order_return r LEFT JOIN agent a ON a.id = r.by_id WHERE r.order_id = ?",
        (id,),
    ).fetchone()
    return OrderCard(
        id=id,
        order_no=number,
        status=status,
        total=total,
        paid=paid,
        refund=refund,
        currency=currency,
        province=province,
        placed_at=placed_at,
        paid_at=paid_at,
        lines=tuple((title, quantity, price) for title, quantity, price in lines),
        parcels=tuple(
            Parcel(carrier, tracking_no, state, tuple((at, text) for at, text in reversed(json.loads(trace))))
            for carrier, tracking_no, state, trace in parcels
        ),
        version=version,
        verdict=verdict[0] if verdict else "",
        verdict_by=(verdict[1] or "") if verdict else "",
        verdict_at=verdict[2] if verdict else 0,
    )


def timers(connection: Connection, me: str, limit: int, *, leads: bool = False) -> list[TimerRow]:
    """Running clocks of my conversations and of those that wait, for a lead of all, and my reminders; next due first.

    Clocks that stand come last.
    """
    whose = "" if leads else "AND (c.assignee_id = :me OR c.assignee_id IS NULL) "
    found = connection.execute(
        "SELECT k.conversation_id, u.name, c.assignee_id = :me, k.kind, k.started_at, k.soon_at, k.warn_at, k.due_at, "
        "k.pauses FROM clock k JOIN conversation c ON c.id = k.conversation_id LEFT JOIN customer u ON u.id = c.customer_id "
        f"WHERE k.outcome = 'running' AND c.status IN {LIVE} {whose}"
        "ORDER BY k.due_at IS NULL, k.due_at, k.id LIMIT :limit",
        {"me": me, "limit": limit},
    )
    rows = [
        TimerRow(
            id,
            name or "",
            Due(kind, started_at, soon_at, warn_at, due_at, due_at is None and "null" in pauses),
            bool(mine),
        )
        for id, name, mine, kind, started_at, soon_at, warn_at, due_at, pauses in found
    ]
    told = connection.execute(
        "SELECT r.id, r.conversation_id, u.name, r.kind, r.text, r.set_at, r.due_at FROM reminder r "
        "LEFT JOIN conversation c ON c.id = r.conversation_id LEFT JOIN customer u ON u.id = c.customer_id "
        "WHERE r.agent_id = ? AND r.done_at IS NULL ORDER BY r.due_at, r.id LIMIT ?",
        (me, limit),
    ).fetchall()
    rows += [
        TimerRow(conversation or "", name or "", Due(kind, set_at, None, None, due_at, False), True, id, text)
        for id, conversation, name, kind, text, set_at, due_at in told
    ]
    if told:
        rows.sort(key=lambda row: (row.due.due_at is None, row.due.due_at or 0, row.reminder_id, row.conversation_id))
    return rows[:limit]


def _due(values: Sequence[Any]) -> Due | None:
    kind, started_at, soon_at, warn_at, due_at = values
    return Due(kind, started_at, soon_at, warn_at, due_at, due_at is None) if kind else None


def notices(connection: Connection) -> list[tuple[NoticeRow, dict[str, str]]]:
    """Notices not yet acted on, newest first, each with the facts its sentence is made of (text is left empty)."""
    found = connection.execute(
        "SELECT n.id, n.op_id, n.level, n.code, n.body, n.conversation_id, n.message_id, u.name, n.at, n.facts "
        "FROM notice n LEFT JOIN conversation c ON c.id = n.conversation_id LEFT JOIN customer u ON u.id = c.customer_id "
        "WHERE n.seen_at IS NULL ORDER BY n.at DESC, n.id"
    )
    rows = []
    for id, op_id, level, code, body, conversation_id, message_id, name, at, told in found:
        actions = tuple(a for a in ACTIONS[level] if body or a == "dismiss")
        rows.append(
            (
                NoticeRow(id, op_id, level, code, "", body, conversation_id, message_id, name or "", at, actions),
                json.loads(told),
            )
        )
    return rows


def me(connection: Connection, agent_id: str) -> Me | None:
    """The signed-in agent with its load."""
    found = connection.execute(
        "SELECT id, login, name, role, capacity, "
        "(SELECT count(*) FROM conversation WHERE assignee_id = agent.id AND status = 'open') FROM agent WHERE id = ?",
        (agent_id,),
    ).fetchone()
    return Me(found[0], found[1], found[2], found[3], found[5], found[4]) if found else None


def colleagues(connection: Connection, me: str) -> list[Colleague]:
    """Everybody and every group to hand over to, without oneself."""
    agents = connection.execute(
        "SELECT 'agent', id, name, presence, (SELECT count(*) FROM conversation WHERE assignee_id = agent.id AND status = 'open') "
        "FROM agent WHERE id <> ? AND left_at IS NULL AND role <> 'auditor' ORDER BY name, id",
        (me,),
    ).fetchall()
    groups = connection.execute(
        "SELECT 'group', id, CASE WHEN title <> '' THEN title ELSE name END, '', "
        "(SELECT count(*) FROM conversation WHERE group_id = agent_group.id AND status = 'waiting') FROM agent_group ORDER BY name"
    ).fetchall()
    return [Colleague(*values) for values in [*agents, *groups]]


def tags(connection: Connection) -> list[str]:
    """Words used as tags, most used first."""
    found = connection.execute("SELECT name FROM tag GROUP BY name ORDER BY count(*) DESC, name LIMIT 100")
    return [name for (name,) in found]


def draft(connection: Connection, conversation_id: str) -> Draft | None:
    """What was being written in a conversation."""
    found = connection.execute(
        "SELECT conversation_id, text, canned_id, basis, at FROM draft WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()
    return Draft(*found) if found else None


def zone(connection: Connection) -> str:
    """The IANA zone of the service policy; that of the trade where none is here yet."""
    found = connection.execute("SELECT json_extract(body, '$.zone') FROM policy WHERE id = 'default'").fetchone()
    return str(found[0]) if found and found[0] else "Asia/Shanghai"


def status(connection: Connection, facts: dict[str, str]) -> SyncStatus:
    """How sync stands, from the store alone; `facts` are its meta rows."""
    pending, oldest = connection.execute(
        f"SELECT count(*), min(at) FROM outbox WHERE state = 'pending' AND {ACT}"
    ).fetchone()
    counts = dict(
        connection.execute("SELECT level, count(*) FROM notice WHERE seen_at IS NULL GROUP BY level").fetchall()
    )
    (cursor,) = connection.execute("SELECT coalesce(min(seq), 0) FROM cursor").fetchone()
    return SyncStatus(
        state=facts.get("sync_state", "offline") if facts.get("backend") else "local",
        since=int(facts.get("sync_since", "0")),
        pending=pending,
        held=counts.get("held", 0),
        rejected=counts.get("rejected", 0),
        oldest_pending_at=oldest,
        cursor=cursor,
        head=int(facts.get("head", "0")),
        loaded=loading.progress(connection),
    )

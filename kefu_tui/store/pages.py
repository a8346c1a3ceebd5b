"""Applying what the backend says: a pulled page in one transaction, and a change of the groups in sight."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from kefu_tui.failpoints import reach
from kefu_tui.ids import derive
from kefu_tui.model.rows import BY_NAME, TABLES, Conversation, Customer, Message
from kefu_tui.model.sql import Connection
from kefu_tui.operations.view import question
from kefu_tui.store import facts, marks, received
from kefu_tui.store.acts import QUIET
from kefu_tui.store.outbox import acked, note_deliveries, offer_again, replay, rewind
from kefu_tui.store.received import Rows
from kefu_tui.wire import Mark, Overruled, Page, Result

ROOTS = {"c": "conversation", "t": "ticket"}
"""Lanes that are seen by group, and the table of what is at their root."""
_CUSTOMERS = "SELECT customer_id FROM conversation UNION SELECT customer_id FROM ticket WHERE customer_id IS NOT NULL"


class Applied(NamedTuple):
    """What a page changed, for those who show it. `stale`: it did not fit the cursors and was thrown away."""

    stale: bool
    lanes: frozenset[str]
    notices: bool
    more: bool


class Forked(Exception):
    """The backend has another operation under one of our numbers: this store was copied."""


def cursors(connection: Connection) -> dict[str, int]:
    """How far the feed of each group has been applied that is not being loaded."""
    found = connection.execute("SELECT group_id, seq FROM cursor WHERE group_id NOT IN (SELECT group_id FROM loading)")
    return dict(found.fetchall())


def apply(connection: Connection, page: Page, now: int) -> Applied:
    """Applies a page in the caller's transaction, in the order that the protocol fixes (section 4, pulling).

    Raises Forked when a result belongs to an operation that is not ours.
    """
    if page.begin != cursors(connection) or page.epoch != facts.get(connection, "epoch"):
        return Applied(True, frozenset(), False, False)
    rows, misfits = received.sift(page.rows)
    # While something is loaded the effects of an operation may not have come yet: it stays pending, and in sight.
    settled = _settled(connection, [] if _loads(connection) else page.results)
    lanes = (
        _removed(page)
        | lanes_of(rows)
        | {
            lane
            for result in settled
            for (lane,) in connection.execute(
                "SELECT lane FROM outbox_lane WHERE op_no = ? AND wrote = 1", (result.op_no,)
            )
        }
    )
    closed = rewind(connection, lanes)
    reach("pages.rewound")
    _take_away(connection, page)
    received.flag(connection, misfits + received.write(connection, rows), page.to)
    reach("pages.written")
    notices = _acknowledge(connection, settled, now)
    notices |= _clear_settled(connection, rows, now)
    notices |= _overruled(connection, page.overruled)
    reach("pages.acknowledged")
    replay(connection, closed)
    for group, cursor in page.begin.items():
        connection.execute(
            "UPDATE cursor SET seq = ?, complete = ? WHERE group_id = ?",
            (max(cursor, page.to), int(not page.more), group),
        )
    facts.set(connection, "head", str(page.head))
    if page.chain:
        marks.put(connection, Mark(page.to, page.chain))
    reach("pages.cursor")
    lacking = page.last_op_no < acked(connection)
    if lacking:
        # An older copy of the backend came back: it does not know what it had acknowledged.
        note_deliveries(connection, page.last_op_no + 1)
        offer_again(connection, page.last_op_no + 1)
    return Applied(False, frozenset(closed), notices, page.more or lacking)


def _loads(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM loading LIMIT 1").fetchone() is not None


def rescope(connection: Connection, added: Iterable[str], removed: Iterable[str], agent_id: str) -> None:
    """New groups begin at cursor 0; what was seen only through a lost group is deleted, pending operations are judged anew.

    What hangs on a conversation (customer, orders) can be told only at a consistent cut: in the middle of catching up
    everything is pulled anew instead.
    """
    lost = list(removed)
    if lost:
        (torn,) = connection.execute("SELECT count(*) FROM cursor WHERE complete = 0").fetchone()
        for group in lost:
            connection.execute("DELETE FROM cursor WHERE group_id = ?", (group,))
            connection.execute("DELETE FROM loading WHERE group_id = ?", (group,))
        if torn:
            forget_all(connection)
        else:
            _forget_groups(connection, lost, agent_id)
    for group in added:
        connection.execute("INSERT OR IGNORE INTO cursor (group_id, seq, complete) VALUES (?, 0, 0)", (group,))


def _forget_groups(connection: Connection, lost: Iterable[str], agent_id: str) -> None:
    closed = rewind(connection, {lane for (lane,) in connection.execute("SELECT DISTINCT lane FROM shadow").fetchall()})
    for group in lost:
        for table in ("canned_reply", "macro", "saved_view"):
            connection.execute(f"DELETE FROM {table} WHERE scope = 'group' AND scope_id = ?", (group,))
        connection.execute(
            "DELETE FROM conversation WHERE group_id = ? AND coalesce(assignee_id, '') <> ? AND coalesce(offered_to_id, '') <> ?",
            (group, agent_id, agent_id),
        )
        connection.execute(
            "DELETE FROM ticket WHERE group_id = ? AND coalesce(assignee_id, '') <> ? "
            "AND id NOT IN (SELECT ticket_id FROM ticket_person WHERE agent_id = ?)",
            (group, agent_id, agent_id),
        )
    for row in TABLES:
        seen = ROOTS.get(row.lane_prefix)
        if seen is not None and row.lane_column != "id":
            kept = " AND NOT (state IN ('held', 'discarded') AND author_id = ?)" if row is Message else ""
            connection.execute(
                f"DELETE FROM {row.table} WHERE {row.lane_column} NOT IN (SELECT id FROM {seen}){kept}",
                (agent_id,) if kept else (),
            )
    for sql in (
        f"DELETE FROM customer WHERE id NOT IN ({_CUSTOMERS})",
        f"DELETE FROM shop_order WHERE customer_id IS NULL OR customer_id NOT IN ({_CUSTOMERS})",
        "DELETE FROM order_line WHERE order_id NOT IN (SELECT id FROM shop_order)",
        "DELETE FROM shipment WHERE order_id NOT IN (SELECT id FROM shop_order)",
        "DELETE FROM order_return WHERE order_id NOT IN (SELECT id FROM shop_order)",
    ):
        connection.execute(sql)
    replay(connection, closed)


def forget_all(connection: Connection) -> None:
    """Everything is to be pulled anew, under what is pending; nothing written here is lost."""
    rewind(connection, {lane for (lane,) in connection.execute("SELECT DISTINCT lane FROM shadow").fetchall()})
    for table in TABLES:
        connection.execute(f"DELETE FROM {table.table}")
    connection.execute("DELETE FROM sync_unapplied")
    connection.execute("UPDATE cursor SET seq = 0, complete = 0")
    connection.execute("DELETE FROM loading")


def _removed(page: Page) -> set[str]:
    return {lane for _, _, lane, _ in page.gone} | {lane for lane, _ in page.left}


def own_lanes(told: Rows) -> set[str]:
    """The lanes that rows are in."""
    lanes: set[str] = set()
    for name, rows in told.items():
        table = BY_NAME[name]
        place = table.__struct_fields__.index(table.lane_column)
        lanes.update(f"{table.lane_prefix}:{values[place]}" for values in rows)
    return lanes


def lanes_of(told: Rows) -> set[str]:
    """The lanes that rows touch, look-ups that they answer included."""
    lanes = own_lanes(told)
    answers = Customer.__struct_fields__.index("external_id")
    whose = Conversation.__struct_fields__.index("customer_id")
    lanes.update(question(Conversation, "customer_id", values[whose]) for values in told.get(Conversation.table, []))
    lanes.update(question(Customer, "external_id", values[answers]) for values in told.get(Customer.table, []))
    return lanes


def _take_away(connection: Connection, page: Page) -> None:
    for lane, seq in page.left:
        _delete_lane(connection, lane, seq)
    for name, id, _, seq in page.gone:
        table = BY_NAME.get(name)
        if table is not None:
            connection.execute(f"DELETE FROM {table.table} WHERE id = ? AND version < ?", (id, seq))


def _delete_lane(connection: Connection, lane: str, before: int | None) -> None:
    """Deletes the rows of a lane, or those of them with a version under `before`."""
    prefix, _, value = lane.partition(":")
    for table in TABLES:
        if table.lane_prefix == prefix:
            sql = f"DELETE FROM {table.table} WHERE {table.lane_column} = ?"
            if before is None:
                connection.execute(sql, (value,))
            else:
                connection.execute(f"{sql} AND version < ?", (value, before))


def _settled(connection: Connection, results: Iterable[Result]) -> list[Result]:
    """The results that are news here."""
    news = []
    for result in results:
        found = connection.execute("SELECT op_id, state FROM outbox WHERE op_no = ?", (result.op_no,)).fetchone()
        if found is None or found[0] != result.op_id:
            raise Forked
        if found[1] == "pending":
            news.append(result)
    return news


def _acknowledge(connection: Connection, results: Iterable[Result], now: int) -> bool:
    noticed = False
    for result in results:
        kind, args = connection.execute("SELECT kind, args FROM outbox WHERE op_no = ?", (result.op_no,)).fetchone()
        connection.execute(
            "UPDATE outbox SET state = 'acked', status = ?, code = ?, facts = ?, seq = ?, acked_at = ?, conflict = NULL "
            "WHERE op_no = ?",
            (result.status, result.code, json.dumps(result.facts, ensure_ascii=False), result.seq, now, result.op_no),
        )
        connection.execute("DELETE FROM outbox_lane WHERE op_no = ?", (result.op_no,))
        if result.status in ("held", "rejected", "quarantined") and kind not in QUIET:
            noticed = True
            _notice(connection, result, json.loads(args), now)
    return noticed


def _notice(connection: Connection, result: Result, args: dict[str, Any], now: int) -> None:
    body = args.get("text") or args.get("note") or ""
    connection.execute(
        "INSERT OR IGNORE INTO notice (id, op_id, level, code, facts, body, conversation_id, message_id, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            derive("notice", result.op_id),
            result.op_id,
            "held" if result.status == "held" else "rejected",
            result.code or result.status,
            json.dumps(result.facts, ensure_ascii=False),
            body,
            args.get("conversation_id"),
            args.get("message_id"),
            now,
        ),
    )


def _overruled(connection: Connection, told: Iterable[Overruled]) -> bool:
    for one in told:
        prefix, _, id = one.lane.partition(":")
        connection.execute(
            "INSERT OR IGNORE INTO notice (id, level, code, facts, body, conversation_id, at) VALUES (?, 'info', ?, ?, '', ?, ?)",
            (
                derive("overruled", one.op_id, one.what),
                one.code,
                json.dumps(one.facts, ensure_ascii=False),
                id if prefix == "c" else None,
                one.at,
            ),
        )
    return bool(told)


def _clear_settled(connection: Connection, told: Rows, now: int) -> bool:
    """A held reply that somebody has decided about, here or elsewhere, needs no more attention."""
    state, decided = Message.__struct_fields__.index("state"), False
    for values in told.get(Message.table, []):
        if values[state] != "held":
            cursor = connection.execute(
                "UPDATE notice SET seen_at = ? WHERE message_id = ? AND level = 'held' AND seen_at IS NULL",
                (now, values[0]),
            )
            decided |= cursor.rowcount > 0
    return decided

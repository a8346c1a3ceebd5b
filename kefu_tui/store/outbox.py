"""The desk's operations: issued, cancelled, taken to be pushed, rewound and replayed under what the backend says."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from kefu_tui.failpoints import reach
from kefu_tui.model.rows import BY_NAME, Agent, Row
from kefu_tui.model.sql import Connection, Reader, build, chunks, delete, upsert
from kefu_tui.now import DAY
from kefu_tui.operations import Basis, Context, Operation, Outcome, Refusal, View, decide
from kefu_tui.operations.base import Actor, actor_of, arguments
from kefu_tui.operations.registry import parse
from kefu_tui.store.acts import ACT
from kefu_tui.wire import MAX_BYTES, MAX_OPERATIONS, Envelope

JOURNAL = 90 * DAY
"""How long what was acknowledged is kept, to be offered again to an older copy of the backend."""
NEWEST, MOST = 5_000, 50_000
"""As many are kept whatever the clock says, and never more."""
FORGOTTEN = 500
"""Rows that are taken out of the journal at once."""
_LAST = f"SELECT verb FROM outbox WHERE {ACT} ORDER BY op_no DESC LIMIT 1"


class Issued(NamedTuple):
    """What became of an operation here. `op_no` is None when nothing had to be sent."""

    op_id: str
    op_no: int | None
    outcome: Outcome | Refusal
    undoable: bool
    conversation_id: str | None


def issue(
    connection: Connection,
    operation: Operation,
    agent_id: str,
    basis: Basis,
    now: int,
    op_id: str,
    verb: str | None = None,
    hold_until: int | None = None,
) -> Issued:
    """Runs an operation in the caller's transaction: rows, shadow rows, outbox row and lanes, or nothing at all.

    `verb` is the first of those operations that are done, and undone, together. Until `hold_until` it waits for a change of
    mind, unless something is done after it.
    """
    view = View(Reader(connection))
    actor = _actor(view, agent_id)
    context = Context(actor, now, op_id, basis)
    inverse = operation.inverse(view, context)
    outcome = decide(operation, view, context)
    conversation_id = getattr(operation, "conversation_id", None)
    if isinstance(outcome, Refusal) or outcome.status == "noop":
        return Issued(op_id, None, outcome, False, conversation_id)
    (last,) = connection.execute("SELECT coalesce(max(op_no), 0) FROM outbox").fetchone()
    op_no = last + 1
    _write(connection, view)
    connection.execute(
        "INSERT INTO outbox (op_no, op_id, verb, kind, v, actor_id, lane, basis, args, at, state, tries, facts, inverse, undone, "
        "hold_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, '{}', ?, 0, ?)",
        (
            op_no,
            op_id,
            verb or op_id,
            operation.kind,
            operation.v,
            agent_id,
            operation.lane(),
            msgspec.json.encode(basis).decode(),
            json.dumps(arguments(operation), ensure_ascii=False),
            now,
            json.dumps([inverse.kind, arguments(inverse)], ensure_ascii=False) if inverse else None,
            hold_until,
        ),
    )
    reach("outbox.written")
    _set_lanes(connection, op_no, operation.lane(), view)
    return Issued(op_id, op_no, outcome, True, conversation_id)


def cancel(connection: Connection, op_no: int) -> Refusal | None:
    """Takes back an operation of which no byte has left: it becomes `void` under the same number."""
    found = connection.execute("SELECT state, tries FROM outbox WHERE op_no = ?", (op_no,)).fetchone()
    if found is None:
        return Refusal("gone")
    if found[0] != "pending" or found[1] > 0:
        return Refusal("too-late")
    wrote = [
        lane for (lane,) in connection.execute("SELECT lane FROM outbox_lane WHERE op_no = ? AND wrote = 1", (op_no,))
    ]
    lanes = rewind(connection, wrote)
    connection.execute(
        "UPDATE outbox SET kind = 'void', v = 1, args = '{}', basis = '{}', lane = '-:void', inverse = NULL, undone = 1, "
        "conflict = NULL, hold_until = NULL WHERE op_no = ?",
        (op_no,),
    )
    connection.execute("DELETE FROM outbox_lane WHERE op_no = ?", (op_no,))
    replay(connection, lanes)
    return None


def held_back(connection: Connection, now: int) -> int:
    """Microseconds for which the last operation still waits for a change of mind; 0 where nothing waits.

    Only the last thing done waits, and only before its first try: who goes on has made up their mind.
    """
    found = connection.execute(
        "SELECT hold_until FROM outbox WHERE state = 'pending' AND tries = 0 "
        f"AND verb = ({_LAST}) ORDER BY op_no LIMIT 1"
    ).fetchone()
    return max(0, found[0] - now) if found and found[0] else 0


def take(connection: Connection, now: int = 0, most: int = MAX_OPERATIONS, after: int = 0) -> list[Envelope]:
    """The next operations to push behind a number, in order and at most so many, marked as tried: the caller commits before
    bytes leave.

    What still waits for a change of mind at `now` (µs UTC) stays; 0 takes everything.
    """
    found = connection.execute(
        "SELECT op_no, op_id, kind, v, actor_id, at, basis, args, coalesce(delivery, '') FROM outbox WHERE state = 'pending' "
        "AND op_no > ? ORDER BY op_no LIMIT ?",
        (after, most),
    ).fetchall()
    if now and held_back(connection, now):
        (waits,) = connection.execute(f"SELECT min(op_no) FROM outbox WHERE verb = ({_LAST})").fetchone()
        found = [values for values in found if values[0] < waits]
    batch: list[Envelope] = []
    size = 0
    for op_no, op_id, kind, v, actor, at, basis, args, delivery in found:
        size += len(args) * 4 + 400
        if batch and size > MAX_BYTES:
            break
        batch.append(
            Envelope(
                op_no=op_no,
                op_id=op_id,
                kind=kind,
                v=v,
                actor=actor,
                at=at,
                basis=json.loads(basis),
                args=json.loads(args),
                delivery=delivery,
            )
        )
    if batch:
        connection.execute(
            "UPDATE outbox SET tries = tries + 1 WHERE op_no BETWEEN ? AND ?", (batch[0].op_no, batch[-1].op_no)
        )
    return batch


def note_deliveries(connection: Connection, first: int) -> None:
    """How far the replies of acknowledged operations from `first` on had come, before their rows are forgotten."""
    connection.execute(
        "UPDATE outbox SET delivery = (SELECT CASE m.state WHEN 'sent' THEN 'sent' WHEN 'queued' THEN 'unknown' "
        "WHEN 'sending' THEN 'unknown' WHEN 'unknown' THEN 'unknown' END FROM message m "
        "WHERE m.id = json_extract(outbox.args, '$.message_id')) "
        "WHERE op_no >= ? AND state = 'acked' AND status IN ('applied', 'held')",
        (first,),
    )


def offer_again(connection: Connection, first: int) -> int:
    """The backend lacks operations from `first` on that it had acknowledged (an older copy of it came back): they are pending
    once more. What it had refused stays refused. Returns how many there are.
    """
    lost = "op_no >= ? AND state = 'acked'"
    connection.execute(
        f"UPDATE outbox SET kind = 'void', v = 1, args = '{{}}', basis = '{{}}', lane = '-:void' "
        f"WHERE {lost} AND status IN ('rejected', 'quarantined')",
        (first,),
    )
    connection.execute(
        f"INSERT OR IGNORE INTO outbox_lane (lane, op_no, wrote) SELECT lane, op_no, 1 FROM outbox WHERE {lost} AND kind <> 'void'",
        (first,),
    )
    (many,) = connection.execute(
        f"SELECT count(*) FROM outbox WHERE {lost} AND kind <> 'void' AND {ACT}", (first,)
    ).fetchone()
    connection.execute(
        f"UPDATE outbox SET state = 'pending', status = NULL, code = NULL, seq = NULL WHERE {lost}", (first,)
    )
    replay(connection, rewind(connection, {lane for (lane,) in connection.execute("SELECT lane FROM outbox_lane")}))
    return int(many)


def forget(connection: Connection, now: int) -> int:
    """Takes the oldest operations out of the journal, a few at a time; how many went.

    The numbers that are left have no holes, and the newest are kept whatever the clock here says: it may be wrong by years.
    """
    last, end = acked(connection), 0
    for op_no, state, at in connection.execute(
        "SELECT op_no, state, acked_at FROM outbox WHERE op_no <= ? ORDER BY op_no LIMIT ?", (last - NEWEST, FORGOTTEN)
    ):
        if state != "acked" or (op_no > last - MOST and (at is None or at >= now - JOURNAL)):
            break
        end = op_no
    return int(connection.execute("DELETE FROM outbox WHERE op_no <= ?", (end,)).rowcount) if end else 0


def acked(connection: Connection) -> int:
    """The highest operation number whose result is known here."""
    (number,) = connection.execute("SELECT coalesce(max(op_no), 0) FROM outbox WHERE state = 'acked'").fetchone()
    return int(number)


def renumber(connection: Connection) -> None:
    """This store becomes another device: what waits is numbered from 1, under the same ids, and the journal of the old one ends."""
    connection.execute("DELETE FROM outbox WHERE state = 'acked'")
    connection.execute("DELETE FROM outbox_lane WHERE op_no NOT IN (SELECT op_no FROM outbox)")
    waits = connection.execute("SELECT op_no FROM outbox ORDER BY op_no").fetchall()
    for number, (op_no,) in enumerate(waits, 1):
        connection.execute("UPDATE outbox SET op_no = ? WHERE op_no = ?", (number, op_no))
        connection.execute("UPDATE outbox_lane SET op_no = ? WHERE op_no = ?", (number, op_no))


def has(connection: Connection, op_no: int) -> bool:
    """Whether there is an operation under this number."""
    return connection.execute("SELECT 1 FROM outbox WHERE op_no = ?", (op_no,)).fetchone() is not None


def oldest(connection: Connection) -> int:
    """The first operation that the backend has not decided; 0 when there is none."""
    (op_no,) = connection.execute("SELECT coalesce(min(op_no), 0) FROM outbox WHERE state = 'pending'").fetchone()
    return int(op_no)


def last(connection: Connection) -> int:
    """The last operation that the backend has not decided, as far as is known here; 0 when there is none."""
    (op_no,) = connection.execute("SELECT coalesce(max(op_no), 0) FROM outbox WHERE state = 'pending'").fetchone()
    return int(op_no)


def rewind(connection: Connection, lanes: Iterable[str]) -> set[str]:
    """Puts back the backend's image of every row in these lanes and in all lanes that pending operations tie to them.

    An operation is tied to what it read, wrote or looked for. It must be run again on what it saw the first time: so every
    such lane that some pending operation has written is rewound with it. Returns all lanes rewound.
    """
    closed = set(lanes)
    frontier = set(lanes)
    tied: set[int] = set()
    written = {lane for (lane,) in connection.execute("SELECT DISTINCT lane FROM outbox_lane WHERE wrote = 1")}
    while frontier:
        operations = _operations_of(connection, frontier) - tied
        tied |= operations
        frontier = (_lanes_of(connection, operations) & written) - closed
        closed |= frontier
    for lane in sorted(closed):
        for type, id, image in connection.execute(
            "SELECT type, id, row FROM shadow WHERE lane = ?", (lane,)
        ).fetchall():
            table = BY_NAME[type]
            if image is None:
                delete(connection, table, id)
            else:
                upsert(connection, build(table, json.loads(image)))
        connection.execute("DELETE FROM shadow WHERE lane = ?", (lane,))
    return closed


def replay(connection: Connection, lanes: set[str]) -> None:
    """Runs the pending operations tied to these rewound lanes again, in order.

    One that is refused now stays in the outbox, marked with why: the backend has the last word.
    """
    for op_no in sorted(_operations_of(connection, lanes)):
        kind, actor_id, basis, args, at, op_id = connection.execute(
            "SELECT kind, actor_id, basis, args, at, op_id FROM outbox WHERE op_no = ?", (op_no,)
        ).fetchone()
        operation = parse(kind, json.loads(args))
        if isinstance(operation, Refusal):
            continue
        view = View(Reader(connection))
        context = Context(_actor(view, actor_id), at, op_id, msgspec.json.decode(basis, type=Basis))
        outcome = decide(operation, view, context)
        _write(connection, view)
        _set_lanes(connection, op_no, operation.lane(), view)
        connection.execute("UPDATE outbox SET conflict = ? WHERE op_no = ?", (outcome.code, op_no))


def _actor(view: View, agent_id: str) -> Actor:
    agent = view.get(Agent, agent_id)
    return actor_of(view, agent) if agent else Actor(agent_id, "", "auditor", frozenset())


def _write(connection: Connection, view: View) -> None:
    """Writes a view's rows, keeping the backend's image of each row that is touched for the first time."""
    reader = Reader(connection)
    for (table, id), row in view.written.items():
        known = connection.execute("SELECT 1 FROM shadow WHERE type = ? AND id = ?", (table.table, id)).fetchone()
        if known is None:
            image = reader.get(table, id)
            known_row = image or row
            connection.execute(
                "INSERT INTO shadow (type, id, lane, row) VALUES (?, ?, ?, ?)",
                (table.table, id, known_row.lane if known_row else "", _image(image)),
            )
        reach("outbox.shadowed")
        if row is None:
            delete(connection, table, id)
        else:
            upsert(connection, row)


def _image(row: Row | None) -> str | None:
    return None if row is None else msgspec.json.encode(msgspec.structs.astuple(row)).decode()


def _set_lanes(connection: Connection, op_no: int, declared: str, view: View) -> None:
    wrote = {declared} | {row.lane for row in view.written.values() if row is not None}
    connection.execute("DELETE FROM outbox_lane WHERE op_no = ?", (op_no,))
    connection.executemany(
        "INSERT INTO outbox_lane (lane, op_no, wrote) VALUES (?, ?, ?)",
        [(lane, op_no, int(lane in wrote)) for lane in sorted(view.lanes | wrote)],
    )


def _lanes_of(connection: Connection, operations: Iterable[int]) -> set[str]:
    """The lanes these pending operations are tied to."""
    return _tied(connection, "lane", "op_no", operations)


def _operations_of(connection: Connection, lanes: Iterable[str]) -> set[int]:
    """The pending operations tied to any of these lanes."""
    return _tied(connection, "op_no", "lane", lanes)


def _tied(connection: Connection, wanted: str, known: str, values: Iterable[Any]) -> set[Any]:
    found: set[Any] = set()
    for some in chunks(sorted(values)):
        marks = ", ".join("?" * len(some))
        asked = connection.execute(f"SELECT {wanted} FROM outbox_lane WHERE {known} IN ({marks})", some)
        found.update(one for (one,) in asked)
    return found

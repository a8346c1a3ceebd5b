"""What must hold, during a run and after it has levelled out (sync protocol, section 13)."""

import contextlib
import itertools

from kefu_tui.backend.retention import MILESTONES
from kefu_tui.backend.visibility import lane_groups, row_groups, scope
from kefu_tui.model.rows import TABLES, Agent
from kefu_tui.model.sql import Connection, Reader
from kefu_tui.operations import View
from kefu_tui.operations.base import actor_of
from kefu_tui.store.outbox import replay, rewind
from tests.sync.world import DeskHere, Here, Stored, Violation, World, held_here, visible


def always(world: World, touched: DeskHere | None = None) -> None:
    """What must hold after every step; the dearer looks only at the desk that was touched."""
    with world.database.read() as connection:
        twice = connection.execute("SELECT op_id FROM message GROUP BY op_id HAVING count(*) > 1").fetchall()
        if twice:
            raise Violation(f"I2: message doubled for operation {twice}")
    for desk in world.desks:
        no_holes(desk)
        acknowledged_stay(world, desk)
        acknowledged_with_its_page(desk)
    if touched:
        rebased(touched)


def no_holes(desk: DeskHere) -> None:
    numbers = [n for (n,) in desk.ids("SELECT op_no FROM outbox ORDER BY op_no")]
    if numbers != list(range(1, len(numbers) + 1)):
        raise Violation(f"I3: {desk.login} has holes in {numbers}")


def acknowledged_stay(world: World, desk: DeskHere) -> None:
    """A reply that was acknowledged as applied stays on the author's screen as long as its conversation does."""
    missing = desk.ids(
        "SELECT o.op_id, o.args FROM outbox o WHERE o.kind = 'conversation.reply' AND o.state = 'acked' "
        "AND o.status IN ('applied', 'held') "
        "AND EXISTS (SELECT 1 FROM conversation c WHERE c.id = json_extract(o.args, '$.conversation_id')) "
        "AND NOT EXISTS (SELECT 1 FROM message m WHERE m.op_id = o.op_id) "
        "AND NOT EXISTS (SELECT 1 FROM cursor WHERE complete = 0)"
    )
    if missing:
        raise Violation(f"acknowledged reply vanished at {desk.login}: {missing}")


def acknowledged_with_its_page(desk: DeskHere) -> None:
    """Nothing is acknowledged from beyond what has been pulled."""
    ((newest,),) = desk.ids("SELECT coalesce(max(seq), 0) FROM outbox WHERE state = 'acked'")
    ((pulled,),) = desk.ids("SELECT coalesce(max(seq), 0) FROM cursor")
    if newest > max(pulled, desk.acknowledged):  # Pulling anew from the start keeps what was acknowledged.
        raise Violation(f"I10: {desk.login} acknowledged {newest}, pulled {pulled}")
    desk.acknowledged = max(newest, desk.acknowledged)


class _Done(Exception):
    """Ends a look that must leave nothing behind."""


def rebased(desk: DeskHere) -> None:
    """I5: the live rows are what all pending operations make of the backend's images."""

    def look(connection: Connection) -> None:
        live = rows_of(connection)
        replay(
            connection,
            rewind(connection, {lane for (lane,) in connection.execute("SELECT lane FROM shadow").fetchall()}),
        )
        again = rows_of(connection)
        if live != again:
            differing = {t: (set(live[t]) ^ set(again[t])) for t in live if live[t] != again[t]}
            raise Violation(f"I5: {desk.login} is not what its pending operations make: {differing}")
        raise _Done

    with contextlib.suppress(_Done):
        desk.store.write(look).result()


def rows_of(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.table: sorted(connection.execute(f"SELECT * FROM {table.table}").fetchall(), key=str) for table in TABLES
    }


def level(world: World) -> None:
    """Everything that must hold once all desks have levelled out."""
    dense(world)
    for desk in world.desks:
        _level_desk(world, desk)


def dense(world: Stored) -> None:
    """I4, I8: no holes in the commits but the old ones, none in the places of a conversation's messages."""
    with world.database.read() as connection:
        newest, forgotten = connection.execute("SELECT seq, min_seq FROM sync_head").fetchone()
        seqs = [s for (s,) in connection.execute("SELECT seq FROM sync_commit ORDER BY seq")]
        old = list(range(MILESTONES, forgotten, MILESTONES))
        if seqs != [*old, *range(max(1, forgotten), newest + 1)]:
            raise Violation(f"I4: commits have holes: {seqs}, forgotten up to {forgotten}")
        for id, last in connection.execute("SELECT id, last_pos FROM conversation").fetchall():
            places = [
                p
                for (p,) in connection.execute(
                    "SELECT conv_pos FROM message WHERE conversation_id = ? AND conv_pos IS NOT NULL ORDER BY conv_pos",
                    (id,),
                )
            ]
            if places != list(range(1, last + 1)):
                raise Violation(f"I8: positions of {id} are {places}, last_pos {last}")


def _level_desk(world: World, desk: DeskHere) -> None:
    pending = desk.ids("SELECT op_no, kind, tries FROM outbox WHERE state = 'pending'")
    if pending:
        raise Violation(f"I6: {desk.login} still has pending {pending}")
    if desk.ids("SELECT 1 FROM shadow") or desk.ids("SELECT 1 FROM outbox_lane"):
        raise Violation(f"I5: {desk.login} has shadow rows or lanes left")
    with world.database.read() as connection:
        results = connection.execute(
            "SELECT op_no, op_id, status, seq FROM op_result WHERE device_id = ? ORDER BY op_no", (desk.device_id,)
        ).fetchall()
    if [r[0] for r in results] != list(range(1, len(results) + 1)):
        raise Violation(f"I3: {desk.login} results have holes")
    if any(later[3] < earlier[3] for earlier, later in itertools.pairwise(results)):
        raise Violation(f"I3: {desk.login} results out of order")
    decided = [r[1] for r in results]
    if sorted(decided) != sorted(desk.issued):
        raise Violation(f"I1: {desk.login} issued {len(desk.issued)}, decided {len(decided)}")
    for _, op_id, status, _ in results:
        noticed = desk.ids("SELECT 1 FROM notice WHERE op_id = ?", op_id)
        if status in ("held", "rejected", "quarantined") and not noticed:
            raise Violation(f"I12: {desk.login} has no notice for {status} {op_id}")
        if status == "quarantined":
            raise Violation(f"quarantined: {op_id}")
    same_rows(world, desk)
    nothing_foreign(world, desk)
    nothing_to_mend(desk)


def nothing_to_mend(desk: DeskHere) -> None:
    """What compares a desk with the backend finds nothing, and gets to the end."""
    desk.engine.pull()
    for _ in range(500):
        step = desk.engine.compare()
        if not step.level or step.mended:
            raise Violation(f"{desk.login}: comparing found {step}")
        if step.over:
            return
    raise Violation(f"{desk.login}: comparing does not end")


def same_rows(world: Stored, desk: Here) -> None:
    """I6: the desk holds what the index lets it see, row by row."""
    there, here = visible(world, desk), held_here(desk)
    for table in there:
        if there[table] != here[table]:
            extra = {id: row for id, row in here[table].items() if there[table].get(id) != row}
            lack = {id: row for id, row in there[table].items() if here[table].get(id) != row}
            raise Violation(f"I6: {desk.login} {table}\n  here {extra}\n  there {lack}")


def nothing_foreign(world: Stored, desk: Here) -> None:
    """I11. Judges by the tables, not by the index: what stands here must be in the agent's sight."""
    here = held_here(desk)
    with world.database.read() as connection:
        view = View(Reader(connection))
        agent = view.get(Agent, desk.agent_id)
        assert agent
        groups = scope(connection, actor_of(view, agent))
        reader = Reader(connection)
        for table in TABLES:
            for id in here[table.table]:
                row = reader.get(table, id)
                if row is None or not (row_groups(row, lane_groups(connection, row.lane)) & groups):
                    raise Violation(f"I11: {desk.login} holds {table.table} {id} that it may not see")
        # And nothing that it may see is missing from the index.
        for table in TABLES:
            for (id,) in connection.execute(f"SELECT id FROM {table.table}").fetchall():
                row = reader.get(table, id)
                seen = row and row_groups(row, lane_groups(connection, row.lane)) & groups
                if seen and id not in here[table.table]:
                    raise Violation(f"I6: {desk.login} lacks {table.table} {id}")

"""When an older copy of the backend came back: what it lost is forgotten here, and what was done here is offered to it again."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from kefu_tui.ids import derive
from kefu_tui.model.sql import Connection
from kefu_tui.now import SECOND
from kefu_tui.store import facts, loading, marks, outbox, pages, queries
from kefu_tui.wire import Common


def take_up(connection: Connection, common: Common, now: int) -> None:
    """Goes on with another history, in the caller's transaction; the agent is told how much is offered again.

    Everything is pulled anew where something was seen that is not in it: what was deleted here meanwhile may be there again, and
    nobody could name it.
    """
    mark = marks.newest(connection)
    seen = (mark.seq if mark else 0, loading.newest(connection), *pages.cursors(connection).values())
    parted = max(seen) > common.seq
    zone = ZoneInfo(queries.zone(connection))
    outbox.note_deliveries(connection, common.last_op_no + 1)
    if parted:
        pages.forget_all(connection)
        marks.drop_after(connection, common.seq)
        facts.set(connection, "head", "0")
    facts.set(connection, "epoch", common.epoch)
    many = outbox.offer_again(connection, common.last_op_no + 1)
    if not parted and not many:
        return
    told = {
        "at": f"{datetime.fromtimestamp(common.at / SECOND, zone):%m-%d %H:%M}" if common.at else "-",
        "many": str(many),
    }
    connection.execute(
        "INSERT INTO notice (id, level, code, facts, body, at) VALUES (?, 'info', 'restored', ?, '', ?)",
        (derive("restored", common.epoch, str(common.seq), str(now)), json.dumps(told), now),
    )

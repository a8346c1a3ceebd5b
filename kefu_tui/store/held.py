"""Replies of colleagues that are held: what a lead may decide about."""

from kefu_tui.model.sql import Connection
from kefu_tui.store.queries import ACTIONS
from kefu_tui.store.shown import NoticeRow

COLLEAGUES = "held:"
"""What the ids of notices about colleagues' held replies begin with; the message's id follows."""


def held_by_colleagues(connection: Connection, me: str) -> list[tuple[NoticeRow, dict[str, str], str]]:
    """Replies of colleagues that are held, for a lead who may decide about them: as notices, with facts and author."""
    found = connection.execute(
        "SELECT m.id, m.op_id, coalesce(m.reason, ''), m.text, m.conversation_id, u.name, m.at, a.name FROM message m "
        "JOIN conversation c ON c.id = m.conversation_id LEFT JOIN customer u ON u.id = c.customer_id "
        "LEFT JOIN agent a ON a.id = m.author_id WHERE m.state = 'held' AND m.author_id <> ? "
        "AND (SELECT role FROM agent WHERE id = ?) IN ('lead', 'admin') ORDER BY m.at DESC, m.id",
        (me, me),
    )
    return [
        (
            NoticeRow(
                COLLEAGUES + id, op_id, "held", code, "", body, conversation, id, name or "", at, ACTIONS["held"]
            ),
            {},
            author or "",
        )
        for id, op_id, code, body, conversation, name, at, author in found
    ]

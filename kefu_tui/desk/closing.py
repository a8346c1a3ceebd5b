"""Close-out records at the desk: what is still to be filled in, what was, and how satisfied customers were."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from kefu_tui.desk.desk import Desk
from kefu_tui.desk.offers import spoken_of
from kefu_tui.model.rows import CloseOut, Conversation
from kefu_tui.model.sql import Reader
from kefu_tui.now import DAY
from kefu_tui.operations import View, close_out
from kefu_tui.rules.close_out import FIELDS, SCORES


class Lack(NamedTuple):
    """A field that is asked for before a conversation can be resolved, with what may stand there."""

    id: str
    title: str
    proposal: str


class Satisfaction(NamedTuple):
    """Scores that customers gave. `by_score`: how often each; `resolved`: conversations that could have one."""

    rated: int
    resolved: int
    mean: float | None
    by_score: Mapping[int, int]


def lacks(desk: Desk, conversation_id: str) -> list[Lack]:
    """What the policy asks for this kind of conversation and nobody has filled in yet."""
    with desk.store.read() as connection:
        reader = Reader(connection)
        there = reader.get(Conversation, conversation_id)
        if there is None:
            return []
        order = spoken_of(connection, there)
        proposals = {"order_no": order.order_no if order else ""}
        return [
            Lack(name, FIELDS[name][desk.lang == "en"], proposals.get(name, ""))
            for name in close_out.lacking(View(reader), there)
        ]


def record(desk: Desk, conversation_id: str) -> tuple[dict[str, str], CloseOut | None]:
    """The fields of a conversation's record, and the record itself where there is one."""
    with desk.store.read() as connection:
        there = close_out.of(View(Reader(connection)), conversation_id)
    return (json.loads(there.fields) if there else {}), there


def satisfaction(desk: Desk, days: int) -> Satisfaction:
    """The scores of the last days, of the conversations in this desk's sight."""
    since = desk.now() - days * DAY
    with desk.store.read() as connection:
        scores = [
            score
            for (score,) in connection.execute(
                "SELECT score FROM close_out WHERE score > 0 AND rated_at >= ?", (since,)
            )
        ]
        (resolved,) = connection.execute(
            "SELECT count(*) FROM conversation WHERE resolved_at >= ?", (since,)
        ).fetchone()
    mean = sum(scores) / len(scores) if scores else None
    return Satisfaction(len(scores), resolved, mean, {score: scores.count(score) for score in SCORES})

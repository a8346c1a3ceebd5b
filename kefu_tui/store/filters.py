"""Filters of conversations as SQL: what a query of the query language means on `c` (conversation) and `u` (customer)."""

from typing import Any, NamedTuple

from kefu_tui.rules.query import Condition, Query, moment


class Standing(NamedTuple):
    """Whose filter it is, and when it is asked: agent id, µs UTC, IANA zone."""

    me: str
    now: int
    zone: str


class Clause(NamedTuple):
    """A condition of SQL and its named parameters."""

    sql: str
    values: dict[str, Any]


_IS = {
    "unread": "c.unanswered > 0",
    "mine": "c.assignee_id = :me",
    "waiting": "c.status = 'waiting' AND c.assignee_id IS NULL",
    "offered": "c.offered_to_id = :me",
    "late": "c.due_at <= :now",
    "soon": "c.due_at > :now AND c.soon_at <= :now",
    "held": "c.id IN (SELECT n.conversation_id FROM notice n WHERE n.level = 'held' AND n.seen_at IS NULL)",
    "pinned": "c.id IN (SELECT p.conversation_id FROM pin p)",
}
_EQUAL = {"kind": "c.kind", "channel": "c.channel", "status": "c.status", "tier": "u.tier", "lang": "c.language"}


def clause(query: Query, standing: Standing, *, words: bool = True) -> Clause:
    """What conversations fit: every condition, and with `words` every word in the customer's name or the last message."""
    parts: list[str] = []
    values: dict[str, Any] = {"me": standing.me, "now": standing.now}
    for number, one in enumerate(query.conditions):
        sql = _sql(one, f"q{number}", values, standing)
        parts.append(f"NOT coalesce({sql}, 0)" if one.negated else sql)
    if words:
        for number, (word, negated) in enumerate(
            [(word, False) for word in query.words] + [(word, True) for word in query.without]
        ):
            values[f"w{number}"] = like(word)
            found = f"(u.name LIKE :w{number} ESCAPE '\\' OR c.preview LIKE :w{number} ESCAPE '\\')"
            parts.append(f"NOT coalesce({found}, 0)" if negated else found)
    return Clause(" AND ".join(f"({part})" for part in parts) or "1", values)


def like(word: str) -> str:
    """The pattern of LIKE that finds a word anywhere."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _sql(one: Condition, name: str, values: dict[str, Any], standing: Standing) -> str:
    values[name] = one.value
    if one.field in _EQUAL:
        return f"{_EQUAL[one.field]} = :{name}"
    if one.field == "is":
        del values[name]
        return _IS[one.value]
    if one.field in ("before", "after"):
        values[name] = moment(one.value, standing.now, standing.zone)
        return f"c.last_at {'<' if one.field == 'before' else '>='} :{name}"
    if one.field == "tag":
        return f"c.id IN (SELECT t.conversation_id FROM tag t WHERE lower(t.name) = :{name})"
    if one.field == "assignee":
        if one.value in ("me", "none"):
            del values[name]
            return "c.assignee_id = :me" if one.value == "me" else "c.assignee_id IS NULL"
        values[name] = like(one.value)
        return _agent("c.assignee_id", name)
    if one.field == "group":
        values[name] = like(one.value)
        return (
            "c.group_id IN (SELECT g.id FROM agent_group g WHERE "
            f"g.name LIKE :{name} ESCAPE '\\' OR g.title LIKE :{name} ESCAPE '\\')"
        )
    if one.field == "order":
        return (
            "c.customer_id IN (SELECT o.customer_id FROM shop_order o WHERE "
            f"o.order_no >= :{name} AND o.order_no < :{name} || char(1114111) "
            f"UNION SELECT o.customer_id FROM shop_order o JOIN shipment s ON s.order_id = o.id "
            f"WHERE s.tracking_no = upper(:{name}))"
        )
    values[name] = like(one.value)  # from: the customer
    return f"u.name LIKE :{name} ESCAPE '\\'"


def _agent(column: str, name: str) -> str:
    return (
        f"{column} IN (SELECT a.id FROM agent a WHERE "
        f"a.login LIKE :{name} ESCAPE '\\' OR a.name LIKE :{name} ESCAPE '\\')"
    )

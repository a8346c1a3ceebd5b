"""Search in everything that is at this desk: messages, customers, orders, canned replies."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple

from kefu_tui.rules import calls
from kefu_tui.rules.query import Condition, Query, Trouble, moment, parse
from kefu_tui.store import filters, fulltext
from kefu_tui.store.engine import IDLE

if TYPE_CHECKING:
    from kefu_tui.desk.desk import Desk
    from kefu_tui.model.sql import Connection

FEW = 5
"""Customers, orders and replies shown above the messages."""
BEHIND = fulltext.FRESH
"""Texts that need not be indexed: so many of the newest are read as they are."""
EXAMINED = 3000
"""Rows looked at for one page of messages; where more would be needed the answer is partial."""


class Hit(NamedTuple):
    """Something that was found. `kind`: customer, order, ticket, message or reply."""

    kind: str
    id: str
    conversation_id: str | None
    """What is opened for it; None: it is in no conversation here."""
    who: str
    """The customer, raw; for a reply its title."""
    author: str
    """Who wrote a message: customer, me, agent, bot, system, note; '' for what is no message."""
    text: str
    """The words around what was found, raw."""
    spans: tuple[tuple[int, int], ...]
    """Where in `text` the words stand."""
    at: int
    """µs UTC."""


class Found(NamedTuple):
    """An answer: what was found in order, what of the query was not understood, whether there may be more."""

    hits: tuple[Hit, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    partial: bool = False
    words: tuple[str, ...] = ()


SNIPPET = 48
"""Characters shown in front of the first word that was found, and at least behind it."""


class Finding:
    """Search in everything that is at this desk."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def find(self, text: str, limit: int = 30, within_s: float = 60.0) -> Found:
        """What a text in the query language finds, at most `limit` messages, the newest first. For any thread.

        What is not found `within_s` seconds is left out, and the answer is partial.
        """
        end = time.perf_counter() + within_s
        query = parse(text)
        if not (query.words or query.conditions or query.without):
            return Found(troubles=query.troubles)
        standing = filters.Standing(self._desk.agent_id, self._desk.now(), self._desk.zone())
        with self._desk.store.read() as connection:
            if query.words or query.without:
                hits, partial = self._messages(connection, query, standing, limit, end)
            else:
                hits, partial = self._conversations(connection, query, standing, limit), False
            above = [] if query.conditions else list(self._beside(connection, query, end))
        replies = [] if query.conditions else self._replies(query)
        late = time.perf_counter() > end
        return Found((*above, *hits, *replies), query.troubles, partial or late, query.words)

    def around(self, hit: Hit, before: int = 6, after: int = 8) -> list[tuple[str, str, str, int]]:
        """Lines of the conversation around a hit, oldest first: message id, author, raw text, µs UTC."""
        if hit.conversation_id is None:
            return []
        items = self._desk.thread(hit.conversation_id, 10_000 if hit.kind == "message" else before + after)
        place = next((at for at, item in enumerate(items) if item.id == hit.id), len(items) - 1)
        return [(item.id, item.who, item.text, item.at) for item in items[max(0, place - before) : place + after]]

    def spans(self, text: str, words: tuple[str, ...]) -> list[tuple[int, int, str]]:
        """Where any of the words stand in a text."""
        return [(start, end, "word") for word in words for start, end in fulltext.spans(text, (word,)) or ()]

    def index(self, bite: int = fulltext.BITE) -> "Future[int]":
        """Indexes a few more texts when the writer has nothing else to do; how many there were."""
        return self._desk.store.write(lambda connection: fulltext.fill(connection, bite), IDLE)

    def waiting(self) -> int:
        """How many texts are not indexed yet, about."""
        with self._desk.store.read() as connection:
            return fulltext.waiting(connection)

    def _messages(
        self, connection: "Connection", query: Query, standing: filters.Standing, limit: int, end: float
    ) -> tuple[list[Hit], bool]:
        own = [one for one in query.conditions if one.field in ("before", "after", "from")]
        others = query._replace(conditions=tuple(one for one in query.conditions if one not in own))
        where, values = filters.clause(others, standing, words=False)
        parts = [where, "x.state <> 'discarded'", "x.kind <> 'event'", "(x.state <> 'held' OR x.author_id = :me)"]
        for number, one in enumerate(own):
            parts.append(_of_message(one, f"m{number}", values, standing))
        found = fulltext.candidates(
            connection,
            "message",
            query.words,
            "x.id, x.conversation_id, u.name, x.author, x.author_id, x.kind, x.text, x.at",
            "JOIN conversation c ON c.id = x.conversation_id LEFT JOIN customer u ON u.id = c.customer_id",
            " AND ".join(parts),
            values,
        )
        hits: list[Hit] = []
        seen: set[str] = set()
        for examined, (_, row) in enumerate(found):
            if examined >= EXAMINED or (examined % 4 == 3 and time.perf_counter() > end):
                return hits, True
            if not row or row[0] in seen:
                continue
            hit = _message(row, query, standing.me)
            if hit is not None:
                seen.add(row[0])
                hits.append(hit)
                if len(hits) >= limit:
                    return hits, True
        return hits, fulltext.waiting(connection) > fulltext.FRESH

    def _conversations(
        self, connection: "Connection", query: Query, standing: filters.Standing, limit: int
    ) -> list[Hit]:
        where, values = filters.clause(query, standing)
        found = connection.execute(
            "SELECT c.id, u.name, c.preview, c.last_at FROM conversation c LEFT JOIN customer u ON u.id = c.customer_id "
            f"WHERE c.status <> 'archived' AND {where} ORDER BY c.last_at DESC LIMIT {limit}",
            values,
        )
        return [Hit("conversation", id, id, name or "", "", self._said(words), (), at) for id, name, words, at in found]

    def _beside(self, connection: "Connection", query: Query, end: float) -> Iterator[Hit]:
        """Customers, orders and tickets, as long as there is time."""
        for source in (
            self._customers(connection, query),
            self._orders(connection, query),
            self._tickets(connection, query),
        ):
            for hit in source:
                if hit is not None:
                    yield hit
                if time.perf_counter() > end:
                    break

    def _customers(self, connection: "Connection", query: Query) -> Iterator[Hit | None]:
        found = fulltext.candidates(
            connection,
            "customer",
            query.words,
            "x.id, x.name, c.id, c.preview, c.last_at",
            "JOIN conversation c ON c.id = (SELECT y.id FROM conversation y WHERE y.customer_id = x.id "
            "ORDER BY y.last_at DESC LIMIT 1)",
            "1",
            {},
        )
        many = 0
        for examined, (_, row) in enumerate(found):
            if examined >= EXAMINED // 10 or many >= FEW:
                return
            if row and fulltext.spans(row[1], query.words) is not None:
                many += 1
                yield Hit("customer", row[0], row[2], row[1], "", self._said(row[3]), (), row[4])
            else:
                yield None

    def _orders(self, connection: "Connection", query: Query) -> Iterator[Hit | None]:
        if len(query.words) != 1 or len(query.words[0]) < 4 or not query.words[0].isascii():
            yield from self._titles(connection, query)
            return
        word = query.words[0].upper()
        found = connection.execute(
            "SELECT o.id, o.order_no, u.name, o.placed_at, c.id, "
            "(SELECT l.title FROM order_line l WHERE l.order_id = o.id ORDER BY l.id LIMIT 1) "
            "FROM (SELECT * FROM shop_order WHERE order_no >= :t AND order_no < :t || char(1114111) "
            f"OR id IN (SELECT s.order_id FROM shipment s WHERE s.tracking_no = :t) LIMIT {4 * FEW}) o "
            "LEFT JOIN customer u ON u.id = o.customer_id LEFT JOIN conversation c ON c.id = ("
            "SELECT y.id FROM conversation y WHERE y.customer_id = o.customer_id ORDER BY y.last_at DESC LIMIT 1) "
            f"ORDER BY o.placed_at DESC LIMIT {FEW}",
            {"t": word},
        )
        for id, number, name, at, conversation, title in found:
            start = number.find(word)
            spans = ((start, start + len(word)),) if start >= 0 else ()
            yield Hit("order", id, conversation, name or "", "", f"{number}  {title or ''}".rstrip(), spans, at)

    def _tickets(self, connection: "Connection", query: Query) -> Iterator[Hit | None]:
        found = fulltext.candidates(
            connection,
            "ticket",
            query.words,
            "x.id, x.title, u.name, x.conversation_id, x.changed_at",
            "LEFT JOIN customer u ON u.id = x.customer_id",
            "1",
            {},
        )
        many = 0
        for examined, (_, row) in enumerate(found):
            if examined >= EXAMINED // 10 or many >= FEW:
                return
            if row and (spans := fulltext.spans(row[1], query.words)) is not None:
                many += 1
                yield Hit("ticket", row[0], row[3], row[2] or "", "", row[1], tuple(spans), row[4])
            else:
                yield None

    def _titles(self, connection: "Connection", query: Query) -> Iterator[Hit | None]:
        """Orders of a product."""
        found = fulltext.candidates(
            connection,
            "order_line",
            query.words,
            "o.id, o.order_no, x.title, u.name, o.placed_at, c.id",
            "JOIN shop_order o ON o.id = x.order_id LEFT JOIN customer u ON u.id = o.customer_id "
            "LEFT JOIN conversation c ON c.id = ("
            "SELECT y.id FROM conversation y WHERE y.customer_id = o.customer_id ORDER BY y.last_at DESC LIMIT 1)",
            "1",
            {},
        )
        many = 0
        for examined, (_, row) in enumerate(found):
            if examined >= EXAMINED // 10 or many >= FEW:
                return
            if row and (spans := fulltext.spans(row[2], query.words)) is not None:
                many += 1
                before = len(row[1]) + 2
                marked = tuple((start + before, end + before) for start, end in spans)
                yield Hit("order", row[0], row[5], row[3] or "", "", f"{row[1]}  {row[2]}", marked, row[4])
            else:
                yield None

    def _said(self, preview: str) -> str:
        """The last words of a conversation; a call's in words."""
        call = calls.read(preview)
        return preview if call is None else calls.words(call, self._desk.lang, self._desk.zone())

    def _replies(self, query: Query) -> list[Hit]:
        if not query.words:
            return []
        lines = self._desk.canned(" ".join(query.words), None, FEW)
        return [Hit("reply", line.id, None, line.title, "", line.text, (), 0) for line in lines]


def _message(row: tuple[Any, ...], query: Query, me: str) -> Hit | None:
    """The hit that a row of a message is; None where the words are not in it after all."""
    id, conversation, name, author, author_id, kind, text, at = row
    spans = fulltext.spans(text, query.words)
    if spans is None or any(fulltext.spans(text, (word,)) is not None for word in query.without):
        return None
    who = "note" if kind == "note" else "me" if author == "agent" and author_id == me else author
    start = max(0, spans[0][0] - SNIPPET // 4) if spans and spans[0][0] > SNIPPET // 2 else 0
    end = start + 4 * SNIPPET
    cut = tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)
    return Hit("message", id, conversation, name or "", who, text[start:end], cut, at)


def _of_message(one: Condition, name: str, values: dict[str, Any], standing: filters.Standing) -> str:
    """A condition that speaks of the message itself."""
    if one.field in ("before", "after"):
        values[name] = moment(one.value, standing.now, standing.zone)
        sql = f"x.at {'<' if one.field == 'before' else '>='} :{name}"
    elif one.value == "me":
        sql = "x.author = 'agent' AND x.author_id = :me"
    else:
        values[name] = filters.like(one.value)
        sql = (
            f"(u.name LIKE :{name} ESCAPE '\\' OR x.author_id IN (SELECT a.id FROM agent a WHERE "
            f"a.login LIKE :{name} ESCAPE '\\' OR a.name LIKE :{name} ESCAPE '\\'))"
        )
    return f"NOT coalesce({sql}, 0)" if one.negated else f"({sql})"

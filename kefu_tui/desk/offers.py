"""Canned replies at the desk: found, ranked, filled with what the conversation's customer and order say."""

import json
import math
from typing import Any

from kefu_tui import text
from kefu_tui.model.rows import Agent, CannedReply, Conversation, Customer, Group, Order, OrderLine, Shipment
from kefu_tui.model.sql import COLUMNS, Connection, Reader, build
from kefu_tui.now import DAY
from kefu_tui.operations import View, timing
from kefu_tui.operations.refusals import STATES
from kefu_tui.rules import recognise, search, suggest, template
from kefu_tui.store.shown import CannedLine, Filled

TIERS = {
    "new": ("新客", "new"),
    "regular": ("普通", "regular"),
    "returning": ("老客", "returning"),
    "vip": ("VIP", "VIP"),
}
PARCELS = {
    "packed": ("待揽收", "packed"),
    "picked_up": ("已揽收", "picked up"),
    "in_transit": ("运输中", "in transit"),
    "delivering": ("派送中", "out for delivery"),
    "signed": ("已签收", "delivered"),
}
OWN = {"agent": 2, "group": 1}
"""Whose replies go before others of the same shortcut."""
MOST = 50
"""Replies that are ranked."""
FITS = 3.0
"""Score from which on a reply is offered without being asked for: it answers words that were said."""


class Shelf:
    """The canned replies of a store, read once and kept until they change."""

    @staticmethod
    def stamp_of(connection: Connection) -> tuple[int, int, int]:
        """What is another when any canned reply is another."""
        found = connection.execute(
            "SELECT count(*), coalesce(max(version), 0), coalesce(max(edited_at), 0) FROM canned_reply"
        ).fetchone()
        return (found[0], found[1], found[2])

    def __init__(self, connection: Connection, agent_id: str, now: int) -> None:
        self.stamp = self.stamp_of(connection)
        found = connection.execute(
            f"SELECT {COLUMNS[CannedReply]} FROM canned_reply ORDER BY stage, scenario, shortcut, id"
        )
        self.rows = [build(CannedReply, values) for values in found]
        by_day: dict[str, list[tuple[float, int]]] = {}
        for canned_id, day, count in connection.execute(
            f"SELECT canned_id, at / {DAY}, count(*) FROM message WHERE canned_id IS NOT NULL AND author_id = ? "
            "GROUP BY canned_id, 2",
            (agent_id,),
        ):
            by_day.setdefault(canned_id, []).append((now / DAY - day, count))
        uses = self.uses = {canned_id: sum(count for _, count in days) for canned_id, days in by_day.items()}
        habits = {canned_id: suggest.habit_of(days) for canned_id, days in by_day.items()}
        self._favour: tuple[list[suggest.Suggestion] | None, list[int]] = (None, [])
        """For which suggestions it was reckoned, and how much fit and use speak for each reply."""
        self._usual = [round(min(5.0, math.log2(1 + habits.get(row.id, 0.0)))) for row in self.rows]
        self._last: tuple[object, str, list[suggest.Suggestion]] | None = None
        """What was asked last, in which language, and the answer: the pane and the offer ask the same."""
        self.by_id = {row.id: row for row in self.rows}
        self.keys = [
            search.PhraseKey(
                row.title, row.text, row.shortcut, row.pinyin, row.initials, uses.get(row.id, 0), OWN.get(row.scope, 0)
            )
            for row in self.rows
        ]
        self.phrases = [
            suggest.Phrase(
                row.id,
                row.title,
                row.text,
                row.stage,
                row.scenario,
                tuple(row.when_words.split()),
                uses.get(row.id, 0),
                row.lang,
                habits.get(row.id, 0.0),
            )
            for row in self.rows
        ]

    def find(
        self,
        query: str,
        limit: int,
        *,
        slips: bool = False,
        fits: "tuple[Connection, Conversation] | None" = None,
    ) -> list[CannedLine]:
        """The replies that a query means, best first: by what matches, how well it fits a conversation, and use.

        With `slips` also where a finger slipped.
        """
        favour = self._favoured(*fits) if fits is not None else self._usual
        found = search.rank(query, self.keys, slips=slips, favour=favour)
        return [self._line(self.rows[index], "") for index in found[:limit]]

    def _favoured(self, connection: Connection, conversation: Conversation) -> list[int]:
        ranked = self._ranked(connection, conversation, MOST)
        if self._favour[0] is not self._last_ranked:
            points = {one.id: min(search.MOST_FAVOUR, max(0, round(2.5 * one.score))) for one in ranked}
            usual = zip(self.rows, self._usual, strict=True)
            self._favour = self._last_ranked, [points.get(row.id, use) for row, use in usual]
        return self._favour[1]

    @property
    def _last_ranked(self) -> list[suggest.Suggestion] | None:
        return self._last[2] if self._last is not None else None

    def suggested(
        self, connection: Connection, conversation: Conversation, limit: int, told_in: str
    ) -> list[CannedLine]:
        """The replies that fit what the customer just said, each with the reason."""
        return [
            self._line(self.by_id[one.id], one.reason) for one in self._ranked(connection, conversation, limit, told_in)
        ]

    def offered(self, connection: Connection, conversation: Conversation) -> list[CannedReply]:
        """The replies that fit well enough to be offered unasked, best first: all of the best one's scenario.

        Where the best has a hole, something that speaks of another matter would be worse than nothing.
        """
        ranked = [one for one in self._ranked(connection, conversation, 40) if one.score >= FITS]
        rows = [self.by_id[one.id] for one in ranked]
        return [row for row in rows if row.scenario == rows[0].scenario]

    def _ranked(
        self, connection: Connection, conversation: Conversation, limit: int, told_in: str = ""
    ) -> list[suggest.Suggestion]:
        told = connection.execute(
            "SELECT author, kind, text FROM message WHERE conversation_id = ? AND kind = 'text' AND state <> 'discarded' "
            "ORDER BY conv_pos IS NULL DESC, conv_pos DESC LIMIT 12",
            (conversation.id,),
        ).fetchall()
        said = []
        for author, _, words in told:
            if author != "customer":
                break
            said.append(words)
        last = "\n".join(reversed(said)) or next((words for author, _, words in told if author == "customer"), "")
        stage = suggest.stage_of([(author, words) for author, _, words in reversed(told)])
        has_order = connection.execute(
            "SELECT 1 FROM shop_order WHERE customer_id = ? LIMIT 1", (conversation.customer_id,)
        ).fetchone()
        asked = (last, has_order is not None, stage, conversation.language)
        if self._last is None or self._last[0] != asked or (told_in and self._last[1] != told_in):
            ranked = suggest.suggest(
                last,
                self.phrases,
                has_order=has_order is not None,
                stage=stage,
                lang=conversation.language,
                top=MOST,
                told_in=told_in,
            )
            self._last = (asked, told_in, ranked)
        return self._last[2][:limit]

    def _line(self, row: CannedReply, reason: str) -> CannedLine:
        return CannedLine(
            row.id, row.title, row.text, row.shortcut, row.stage, row.scenario, row.scope, row.lang,
            self.uses.get(row.id, 0), reason,
        )  # fmt: skip


def fill(connection: Connection, row: CannedReply, values: dict[str, dict[str, str]]) -> Filled:
    """A canned reply with these values in it. Raises template.TemplateError for a text that is no template."""
    filled = template.fill(row.text, values)
    return Filled(row.id, row.title, filled.text, tuple(filled.spans), tuple(filled.missing), tuple(filled.asks))


def values(connection: Connection, conversation: Conversation, agent_id: str, now: int) -> dict[str, dict[str, str]]:
    """What canned replies may speak of, as a customer reads it, in the conversation's language."""
    reader = Reader(connection)
    policy = timing.policy(View(reader))
    zone = policy.zone if policy else "Asia/Shanghai"
    zh = conversation.language.startswith("zh")
    pick = 0 if zh else 1
    found: dict[str, dict[str, str]] = {"customer": {}, "order": {}, "shipment": {}, "agent": {}, "shop": {}}
    customer = reader.get(Customer, conversation.customer_id)
    if customer:
        found["customer"] = {"name": customer.name, "tier": TIERS.get(customer.tier, (customer.tier,) * 2)[pick]}
    agent = reader.get(Agent, agent_id)
    if agent:
        found["agent"] = {"name": agent.name}
    order = spoken_of(connection, conversation)
    group = reader.get(Group, conversation.group_id)
    shop = (order.shop if order else "") or (group.title if group else "")
    found["shop"] = {"name": shop or ("本店" if zh else "our shop")}
    if order is None:
        return found
    lines = reader.where(OrderLine, "order_id", order.id)
    found["order"] = {
        "no": order.order_no,
        "status": STATES.get(order.status, (order.status,) * 2)[pick],
        "total": text.money(order.total, order.currency),
        "item": lines[0].title if lines else "",
        "paid_at": _moment(order.paid_at, now, zone, zh),
        "province": order.province,
    }
    parcels = reader.where(Shipment, "order_id", order.id)
    if parcels:
        newest = max(parcels, key=lambda parcel: (parcel.updated_at, parcel.id))
        trace: list[Any] = json.loads(newest.trace)
        found["shipment"] = {
            "carrier": newest.carrier,
            "tracking_no": newest.tracking_no,
            "status": PARCELS.get(newest.status, (newest.status,) * 2)[pick],
            "latest": f"{_moment(trace[-1][0], now, zone, zh)} {trace[-1][1]}" if trace else "",
        }
    return found


def spoken_of(connection: Connection, conversation: Conversation) -> Order | None:
    """The order the customer means: the one whose number was written last, else the newest."""
    orders = Reader(connection).where(Order, "customer_id", conversation.customer_id)
    if len(orders) > 1:
        told = connection.execute(
            "SELECT text FROM message WHERE conversation_id = ? AND author = 'customer' ORDER BY conv_pos DESC LIMIT 10",
            (conversation.id,),
        )
        by_number = {order.order_no: order for order in orders}
        for (words,) in told:
            for one in recognise.recognise(words):
                if one.value in by_number:
                    return by_number[one.value]
    return max(orders, key=lambda order: (order.placed_at, order.id), default=None)


def _moment(us: int | None, now: int, zone: str, zh: bool) -> str:
    if us is None:
        return ""
    return f"{text.day(us, now, zone, 'zh' if zh else 'en')} {text.clock_of_day(us, zone)}"

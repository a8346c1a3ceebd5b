"""The rows of a filled store: conversations of half a year in every state, all from one seed."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from kefu_tui.demo.shop import Shop, order_number, orders_for
from kefu_tui.demo.story import ORDER, Dialogue, Turn, invented_name
from kefu_tui.ids import derive
from kefu_tui.model.rows import Clock, Conversation, Customer, Message, Order, OrderLine, Row, Shipment, Tag
from kefu_tui.now import DAY, HOUR, MINUTE, SECOND
from kefu_tui.operations.base import ENDED
from kefu_tui.operations.order import order_id
from kefu_tui.rules import clocks

PAST = 180 * DAY
"""How far back closed conversations go."""
SHARES = (
    ("archived", 0.04),
    ("closed", 0.88),
    ("resolved", 0.035),
    ("snoozed", 0.005),
    ("open", 0.02),
    ("waiting", 0.02),
)
"""States of conversations, oldest first; at least one of each where there are enough."""
MINE = 6
"""Open conversations of the agent itself."""
PEOPLE = 0.7
"""Customers for each conversation: some come again."""
TAGS = ("催件", "退款", "尺码", "发票", "换货", "物流异常", "好评", "待回访")
ID_EPOCH_MS = 1_735_689_600_000
"""Ids count from here, so that they do not depend on when a store is filled."""


class Size(NamedTuple):
    """How much is wanted."""

    conversations: int
    messages: int
    orders: int


class Crew(NamedTuple):
    """Whose store it is, and the others: ids of agents and of the group."""

    me: str
    colleagues: Sequence[str]
    group: str


class _Ids:
    """Ids like UUIDv7 that grow, a second apart."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._ms = ID_EPOCH_MS

    def __call__(self) -> str:
        self._ms = ms = self._ms + 1000
        bits = self._chance.getrandbits(74)
        low = bits & 0xFFFFFFFFFFFF
        return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{bits >> 62:03x}-{0x8000 | bits >> 48 & 0x3FFF:04x}-{low:012x}"


class Filling:
    """Makes rows conversation by conversation, oldest first. `start` is the moment everything is counted back from."""

    def __init__(
        self,
        size: Size,
        seed: int,
        start: int,
        shop: Shop,
        dialogues: Sequence[Dialogue],
        policy: clocks.Policy,
        crew: Crew,
    ) -> None:
        self._size, self._start, self._shop, self._policy, self._crew = size, start, shop, policy, crew
        self._chance = random.Random(f"filling:{seed}")
        self._ids = _Ids(self._chance)
        self._said = _Words(shop, dialogues)
        self._people: list[Customer] = []
        self._numbers: dict[str, str] = {}
        self._orders_left = size.orders
        self._messages_left = size.messages
        self._mine_left = min(MINE, max(1, size.conversations // 10))

    def rows(self) -> Iterator[tuple[int, list[Row]]]:
        """Each conversation's number and all rows that come with it; exactly as many of each as are wanted."""
        total = self._size.conversations
        states = _states(total)
        people = max(1, round(total * PEOPLE))
        for number, (status, opened_at) in enumerate(zip(states, self._openings(states), strict=True)):
            rows: list[Row] = []
            fresh = len(self._people) < people and (
                not self._people or people - len(self._people) >= total - number or self._chance.random() < PEOPLE
            )
            customer = self._newcomer(opened_at, rows) if fresh else self._chance.choice(self._people)
            share = self._orders_left / max(1, total - number)
            wanted = self._orders_left if number == total - 1 else int(share + self._chance.random())
            self._bring_orders(customer, wanted, opened_at, rows)
            self._conversation(customer, status, opened_at, self._length(total - number), number + 1, rows)
            yield number + 1, rows

    def _openings(self, states: Sequence[str]) -> Iterator[int]:
        """When each conversation begins: past ones in service hours, what is alive within the last day."""
        ended = sum(status in ("archived", "closed") for status in states)
        begun = self._start - PAST
        for place in range(ended):
            days, part = divmod(place * 178 / max(1, ended), 1)
            midnight = (begun // DAY + int(days)) * DAY
            yield midnight + HOUR + int(part * 12 * HOUR) + self._chance.randrange(MINUTE)  # 09:00 to 21:00 there
        alive = len(states) - ended
        for place in range(alive):
            yield self._start - 23 * HOUR + int((place + self._chance.random()) / alive * 22.9 * HOUR)

    def _length(self, left: int) -> int:
        """How many messages the next conversation gets, so that all come out even."""
        if left == 1:
            length = self._messages_left
        else:
            fair = self._messages_left / left
            length = max(1, min(self._messages_left - (left - 1), round(fair * self._chance.uniform(0.3, 1.7))))
        self._messages_left -= length
        return length

    def _newcomer(self, at: int, rows: list[Row]) -> Customer:
        external = f"practice-{len(self._people) + 1}"
        customer = Customer(
            id=derive("customer", "web", external),
            channel="web",
            external_id=external,
            name=invented_name(self._chance),
            locale="zh",
            tier=self._chance.choice(("new", "new", "regular", "regular", "regular", "returning", "vip")),
            first_seen_at=at,
            version=1,
        )
        self._people.append(customer)
        rows.append(customer)
        return customer

    def _bring_orders(self, customer: Customer, count: int, at: int, rows: list[Row]) -> None:
        for order in orders_for(self._shop, self._chance, customer.external_id, at, count=count) if count else ():
            self._orders_left -= 1
            self._numbers.setdefault(customer.id, order.order_no)
            id = order_id(order.shop, order.order_no)
            told = {key: getattr(order, key) for key in Order.__struct_fields__ if hasattr(order, key)}
            rows.append(Order(id=id, customer_id=customer.id, version=1, **told))
            for place, line in enumerate(order.lines):
                values = msgspec.structs.asdict(line)
                rows.append(OrderLine(id=derive(id, "line", str(place)), order_id=id, version=1, **values))
            for parcel in order.parcels:
                values = msgspec.structs.asdict(parcel)
                values["trace"] = msgspec.json.encode(parcel.trace).decode()
                rows.append(Shipment(id=derive(id, "parcel", parcel.tracking_no), order_id=id, version=1, **values))

    def _conversation(
        self, customer: Customer, status: str, opened_at: int, length: int, version: int, rows: list[Row]
    ) -> None:
        chance, crew = self._chance, self._crew
        id = self._ids()
        agent: str | None = None
        if status == "open" and self._mine_left:
            agent, self._mine_left = crew.me, self._mine_left - 1
        elif status != "waiting" or chance.random() < 0.6:
            agent = chance.choice([crew.me, *crew.colleagues] if status in ENDED else crew.colleagues)
        unanswered = 0
        if status in ("open", "waiting") and (
            agent is None or length == 1 or chance.random() < 0.4 or (agent == crew.me and self._mine_left % 3 == 0)
        ):
            unanswered = length if agent is None or length < 3 else chance.randint(1, min(3, length - 2))
        kind, turns = self._said.kind_and_turns(chance, self._numbers.get(customer.id))
        lines = self._lines(id, customer, agent, turns, opened_at, length, unanswered, version)
        rows.extend(lines)
        last = lines[-1]
        ended_at = min(last.at + 5 * MINUTE, self._start) if status in ENDED else None
        running = self._clocks(id, lines, unanswered, ended_at, version, rows)
        first = min(running, key=lambda clock: (clock.due_at or 0, clock.id), default=None)
        rows.append(
            Conversation(
                id=id,
                customer_id=customer.id,
                channel=customer.channel,
                group_id=crew.group,
                kind=kind,
                priority=2 if customer.tier == "vip" else 3,
                status=status,
                assignee_id=None if status == "waiting" else agent,
                owner_id=agent,
                language="zh",
                opened_at=opened_at,
                last_at=last.at,
                last_pos=length,
                preview=last.text[:120],
                unanswered=unanswered,
                waiting_since=lines[-unanswered].at if unanswered else None,
                snoozed_until=self._start + chance.randint(1, 48) * HOUR if status == "snoozed" else None,
                resolved_at=ended_at,
                due_kind=first.kind if first else None,
                due_from=first.started_at if first else None,
                soon_at=first.soon_at if first else None,
                warn_at=first.warn_at if first else None,
                due_at=first.due_at if first else None,
                version=version,
            )
        )
        if chance.random() < 0.12:
            name = chance.choice(TAGS)
            by = agent or crew.me
            rows.append(
                Tag(id=derive(id, "tag", name), conversation_id=id, name=name, by_id=by, at=last.at, version=version)
            )

    def _lines(
        self, id: str, customer: Customer, agent: str | None, turns: Iterator[Turn], at: int, length: int,
        unanswered: int, version: int,
    ) -> list[Message]:  # fmt: skip
        chance, ids = self._chance, self._ids
        number = self._numbers.get(customer.id) or order_number(chance)
        # What has ended took its time; what is alive must not reach into the time to come.
        ended = at < self._start - DAY
        most = 90 * SECOND if ended else max(SECOND, min(90 * SECOND, (self._start - at) // (length + 1)))
        lines: list[Message] = []
        for place in range(1, length + 1):
            answer = length - unanswered
            party = "customer" if place > answer else "agent" if place == answer > 1 else ""
            turn = next(one for one in turns if party in ("", one.party))
            customers = turn.party == "customer"
            key = ids()
            note = not customers and not party and place > 3 and chance.random() < 0.06
            lines.append(
                Message(
                    id=key,
                    conversation_id=id,
                    conv_pos=place,
                    author="customer" if customers else "agent",
                    author_id=customer.id if customers else agent,
                    kind="note" if note else "text",
                    text=self._said.note(chance) if note else self._said.varied(chance, turn, number),
                    at=at,
                    state="received" if customers else "kept" if note else "sent",
                    op_id=key,
                    version=version,
                )
            )
            at += chance.randrange(most // 8, most) + 1
        return lines

    def _clocks(
        self, id: str, lines: Sequence[Message], unanswered: int, ended_at: int | None, version: int, rows: list[Row]
    ) -> list[Clock]:
        """Response and resolution clocks as the rules give them; returns those that run."""
        answered_at = next((line.at for line in lines if line.author == "agent" and line.kind == "text"), None)
        opened = lines[0]
        wanted = [("first_response_chat", opened, answered_at or ended_at), ("resolution", opened, ended_at)]
        if unanswered and answered_at is not None:
            wanted.append(("next_response", lines[-unanswered], None))
        running: list[Clock] = []
        for kind, cause, stopped_at in wanted:
            due = clocks.due(self._policy, kind, cause.at)
            late = stopped_at is not None and due.due_at is not None and stopped_at > due.due_at
            clock = Clock(
                id=derive(id, kind, cause.id),
                conversation_id=id,
                kind=kind,
                started_at=cause.at,
                soon_at=due.soon_at,
                warn_at=due.warn_at,
                due_at=due.due_at,
                stopped_at=stopped_at,
                outcome="running" if stopped_at is None else "breached" if late else "met",
                version=version,
            )
            rows.append(clock)
            if stopped_at is None:
                running.append(clock)
        return running


class _Words:
    """What is said: dialogues of our own story one after another, varied by articles, places and numbers."""

    def __init__(self, shop: Shop, dialogues: Sequence[Dialogue]) -> None:
        self._with_order = [one for one in dialogues if one.locale == "zh" and one.order]
        self._without = [one for one in dialogues if one.locale == "zh" and not one.order]
        self._products = [product.title for product in shop.products]
        self._places = shop.provinces

    def kind_and_turns(self, chance: random.Random, number: str | None) -> tuple[str, Iterator[Turn]]:
        """What a conversation is about, and its turns without end; `number` is an order that the customer has."""
        known = self._with_order if number else self._without
        first = chance.choice(known)

        def turns() -> Iterator[Turn]:
            dialogue = first
            while True:
                yield from dialogue.turns
                dialogue = chance.choice(known)

        return first.kind, turns()

    def varied(self, chance: random.Random, turn: Turn, number: str) -> str:
        """The text of a turn as this customer or this agent says it."""
        text = turn.text.replace(ORDER, number)
        what = chance.random()
        if turn.party == "agent" or what > 0.3 or ORDER in turn.text:
            return text
        if what < 0.15:
            return f"{text}，{chance.choice(self._products)}"
        if what < 0.25:
            return f"{text}，寄到{chance.choice(self._places)}的，{chance.randint(2, 30)}号下的单"
        return f"{text} 订单 {number}"

    def note(self, chance: random.Random) -> str:
        """Something for colleagues."""
        return f"{chance.choice(self._places)}件，已让仓库核对 {chance.choice(self._products)}"


def _states(total: int) -> list[str]:
    """The states of so many conversations, oldest first."""
    counts = {status: max(1, round(total * share)) for status, share in SHARES}
    counts["waiting"] = max(min(4, total), counts["waiting"])
    counts["open"] = max(min(3, total), counts["open"])
    states = [status for status, count in counts.items() if status != "closed" for _ in range(count)]
    closed = max(0, total - len(states))
    found = ["archived"] * counts["archived"] + ["closed"] * closed + [one for one in states if one != "archived"]
    return found[-total:]

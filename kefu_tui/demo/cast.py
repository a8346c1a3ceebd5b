"""Who comes to the demo shop and when: arrivals from a seed, and who is behind which conversation."""

import hashlib
import json
import random
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kefu_tui.demo.shop import Shop, orders_for
from kefu_tui.demo.story import ORDER, Dialogue, Turn
from kefu_tui.now import Now
from kefu_tui.operations.order import ShopOrder

BUSY = 0.5
"""Share of their time that agents are kept writing."""
MOST_LINES = 12.0
"""Lines in a second of real time, all parties together: what one small machine takes with ease."""


class Arrival(NamedTuple):
    """A customer who comes `at` (seconds of the story) and goes through its dialogue, with its orders."""

    number: int
    at: float
    dialogue: Dialogue
    orders: tuple[ShopOrder, ...]

    @property
    def texts(self) -> list[str]:
        """What the customer writes, in order."""
        return [turn.text for turn in self.dialogue.turns if turn.party == "customer"]


def arrivals(
    dialogues: Sequence[Dialogue], shop: Shop, seed: int, now: Now, gap: float, first: int = 1
) -> Iterator[Arrival]:
    """Customers without end: `first` of them at once, then one every `gap` seconds of the story on average.

    The same seed brings the same customers with the same words; only the times of their orders follow `now`.
    """
    chance = random.Random(f"arrivals:{seed}")
    at, number = 0.0, 0
    while True:
        for dialogue in chance.sample(dialogues, len(dialogues)):
            yield _arrival(dialogue, shop, random.Random(f"{seed}:{number}"), now(), number, round(at, 2))
            number += 1
            at += chance.uniform(0.5, 2.0) if number < first else chance.expovariate(1 / gap)


def within(coming: Iterable[Arrival], seconds: float) -> list[Arrival]:
    """Those who come and would finish within so many seconds of the story; at least the first."""
    chosen: list[Arrival] = []
    for one in coming:
        if one.at > seconds:
            break
        if not chosen or one.at + one.dialogue.seconds <= seconds:
            chosen.append(one)
    return chosen


def gap_for(dialogues: Sequence[Dialogue], agents: int, speed: float) -> float:
    """Seconds of the story between customers, so that this many agents keep up and a small machine does too."""
    work = sum(turn.after for one in dialogues for turn in one.turns if turn.party == "agent") / len(dialogues)
    lines = sum(len(one.turns) for one in dialogues) / len(dialogues)
    return max(1.0, work / (agents * BUSY), lines / MOST_LINES * speed)


def digest(coming: Iterable[Arrival], sent: dict[int, list[str]]) -> str:
    """What was written, as 16 hex digits: the same for the same customers with the same words in the same order."""
    told = [[one.number, one.dialogue.key, sent.get(one.number, [])] for one in coming]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


class Cast:
    """Which conversation belongs to which customer; agents ask, customers tell, each in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._roles: dict[str, Arrival] = {}

    def enter(self, conversation_id: str, arrival: Arrival) -> None:
        """A customer's message went into this conversation."""
        with self._lock:
            self._roles[conversation_id] = arrival

    def behind(self, conversation_id: str) -> Arrival | None:
        """The customer of a conversation, or None for somebody who is not of the demo."""
        with self._lock:
            return self._roles.get(conversation_id)


def _arrival(dialogue: Dialogue, shop: Shop, chance: random.Random, now: int, number: int, at: float) -> Arrival:
    orders: tuple[ShopOrder, ...] = ()
    if dialogue.order or any(ORDER in turn.text for turn in dialogue.turns):
        count = chance.choice((1, 1, 2, 3))
        orders = tuple(orders_for(shop, chance, "", now, kind=dialogue.kind, count=count, lang=dialogue.locale))
        number_of = orders[0].order_no
        turns = tuple(Turn(turn.after, turn.party, turn.text.replace(ORDER, number_of)) for turn in dialogue.turns)
        dialogue = dialogue._replace(turns=turns)
    return Arrival(number, at, dialogue, orders)

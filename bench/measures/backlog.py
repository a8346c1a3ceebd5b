"""What an agent did without a network for very long, sent at once."""

import time

from bench.figures import Figure
from bench.ground import Ground
from bench.measures.load import served
from kefu_tui.desk.level import sync_once

CONVERSATIONS, MESSAGES, OPERATIONS = 500, 2, 10_000


def measure(ground: Ground) -> list[Figure]:
    """Notes on many conversations; the backend as a process of its own, HTTP over loopback, an encrypted store."""
    with served(CONVERSATIONS, MESSAGES) as desk:
        sync_once(desk)
        ids = desk.queue_ids("all", CONVERSATIONS)
        for number in range(OPERATIONS):
            desk.note(ids[number % len(ids)], f"备注 {number}：顾客说周五以后才在家，改约周六上午送。").result()
        begun = time.perf_counter()
        sync_once(desk)
        seconds = time.perf_counter() - begun
        assert not desk.status().pending
    return [Figure(f"backlog of {OPERATIONS:,} operations sent and acknowledged", seconds, "s", "≤ 30")]

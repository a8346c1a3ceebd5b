"""What a screen reads on its event loop: the queue's rows, a thread, the offered reply."""

import time
from collections.abc import Callable

from bench.figures import Figure, spread
from bench.ground import Ground, desk_at

TIMES = 40


def measure(ground: Ground) -> list[Figure]:
    """Each read many times over on different conversations."""
    with desk_at(ground.home()) as desk:
        ids = desk.queue_ids("work", 200)
        desk.offer(ids[0])
        figures = []
        reads: dict[str, Callable[[str], object]] = {
            "queue ids, 2,000": lambda id: desk.queue_ids("work"),
            "queue rows, 40": lambda id: desk.queue_rows(ids[:40]),
            "head and thread": lambda id: (desk.head(id), desk.thread(id)),
            "orders": lambda id: desk.orders(desk.head(id).customer_id),  # type: ignore[union-attr]
            "offered reply": desk.offer,
            "timers": lambda id: desk.timers(),
            "counts of work and all": lambda id: (desk.queue_count("work"), desk.queue_count("all")),
            "next for me": desk.next_for_me,
            "me and status": lambda id: (desk.me(), desk.status()),
        }
        for name, read in reads.items():
            samples = []
            for place in range(TIMES):
                begun = time.perf_counter()
                read(ids[place % len(ids)])
                samples.append((time.perf_counter() - begun) * 1e3)
            figures += [one for one in spread(f"read: {name}", samples, "ms") if one.name.endswith(("p50", "p99"))]
    return figures

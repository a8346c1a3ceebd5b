"""Operations one after another at a desk, each timed to its commit."""

import time

from kefu_tui.desk import Desk, Refusal

ROUNDS = 40


def commits(desk: Desk) -> list[float]:
    """Milliseconds of notes, tags, replies and untags, each until it is on the disk."""
    mine = desk.queue_ids("mine")
    samples = []
    for place in range(ROUNDS):
        id = mine[place % len(mine)]
        for verb, text in (
            (desk.note, f"记一下 {place}"),
            (desk.tag, f"标签 {place}"),
            (desk.reply, f"您好，这是第 {place} 条回复，我马上为您查。"),
            (desk.untag, f"标签 {place}"),
        ):
            begun = time.perf_counter()
            done = verb(id, text).result()
            samples.append((time.perf_counter() - begun) * 1e3)
            assert not isinstance(done, Refusal), done
    return samples

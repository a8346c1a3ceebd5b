"""Filtering 5,000 canned replies with every key of a query."""

import time

from bench.figures import Figure, spread
from bench.ground import Ground
from bench.phrases import PHRASES, phrases
from kefu_tui.rules.search import PhraseKey, rank

QUERIES = (
    "wlzt",
    "fapiao",
    "退款多久",
    "th",
    "refund",
    "wuliu",
    "尺码",
    "x",
    "您好",
    "发票 开",
)
SLIPS = ("wuliv", "tuikaun", "refnud")
ROUNDS = 5


def measure(ground: Ground) -> list[Figure]:
    """By shortcut, pinyin, initials, Chinese and English, as it is typed."""
    keys = [PhraseKey(row.title + end, row.text, row.shortcut, row.pinyin, row.initials, 0) for end, row in phrases()]
    samples = []
    for query in QUERIES * ROUNDS:
        for length in range(1, len(query) + 1):
            begun = time.perf_counter()
            rank(query[:length], keys)
            samples.append((time.perf_counter() - begun) * 1e3)
    slips = []
    for query in SLIPS * ROUNDS:
        begun = time.perf_counter()
        rank(query, keys, slips=True)
        slips.append((time.perf_counter() - begun) * 1e3)
    return spread(f"replies: a slip of the fingers in {PHRASES:,}", slips, "ms") + spread(
        f"replies: filter {PHRASES:,} with a key", samples, "ms", p99="≤ 3"
    )

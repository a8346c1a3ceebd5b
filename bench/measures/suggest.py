"""Ranking 5,000 canned replies by what a customer just said."""

import time

from bench.figures import Figure, spread
from bench.ground import Ground
from bench.phrases import PHRASES, phrases
from kefu_tui.demo.story import load
from kefu_tui.rules.suggest import Phrase, suggest

MOST = 200


def measure(ground: Ground) -> list[Figure]:
    """For every line that a customer of our own story writes."""
    known = [
        Phrase(
            row.id + end, row.title + end, row.text, row.stage, row.scenario, tuple(row.when_words.split()), 0, row.lang
        )
        for end, row in phrases()
    ]
    told = [(one.locale, turn.text) for one in load(None, 1) for turn in one.turns if turn.party == "customer"][:MOST]
    samples = []
    for lang, text in told:
        begun = time.perf_counter()
        suggest(text, known, has_order=True, stage="answer", lang=lang)
        samples.append((time.perf_counter() - begun) * 1e3)
    return spread(f"suggest among {PHRASES:,}", samples, "ms", p99="≤ 20")

"""Recognising numbers in what customers write."""

import time

from bench.figures import Figure, spread
from bench.ground import Ground
from kefu_tui.demo.story import load
from kefu_tui.rules.recognise import recognise

NUMBERS = (
    "订单 126036803257340376 到哪了",
    "SF1385628716739",
    "电话13812341234，单号 78435837618352",
    "退款编号：123456789012345",
)
ROUNDS = 20


def measure(ground: Ground) -> list[Figure]:
    """Lines of our own story, and some that are full of numbers."""
    texts = [turn.text for one in load(None, 1) for turn in one.turns] + list(NUMBERS) * 20
    samples = []
    for text in texts * ROUNDS:
        begun = time.perf_counter()
        recognise(text)
        samples.append((time.perf_counter() - begun) * 1e6)
    return spread("recognise a message", samples, "µs")

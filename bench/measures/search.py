"""Search in everything, by a fixed list of queries: single characters, pairs, phrases of common ones, conditions."""

import time

from bench.figures import Figure, spread
from bench.ground import Ground, desk_at
from kefu_tui.screens.search import FRAME, PAGE

QUERIES = (
    "的", "我", "发", "是", "a", "1", "发货", "快递", "我的", "什么", "您好", "没有", "订单", "什么时候", "怎么还没",
    "怎么还没到", "能不能", "可以吗", "包装特别用心", "预计两小时内回复", "退货运费", "refund", "3287", "1263458",
    "zzzz", "我的 快递", "退款 银行卡", "的 了 我 你", "tag:急", "kind:complaint", "快递 from:王", "发货 before:今天",
    "退 status:open", "is:late", "，",
)  # fmt: skip
ROUNDS = 6


def measure(ground: Ground) -> list[Figure]:
    """Each query some times over, the first time cold; the whole answer as the screen gets it."""
    with desk_at(ground.home()) as desk:
        begun, many = time.perf_counter(), 0
        while step := desk.finding.index(5000).result():
            many += step
        filled = time.perf_counter() - begun
        desk.canned("x", None)
        samples: list[float] = []
        whole: list[float] = []
        worst: dict[str, float] = {}
        for _ in range(ROUNDS):
            for query in QUERIES:
                begun = time.perf_counter()
                found = desk.finding.find(query, PAGE, FRAME)
                took = (time.perf_counter() - begun) * 1e3
                samples.append(took)
                if found.partial and len(found.hits) < PAGE:
                    begun = time.perf_counter()
                    desk.finding.find(query, PAGE)
                    took = (time.perf_counter() - begun) * 1e3
                whole.append(took)
                worst[query] = max(worst.get(query, 0.0), took)
    figures = spread("search, first page", samples, "ms", p99="≤ 10")
    slowest = max(worst, key=lambda query: worst[query])
    figures += spread("search, whole answer", whole, "ms")
    figures.append(Figure(f"search, slowest: {slowest}", worst[slowest], "ms"))
    if many:
        figures.append(Figure("search, texts indexed", many / filled, "/s"))
    return figures

"""An operation, commit included, in an encrypted store."""

from bench.figures import Figure, spread
from bench.ground import Ground, desk_at
from bench.operations import commits


def measure(ground: Ground) -> list[Figure]:
    """On a copy of the filled store."""
    with ground.copy() as home, desk_at(home) as desk:
        return spread("operation, encrypted", commits(desk), "ms", p99="≤ 10")

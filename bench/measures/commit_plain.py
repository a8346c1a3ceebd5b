"""An operation, commit included, in a store without encryption: what the encryption costs."""

from bench.figures import Figure, spread
from bench.ground import Ground, desk_of
from bench.operations import commits


def measure(ground: Ground) -> list[Figure]:
    """On an unencrypted copy of the filled store."""
    with ground.plain() as path, desk_of(path) as desk:
        return spread("operation, plain", commits(desk), "ms")

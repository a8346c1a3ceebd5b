"""What a measurement gives: figures with their unit and target, or why there are none."""

from collections.abc import Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """One number of the table. `target` is what it should be, '' where it only stands beside another."""

    name: str
    value: float
    unit: str
    target: str = ""


class Skipped(Exception):
    """This cannot be measured here; the message says why."""


def spread(name: str, samples: Sequence[float], unit: str, **targets: str) -> list[Figure]:
    """The p50, p95, p99 and largest of samples; targets by these names."""
    ordered = sorted(samples)
    places = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return [
        Figure(f"{name} {label}", at(ordered, share), unit, targets.get(label, "")) for label, share in places.items()
    ]


def at(ordered: Sequence[float], share: float) -> float:
    """The sample below which this share lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

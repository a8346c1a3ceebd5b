"""Figures about routing: how fairly work was given, and the place in the line as a customer reads it."""

from collections.abc import Sequence
from typing import NamedTuple

from kefu_tui.now import HOUR, MINUTE


class Fairness(NamedTuple):
    """How evenly work was given to agents, each by the time on shift. Even work is 1, 1, 0."""

    an_hour: float
    """The mean of what an agent was given in an hour on shift."""
    most: float
    """The highest over the mean."""
    least: float
    """The lowest over the mean."""
    gini: float
    """The Gini coefficient: 0 all the same, towards 1 one has all."""

    def within(self, most: float, least: float, gini: float) -> bool:
        """Whether it keeps bounds."""
        return self.most <= most and self.least >= least and self.gini <= gini


def fairness(taken: Sequence[float], minutes: Sequence[float]) -> Fairness:
    """How evenly work (a count, or its weight) was given for minutes on shift; who was never on shift does not count.

    Compare agents who could have had the same: of one shift, line and set of skills. Raises ValueError for lists that
    do not go together.
    """
    rates = sorted(count / time for count, time in zip(taken, minutes, strict=True) if time > 0)
    total = sum(rates)
    if not total:
        return Fairness(0.0, 1.0, 1.0, 0.0)
    size = len(rates)
    mean = total / size
    gini = sum((2 * place - size - 1) * rate for place, rate in enumerate(rates, 1)) / (size * total)
    return Fairness(mean * (HOUR // MINUTE), rates[-1] / mean, rates[0] / mean, gini)


def holding_text(position: int, lang: str) -> str:
    """The place in the waiting line (from 1) as a customer reads it: figures alone, no time is promised."""
    before = max(0, position - 1)
    if lang == "en":
        ahead = "Nobody is" if before == 0 else "1 customer is" if before == 1 else f"{before} customers are"
        return f"{ahead} ahead of you in the line."
    return f"您前面还有 {before} 位在等候。" if before else "您前面没有其他人在等候。"

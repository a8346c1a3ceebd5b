"""Desks, backend and adversary as a state machine: a history that breaks an invariant shrinks to the shortest one that does."""

import os
import pathlib
import random
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from kefu_tui.now import HOUR, MINUTE, SECOND
from tests.sync import invariants
from tests.sync.world import World

RUNS = int(os.environ.get("KEFU_SYNC_RUNS", "12"))
CHANCE = st.integers(0, 1 << 32)
"""A seed for what is chosen inside a step; drawing each choice by itself would prefer the simplest, and little would happen."""


class Histories(RuleBasedStateMachine):
    """Whatever happens in whatever order: nothing lost, nothing doubled, and everything level once it is quiet."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kefu-machine-")
        self.world = World(pathlib.Path(self._folder.name), 0)
        self.copied = False

    @rule(chance=CHANCE, many=st.integers(1, 8))
    def something_happens(self, chance: int, many: int) -> None:
        self.world.random = random.Random(chance)
        for _ in range(many):
            invariants.always(self.world, self.world.step())

    @rule(chance=CHANCE, many=st.integers(1, 8), who=st.integers(0, 2))
    def an_agent_works_offline(self, chance: int, many: int, who: int) -> None:
        self.world.random = random.Random(chance)
        for _ in range(many):
            self.world.agent_acts(self.world.desks[who])
        invariants.always(self.world, self.world.desks[who])

    @rule(chance=CHANCE, many=st.integers(1, 4))
    def customers_write(self, chance: int, many: int) -> None:
        self.world.random = random.Random(chance)
        for _ in range(many):
            self.world.customer_writes()

    @rule(passes=st.sampled_from((SECOND, MINUTE, HOUR)))
    def time_passes(self, passes: int) -> None:
        self.world.time += passes

    @rule(kept=st.sampled_from((0, MINUTE, HOUR)))
    def removals_are_forgotten(self, kept: int) -> None:
        self.world.forget(kept)

    @rule()
    def backend_is_copied(self) -> None:
        self.world.back_up()
        self.copied = True

    @precondition(lambda self: self.copied)
    @rule()
    def older_copy_comes_back(self) -> None:
        self.world.restore()

    @rule()
    def becomes_quiet(self) -> None:
        self.world.heal()
        invariants.always(self.world)
        invariants.level(self.world)
        self.world.quiet = False

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.heal()
            invariants.always(self.world)
            invariants.level(self.world)
        finally:
            self.world.close()
            self._folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=RUNS, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)

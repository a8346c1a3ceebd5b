"""`python -m bench.soak`: many seeded runs with faults; a violation prints its seed and plan and keeps the folder."""

import argparse
import contextlib
import pathlib
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence

from bench.soak import scorecard, worlds
from bench.soak.checks import Violation
from bench.soak.processes import Run, fault_numbers
from bench.soak.scorecard import Card, Result
from kefu_tui.store.engine import StoreError
from tests.postgres import NOT_HERE, Cluster, cluster


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs seed after seed until the last, or until time is up; 1 when something did not hold."""
    parse = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parse.add_argument(
        "--kind", choices=("processes", "worlds"), default="processes", help="real processes, or virtual time"
    )
    parse.add_argument("--runs", type=int, default=10, help="how many")
    parse.add_argument("--first", type=int, default=0, help="the first seed")
    parse.add_argument("--seconds", type=float, default=12.0, help="of each run with processes, before it is healed")
    parse.add_argument("--desks", type=int, default=8, help="of each run with processes")
    parse.add_argument(
        "--database", choices=("sqlite", "postgres", "both"), default="sqlite", help="of the backend; both by turns"
    )
    parse.add_argument("--workers", type=int, default=4, help="processes of the backend on PostgreSQL")
    parse.add_argument("--steps", type=int, default=worlds.STEPS, help="of each history in virtual time")
    parse.add_argument("--until", type=float, default=float("inf"), help="no new run after so many seconds")
    parse.add_argument(
        "--card", type=pathlib.Path, help="the scorecard that is written, docs/sync-scorecard.md as a rule"
    )
    parse.add_argument("--results", type=pathlib.Path, help="a file that results are added to; those in it count too")
    given = parse.parse_args(arguments)
    begun = time.monotonic()
    card = Card(given.results)
    before = len(card.results)
    with contextlib.suppress(KeyboardInterrupt), _cluster(given.database) as there:
        if there is None and given.database != "sqlite":
            parse.error(NOT_HERE)
        for seed in range(given.first, given.first + given.runs):
            if time.monotonic() - begun > given.until:
                break
            _one(given, seed, card, there)
            print(f"\r{card.line()}", end="", file=sys.stderr, flush=True)
    failed = any(result.violation for result in card.results[before:])
    card.again()
    print(file=sys.stderr)
    print(card.line())
    if given.card:
        scorecard.write(given.card, card)
    return 1 if failed else 0


def _cluster(database: str) -> contextlib.AbstractContextManager[Cluster | None]:
    return cluster() if database != "sqlite" else contextlib.nullcontext()


def _one(given: argparse.Namespace, seed: int, card: Card, there: Cluster | None) -> None:
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"kefu-soak-{seed}-"))
    again = f"python -m bench.soak --kind {given.kind} --first {seed} --runs 1"
    faults: Counter[str] = Counter()
    figures: dict[str, float] = {}
    plan: list[str] = []
    kind, violation = "virtual time", ""
    begun = time.monotonic()
    try:
        if given.kind == "worlds":
            again += f" --steps {given.steps}"
            faults = worlds.run(seed, given.steps, folder)
        else:
            again += f" --seconds {given.seconds:g} --desks {given.desks} --database {given.database}"
            on = there if given.database == "postgres" or seed % 2 else None
            kind = f"PostgreSQL with {given.workers} workers" if on else "SQLite"
            run = Run(folder, seed, given.seconds, given.desks, on, given.workers)
            plan, figures = run.plan, run.figures
            try:
                run.go()
            finally:
                faults = fault_numbers(run.faults)
    except (Violation, AssertionError, StoreError) as error:
        violation = f"{type(error).__name__}: {error}"
        print(f"\nseed {seed}: {violation}\nplan: {'; '.join(plan)}\nagain: {again}\nkept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    met = {name: many for name, many in sorted(faults.items()) if many}
    figures = {name: round(value, 1) for name, value in figures.items()}
    seconds = round(time.monotonic() - begun, 1)
    card.add(Result(seed, kind, seconds, met, figures, violation, scorecard.code(), scorecard.program()))


if __name__ == "__main__":
    sys.exit(main())

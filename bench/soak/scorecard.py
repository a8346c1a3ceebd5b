"""What a soak has to show: how many runs, which faults, what did not hold; written as a page of the documents."""

import datetime
import os
import pathlib
import platform
from collections import Counter

import sqlcipher3

import kefu_tui
from bench.soak.checks import CHECKED
from bench.soak.processes import EVENTS
from bench.soak.proxy import FAULTS

NAMES = {
    "F1": "kill -9 of a desk, at random and at its write boundaries", "F2": "kill -9 of the backend, likewise",
    "F3": "request or answer lost, or cut at a byte", "F4": "a request delivered again, at the same time",
    "F5": "a late copy of a request, an answer of before", "F6": "slow link, byte by byte", "F7": "black hole",
    "F8": "stream held back or closed at once", "F9": "a desk's clock wrong by an hour or ten years", "F10": "disk full",
    "F11": "I/O error", "F12": "power loss", "F13": "store damaged", "F14": "backend ended and started again",
    "F15": "an older copy of the backend comes back", "F16": "PostgreSQL fails over", "F17": "token worthless",
    "F18": "huge backlog", "F19": "poison operation", "F20": "poison change", "F21": "a second process on one home",
    "F22": "store copied", "F23": "another schema", "F24": "a group lost and got again", "F25": "pokes lost",
    "F26": "deadlock, pool exhausted", "F27": "desk frozen and woken", "F28": "killed in the middle of a snapshot",
    "F29": "snapshot part damaged", "F30": "compaction between pages",
}  # fmt: skip
ELSEWHERE = {
    "F12": "tests/store/test_kills.py",
    "F18": "bench",
    "F19": "tests/backend/test_sync_api.py",
    "F23": "tests/store/test_migrate.py",
}
"""Faults that a test tries, not the soak."""


class Card:
    """Counts."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        """Runs by the database of the backend."""
        self.runs = 0
        self.seconds = 0.0
        self.faults: Counter[str] = Counter()
        self.violations: list[str] = []
        self.plan: list[str] = []
        self.sums: Counter[str] = Counter()
        self.most: dict[str, float] = {}

    def measured(self, figures: dict[str, float]) -> None:
        """Figures of a run: counts are added up, of measures the largest is kept."""
        for name, value in figures.items():
            if name in ("operations", "sent", "customers' messages"):
                self.sums[name] += int(value)
            else:
                self.most[name] = max(self.most.get(name, 0), value)

    def ended(self, faults: Counter[str], seconds: float) -> None:
        """A run is over."""
        self.runs += 1
        self.seconds += seconds
        self.faults.update(faults)

    def line(self) -> str:
        """All of it in a line."""
        done = ", ".join(f"{name} {many}" for name, many in sorted(self.faults.items()) if many)
        sums = ", ".join(f"{many} {name}" for name, many in self.sums.items())
        most = ", ".join(f"{name} ≤ {value:.1f}" for name, value in self.most.items())
        return f"{self.runs} runs, {self.seconds:.0f} s, {len(self.violations)} violations; {sums}; {most}; {done}"


def write(path: pathlib.Path, card: Card) -> None:
    """Writes the page anew."""
    known = {*FAULTS.values(), *EVENTS.values()}
    rows = []
    for number, name in NAMES.items():
        many = (
            str(card.faults[number])
            if number in known
            else f"in {ELSEWHERE[number]}"
            if number in ELSEWHERE
            else "not yet"
        )
        rows.append(f"| {number} | {name} | {many} |")
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    versions = f"kefu {kefu_tui.__version__}, SQLite {sqlcipher3.sqlite_version}"
    told = [
        "# Scorecard of sync",
        "",
        "Written by `make soak` itself: real processes (a backend, desks with encrypted stores, a channel's own server)",
        "behind a proxy that does its worst, killed, frozen, copied and damaged by a seed; then healed, and judged from the files.",
        "",
        f"- {datetime.datetime.now(datetime.UTC):%Y-%m-%d}; {machine}; {versions}",
        f"- **{card.runs} runs, {len(card.violations)} violations**, {card.seconds / 60:.0f} minutes; "
        + ", ".join(f"{many:,} {name}" for name, many in card.sums.items()),
        "- backends: " + ", ".join(f"{many} runs on {kind}" for kind, many in card.kinds.items()),
        "- largest: " + ", ".join(f"{name} {value:.1f}" for name, value in card.most.items()),
        f"- invariants looked at: {', '.join(CHECKED)}",
        "",
        "| fault | what | times met |",
        "| --- | --- | --- |",
        *rows,
        "",
        *(["## Violations", "", *(f"- {one}" for one in card.violations), ""] if card.violations else []),
    ]
    path.write_text("\n".join(told), encoding="utf-8")

"""What a soak has to show: how many runs, which faults, what did not hold; written as a page of the documents."""

import dataclasses
import datetime
import hashlib
import json
import os
import pathlib
import platform
import textwrap
from collections import Counter
from collections.abc import Sequence

import sqlcipher3

import kefu_tui
from bench.ground import ROOT
from bench.soak.checks import CHECKED
from bench.soak.processes import EVENTS, GIVEN
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
COUNTS = ("operations", "sent", "customers' messages")
"""Figures of a run that are added up."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What one run came to; a line of JSON where results are kept."""

    seed: int
    kind: str
    """What the backend was on, or that the run was in virtual time."""
    seconds: float
    faults: dict[str, int]
    """By the number of the fault list."""
    figures: dict[str, float]
    violation: str = ""
    code: str = ""
    """Which sources ran: the first digits of the hash over all of them."""
    program: str = ""
    """Likewise of the program alone, without the soak; empty in results of before this was written down."""


class Card:
    """Results of runs, those of before included."""

    def __init__(self, kept: pathlib.Path | None = None) -> None:
        self._kept = kept
        self.results: list[Result] = []
        self.again()

    def again(self) -> None:
        """Reads what is kept: others may add to it at the same time."""
        if self._kept is not None and self._kept.exists():
            self.results = [Result(**json.loads(line)) for line in self._kept.read_text("utf-8").splitlines()]

    def add(self, result: Result) -> None:
        """One more, kept at once."""
        self.results.append(result)
        if self._kept is not None:
            with self._kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(dataclasses.asdict(result), ensure_ascii=False) + "\n")

    @property
    def violations(self) -> list[str]:
        """What did not hold, with its seed."""
        return [f"seed {one.seed} ({one.kind}, {one.code}): {one.violation}" for one in self.results if one.violation]

    @property
    def unbroken(self) -> int:
        """How many runs there were since the last one that did not hold."""
        broken = [place for place, one in enumerate(self.results, 1) if one.violation]
        return len(self.results) - max(broken, default=0)

    @property
    def faults(self) -> Counter[str]:
        """How often each was met."""
        found: Counter[str] = Counter()
        for one in self.results:
            found.update(one.faults)
        return found

    @property
    def sums(self) -> Counter[str]:
        """Figures that are counts."""
        found: Counter[str] = Counter()
        for one in self.results:
            found.update({name: int(value) for name, value in one.figures.items() if name in COUNTS})
        return found

    @property
    def most(self) -> dict[str, float]:
        """Of measures the largest."""
        found: dict[str, float] = {}
        for one in self.results:
            for name, value in one.figures.items():
                if name not in COUNTS:
                    found[name] = max(found.get(name, 0), value)
        return found

    @property
    def seconds(self) -> float:
        """How long all of them took."""
        return sum(one.seconds for one in self.results)

    def line(self) -> str:
        """All of it in a line."""
        done = ", ".join(f"{name} {many}" for name, many in sorted(self.faults.items()) if many)
        sums = ", ".join(f"{many} {name}" for name, many in self.sums.items())
        most = ", ".join(f"{name} ≤ {value:.1f}" for name, value in self.most.items())
        many = len(self.results)
        return f"{many} runs, {self.seconds:.0f} s, {len(self.violations)} violations; {sums}; {most}; {done}"


def by_sources(results: Sequence[Result]) -> dict[tuple[str, str], list[Result]]:
    """Results by the hashes of the sources that ran, of all and of the program alone, in their order."""
    found: dict[tuple[str, str], list[Result]] = {}
    for one in results:
        found.setdefault((one.code, one.program), []).append(one)
    return found


def code() -> str:
    """The first digits of the hash over the sources that a run depends on: the program's and the soak's own."""
    return _hash("kefu_tui", "bench/soak")


def program() -> str:
    """Likewise over the program's alone: a soak that is mended says nothing against runs of the same program."""
    return _hash("kefu_tui")


def _hash(*folders: str) -> str:
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:8]


def write(path: pathlib.Path, card: Card) -> None:
    """Writes the page anew."""
    known = {*FAULTS.values(), *EVENTS.values(), *GIVEN.values()}
    faults = card.faults
    rows = []
    for number, name in NAMES.items():
        many = (
            f"{faults[number]:,}"
            if number in known
            else f"in {ELSEWHERE[number]}"
            if number in ELSEWHERE
            else "not yet"
        )
        rows.append(f"| {number} | {name} | {many} |")
    now = [one for one in card.results if one.program == program()]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    versions = f"kefu {kefu_tui.__version__}, SQLite {sqlcipher3.sqlite_version}"
    told = [
        "# Scorecard of sync",
        "",
        "Written by `make soak` itself: real processes (a backend, desks with encrypted stores, a channel's own server)",
        "behind a proxy that does its worst, killed, frozen, copied and damaged by a seed; then healed, and judged from the files.",
        "",
        f"- {datetime.datetime.now(datetime.UTC):%Y-%m-%d}; {machine}; {versions}",
        f"- **{len(card.results)} runs, {len(card.violations)} violations**, {card.seconds / 60:.0f} minutes; "
        + ", ".join(f"{many:,} {name}" for name, many in card.sums.items()),
        "- backends: "
        + ", ".join(f"{many} runs on {kind}" for kind, many in Counter(one.kind for one in card.results).items()),
        f"- **{len(now)} runs of the program as it is (`{program()}`), {sum(bool(one.violation) for one in now)} violations**; "
        f"{card.unbroken} runs since the last violation of any",
        "- largest: " + ", ".join(f"{name} {value:.1f}" for name, value in card.most.items()),
        f"- invariants looked at by the newest sources: {', '.join(CHECKED)}",
        "",
        "| sources, by their hash | the program's alone | runs | violations |",
        "| --- | --- | --- | --- |",
        *(
            f"| `{all_of_it}` | {f'`{alone}`' if alone else '-'} | {len(of)} | {sum(bool(one.violation) for one in of)} |"
            for (all_of_it, alone), of in by_sources(card.results).items()
        ),
        "",
        "| fault | what | times met |",
        "| --- | --- | --- |",
        *rows,
        "",
        *(
            ["## Violations", "", *(f"- {textwrap.shorten(one, 120)}" for one in card.violations), ""]
            if card.violations
            else []
        ),
    ]
    path.write_text("\n".join(told), encoding="utf-8")

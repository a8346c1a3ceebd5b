"""`python -m bench`: measures, prints the table and writes it down; it prints, it does not judge."""

import argparse
import contextlib
import datetime
import importlib
import importlib.metadata
import json
import os
import pathlib
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

import sqlcipher3

import kefu_tui
from bench.figures import Figure, Skipped
from bench.ground import ROOT, Ground
from bench.measures import MEASURES, NOT_YET, Measure

SCALES = (1, 10, 100)
LIBRARIES = ("textual", "httpx", "fastapi", "uvicorn", "sqlmodel", "msgspec")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is asked for; 1 when a measurement failed."""
    parse = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parse.add_argument(
        "--only", action="append", choices=[one.name for one in MEASURES], help="this one, again for more"
    )
    parse.add_argument("--scale", action="append", type=int, choices=SCALES, help="times the data; all when not told")
    parse.add_argument("--out", type=pathlib.Path, default=ROOT / "bench" / "results.json", help="where the figures go")
    parse.add_argument("--ground", type=pathlib.Path, help="a folder in which filled stores are kept for the next run")
    parse.add_argument("--database", default="", help="postgresql+psycopg://…: measure on this PostgreSQL too")
    given = parse.parse_args(arguments)
    scales = sorted(set(given.scale or SCALES))
    chosen = [one for one in MEASURES if (one.name in given.only if given.only else not one.long)]
    about = _about()
    print(", ".join(f"{key} {value}" for key, value in about["machine"].items()))
    print(", ".join(f"{key} {value}" for key, value in about["versions"].items()) + f"; {about['date']}")
    table: dict[str, dict[int, Figure]] = {}
    failed: dict[str, str] = {}
    lacking: dict[str, str] = {}
    with _folder(given.ground) as folder:
        for one in chosen:
            for scale in scales if one.scaled else scales[:1]:
                begun = time.monotonic()
                print(f"… {one.name} ×{scale}", file=sys.stderr, end=" ", flush=True)
                for figure in _run(one, Ground(folder, scale, given.database), lacking, failed):
                    table.setdefault(figure.name, {})[scale if one.scaled else 0] = figure
                print(f"{time.monotonic() - begun:.1f} s", file=sys.stderr)
    _print(table, scales)
    if not given.only:
        lacking |= NOT_YET
    for name, why in {**failed, **lacking}.items():
        print(f"{name}: not measured, {why}")
    figures = [
        {"scale": scale or None, **figure._asdict()} for found in table.values() for scale, figure in found.items()
    ]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    told = {**about, "figures": figures, "not_measured": {**failed, **lacking}}
    given.out.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {given.out}")
    return 1 if failed else 0


def _run(one: Measure, ground: Ground, lacking: dict[str, str], failed: dict[str, str]) -> list[Figure]:
    try:
        found: list[Figure] = importlib.import_module(f"bench.measures.{one.name}").measure(ground)
        return found
    except Skipped as why:
        lacking[f"{one.name} ×{ground.scale}"] = str(why)
    except Exception as error:
        failed[f"{one.name} ×{ground.scale}"] = f"{type(error).__name__}: {error}"
    return []


@contextlib.contextmanager
def _folder(kept: pathlib.Path | None) -> Iterator[pathlib.Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as name:
        yield pathlib.Path(name)


def _about() -> dict[str, Any]:
    """The machine, the versions, the date."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as told:
        model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": model,
            "cores": os.cpu_count(),
            "memory_gb": round(memory, 1),
            "load": round(os.getloadavg()[0], 2),
            "system": f"{platform.system()} {platform.release()}",
        },
        "versions": {
            "kefu": kefu_tui.__version__,
            "python": platform.python_version(),
            "sqlite": sqlcipher3.sqlite_version,
            **versions,
        },
    }


def _print(table: dict[str, dict[int, Figure]], scales: Sequence[int]) -> None:
    """One line for each figure: its value at each scale, how it grew, its target."""
    width = max((len(name) for name in table), default=0)
    heads = "".join(f"{f'×{scale}':>12}" for scale in scales)
    print(f"\n{'':{width}}{heads}{'growth':>9}  unit, target")
    for name, found in table.items():
        shown = "".join(f"{_short(found[scale]) if scale in found else '':>12}" for scale in scales)
        if 0 in found:
            shown = f"{_short(found[0]):>12}" + " " * 12 * (len(scales) - 1)
        first, last = found.get(scales[0]), found.get(scales[-1])
        growth = f"{last.value / first.value:.2f}" if first and last and first is not last and first.value else ""
        figure = next(iter(found.values()))
        print(f"{name:{width}}{shown}{growth:>9}  {figure.unit}{', ' + figure.target if figure.target else ''}")
    print()


def _short(figure: Figure) -> str:
    value = figure.value
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())

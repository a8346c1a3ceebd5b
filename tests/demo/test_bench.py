"""The bench itself: its figures, its list of measurements, its command line."""

import importlib
import json
import pathlib

import pytest

import bench.__main__ as command
from bench.figures import Figure, Skipped, spread
from bench.ground import Ground
from bench.measures import MEASURES, Measure
from bench.soak import __main__ as soak
from bench.soak import worlds


@pytest.mark.parametrize("one", MEASURES, ids=lambda one: one.name)
def test_every_measurement_is_one_file_with_one_function(one: Measure) -> None:
    assert callable(importlib.import_module(f"bench.measures.{one.name}").measure)


def test_every_file_is_in_the_list() -> None:
    files = {path.stem for path in (pathlib.Path(command.__file__).parent / "measures").glob("*.py")}
    assert files - {"__init__"} == {one.name for one in MEASURES}


def test_a_spread_takes_its_figures_from_the_sorted_samples() -> None:
    told = {figure.name: figure for figure in spread("x", [float(n) for n in range(100, 0, -1)], "ms", p99="≤ 5")}
    assert (told["x p50"].value, told["x p99"].value, told["x max"].value) == (51, 100, 100)
    assert told["x p99"].target == "≤ 5"


def test_what_is_measured_is_printed_and_written(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(ground: Ground) -> list[Figure]:
        if ground.scale == 100:
            raise Skipped("too large for here")
        return [Figure("time", float(ground.scale), "s", "≤ 5")]

    monkeypatch.setattr(importlib.import_module("bench.measures.reads"), "measure", measure)
    out = tmp_path / "results.json"
    code = command.main(["--only", "reads", "--out", str(out), "--ground", str(tmp_path)])
    told = json.loads(out.read_text(encoding="utf-8"))
    assert [(one["scale"], one["value"]) for one in told["figures"]] == [(1, 1.0), (10, 10.0)]
    assert told["not_measured"] == {"reads ×100": "too large for here"}
    assert told["machine"]["cores"]
    assert told["versions"]["python"]
    printed = capsys.readouterr().out
    assert "≤ 5" in printed
    assert "too large for here" in printed
    assert code == 0


def test_a_measurement_that_breaks_is_told_and_fails(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(ground: Ground) -> list[Figure]:
        raise ValueError("broken")

    monkeypatch.setattr(importlib.import_module("bench.measures.recognise"), "measure", measure)
    assert command.main(["--only", "recognise", "--scale", "1", "--out", str(tmp_path / "r.json")]) == 1


def test_soaking_prints_what_it_met(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--kind", "worlds", "--runs", "1", "--steps", "30"]) == 0
    assert "1 runs" in capsys.readouterr().out


def test_soaking_tells_the_seed_that_fails(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(seed: int, steps: int, folder: pathlib.Path) -> None:
        raise AssertionError("I2: doubled")

    monkeypatch.setattr(worlds, "run", broken)
    card = tmp_path / "card.md"
    assert soak.main(["--kind", "worlds", "--first", "41", "--runs", "2", "--card", str(card)]) == 1
    assert "--first 41 --runs 1" in capsys.readouterr().out
    assert "2 violations" in card.read_text(encoding="utf-8")

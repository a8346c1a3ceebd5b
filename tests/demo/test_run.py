"""The demo from end to end with real parts, and what becomes of its processes."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from kefu_tui.demo.child import Child, ChildFailed
from kefu_tui.demo.run import DemoError, run_demo
from kefu_tui.demo.story import StoryError

SECONDS = 6


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_and_the_seed_tells_the_same_story() -> None:
    first = run_demo(headless=True, minutes=SECONDS / 60, speed=60, seed=7, agents=2)
    assert first["lost"] == 0
    assert first["duplicated"] == 0
    assert first["customers"] > 3
    assert first["messages_in"] > first["customers"]
    assert first["delivered"] == first["replies"] > 0
    assert first["resolved"] == first["customers"]
    assert first["keystrokes_per_resolved"] > 2
    assert first["first_response_p50_s"] > 0
    assert first["seconds"] >= SECONDS
    again = run_demo(headless=True, minutes=SECONDS / 60, speed=60, seed=7, agents=2)
    assert again["conversations"] == first["conversations"]
    assert again["messages_in"] == first["messages_in"]


@pytest.mark.parametrize(
    "wrong", [{"speed": 0}, {"minutes": -1}, {"agents": 0}, {"speed": float("nan")}, {"agents": 1000}]
)
def test_figures_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(DemoError, match=f"--{next(iter(wrong))}"):
        run_demo(headless=True, **wrong)  # type: ignore[arg-type]


def test_dialogues_that_are_not_there_are_told_before_anything_starts(tmp_path: pathlib.Path) -> None:
    with pytest.raises(StoryError, match="no such file"):
        run_demo(headless=True, dialogues=tmp_path / "none.tsv")


def test_a_backend_that_cannot_start_says_why(tmp_path: pathlib.Path) -> None:
    (tmp_path / "kefu.db").write_bytes(b"no database " * 400)
    child = Child("kefu_tui.demo.serving")
    try:
        with pytest.raises(ChildFailed, match=r"kefu\.db"):
            child.ask(data=str(tmp_path), port=0)
    finally:
        child.close()


def test_a_child_ends_with_the_process_that_began_it_even_when_that_is_killed(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "demo" / "backend"
    code = (
        "import sys\n"
        "from kefu_tui.demo.child import Child\n"
        "child = Child('kefu_tui.demo.serving')\n"
        "account = {'login': 'a', 'name': 'a', 'role': 'agent', 'password': 'long enough'}\n"
        "child.ask(data=sys.argv[1], port=0, demo=True, accounts=[account])\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    try:
        assert is_there(pid)
        parent.kill()
        parent.wait()
        assert comes_true(lambda: not is_there(pid))
        assert not folder.parent.exists()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        parent.communicate()


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended and is only not yet reaped does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def comes_true(what: Callable[[], bool], within_s: float = 30) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False

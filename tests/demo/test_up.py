"""A small shop on one machine: what is asked the first time, what is kept, and when its backend ends."""

import json
import os
import pathlib
import signal
import socket
from collections.abc import Iterator

import pytest

from kefu_tui.demo import up as module
from kefu_tui.demo.run import DemoError
from kefu_tui.demo.up import Terminal, up
from kefu_tui.desk.desk import Desk
from tests.demo.test_run import comes_true, is_there


class Script:
    """Answers in order; fails when more is asked than was meant to be."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def line(self, question: str) -> str:
        return self.answers.pop(0)

    def secret(self, question: str) -> str:
        return self.answers.pop(0)


class Front:
    """Stands in for the workstation: looks, and leaves."""

    def __init__(self) -> None:
        self.backends: list[str] = []
        self.names: list[str] = []
        self.pids: list[int] = []
        self.data = pathlib.Path()

    def __call__(self, desk: Desk, backend: str, theme: str | None) -> None:
        assert comes_true(lambda: desk.status().state in ("online", "polling"))
        assert comes_true(lambda: desk.canned_count() > 0)
        self.backends.append(backend)
        self.names.append(desk.me().name)
        self.pids.append(json.loads((self.data / "serving.json").read_text())["pid"])


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Iterator[Front]:
    monkeypatch.setenv("KEFU_STORE_KEY", "key")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(module, "PORT", free.getsockname()[1])
    stand_in = Front()
    stand_in.data = tmp_path / "shop"
    monkeypatch.setattr(module, "work_at", stand_in)
    yield stand_in
    for pid in stand_in.pids:
        if is_there(pid):
            os.kill(pid, signal.SIGTERM)


def test_the_first_start_asks_and_the_second_does_not(front: Front) -> None:
    asks = Script("老板", "short", "short", "老板", "long enough", "long but other", "long enough", "long enough")
    up(front.data, "zh", asks=asks)
    assert not asks.answers
    assert any("too short" in line for line in asks.said)
    assert not is_there(front.pids[0])
    up(front.data, "zh", asks=Script())
    assert front.names == ["老板", "老板"]
    assert front.backends[0] == front.backends[1]


def test_a_port_that_is_taken_is_no_hindrance(front: Front) -> None:
    up(front.data, "zh", asks=Script("boss", "long enough", "long enough"))
    port = int(front.backends[0].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        up(front.data, "zh", asks=Script())
    assert front.backends[1] != front.backends[0]


def test_a_backend_that_is_told_to_stay_serves_the_next_start(front: Front) -> None:
    up(front.data, "zh", True, asks=Script("boss", "long enough", "long enough"))
    assert is_there(front.pids[0])
    up(front.data, "zh", asks=Script())
    assert front.pids[0] == front.pids[1]
    assert is_there(front.pids[0])
    os.kill(front.pids[0], signal.SIGTERM)
    assert comes_true(lambda: not is_there(front.pids[0]))


def test_a_lost_desk_is_signed_in_again(front: Front, tmp_path: pathlib.Path) -> None:
    up(front.data, "zh", asks=Script("boss", "long enough", "long enough"))
    up(front.data, "zh", home_folder=tmp_path / "another", asks=Script("boss", "long enough"))
    assert front.names == ["boss", "boss"]


def test_where_nobody_can_be_asked_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setattr("sys.stdin", (tmp_path / "empty").open("w+"))
    with pytest.raises(DemoError, match="no terminal"):
        Terminal().line("?")
    with pytest.raises(DemoError, match="no terminal"):
        Terminal().secret("?")

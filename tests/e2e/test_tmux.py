"""In a real tmux: every size, 16 colours, no colour at all; the queue, a conversation, sheets, and leaving."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux on this machine")


class Tmux:
    """A tmux server of its own with one pane."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._socket = str(folder / "tmux")

    def tell(self, *words: str) -> str:
        plain = {
            name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "TMUX")
        }
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", os.devnull, *words],
            capture_output=True,
            text=True,
            timeout=30,
            env=plain,
        )
        return done.stdout

    def begin(self, home: pathlib.Path, size: tuple[int, int], **environment: str) -> None:
        told = {
            "KEFU_STORE_KEY": "tmux",
            "KEFU_LANG": "zh",
            "KEFU_CONFIG": str(home.parent),
            "LANG": "C.UTF-8",
            **environment,
        }
        words = [part for name, value in told.items() for part in ("-e", f"{name}={value}")]
        self.tell("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *words,
                  f"{sys.executable} -m kefu_tui --home {home}; echo left the program; exec cat")  # fmt: skip

    def screen(self, *options: str) -> str:
        return self.tell("capture-pane", "-p", *options)

    def until(self, pattern: str, gone: str = "") -> str:
        end = time.monotonic() + 30
        while True:
            shown = self.screen()
            if re.search(pattern, shown) and not (gone and re.search(gone, shown)):
                return shown
            assert time.monotonic() < end, f"never saw {pattern!r}:\n{shown}"
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tell("send-keys", key)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("tmux") / "home"
    words = [
        sys.executable,
        "-m",
        "kefu_tui",
        "--home",
        str(folder),
        "seed",
        "--conversations",
        "40",
        "--messages",
        "300",
    ]
    subprocess.run(words, env={**os.environ, "KEFU_STORE_KEY": "tmux"}, check=True, capture_output=True, timeout=120)
    (folder.parent / "settings.toml").write_text("toured = true\n", encoding="utf-8")
    return folder


@pytest.fixture
def tmux(tmp_path: pathlib.Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path)
    yield server
    server.tell("kill-server")


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
@pytest.mark.parametrize(
    "terminal", [{}, {"KEFU_THEME": "contrast"}, {"NO_COLOR": "1"}], ids=["own", "sixteen", "none"]
)
def test_a_walk(tmux: Tmux, home: pathlib.Path, size: tuple[int, int], terminal: dict[str, str]) -> None:
    tmux.begin(home, size, **terminal)
    shown = tmux.until(r"接待 \d/\d")
    assert len(shown.rstrip("\n").split("\n")) <= size[1]
    tmux.press("F2", "Down", "Down")
    tmux.press("Enter")
    tmux.until(r"客户|机器人|同事|我 \d\d:\d\d")
    tmux.press("C-f")  # not f: an Escape and a letter at once would be another key
    tmux.until("到那里")
    tmux.press("Escape")
    tmux.until(r"\^P", gone="到那里")
    tmux.press("?")
    tmux.until("键和它们做什么")
    if "NO_COLOR" in terminal:
        codes = {
            code for group in re.findall(r"\x1b\[([0-9;]*)m", tmux.screen("-e")) for code in group.split(";") if code
        }
        assert codes <= {"0", "1", "2", "3", "4", "7", "22", "23", "24", "27", "39", "49"}, codes
    tmux.press("Escape")
    tmux.until(r"\^P", gone="键和它们做什么")
    tmux.press("g", "x")
    tmux.until("left the program")

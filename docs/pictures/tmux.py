"""A walk through the workstation in a real tmux, each step a picture: `python -m docs.pictures.tmux [--size 80x24] [--out DIR]`."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import pyte

from docs.pictures.terminal import draw

WALK = (
    ("queue", (), r"接待 \d/\d"),
    ("moved", ("Down", "Down"), r"接待 \d/\d"),
    ("opened", ("Enter",), "客户|机器人"),
    ("search", ("C-f",), "到那里"),
    ("closed", ("Escape",), r"\^P"),
    ("help", ("F1",), "键和它们做什么"),
    ("palette", ("Escape", "C-p"), "执行"),
    ("tickets", ("Escape", "F11"), "工单"),
    ("back", ("Escape",), r"\^P"),
)
"""Name of the picture, keys that lead there, and what is waited for."""
PATIENCE_S = 30.0


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="140x40")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/tmux"))
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kefu-tmux-") as name:
        folder = pathlib.Path(name)
        told = {
            "KEFU_STORE_KEY": "tmux",
            "KEFU_LANG": "zh",
            "KEFU_THEME": "dark",
            "KEFU_CONFIG": name,
            "LANG": "C.UTF-8",
        }
        (folder / "settings.toml").write_text("toured = true\n", encoding="utf-8")
        kefu = [sys.executable, "-m", "kefu_tui", "--home", str(folder / "home")]
        subprocess.run(
            [*kefu, "seed", "--conversations", "60", "--messages", "500"], env={**os.environ, **told}, check=True
        )
        plain = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR", "TMUX")}

        def tmux(*words: str) -> str:
            command = ["tmux", "-S", str(folder / "socket"), "-f", os.devnull, *words]
            return subprocess.run(command, capture_output=True, text=True, env=plain, timeout=30).stdout

        pairs = [part for key, value in told.items() for part in ("-e", f"{key}={value}")]
        try:
            tmux("new-session", "-d", "-x", str(width), "-y", str(height), *pairs, " ".join(kefu))
            for number, (step, keys, pattern) in enumerate(WALK, start=1):
                for key in keys:
                    tmux("send-keys", key)
                    time.sleep(0.3)  # an Escape and the next key at once would be another key
                end = time.monotonic() + PATIENCE_S
                while not re.search(pattern, tmux("capture-pane", "-p")):
                    if time.monotonic() > end:
                        raise SystemExit(f"never saw {pattern!r}:\n{tmux('capture-pane', '-p')}")
                    time.sleep(0.1)
                screen = pyte.Screen(width, height)
                pyte.Stream(screen).feed(tmux("capture-pane", "-e", "-p").replace("\n", "\r\n").rstrip())
                draw(screen, given.out / f"{number:02}-{step}-{given.size}.png")
                print(f"{number:02}-{step}", file=sys.stderr)
        finally:
            tmux("kill-server")


if __name__ == "__main__":
    main()

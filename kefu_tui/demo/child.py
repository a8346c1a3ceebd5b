"""Processes of our own beside this one: told what to do by lines of JSON, and ended for sure when this one ends."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
from typing import Any, TextIO

import kefu_tui

GRACE_S = 10.0
"""How long a child may take to end by itself."""
PLACE = "serving.json"
"""In a backend's data folder: its port, which is taken again next time, and the process that serves."""


class ChildFailed(Exception):
    """A child did not do what it should; the message is one line that says why."""


class Child:
    """A Python module that runs as a process of its own. It ends when told to, or when this process is gone.

    The pipe to its standard input is the watch: the operating system closes it whatever ends this process.
    """

    def __init__(self, module: str, errors: TextIO | None = None) -> None:
        self._module = module
        root = str(pathlib.Path(kefu_tui.__file__).resolve().parent.parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors or subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for this process, which then ends the child
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def ask(self, **told: Any) -> dict[str, Any]:
        """Tells the child something and returns what it answers. Raises ChildFailed when it says `error` or is gone."""
        line = ""
        with contextlib.suppress(OSError):
            self._input.write(json.dumps(told, ensure_ascii=False) + "\n")
            self._input.flush()
            line = self._output.readline()
        if not line:
            raise ChildFailed(f"{self._module} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ChildFailed(answer["error"])
        return answer

    def leave(self) -> None:
        """Lets go of a child that was told to stay."""
        with contextlib.suppress(OSError):
            self._input.close()
        self._output.close()

    def close(self) -> None:
        """Ends the child and waits for it; one that does not end is killed."""
        self.leave()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Order:
    """The child's side: what it was told, and whether it is time to end."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.told: dict[str, Any] = self.hear()
        signal.signal(signal.SIGTERM, lambda number, frame: self.ended.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def hear(self) -> dict[str, Any]:
        """The next thing that the parent says; nothing once it is gone."""
        line = sys.stdin.readline()
        return json.loads(line) if line else {}

    def say(self, **told: Any) -> None:
        """Answers the parent."""
        with contextlib.suppress(OSError):
            print(json.dumps(told, ensure_ascii=False), flush=True)

    def watch(self, stay: bool = False) -> None:
        """From now on the parent's end is ours too, unless we were told to stay."""

        def wait() -> None:
            while sys.stdin.readline():
                pass
            if not stay:
                self.ended.set()

        threading.Thread(target=wait, name="parent-watch", daemon=True).start()

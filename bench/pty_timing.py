"""A terminal program timed from outside: start to screen, key to paint, memory. Linux only.

A key is one write to a pseudo-terminal of the program's own, its paint the first output after it; before the next key
the output must have been silent for a moment.
"""

import codecs
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

ROWS, COLUMNS = 40, 140
KEYS = {"down": b"\x1b[B", "pagedown": b"\x1b[6~", "up": b"\x1b[A", "pageup": b"\x1b[5~", "space": b" ", "tab": b"\t",
        "enter": b"\r", "escape": b"\x1b", "backspace": b"\x7f"}  # fmt: skip
SILENCE_S = 0.08
LONGEST_S = 2.0
FRAME = 200
"""Printable characters that make a first frame."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])")
_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[?u": b"\x1b[?0u",
}
"""What a plain terminal says when it is asked what it can do."""


class Screen:
    """A program on a pseudo-terminal. Seconds everywhere."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._begun = time.perf_counter()
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], list(command), dict(environment))
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._raw = ""
        self._ended = False

    def __enter__(self) -> "Screen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def starts(self, pattern: str, within: float) -> tuple[float, float]:
        """Seconds from the call to the first frame, and until the pattern stands on the screen. Raises TimeoutError."""
        frame = None
        while time.perf_counter() - self._begun < within and not self._ended:
            if not self._read(0.25):
                continue
            shown = _ESCAPES.sub("", self._raw)
            now = time.perf_counter() - self._begun
            if frame is None and len("".join(shown.split())) >= FRAME:
                frame = now
            if re.search(pattern, shown):
                return frame or now, now
        raise TimeoutError(f"{pattern!r} did not come; last: {_ESCAPES.sub('', self._raw)[-300:]!r}")

    def key(self, name: str, pause: random.Random) -> float:
        """Presses a key after a moment of silence, and returns how long it took to its first paint, at most LONGEST_S."""
        self._settle()
        time.sleep(pause.uniform(0.0, 0.03))
        begun = time.perf_counter()
        os.write(self._terminal, KEYS.get(name, name.encode()))
        self._read(LONGEST_S)
        return time.perf_counter() - begun

    def there_and_back(self, there: str, back: str, times: int, rounds: int, within: float = 60.0) -> list[float]:
        """Presses one key so many times and then the other, again and again: no row is the last for long.

        A slow program gets fewer keys: none after `within` seconds.
        """
        pause = random.Random(1)
        end = time.perf_counter() + within
        samples: list[float] = []
        for key in [key for _ in range(rounds) for key in (there, back) for _ in range(times)]:
            if time.perf_counter() < end:
                samples.append(self.key(key, pause))
        return samples

    def memory_mb(self) -> float:
        """The memory the program holds now, in MB."""
        with open(f"/proc/{self._pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def _settle(self) -> None:
        end = time.perf_counter() + LONGEST_S
        while time.perf_counter() < end and self._read(SILENCE_S):
            pass

    def _read(self, wait: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], wait)
        if not ready:
            return False
        try:
            data = os.read(self._terminal, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self._ended = True
            return False
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._terminal, answer)
        self._raw = (self._raw + self._decoder.decode(data))[-400_000:]
        return True

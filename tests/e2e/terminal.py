"""A real program on a pseudo-terminal: keys go in as bytes, the screen is read as a person sees it."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pyte

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "esc": "\x1b",
    "space": " ",
    "pageup": "\x1b[5~",
    "f4": "\x1bOS",
    "f6": "\x1b[17~",
}


class Terminal:
    """Runs a command at a size; `bytes` keeps everything it ever wrote."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int = 140, rows: int = 40) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.clear()
            os.environ.update(
                environment, TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(columns), LINES=str(rows)
            )
            os.execvp(command[0], command)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @classmethod
    def kefu(cls, environment: dict[str, str], *arguments: str, columns: int = 140, rows: int = 40) -> "Terminal":
        return cls([sys.executable, "-m", "kefu_tui", *arguments], environment, columns, rows)

    def press(self, *keys: str) -> None:
        """Presses keys by name, or types text."""
        for key in keys:
            os.write(self._fd, KEYS.get(key, key).encode())

    def lines(self, left: int = 0, right: int | None = None) -> list[str]:
        """The screen between two columns of cells, wide characters once."""
        columns = range(left, self.screen.columns if right is None else right)
        return ["".join(self.screen.buffer[row][column].data for column in columns) for row in range(self.screen.lines)]

    def text(self) -> str:
        """The whole screen as it stands."""
        return "\n".join(line.rstrip() for line in self.lines())

    def read(self, wait: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], wait)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        self.bytes += data
        # pyte knows neither DCS nor private mode queries; a terminal swallows them.
        self._stream.feed(_swallowed(data))
        return bool(data)

    def until(self, *texts: str, gone: str = "", seconds: float = 40.0) -> str:
        """Waits until all texts are on the screen (and `gone` is not); the screen then."""
        end = time.monotonic() + seconds
        while True:
            shown = self.text()
            if all(text in shown for text in texts) and not (gone and gone in shown):
                return shown
            assert time.monotonic() < end, f"never saw {texts}, without {gone!r}:\n{shown}"
            self.read(0.05)

    def close(self) -> None:
        for sign in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(self.pid, sign)
            except ProcessLookupError:
                break
            end = time.monotonic() + 5
            while time.monotonic() < end:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self._fd)
                    return
                self.read(0.05)
        os.close(self._fd)


def _swallowed(data: bytes) -> bytes:
    import re

    return re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\", b"", data, flags=re.S)

"""A program on a terminal of its own: pressed keys go in, its screen is watched and drawn to a PNG, Chinese two cells wide."""

import codecs
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence

import pyte
from PIL import Image, ImageDraw, ImageFont

KEYS = {
    "space": " ", "enter": "\r", "esc": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C",
    "left": "\x1b[D", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~",
    "f6": "\x1b[17~", "f7": "\x1b[18~", "f12": "\x1b[24~",
}  # fmt: skip
ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}
"""What a plain terminal says when it is asked what it is."""
UNKNOWN = re.compile(r"\x1b(?:\[[<>=][0-9;]*[a-zA-Z]|\[\?[0-9;]*\$p|\[\?[0-9;]*u|P.*?\x1b\\)", re.DOTALL)
"""Sequences that the screen model would print as text."""
PATIENCE = 40.0
QUIET = 0.25
"""Seconds without output after which a screen is whole."""
EM = 26
"""Size of the font in pixels: a cell is half as wide, and 1.36 times as high."""
MARGIN = 12
FONT = "Noto Sans Mono CJK SC"


class Terminal:
    """A command on a pseudo-terminal of so many columns and rows. Use it as a context: the program ends with it."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, environ: Mapping[str, str]) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        given = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], list(command), given)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._over = False

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        for sign in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(self._pid, sign)
            except ProcessLookupError:
                break
            self._read(1.0)
        os.waitpid(self._pid, 0)
        os.close(self._fd)

    def text(self) -> str:
        """The screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def see(self, pattern: str) -> None:
        """Waits until this is on screen and the screen is whole. Raises TimeoutError with the screen."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text()):
            if self._over or time.monotonic() > end:
                raise TimeoutError(f"never saw {pattern!r}:\n{self.text()}")
            self._read(QUIET)
        self.rest()

    def rest(self) -> None:
        """Waits until the screen is whole."""
        while self._read(QUIET):
            pass

    def tick(self) -> None:
        """Waits until every pane shows the same second: the clock of the status row has gone on, and the screen is whole."""
        before = _clock(self.text())
        end = time.monotonic() + PATIENCE
        while _clock(self.text()) == before and not self._over and time.monotonic() < end:
            self._read(QUIET)
        self.rest()

    def press(self, *keys: str) -> None:
        """Presses keys by name (`enter`, `f2`, `ctrl+p`) or as the character itself, resting after each."""
        for key in keys:
            code = bytes([ord(key[-1]) & 31]) if key.startswith("ctrl+") else KEYS.get(key, key).encode()
            os.write(self._fd, code)
            self.rest()

    def _read(self, wait: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], wait)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        self._over = not data
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(self._fd, answer)
        self._stream.feed(UNKNOWN.sub("", self._decoder.decode(data)))
        return bool(data)


def draw(screen: pyte.Screen, path: pathlib.Path) -> None:
    """Draws a screen cell by cell: first all grounds, then all ink, so that no row cuts into another."""
    width, height = EM // 2, round(EM * 1.36)
    ink = "#EAEEF2"
    ground = _colour(screen.buffer[0][0].bg, "#0D1014")
    picture = Image.new("RGB", (screen.columns * width + 2 * MARGIN, screen.lines * height + 2 * MARGIN), ground)
    pen, faces = ImageDraw.Draw(picture), {bold: _face(bold) for bold in (False, True)}
    cells = [(x, y, screen.buffer[y][x]) for y in range(screen.lines) for x in range(screen.columns)]
    painted = []
    for x, y, cell in cells:
        front, back = _colour(cell.fg, ink), _colour(cell.bg, ground)
        if cell.reverse:
            front, back = back, front
        left, top = MARGIN + x * width, MARGIN + y * height
        pen.rectangle((left, top, left + width - 1, top + height - 1), fill=back)
        painted.append((left, top, cell, front))
    for left, top, cell, front in painted:
        if cell.data == "▐":
            pen.rectangle((left + width // 2, top, left + width - 1, top + height - 1), fill=front)
        elif cell.data.strip():
            pen.text(
                (left, top + round(height * 0.78)), cell.data, font=faces[bool(cell.bold)], fill=front, anchor="ls"
            )
        for drawn, line in ((cell.underscore, 0.9), (cell.strikethrough, 0.5)):
            if drawn:
                at = top + round(height * line)
                pen.line((left, at, left + width - 1, at), fill=front, width=2)
    picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)


def _clock(text: str) -> str:
    """The clock of day in the first row."""
    found = re.search(r"\d\d:\d\d:\d\d", text.split("\n", 1)[0])
    return found[0] if found else ""


def _face(bold: bool) -> ImageFont.FreeTypeFont:
    """The font that the system names for Chinese at a fixed width. Raises RuntimeError where there is none."""
    wanted = f"{FONT}:style={'Bold' if bold else 'Regular'}:lang=zh-cn"
    form = "%{file}\t%{index}\t%{family}"
    told = subprocess.run(["fc-match", "-f", form, wanted], capture_output=True, text=True).stdout
    if "CJK" not in told:
        raise RuntimeError(f"no font with Chinese at a fixed width: install {FONT} (Debian: fonts-noto-cjk)")
    file, index, _ = told.split("\t")
    return ImageFont.truetype(file, EM, index=int(index) & 0xFFFF)


def _colour(name: str, otherwise: str) -> str:
    if name == "default":
        return otherwise
    return f"#{name}" if re.fullmatch("[0-9a-fA-F]{6}", name) else otherwise

"""The workstation's terminal: what is pasted stays text, and how wide it draws characters of uncertain width is asked."""

import os
import re
import selectors
from codecs import getincrementaldecoder
from collections.abc import Mapping

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from kefu_tui.text import cells

UNCERTAIN = "…“·①★─α"
"""Characters of uncertain width."""
JOINED = "👩\u200d👧❤\ufe0f👍🏽🇨🇳"
"""Emoji of several characters."""
PROBES = {2: UNCERTAIN, 3: JOINED}
"""What is measured in which row; not in row 1, from where an answer may be Shift+F3."""
ASK = "".join(f"\x1b[{row};1H\x1b[8m{probe}\x1b[6n\x1b[28m\x1b[2K" for row, probe in PROBES.items())
"""Writes them unseen, asks where the cursor stands then, and wipes them out again: all before the first frame."""

_COMMITTED = re.compile("\x1b\\[0;[0-9]*;([0-9:]+)u")


class Measured(Message):
    """The terminal draws something otherwise than it is counted."""

    def __init__(self, *, wide: bool, parted: bool) -> None:
        super().__init__()
        self.wide, self.parted = wide, parted


def asks(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is to be asked: not where KEFU_WIDTH says it, nor where nothing would answer."""
    return environ.get("KEFU_WIDTH") not in ("wide", "narrow") and environ.get("TERM", "dumb") != "dumb"


class Input:
    """What comes from the terminal, made fit for the parser of keys.

    That one takes what follows an ESC within a paste for keys: a pasted text could press Enter. And it knows no more than
    32 characters of what an input method commits at once by the kitty protocol, and takes the rest for keys.
    """

    def __init__(self) -> None:
        self._pasting = False
        self._before = ""
        """The last characters outside of a paste: a paste may begin in them."""
        self._held = ""
        """The last characters of a paste, where they may begin its end."""

    def tamed(self, data: str) -> str:
        """The next characters. Of a paste the last ones may be kept for the next time; a key is never kept."""
        out: list[str] = []
        while data:
            piece, data = self._pasted(self._held + data) if self._pasting else self._typed(data)
            out.append(piece)
        return "".join(out)

    def _typed(self, data: str) -> tuple[str, str]:
        known = self._before + data
        at = known.find(BRACKETED_PASTE_START)
        if at < 0:
            self._before = known[1 - len(BRACKETED_PASTE_START) :]
            return _COMMITTED.sub(_characters, data), ""
        end = at + len(BRACKETED_PASTE_START) - len(self._before)
        self._before, self._pasting = "", True
        return _COMMITTED.sub(_characters, data[:end]), data[end:]

    def _pasted(self, data: str) -> tuple[str, str]:
        self._held = ""
        at = data.find(BRACKETED_PASTE_END)
        if at < 0:
            kept = next(size for size in range(len(BRACKETED_PASTE_END) - 1, -1, -1) if _begins_end(data, size))
            self._held = data[len(data) - kept :]
            return data[: len(data) - kept].replace("\x1b", ""), ""
        end = at + len(BRACKETED_PASTE_END)
        while (later := data.find(BRACKETED_PASTE_END, end)) >= 0 and BRACKETED_PASTE_START not in data[end:later]:
            at, end = later, later + len(BRACKETED_PASTE_END)  # the first was part of what is pasted
        self._pasting = False
        return data[:at].replace("\x1b", "") + BRACKETED_PASTE_END, data[end:]


def _begins_end(data: str, size: int) -> bool:
    return data.endswith(BRACKETED_PASTE_END[:size])


def _characters(committed: re.Match[str]) -> str:
    codes = [int(code) for code in committed[1].split(":") if code]
    text = "".join(chr(code) for code in codes if code < 0x110000)
    return text if text.isprintable() else ""


class Driver(LinuxDriver):
    """Textual's own, but for what is said above."""

    _asked = False

    def start_application_mode(self) -> None:
        """Takes the terminal, and asks it."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not self._asked and self.input_tty and self._file is not None and self._file.isatty() and asks(os.environ):
            self._asked = True
            self.write(ASK)
            self.flush()

    def process_message(self, message: Message) -> None:
        """The answer is the app's only where something follows from it."""
        if isinstance(message, events.CursorPosition):
            row = message.y + 1
            if row in PROBES and message.x != cells(PROBES[row]):
                self.send_message(Measured(wide=PROBES[row] is UNCERTAIN, parted=PROBES[row] is JOINED))
            return
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Reads until the app ends."""
        parser, tamed = XTermParser(self._debug), Input().tamed
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                for _ in selector.select(0.1):
                    read = os.read(self.fileno, 1 << 16)
                    if not read:
                        return
                    data = tamed(decode(read))
                    for event in parser.feed(data) if data else ():  # no data means the end to it
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

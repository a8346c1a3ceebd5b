"""What the terminal does with characters of uncertain width, found out by asking it."""

import contextlib
import os
import re
import select
import sys
import time
from typing import TextIO

PATIENCE_S = 0.25
"""Longest wait for an answer; over a slow line nothing is known then, and one cell is what most do."""
PROBE = "\u00b7"
"""A character of uncertain width."""

_PLACE = re.compile(rb"\x1b\[([0-9]+);([0-9]+)R")


def draws_wide(source: TextIO = sys.stdin, target: TextIO = sys.stdout) -> bool:
    """Whether the terminal draws `… “ ①` two cells wide. KEFU_WIDTH=wide or narrow decides without asking.

    It writes one such character at the start of the line, asks where the cursor stands, and wipes it out again. False
    where there is no terminal or no answer in time.
    """
    chosen = os.environ.get("KEFU_WIDTH", "")
    if chosen in ("wide", "narrow"):
        return chosen == "wide"
    if os.environ.get("TERM", "dumb") == "dumb" or not (source.isatty() and target.isatty()):
        return False
    try:
        import termios
        import tty
    except ImportError:
        return False
    try:
        before = termios.tcgetattr(source)
        tty.setcbreak(source, termios.TCSANOW)
    except (termios.error, OSError):
        return False
    try:
        os.write(target.fileno(), f"\r{PROBE}\x1b[6n".encode())
        return _column(source.fileno()) == len(PROBE) + 2
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError, termios.error):
            os.write(target.fileno(), b"\r\x1b[K")
            termios.tcsetattr(source, termios.TCSANOW, before)


def _column(source: int) -> int:
    """The column that the terminal answers, counted from 1; 0 without an answer."""
    told, end = b"", time.monotonic() + PATIENCE_S
    while (left := end - time.monotonic()) > 0 and select.select([source], [], [], left)[0]:
        part = os.read(source, 1024)
        if not part:
            break
        told += part
        if place := _PLACE.search(told):
            return int(place[2])
    return 0

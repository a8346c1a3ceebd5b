"""The way in: `kefu` alone goes straight to the workstation, every other call through the command tree."""

import pathlib
import sys
from collections.abc import Sequence

from kefu_tui.cli.call import Call
from kefu_tui.cli.words import LANGS, language

PLACES = frozenset(("--home", "--lang"))
"""Options that the short way understands."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one call and gives its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    places = _alone(words)
    if places is None or not sys.stdout.isatty():
        from kefu_tui.cli.main import main as whole

        return whole(words)
    prepare_streams()
    call = Call(*language(words))
    if home := places.get("--home"):
        call.folder = pathlib.Path(home)
    try:
        from kefu_tui.cli.workstation import open_workstation

        open_workstation(call)
        return 0
    except BaseException as error:
        from kefu_tui.cli.main import ended

        return ended(error, call, words)


def _alone(words: Sequence[str]) -> dict[str, str] | None:
    """The places named in a call that opens the workstation; None where it says anything else."""
    places: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, given, value = word.partition("=")
        if name not in PLACES:
            return None
        places[name] = value if given else next(rest, "")
        if not places[name] or (name == "--lang" and places[name] not in LANGS):
            return None
    return places


def prepare_streams() -> None:
    """Data is UTF-8 wherever it goes but to a terminal that cannot; no character makes writing fail."""
    for stream in (sys.stdout, sys.stderr):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]

"""Named places where a test may kill this process: KEFU_FAILPOINT=<name>:<nth>."""

import os
import signal

_wanted = os.environ.get("KEFU_FAILPOINT", "")
_counts: dict[str, int] = {}


def reach(name: str) -> None:
    """Dies with SIGKILL when this is the nth time the named place is reached; otherwise nothing."""
    if not _wanted:
        return
    wanted, _, nth = _wanted.rpartition(":")
    if wanted in (name, "any"):
        _counts[wanted] = _counts.get(wanted, 0) + 1
        if _counts[wanted] == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

"""Named places where a test may kill this process: KEFU_FAILPOINT=<name>:<nth>."""

import os
import signal

wanted = os.environ.get("KEFU_FAILPOINT", "")
"""The place and which time it is reached, as `store.before-commit:3`."""
_counts: dict[str, int] = {}


def reach(name: str) -> None:
    """Dies with SIGKILL when this is the nth time the named place is reached; otherwise nothing."""
    if not wanted:
        return
    place, _, nth = wanted.rpartition(":")
    if place in (name, "any"):
        _counts[place] = _counts.get(place, 0) + 1
        if _counts[place] == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

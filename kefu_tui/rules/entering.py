"""What a service policy says of customers who enter and have not written."""

from collections.abc import Mapping
from dataclasses import dataclass

from kefu_tui.now import DAY, MINUTE
from kefu_tui.rules.policy import PolicyError, duration

LONGEST = DAY
"""A visitor who has not written for so long is gone in any shop."""


@dataclass(frozen=True, slots=True)
class Entering:
    """Whether a conversation is opened as soon as a customer enters, and after how long (µs) one who never wrote is gone."""

    open: bool = False
    leave_after: int = 10 * MINUTE


def parse_entering(data: object) -> Entering:
    """The section `entering` of a policy: `open`, and `leave_after` as `10m`. Raises PolicyError."""
    if not isinstance(data, Mapping):
        raise PolicyError(f"entering: a table is needed, not {data!r}")
    for key in data:
        if key not in ("open", "leave_after"):
            raise PolicyError(f"entering.{key}: not known here (leave_after, open)")
    opens = data.get("open", False)
    if not isinstance(opens, bool):
        raise PolicyError(f"entering.open: true or false is needed, not {opens!r}")
    leave_after, unit = duration(data.get("leave_after", "10m"), "entering.leave_after")
    if unit == "wd" or leave_after > LONGEST:
        raise PolicyError(f"entering.leave_after: {data['leave_after']!r} is no time of up to a day (90s, 10m, 2h)")
    return Entering(opens, leave_after)

"""What a service policy says of channels that take an answer only for so long after the customer's last words."""

from collections.abc import Mapping
from typing import NamedTuple

from kefu_tui.rules.policy import PolicyError, duration


class Window(NamedTuple):
    """How long a channel takes an answer: µs, and as the policy says it (`48h`)."""

    length: int
    told: str


def parse_windows(data: object) -> Mapping[str, Window]:
    """The section `windows` of a policy: channel = `48h`; channels that are not named take answers always. Raises PolicyError."""
    if not isinstance(data, Mapping):
        raise PolicyError(f"windows: a table is needed, not {data!r}")
    found = {}
    for channel, told in data.items():
        length, unit = duration(told, f"windows.{channel}")
        if unit == "wd":
            raise PolicyError(f"windows.{channel}: {told!r} counts working days; a channel does not (48h, 2d)")
        found[channel] = Window(length, told)
    return found

"""What a service policy says of channels that take an answer only for so long after the customer's last words."""

from collections.abc import Mapping

from kefu_tui.rules.policy import PolicyError, duration


def parse_windows(data: object) -> Mapping[str, int]:
    """The section `windows` of a policy, channel = `48h`: for how long (µs) each of these channels takes an answer.

    Channels that are not named take answers always. Raises PolicyError.
    """
    if not isinstance(data, Mapping):
        raise PolicyError(f"windows: a table is needed, not {data!r}")
    found = {}
    for channel, told in data.items():
        length, unit = duration(told, f"windows.{channel}")
        if unit == "wd":
            raise PolicyError(f"windows.{channel}: {told!r} counts working days; a channel does not (48h, 2d)")
        found[channel] = length
    return found

"""The backend as seen without syncing: how it fails, and what it is."""

from typing import NamedTuple

from kefu_tui.sync.transport import HttpTransport, Refused, Unreachable

__all__ = ["Backend", "Refused", "Unreachable", "hello"]


class Backend(NamedTuple):
    """What a backend said about itself; `time` is its clock, µs UTC."""

    protocols: tuple[int, ...]
    schema: int
    time: int


def hello(backend: str, timeout_s: float = 5.0) -> Backend:
    """Asks a backend what it is. Raises Unreachable, Refused."""
    transport = HttpTransport(backend, timeout_s=timeout_s)
    try:
        told = transport.hello()
    finally:
        transport.close()
    return Backend(tuple(told.protocols), told.schema, told.server_time)

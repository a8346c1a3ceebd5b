"""Event streams (SSE): pokes for desks and for chat pages. A stream keeps one integer and no database connection."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import msgspec
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from kefu_tui.backend.service import Service
from kefu_tui.now import SECOND

EARLY = 30 * SECOND
"""How long before its token ends a stream says goodbye."""

Wait = Callable[[int, float], Awaitable[int]]
"""The count as soon as it is greater than the first, or after the second in seconds."""


def open_stream(
    service: Service,
    *,
    party: str,
    hello: Mapping[str, Any],
    seen: int,
    wait: Wait,
    poke: Callable[[int], tuple[int, Mapping[str, Any]]],
    ends_at: int | None = None,
) -> EventSourceResponse:
    """The response of an event stream: `hello`, a `poke` (id and data) whenever the count grows, pings, and `bye`.

    The first poke goes out at once, further ones together after a moment. Raises Refused when too many are open.
    """
    service.streams.admit(party)

    async def lines() -> AsyncIterator[bytes]:
        gauge = service.metrics.streams.labels(party.partition(":")[0])
        with service.streams.enter(party), gauge.track_inprogress():
            yield _event("hello", hello, retry=random.randint(1000, 4000))
            count = seen
            while True:
                fresh = await wait(count, service.settings.ping_s)
                if service.fanout.closing:
                    yield _event("bye", {"reason": "deploy", "retry_ms": random.randint(200, 10_000)})
                    return
                if ends_at is not None and service.now() >= ends_at - EARLY:
                    yield _event("bye", {"reason": "token", "retry_ms": 0})
                    return
                if fresh == count:
                    yield KEEPALIVE_COMMENT
                    continue
                count = fresh
                id, data = poke(count)
                yield _event("poke", data, id=str(id))
                await asyncio.sleep(service.settings.poke_gap_s)

    return EventSourceResponse(lines(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def _event(name: str, data: Mapping[str, Any], *, id: str | None = None, retry: int | None = None) -> bytes:
    return format_sse_event(event=name, data_str=msgspec.json.encode(data).decode(), id=id, retry=retry)

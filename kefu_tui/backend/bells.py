"""Which visitors have something new: one look at the database for all open chat streams together."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from kefu_tui.backend.chat import Visitor, newest
from kefu_tui.backend.database import Trouble
from kefu_tui.backend.problems import Refused
from kefu_tui.backend.service import Service

_log = logging.getLogger("kefu.backend")

SOME = 500
"""Customers in one query."""


@dataclass
class _Bell:
    visitor: Visitor
    position: int
    mark: int = -1
    """Sum of the last positions of the visitor's conversations; it grows with every message."""
    listeners: int = 0
    rung: asyncio.Event = field(default_factory=asyncio.Event)


class Bells:
    """Wakes the streams of visitors whose messages grew; lives in the event loop."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._bells: dict[str, _Bell] = {}

    async def wait(self, visitor: Visitor, beyond: int, seconds: float) -> int:
        """The newest position of a visitor once it is greater than `beyond`, the time is over, or the service ends."""
        bell = self._bells.get(visitor.customer_id)
        fresh = bell is None
        if bell is None:
            bell = self._bells[visitor.customer_id] = _Bell(visitor, beyond)
        bell.listeners += 1
        try:
            if fresh:  # what came before it hung here was looked for without it
                bell.position = max(bell.position, await self._service.reading.run(self._newest, visitor))
            if bell.position <= beyond and not self._service.fanout.closing:
                async with asyncio.timeout(seconds):
                    await bell.rung.wait()
        except TimeoutError:
            pass
        finally:
            bell.listeners -= 1
        return max(beyond, bell.position)

    async def ring(self) -> None:
        """Looks after every news until the service ends."""
        fanout, settings = self._service.fanout, self._service.settings
        news = -1
        while not fanout.closing:
            seen = await fanout.wait(news, settings.ping_s)
            self._bells = {customer: bell for customer, bell in self._bells.items() if bell.listeners}
            bells = list(self._bells.values()) if seen != news else []
            try:
                grown = await self._service.reading.run(self._look, bells) if bells else []
                news = seen
            except (Refused, Trouble) as error:  # the same news are looked for again
                _log.warning("chat streams: %s", error)
                grown = []
            for bell, mark, position in grown:
                bell.mark = mark
                if position > bell.position:
                    bell.position = position
                    bell.rung.set()
                    bell.rung = asyncio.Event()
            await asyncio.sleep(settings.poke_gap_s)
        for bell in self._bells.values():
            bell.rung.set()

    def _newest(self, visitor: Visitor) -> int:
        with self._service.database.read() as connection:
            return newest(connection, visitor)

    def _look(self, bells: Sequence[_Bell]) -> list[tuple[_Bell, int, int]]:
        by_customer = {bell.visitor.customer_id: bell for bell in bells}
        customers = list(by_customer)
        grown = []
        with self._service.database.read() as connection:
            for begin in range(0, len(customers), SOME):
                some = customers[begin : begin + SOME]
                marks = connection.execute(
                    "SELECT customer_id, CAST(sum(last_pos) AS BIGINT) FROM conversation "
                    f"WHERE customer_id IN ({', '.join('?' * len(some))}) GROUP BY customer_id",
                    some,
                ).fetchall()
                for customer, mark in marks:
                    bell = by_customer[customer]
                    if mark != bell.mark:
                        grown.append((bell, mark, newest(connection, bell.visitor)))
        return grown

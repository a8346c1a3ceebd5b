"""Where blocking work is done: a few threads for each sort of it, and no endless queue before them."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from kefu_tui.backend.problems import Refused

P = ParamSpec("P")
T = TypeVar("T")


class Gate:
    """A fixed number of threads, each with its own database connection; who waits too long is told to come later."""

    def __init__(self, name: str, places: int, patience: float = 1.0) -> None:
        self._room = asyncio.Semaphore(places)
        self._threads = ThreadPoolExecutor(places, thread_name_prefix=f"kefu-{name}")
        self._patience = patience

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does the work in one of the threads. Raises Refused `try-later` after `patience` seconds without a place."""
        try:
            async with asyncio.timeout(self._patience):
                await self._room.acquire()
        except TimeoutError:
            raise Refused("try-later", "Too many are waiting.", retry_after=random.uniform(1, 5)) from None
        try:
            return await asyncio.wrap_future(self._threads.submit(work, *args, **kwargs))
        finally:
            self._room.release()

    def close(self) -> None:
        """Ends the threads once they have done what they are doing."""
        self._threads.shutdown()

"""Customers in a thread of their own; as a child process also with a colleague who takes what piles up."""

import asyncio
import contextlib
import itertools
import pathlib
import random
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator

from kefu_tui.demo.agents import ScriptedAgent
from kefu_tui.demo.cast import Arrival, Cast, arrivals
from kefu_tui.demo.child import Order
from kefu_tui.demo.customers import Customers, Tally
from kefu_tui.demo.seat import Seat
from kefu_tui.demo.shop import open_shop
from kefu_tui.demo.story import load
from kefu_tui.desk.desk import Desk
from kefu_tui.now import system_now
from kefu_tui.operations import Refusal
from kefu_tui.operations.order import ImportOrders, ShopOrder

LAST_LOOK_S = 20.0
"""How long the last reading of everyone may take."""
GAP = 45.0
"""Seconds of the story between customers in front of a person."""
FIRST = 6
"""Customers who are there when the shop opens."""
SPARED = 4
"""Waiting customers whom the colleague leaves to the person."""
CROWDED = 14
"""With so many waiting nobody else comes."""


class Crowd:
    """All customers, in one thread. `through` is set when nobody has anything left to say."""

    def __init__(self, backend: str, speed: float, cast: Cast, desk: Desk) -> None:
        self.through = threading.Event()
        self.tally = Tally()
        self._backend, self._speed, self._cast, self._desk = backend, speed, cast, desk
        self._failure: BaseException | None = None
        self._last_look = True

    def start(self, coming: Iterable[Arrival], has_room: Callable[[], bool] = lambda: True) -> None:
        """The first customers come."""
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: self._loop.run_until_complete(self._live(coming, has_room)), name="customers", daemon=True
        )
        self._thread.start()

    def end(self, last_look: bool = True) -> Tally:
        """Nobody writes any more; everyone looks once more for replies. Raises what went wrong."""
        self._last_look = last_look
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()
        self._loop.close()
        if self._failure:
            raise self._failure
        return self.tally

    async def _live(self, coming: Iterable[Arrival], has_room: Callable[[], bool]) -> None:
        customers = Customers(self._backend, self._speed, self._cast, self._bring)
        self.tally = customers.tally
        living = asyncio.create_task(customers.come(coming, has_room))
        living.add_done_callback(lambda done: self.through.set())
        try:
            await self._ending.wait()
            if not living.done():
                living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await living
            if self._last_look:
                async with asyncio.timeout(LAST_LOOK_S):
                    await customers.read_all()
        except (Exception, asyncio.CancelledError) as error:
            self._failure = error
        finally:
            await customers.close()

    def _bring(self, orders: tuple[ShopOrder, ...]) -> None:
        """A customer's orders come into the shop by way of a desk."""
        done = self._desk.do(ImportOrders(orders=orders)).result()
        if isinstance(done, Refusal):
            raise RuntimeError(done.say("en"))


def main() -> None:
    """Told {backend, login, password, dialogues, seed, speed, seconds}; answers {ready}, then customers come."""
    order = Order()
    told = order.told
    path = pathlib.Path(told["dialogues"]) if told["dialogues"] else None
    dialogues = load(path, told["seed"])
    with (
        tempfile.TemporaryDirectory(prefix="kefu-demo-") as folder,
        Seat(pathlib.Path(folder) / "desk", told["backend"], told["login"], told["password"], "zh") as seat,
    ):
        cast, speed = Cast(), told["speed"]
        colleague = ScriptedAgent(
            seat.desk, cast, speed, random.Random(f"colleague:{told['seed']}"), accepts=0.0, leave=SPARED
        )
        crowd = Crowd(told["backend"], speed, cast, seat.desk)
        order.watch()
        order.say(ready=True)
        coming = arrivals(dialogues, open_shop(), told["seed"], system_now, GAP, FIRST)
        if told["seconds"] is not None:
            coming = _until(coming, told["seconds"] * speed)
        crowd.start(coming, lambda: not order.ended.is_set() and seat.desk.queue_count("waiting") < CROWDED)
        colleague.start()
        order.ended.wait()
        colleague.stop()
        crowd.end(last_look=False)


def _until(coming: Iterator[Arrival], seconds: float) -> Iterator[Arrival]:
    return itertools.takewhile(lambda one: one.at <= seconds, coming)


if __name__ == "__main__":
    main()

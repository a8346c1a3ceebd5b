"""Customers who write through the real chat interface over HTTP at the pace of a dialogue, and read every reply."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import httpx_sse
import msgspec

from kefu_tui.demo.cast import Arrival, Cast
from kefu_tui.operations.order import ShopOrder

PATIENCE = 180.0
"""Seconds of the story that a customer waits for an answer before it goes on by itself."""
LOOK_S = 2.0
"""A look for new messages this often, also where no poke comes."""
TIMEOUT = httpx.Timeout(15.0, connect=5.0)


class Tally:
    """What all customers did and saw. Read it when they are through."""

    def __init__(self) -> None:
        self.visitors = 0
        self.accepted: set[str] = set()
        self.replies: set[str] = set()
        self.duplicated = 0
        self.first_responses: list[float] = []
        self.sent: dict[int, list[str]] = {}


class Customers:
    """Everyone who comes. `bring` gets a customer's orders before it writes; it may block, and runs in a thread."""

    def __init__(self, backend: str, speed: float, cast: Cast, bring: Callable[[tuple[ShopOrder, ...]], None]) -> None:
        self.tally = Tally()
        self.speed = speed
        self.cast = cast
        self.bring = bring
        self._everyone: list[_Visitor] = []
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self.client = httpx.AsyncClient(base_url=backend, timeout=TIMEOUT, limits=limits)

    async def come(self, coming: Iterable[Arrival], has_room: Callable[[], bool] = lambda: True) -> None:
        """Lets everyone come at its time and go through its dialogue; returns when all are through.

        While `has_room` says no, nobody comes: the clock of the story stands.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.TaskGroup() as group:
            for arrival in coming:
                while not has_room():
                    await asyncio.sleep(1.0)
                    begun += 1.0
                await asyncio.sleep(max(0.0, begun + arrival.at / self.speed - loop.time()))
                visitor = _Visitor(self, arrival)
                self._everyone.append(visitor)
                group.create_task(visitor.live())

    async def read_all(self) -> None:
        """Everyone looks once more for what came since."""
        for visitor in self._everyone:
            await visitor.read()

    async def close(self) -> None:
        """Drops the connections."""
        await self.client.aclose()


class _Visitor:
    def __init__(self, customers: Customers, arrival: Arrival) -> None:
        self._all = customers
        self._arrival = arrival
        self._headers: dict[str, str] = {}
        self._position = 0
        self._seen: set[str] = set()
        self._heard = 0
        self._news = asyncio.Event()
        self._reading = asyncio.Lock()
        self._first_sent: float | None = None

    async def live(self) -> None:
        """From the first word to the last answer."""
        tally, dialogue = self._all.tally, self._arrival.dialogue
        asked = {"name": dialogue.name, "locale": dialogue.locale}
        welcome = await self._ask("POST", "/chat/v1/visitors", asked)
        self._headers = {"Authorization": f"Bearer {welcome['token']}"}
        tally.visitors += 1
        sent = tally.sent.setdefault(self._arrival.number, [])
        if self._arrival.orders:
            orders = [msgspec.structs.replace(one, buyer=welcome["visitor_id"]) for one in self._arrival.orders]
            await asyncio.to_thread(self._all.bring, tuple(orders))
        listening = asyncio.create_task(self._listen())
        try:
            before = "customer"
            answered = 0
            for place, turn in enumerate(dialogue.turns):
                if turn.party == "customer":
                    if before == "agent":
                        await self._answer(answered)
                    await asyncio.sleep(turn.after / self._all.speed)
                    answered = self._heard
                    await self._write(place, turn.text)
                    sent.append(turn.text)
                before = turn.party
            if before == "agent":
                await self._answer(answered)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    async def read(self) -> None:
        """Reads what is behind the last known place."""
        tally = self._all.tally
        async with self._reading:
            while self._headers:
                told = await self._ask("GET", f"/chat/v1/messages?after={self._position}")
                for line in told["messages"]:
                    self._position = line["position"]
                    if line["message_id"] in self._seen:
                        tally.duplicated += 1
                    self._seen.add(line["message_id"])
                    if line["from"] == "agent":
                        tally.replies.add(line["message_id"])
                        self._heard += 1
                        if self._heard == 1 and self._first_sent is not None:
                            tally.first_responses.append(asyncio.get_running_loop().time() - self._first_sent)
                        self._news.set()
                if not told["messages"]:
                    return

    async def _write(self, place: int, text: str) -> None:
        client_id = f"{self._arrival.number}-{place}"
        told = await self._ask("POST", "/chat/v1/messages", {"client_id": client_id, "text": text})
        if self._first_sent is None:
            self._first_sent = asyncio.get_running_loop().time()
        self._all.tally.accepted.add(told["message_id"])
        self._all.cast.enter(told["conversation_id"], self._arrival)

    async def _answer(self, heard: int) -> None:
        """Waits for more answers than were heard, as long as patience lasts."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE / self._all.speed):
                while self._heard <= heard:
                    self._news.clear()
                    await self._news.wait()

    async def _listen(self) -> None:
        """Reads at every poke, and every moment or two where none comes."""
        while True:
            with contextlib.suppress(httpx.HTTPError, httpx_sse.SSEError, TimeoutError):
                async with httpx_sse.aconnect_sse(
                    self._all.client, "GET", "/chat/v1/events", headers=self._headers
                ) as source:
                    events = source.aiter_sse()
                    while source.response.status_code == 200:
                        event = await anext(events, None)
                        if event is None:
                            break
                        position = json.loads(event.data).get("position", 0) if event.data else 0
                        if position > self._position:
                            await self.read()
            await asyncio.sleep(LOOK_S / 4)
            await self.read()

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Asks until it is answered: the same request again is harmless by its client id."""
        wait = 0.1
        while True:
            try:
                answer = await self._all.client.request(method, path, json=body, headers=self._headers)
            except httpx.HTTPError:
                await asyncio.sleep(wait)
                wait = min(wait * 2, 2.0)
                continue
            if answer.status_code in (429, 502, 503, 504):
                await asyncio.sleep(float(answer.headers.get("retry-after", wait)))
                continue
            answer.raise_for_status()
            return answer.json()

"""What happens by itself, and the bell that tells of it."""

import asyncio
import json
import threading

import pytest

from kefu_tui.backend.fanout import Fanout
from kefu_tui.backend.gate import Gate
from kefu_tui.backend.problems import Refused
from kefu_tui.now import HOUR, MINUTE

from .shop import Shop


def test_a_snoozed_conversation_wakes_at_its_time(shop: Shop) -> None:
    mei = shop.hire("mei")
    conversation = shop.visitor().say("在吗")["conversation_id"]
    other = shop.visitor().say("在吗")["conversation_id"]
    mei.claim(conversation)
    mei.claim(other)
    until = shop.clock() + HOUR
    with mei.events("/sync/v1/events") as events:
        next(events)
        mei.do("conversation.snooze", {"conversation_id": conversation, "until": until})
        result = mei.do("conversation.snooze", {"conversation_id": other, "until": until + HOUR})
        while json.loads(next(events).data)["seq"] < result["seq"]:
            pass
        assert {row["status"] for row in mei.rows("conversation")} == {"snoozed"}
        shop.clock.ahead += HOUR + MINUTE
        assert json.loads(next(events).data)["seq"] == result["seq"] + 1
    states = {row["id"]: row["status"] for row in mei.rows("conversation")}
    assert states == {conversation: "open", other: "snoozed"}
    assert shop.sql("SELECT actor_id, status FROM audit WHERE kind = 'conversation.wake'") == [("system", "applied")]


async def test_news_wake_every_waiter_and_none_is_lost() -> None:
    fanout = Fanout()
    fanout.attach(asyncio.get_running_loop())
    seen: list[list[int]] = [[], [], []]

    async def follow(mine: list[int]) -> None:
        count = 0
        while count < 500:
            count = await fanout.wait(count, 30)
            mine.append(count)

    def bring() -> None:
        for seq in range(250):
            fanout.notify(seq)

    followers = [asyncio.create_task(follow(mine)) for mine in seen]
    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    async with asyncio.timeout(30):
        await asyncio.gather(*followers)
    for thread in threads:
        thread.join()
    assert fanout.head == 249
    for mine in seen:
        assert mine == sorted(set(mine))
        assert mine[-1] == 500


async def test_a_waiter_comes_back_when_the_time_is_over_and_at_the_end() -> None:
    fanout = Fanout()
    fanout.attach(asyncio.get_running_loop())
    assert await fanout.wait(0, 0.01) == 0
    waiting = asyncio.create_task(fanout.wait(0, 60))
    await asyncio.sleep(0)
    fanout.close()
    assert await waiting == 0
    assert await fanout.wait(0, 60) == 0
    fanout.detach()
    fanout.notify(1)
    assert (fanout.news, fanout.head) == (1, 1)


async def test_a_full_gate_says_come_later() -> None:
    gate = Gate("test", 1, patience=0.01)
    busy, go = threading.Event(), threading.Event()

    def work() -> str:
        busy.set()
        go.wait()
        return "done"

    first = asyncio.create_task(gate.run(work))
    await asyncio.to_thread(busy.wait)
    with pytest.raises(Refused) as no:
        await gate.run(lambda: None)
    assert no.value.code == "try-later"
    assert 1 <= (no.value.retry_after or 0) <= 5
    go.set()
    assert await first == "done"
    assert await gate.run(lambda: 1) == 1
    gate.close()

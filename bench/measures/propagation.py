"""An operation at one desk until it stands in another desk's store: one backend, real HTTP over loopback."""

import json
import threading
import time
import urllib.request

from bench.figures import Figure, spread
from bench.ground import Ground
from kefu_tui.demo.run import hire, shop_open
from kefu_tui.demo.seat import Seat
from kefu_tui.demo.shop import open_shop
from kefu_tui.desk import Changed, Refusal

TIMES = 60
LONGEST_S = 10.0
PAUSE_S = 0.15
"""Between operations, so that each poke is the first of its kind."""


def measure(ground: Ground) -> list[Figure]:
    """Notes of one agent, seen by a colleague."""
    accounts = hire(open_shop(), 2)
    with shop_open(accounts) as (backend, folder):
        here, there = (Seat(folder / one.login, backend, one.login, one.password, "zh") for one in accounts)
        with here, there:
            return spread("operation → another desk", _times(here, there, backend), "ms", p50="≤ 10", p99="≤ 50")


def _times(here: Seat, there: Seat, backend: str) -> list[float]:
    heard = threading.Condition()
    count = 0

    def changed(what: Changed) -> None:
        nonlocal count
        with heard:
            count += 1
            heard.notify_all()

    there.desk.subscribe(changed)
    token = post(f"{backend}/chat/v1/visitors", {"name": "王思齐"})["token"]
    id = post(f"{backend}/chat/v1/messages", {"client_id": "1", "text": "在吗"}, token)["conversation_id"]
    while here.desk.head(id) is None or there.desk.head(id) is None:
        time.sleep(0.05)
    samples = []
    for place in range(TIMES):
        time.sleep(PAUSE_S)
        text = f"备注 {place}"
        begun = time.perf_counter()
        done = here.desk.note(id, text).result()
        assert not isinstance(done, Refusal), done
        with heard:
            while text not in [item.text for item in there.desk.thread(id)]:
                if not heard.wait(LONGEST_S):
                    raise TimeoutError(f"{text} did not arrive")
        samples.append((time.perf_counter() - begun) * 1e3)
    return samples


def post(url: str, body: dict[str, str], token: str = "") -> dict[str, str]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        told: dict[str, str] = json.load(answer)
    return told

"""`kefu demo`: a shop that lives for a while, with real parts, in front of a person or of scripted agents."""

import contextlib
import importlib.util
import pathlib
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kefu_tui.demo.agents import ScriptedAgent
from kefu_tui.demo.cast import Arrival, Cast, arrivals, digest, gap_for, within
from kefu_tui.demo.child import Child, ChildFailed
from kefu_tui.demo.crowd import Crowd
from kefu_tui.demo.customers import Tally
from kefu_tui.demo.front import work_at
from kefu_tui.demo.seat import Seat
from kefu_tui.demo.shop import Shop, open_shop
from kefu_tui.demo.story import load
from kefu_tui.now import system_now
from kefu_tui.spoken import Spoken

DRAIN_S = 60.0
"""How long after the intake everything may take to come to rest."""
REST_S = 0.1
MOST_AGENTS = 32


class DemoError(Spoken):
    """The demo cannot run; the message is one line that says why and what to do."""


class Account(NamedTuple):
    """An agent of the demo."""

    login: str
    name: str
    password: str


def run_demo(
    headless: bool = False,
    minutes: float | None = None,
    speed: float = 1.0,
    seed: int = 1,
    agents: int = 2,
    dialogues: pathlib.Path | None = None,
    lang: str = "zh",
    theme: str | None = None,
) -> dict[str, Any]:
    """Runs the demo and returns its summary: {customers, messages_in, replies, delivered, lost, duplicated,
    first_response_p50_s, resolved, keystrokes_per_resolved, seconds} and `conversations`, a digest of what was written.

    `minutes` are real minutes of intake (1 without a screen if not told, else no end), `speed` divides its pauses,
    `agents` work where there is no screen; with one the summary is empty. Raises DemoError, StoryError.
    """
    if not 0 < speed <= 1000:
        raise DemoError(f"--speed {speed:g}：0 到 1000 之间", f"--speed {speed:g}: between 0 and 1000")
    if minutes is not None and not 0 < minutes <= 24 * 60:
        raise DemoError(f"--minutes {minutes:g}：不超过一天", f"--minutes {minutes:g}: between 0 and a day")
    if not 1 <= agents <= MOST_AGENTS:
        raise DemoError(
            f"--agents {agents}：1 到 {MOST_AGENTS} 之间", f"--agents {agents}: between 1 and {MOST_AGENTS}"
        )
    need_backend()
    told = load(dialogues, seed)
    if headless:
        shop = open_shop()
        seconds = (minutes or 1.0) * 60
        gap = gap_for(told, agents, speed)
        coming = within(arrivals(told, shop, seed, system_now, gap, min(agents, 3)), seconds * speed)
        return _headless(coming, shop, seconds, speed, seed, agents)
    _workstation(dialogues, minutes, speed, seed, lang, theme)
    return {}


def need_backend() -> None:
    """Raises DemoError where what the backend is made of is not installed."""
    for module in ("fastapi", "uvicorn", "prometheus_client"):
        if importlib.util.find_spec(module) is None:
            raise DemoError(
                f"没有装 {module}。运行：pip install 'kefu-tui[backend]'",
                f"{module} is not installed. Run: pip install 'kefu-tui[backend]'",
            )


@contextlib.contextmanager
def shop_open(accounts: Sequence[Account]) -> Iterator[tuple[str, pathlib.Path]]:
    """A backend with these accounts on a free port, and a folder; both are gone afterwards. Raises DemoError."""
    with tempfile.TemporaryDirectory(prefix="kefu-demo-", ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        with open(folder / "backend.err", "w", encoding="utf-8") as errors:
            backend = Child("kefu_tui.demo.serving", errors)
        try:
            known = [{**account._asdict(), "role": "agent"} for account in accounts]
            try:
                answer = backend.ask(data=str(folder / "backend"), port=0, demo=True, accounts=known)
            except ChildFailed as error:
                last = (folder / "backend.err").read_text(encoding="utf-8").strip().splitlines()[-1:]
                raise DemoError(
                    " ".join([f"后台没有起来：{error}。", *last]),
                    " ".join([f"The backend did not start: {error}.", *last]),
                ) from None
            yield answer["ready"], folder
        finally:
            backend.close()


def hire(shop: Shop, count: int) -> list[Account]:
    """Agents of the shop with passwords that nobody needs to know."""
    names = shop.agents
    return [Account(f"agent{n + 1}", names[n % len(names)], secrets.token_urlsafe(16)) for n in range(count)]


def _headless(
    coming: list[Arrival], shop: Shop, intake_s: float, speed: float, seed: int, count: int
) -> dict[str, Any]:
    accounts = hire(shop, count)
    with shop_open(accounts) as (backend, folder), contextlib.ExitStack() as stack:
        seats = [
            stack.enter_context(Seat(folder / one.login, backend, one.login, one.password, "zh")) for one in accounts
        ]
        cast = Cast()
        agents = [
            ScriptedAgent(seat.desk, cast, speed, random.Random(f"agent:{seed}:{place}"))
            for place, seat in enumerate(seats)
        ]
        crowd = Crowd(backend, speed, cast, seats[0].desk)
        begun = time.monotonic()
        crowd.start(coming)
        for agent in agents:
            agent.start()
            stack.callback(agent.stop)
        end = begun + intake_s + DRAIN_S
        _wait(lambda: crowd.through.is_set() or any(agent.failure for agent in agents), end)
        _wait(lambda: all(_at_rest(seat) for seat in seats) or any(agent.failure for agent in agents), end)
        time.sleep(max(0.0, begun + intake_s - time.monotonic()))
        for agent in agents:
            agent.stop()
        tally = crowd.end()
        _wait(lambda: all(_is_level(seat) for seat in seats) and tally.accepted <= _messages(seats, "customer"), end)
        for agent in agents:
            if agent.failure:
                raise agent.failure
        return _summary(coming, tally, seats, agents, time.monotonic() - begun)


def _summary(
    coming: list[Arrival], tally: Tally, seats: list[Seat], agents: list[ScriptedAgent], seconds: float
) -> dict[str, Any]:
    replies = _messages(seats, "agent")
    unseen = tally.accepted - _messages(seats, "customer")
    unread = replies - tally.replies
    resolved = len(_ids(seats, "SELECT id FROM conversation WHERE status = 'resolved'"))
    keystrokes = sum(agent.keystrokes for agent in agents)
    return {
        "customers": tally.visitors,
        "messages_in": len(tally.accepted),
        "replies": len(replies),
        "delivered": len(replies & tally.replies),
        "lost": len(unseen) + len(unread),
        "duplicated": tally.duplicated,
        "first_response_p50_s": round(statistics.median(tally.first_responses), 3) if tally.first_responses else None,
        "resolved": resolved,
        "keystrokes_per_resolved": round(keystrokes / resolved, 1) if resolved else None,
        "seconds": round(seconds, 1),
        "conversations": digest(coming, tally.sent),
    }


def _messages(seats: list[Seat], author: str) -> set[str]:
    """What of an author the backend has committed and some desk has."""
    return _ids(
        seats,
        "SELECT id FROM message WHERE author = ? AND kind = 'text' AND conv_pos IS NOT NULL",
        author,
    )


def _ids(seats: list[Seat], sql: str, *values: str) -> set[str]:
    found: set[str] = set()
    for seat in seats:
        with seat.store.read() as connection:
            found.update(id for (id,) in connection.execute(sql, values))
    return found


def _at_rest(seat: Seat) -> bool:
    """Nobody waits, nothing is open, nothing is on its way."""
    return seat.desk.queue_count("waiting") == seat.desk.queue_count("mine") == 0 and _is_level(seat)


def _is_level(seat: Seat) -> bool:
    status = seat.desk.status()
    return status.pending == 0 and status.state in ("online", "polling")


def _wait(done: Any, end: float) -> None:
    """Waits until something holds, or until the end (monotonic seconds)."""
    while not done() and time.monotonic() < end:
        time.sleep(REST_S)


def _workstation(
    dialogues: pathlib.Path | None, minutes: float | None, speed: float, seed: int, lang: str, theme: str | None
) -> None:
    zh = lang == "zh"
    _say("正在开店……" if zh else "Opening the shop…")
    me, colleague = hire(open_shop(), 2)
    with shop_open((me, colleague)) as (backend, folder), contextlib.ExitStack() as stack:
        crowd = Child("kefu_tui.demo.crowd")
        stack.callback(crowd.close)
        seat = stack.enter_context(Seat(folder / "desk", backend, me.login, me.password, lang))
        told = {"backend": backend, "login": colleague.login, "password": colleague.password, "seed": seed}
        crowd.ask(
            **told,
            dialogues=str(dialogues.resolve()) if dialogues else None,
            speed=speed,
            seconds=minutes * 60 if minutes else None,
        )
        work_at(seat.desk, backend, theme)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

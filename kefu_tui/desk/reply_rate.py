"""The reply rate at the desk, from the rounds that the clocks of its conversations tell."""

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from kefu_tui.config import box
from kefu_tui.now import DAY
from kefu_tui.rules.calendar import local_us, utc_us
from kefu_tui.rules.reply_rate import Platform, PlatformError, Rate, Round, parse_platform, rate

if TYPE_CHECKING:
    from kefu_tui.desk.reads import Reads

Who = Literal["mine", "group"]
ROUNDS = ("first_response_chat", "first_response_async", "next_response")
"""Clocks that run from the first unanswered message to the reply of a person."""


class Figure(NamedTuple):
    """A rate, and what it is of. Times in µs UTC."""

    platform: Platform
    rate: Rate
    since: int
    until: int


@lru_cache(maxsize=16)
def platform(name: str) -> Platform:
    """A definition that ships. Raises PlatformError where there is none of this name."""
    path = box("platforms", f"{name}.toml")
    if not name.isidentifier() or not path.is_file():
        raise PlatformError(f"{name}: {', '.join(names())}")
    return parse_platform(tomllib.loads(path.read_text(encoding="utf-8")))


def names() -> list[str]:
    """The definitions that ship."""
    return sorted(one.stem for one in box("platforms").glob("*.toml"))


def reply_rate(desk: "Reads", name: str, who: Who = "mine", day: int | None = None) -> Figure:
    """The figure of the days that the definition asks for, the last of them that of `day` (µs UTC; without, today)."""
    kind, zone = platform(name), desk.zone()
    now = desk.now()
    midnight = local_us(now if day is None else day, zone) // DAY * DAY
    since, until = utc_us(midnight - (kind.days - 1) * DAY, zone), utc_us(midnight + DAY, zone)
    marks = ", ".join(f"'{one}'" for one in ROUNDS)
    with desk.store.read() as connection:
        found = connection.execute(
            "SELECT k.conversation_id, c.customer_id, k.started_at, k.stopped_at, k.kind <> 'next_response' "
            "FROM clock k JOIN conversation c ON c.id = k.conversation_id "
            f"WHERE k.kind IN ({marks}) AND k.started_at >= ? AND k.started_at < ? AND k.outcome <> 'void' "
            + ("AND c.assignee_id = ?" if who == "mine" else "AND ? <> ''"),
            (since, until, desk.agent_id),
        )
        rounds = [Round(id, customer, asked, answered, bool(first)) for id, customer, asked, answered, first in found]
    return Figure(kind, rate(kind, rounds, min(now, until), zone), since, until)

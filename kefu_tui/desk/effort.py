"""Keys and seconds that conversations took this agent: counted in memory, kept between keys."""

from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from kefu_tui.model.sql import Connection
from kefu_tui.now import DAY, SECOND
from kefu_tui.rules.shortcuts import Hint, Watch
from kefu_tui.store.engine import IDLE
from kefu_tui.text import day

if TYPE_CHECKING:
    from kefu_tui.desk.desk import Desk

AWAY = 60
"""Seconds without a key after which a conversation on screen no longer counts."""


class Day(NamedTuple):
    """What was resolved on a day, and what it took: keys and seconds for each, the middle one and the ninth of ten."""

    day: str
    resolved: int
    keys_p50: int
    keys_p90: int
    seconds_p50: int
    seconds_p90: int


class Use(NamedTuple):
    """How often a command was used, by its ways."""

    command: str
    by_key: int
    by_palette: int


class Missed(NamedTuple):
    """A shorter way that was there, how often, for which command."""

    name: str
    command: str
    times: int


class Stats(NamedTuple):
    """What an agent's hands did: day by day, the newest last; commands, most used first; shorter ways, most missed first."""

    days: tuple[Day, ...]
    uses: tuple[Use, ...]
    missed: tuple[Missed, ...]


class Effort:
    """Keys and seconds that conversations took this agent."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._watch = Watch()
        self._keys: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()
        self._uses: Counter[tuple[str, str]] = Counter()
        self._at: int | None = None
        self.hint: Hint | None = None
        """The shorter way that was there last, until it is told."""

    def pressed(self, conversation_id: str | None) -> None:
        """A key was pressed while a conversation was open."""
        now = self._desk.now()
        if conversation_id is not None:
            self._keys[conversation_id] += 1
            if self._at is not None:
                self._seconds[conversation_id] += min(AWAY * SECOND, now - self._at)
        self._at = now

    def used(self, command: str, way: str, has_key: bool) -> None:
        """A command was used by `key`, `palette` or `mouse`."""
        self._uses[command, way] += 1
        self._told(self._watch.used(command, way, has_key))

    def inserted(self, by: str, place: int, offered: bool, typed: int) -> None:
        """A canned reply was put in: by `search`, `number` or `accept`."""
        self._told(self._watch.inserted(by, place, offered, typed))

    def _told(self, hint: Hint | None) -> None:
        if hint is not None:
            self.hint = hint
            self._uses[f"{hint.name}:{hint.command}", "long"] += 1

    def keep(self) -> "Future[None] | None":
        """Writes down what was counted since; None where there was nothing. For moments in which nobody waits."""
        if not (self._keys or self._uses):
            return None
        keys, seconds, uses = self._keys, self._seconds, self._uses
        self._keys, self._seconds, self._uses = Counter(), Counter(), Counter()
        now, zone = self._desk.now(), self._desk.zone()
        today = day(now, 0, zone, "en")

        def work(connection: Connection) -> None:
            connection.executemany(
                "INSERT INTO effort (conversation_id, keys, seconds) VALUES (?, ?, ?) ON CONFLICT (conversation_id) DO UPDATE "
                "SET keys = keys + excluded.keys, seconds = seconds + excluded.seconds",
                [(id, many, seconds[id] // SECOND) for id, many in keys.items()],
            )
            connection.executemany(
                "INSERT INTO key_use (day, command, way, uses) VALUES (?, ?, ?, ?) ON CONFLICT (day, command, way) "
                "DO UPDATE SET uses = uses + excluded.uses",
                [(today, command, way, many) for (command, way), many in uses.items()],
            )
            connection.execute(
                "UPDATE effort SET resolved_at = (SELECT c.resolved_at FROM conversation c WHERE c.id = conversation_id) "
                "WHERE resolved_at IS NULL AND conversation_id IN (SELECT c.id FROM conversation c WHERE c.status = 'resolved')"
            )

        return self._desk.store.write(work, IDLE)

    def stats(self, days: int = 7) -> Stats:
        """What the hands did in the last days, today included."""
        now, zone = self._desk.now(), self._desk.zone()
        since = now - days * DAY
        with self._desk.store.read() as connection:
            effort = connection.execute(
                "SELECT resolved_at, keys, seconds FROM effort WHERE resolved_at >= ? ORDER BY resolved_at", (since,)
            ).fetchall()
            uses = connection.execute(
                "SELECT command, way, sum(uses) FROM key_use WHERE day >= ? GROUP BY command, way",
                (day(since, 0, zone, "en"),),
            ).fetchall()
        by_day: dict[str, list[tuple[int, int]]] = {}
        for at, keys, seconds in effort:
            by_day.setdefault(day(at, 0, zone, "en"), []).append((keys, seconds))
        shown = []
        for name, some in by_day.items():
            keys, seconds = sorted(one[0] for one in some), sorted(one[1] for one in some)
            shown.append(Day(name, len(some), _at(keys, 0.5), _at(keys, 0.9), _at(seconds, 0.5), _at(seconds, 0.9)))
        ways: dict[str, dict[str, int]] = {}
        missed = []
        for command, way, many in uses:
            if way == "long":
                hint, _, of = command.partition(":")
                missed.append(Missed(hint, of, many))
            else:
                ways.setdefault(command, {})[way] = many
        used = [Use(command, by.get("key", 0), by.get("palette", 0)) for command, by in ways.items()]
        return Stats(
            tuple(shown),
            tuple(sorted(used, key=lambda one: (-one.by_key - one.by_palette, one.command))),
            tuple(sorted(missed, key=lambda one: (-one.times, one.name, one.command))),
        )


def _at(ordered: list[int], share: float) -> int:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

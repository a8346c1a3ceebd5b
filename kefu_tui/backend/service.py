"""The service in one hand: database, commits, time, ids, the bell, settings and the threads that work for requests."""

import pathlib
from dataclasses import dataclass, field
from typing import Annotated

from argon2 import PasswordHasher
from fastapi import Depends, Request

from kefu_tui.backend.commits import Commits, News
from kefu_tui.backend.database import Database
from kefu_tui.backend.fanout import Fanout
from kefu_tui.backend.gate import Gate
from kefu_tui.backend.load import LARGE
from kefu_tui.backend.metrics import Metrics
from kefu_tui.backend.rate import Buckets, Streams
from kefu_tui.ids import Ids
from kefu_tui.now import DAY, MINUTE, SECOND, Now


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a shop may set. Times are microseconds; names that end in `_s` are seconds."""

    data_dir: pathlib.Path
    token_life: int = 30 * DAY
    free_tries: int = 5
    """Failed sign-ins of one login before it is locked; four times as many of one address."""
    first_lock: int = 30 * SECOND
    longest_lock: int = 15 * MINUTE
    visitor_burst: int = 20
    visitor_rate: float = 5.0
    address_burst: int = 200
    address_rate: float = 1.0
    allow_private_webhooks: bool = False
    webhook_tries: int = 12
    webhook_first_wait: int = SECOND
    webhook_longest_wait: int = 10 * MINUTE
    removals_kept: int = 90 * DAY
    """A desk that was away for longer begins anew: it could not be told what was removed."""
    load_from: int = LARGE
    """Entries of a group from which on a new desk loads it before it pulls."""
    ping_s: float = 15.0
    poke_gap_s: float = 0.08
    most_streams: int = 5000
    most_streams_each: int = 8


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything an endpoint needs; nothing of it is global, so that many can live in one process."""

    database: Database
    commits: Commits
    now: Now
    ids: Ids
    fanout: Fanout
    settings: Settings
    metrics: Metrics
    hasher: PasswordHasher
    visitors: Buckets
    """Messages of each visitor."""
    addresses: Buckets
    """New visitors from each address."""
    streams: Streams
    pushing: Gate = field(default_factory=lambda: Gate("push", 2))
    pulling: Gate = field(default_factory=lambda: Gate("pull", 3))
    writing: Gate = field(default_factory=lambda: Gate("write", 2, patience=5))
    """Customers' messages and sign-ins."""
    reading: Gate = field(default_factory=lambda: Gate("read", 3, patience=5))
    hashing: Gate = field(default_factory=lambda: Gate("hash", 2, patience=5))
    """Passwords: each takes 64 MB of memory for a moment."""

    def close(self) -> None:
        """Ends the threads and closes the database."""
        for gate in (self.pushing, self.pulling, self.writing, self.reading, self.hashing):
            gate.close()
        self.database.close()


def assemble(
    database: Database, now: Now, ids: Ids, settings: Settings, hasher: PasswordHasher | None = None
) -> Service:
    """A service around an open database."""
    fanout, metrics = Fanout(), Metrics()

    def committed(news: News) -> None:
        metrics.committed(news.seq)
        fanout.notify(news.seq, news.groups)

    return Service(
        database=database,
        commits=Commits(database, now, committed),
        now=now,
        ids=ids,
        fanout=fanout,
        settings=settings,
        metrics=metrics,
        hasher=hasher or PasswordHasher(),
        visitors=Buckets(now, settings.visitor_burst, settings.visitor_rate),
        addresses=Buckets(now, settings.address_burst, settings.address_rate),
        streams=Streams(settings.most_streams, settings.most_streams_each),
    )


async def _service(request: Request) -> Service:
    # A coroutine, as every dependency: a plain function is called in a thread, to and fro in each request.
    service: Service = request.app.state.service
    return service


Here = Annotated[Service, Depends(_service)]
"""The service that an endpoint runs in."""

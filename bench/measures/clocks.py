"""Clocks at the backend: one event's computation, and a policy that comes into force while very many run."""

import json
import pathlib
import tempfile
import time

from bench.figures import Figure, spread
from bench.ground import Ground
from kefu_tui.backend import index
from kefu_tui.backend.bootstrap import prepare
from kefu_tui.backend.jobs import Jobs
from kefu_tui.backend.service import Service, Settings
from kefu_tui.ids import Ids
from kefu_tui.model.rows import Clock, Conversation, Customer, Group, Row
from kefu_tui.model.sql import Reader
from kefu_tui.now import HOUR, MINUTE, system_now
from kefu_tui.operations import timing
from kefu_tui.operations.service_policy import PlanPolicy
from kefu_tui.operations.view import View

EVENTS = 300
BATCH = 1_000


def measure(ground: Ground) -> list[Figure]:
    """As many running clocks as the store has conversations, in the hours of a shop with a lunch break."""
    many = ground.conversations
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        settings = Settings(data_dir=place)
        service = prepare(place, system_now, Ids(system_now), settings=settings, environ={}, say=lambda line: None)
        try:
            _fill(service, many)
            samples = _events(service)
            seconds, moved = _change(service)
        finally:
            service.close()
    return [
        *spread("clocks: one event computed", samples, "ms", p99="≤ 5"),
        Figure(f"clocks: a policy change computed for {many:,}", seconds, "s", "≤ 30 at ×100"),
        Figure("clocks: of these due at another time", float(moved), ""),
    ]


def _fill(service: Service, many: int) -> None:
    now, ids = system_now(), service.ids
    with service.database.read() as connection:
        (group,) = connection.execute("SELECT id FROM agent_group WHERE name = 'default'").fetchone()
    for begin in range(0, many, BATCH):
        rows: list[Row] = []
        for number in range(begin, min(many, begin + BATCH)):
            customer = Customer(id=ids(), channel="web", external_id=f"b{number}", first_seen_at=now)
            conversation = Conversation(
                id=ids(), customer_id=customer.id, channel="web", group_id=group, opened_at=now, last_at=now
            )
            clock = Clock(
                id=ids(),
                conversation_id=conversation.id,
                kind=("first_response_chat", "resolution")[number % 2],
                started_at=now - number % 600 * MINUTE,
                due_at=now + HOUR,
            )
            rows += [customer, conversation, clock]
        with service.database.write() as connection:
            (seq,) = connection.execute("UPDATE sync_head SET seq = seq + 1 RETURNING seq").fetchone()
            view = View(Reader(connection))
            for row in rows:
                view.put(row)
            index.write(connection, view, seq)
            connection.execute("INSERT INTO sync_commit (seq, at) VALUES (?, ?)", (seq, now))


def _events(service: Service) -> list[float]:
    """A customer writes, or an agent answers: clocks of one conversation stop, begin, and the first is repeated on it."""
    samples = []
    with service.database.read() as connection:
        found = [id for (id,) in connection.execute("SELECT id FROM conversation LIMIT ?", (EVENTS,))]
        for number, id in enumerate(found):
            view = View(Reader(connection))
            conversation = view.get(Conversation, id)
            assert conversation is not None
            begun = time.perf_counter()
            timing.happened(view, conversation, ("replied", "round")[number % 2], system_now(), f"cause {number}")
            timing.settle(view, conversation)
            samples.append((time.perf_counter() - begun) * 1e3)
            assert view.get(Group, conversation.group_id) is not None
    return samples


def _change(service: Service) -> tuple[float, int]:
    """Seconds until every running clock is computed by another policy, and how many moved."""
    with service.database.read() as connection:
        (body,) = connection.execute("SELECT body FROM policy WHERE id = 'default'").fetchone()
    told = json.loads(body)
    told["shift"] = {"daily": ["09:00-12:00", "13:00-21:00"]}
    told["clock"]["resolution"]["target"] = "36h"
    plan = PlanPolicy(version_id="bench", name="bench", body=json.dumps(told), effective_at=0)
    service.commits.run(plan, service.ids())
    jobs = Jobs(service)
    begun = time.perf_counter()
    while True:
        jobs.look()
        with service.database.read() as connection:
            finished, moved = connection.execute("SELECT finished_at, moved FROM policy_version").fetchone()
        if finished is not None:
            return time.perf_counter() - begun, moved

"""The outbound worker: takes replies that wait for a webhook, transmits them in order, and records how it went."""

import logging
import random
from collections.abc import Callable
from typing import NamedTuple

import httpx

from kefu_tui.backend.courier import Courier
from kefu_tui.backend.service import Service
from kefu_tui.backend.words import moment
from kefu_tui.channels.base import Channel, Delivery, Outgoing
from kefu_tui.channels.webhook import WebhookChannel
from kefu_tui.failpoints import reach
from kefu_tui.ids import derive
from kefu_tui.operations.delivery import Delivered

_log = logging.getLogger("kefu.backend")

_DUE = """
SELECT o.message_id, o.conversation_id, k.external_id, m.text, m.at, o.attempts, o.doubtful, h.name, h.address, h.secret
FROM outbound o
JOIN channel h ON h.name = o.channel AND h.kind = 'webhook'
JOIN message m ON m.id = o.message_id
JOIN conversation c ON c.id = o.conversation_id
JOIN customer k ON k.id = c.customer_id
WHERE o.state IN ('queued', 'sending') AND o.next_at <= ? AND NOT EXISTS (
  SELECT 1 FROM outbound e JOIN message n ON n.id = e.message_id
  WHERE e.conversation_id = o.conversation_id AND e.state IN ('queued', 'sending') AND n.conv_pos < m.conv_pos)
ORDER BY o.next_at, o.message_id LIMIT 50
"""
"""Replies that are due and first in their conversation. Those found as `sending` were cut off by a crash: the receiver
has the message id as its idempotency key, so they go again."""


class _Job(NamedTuple):
    reply: Outgoing
    attempts: int
    doubtful: int
    channel: str
    address: str
    secret: str


class Outbound(Courier):
    """Delivers. A channel that fails waits as a whole, so that it does not hold up the others."""

    name = "outbound"

    def __init__(self, service: Service, jitter: Callable[[], float] = random.random) -> None:
        super().__init__(service, jitter)
        self._resting: dict[str, int] = {}
        """Until when (µs UTC) a channel is left alone."""

    def round(self, http: httpx.Client) -> bool:
        """Tries every reply that is due once; True when there was one."""
        jobs = [job for job in self._due() if self._resting.get(job.channel, 0) <= self._service.now()]
        tried = False
        for job in jobs:
            if self._ending.is_set():
                return False
            if self._resting.get(job.channel, 0) > self._service.now():
                continue
            tried = True
            allowed = self._service.settings.allow_private_webhooks
            channel = WebhookChannel(job.address, job.secret, http, allow_private=allowed)
            self._try(job, channel)
        return tried

    def _due(self) -> list[_Job]:
        with self._service.database.read() as connection:
            found = connection.execute(_DUE, (self._service.now(),)).fetchall()
        return [
            _Job(Outgoing(id, conversation_id, external_id, text, moment(at)), *rest)
            for id, conversation_id, external_id, text, at, *rest in found
        ]

    def _try(self, job: _Job, channel: Channel) -> None:
        """Marks the reply as under way, transmits it, records the end; a crash in between leaves the mark."""
        with self._service.database.write() as connection:
            taken = connection.execute(
                "UPDATE outbound SET state = 'sending', attempts = attempts + 1 "
                "WHERE message_id = ? AND attempts = ? AND state IN ('queued', 'sending')",
                (job.reply.message_id, job.attempts),
            )
        if not taken.rowcount:  # another process did, which had the turn before or has it now
            return
        reach("outbound.before-send")
        try:
            said = channel.deliver(job.reply, self._service.now())
        except Exception as error:
            _log.exception("channel %s", job.channel)
            said = Delivery(False, f"{type(error).__name__}: {error}", doubtful=True)
        reach("outbound.after-send")
        attempts, doubtful = job.attempts + 1, int(job.doubtful or said.doubtful)
        if said.delivered:
            self._resting.pop(job.channel, None)
            self._end(job, "sent", said, 0)
        elif attempts >= self._service.settings.webhook_tries:
            self._end(job, "unknown" if doubtful else "failed", said, doubtful)
        else:
            self._later(job, said, attempts, doubtful)

    def _later(self, job: _Job, said: Delivery, attempts: int, doubtful: int) -> None:
        next_at = self._again_at(attempts)
        self._resting[job.channel] = next_at
        _log.warning("channel %s: %s", job.channel, said.error)
        self._service.metrics.deliveries.labels("retry").inc()
        with self._service.database.write() as connection:
            connection.execute(
                "UPDATE outbound SET state = 'queued', next_at = ?, error = ?, doubtful = ? WHERE message_id = ?",
                (next_at, said.error, doubtful, job.reply.message_id),
            )

    def _end(self, job: _Job, state: str, said: Delivery, doubtful: int) -> None:
        if state != "sent":
            _log.error("channel %s: given up after %d attempts: %s", job.channel, job.attempts + 1, said.error)
        self._service.metrics.deliveries.labels(state).inc()
        reply = job.reply
        operation = Delivered(
            conversation_id=reply.conversation_id,
            message_id=reply.message_id,
            state=state,  # type: ignore[arg-type]
        )
        with self._service.database.write() as connection:
            connection.execute(
                "UPDATE outbound SET state = ?, error = ?, doubtful = ? WHERE message_id = ?",
                (state, said.error or None, doubtful, reply.message_id),
            )
            op_id = derive("delivered", reply.message_id, state)
            _, news = self._service.commits.within(connection, operation, op_id)
        if news:
            self._service.commits.on_commit(news)

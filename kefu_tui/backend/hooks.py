"""What rules post to other systems: signed like replies, tried again for a while, and how it went is told."""

import logging
import random
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import httpx

from kefu_tui.backend.courier import Courier
from kefu_tui.backend.service import Service
from kefu_tui.backend.words import moment
from kefu_tui.channels.base import Delivery
from kefu_tui.channels.webhook import WebhookChannel
from kefu_tui.ids import derive
from kefu_tui.operations.automation import Posted

_log = logging.getLogger("kefu.backend")

_DUE = """
SELECT r.id, r.conversation_id, coalesce(a.name, ''), r.event, r.hook_text, r.at, c.kind, c.status, c.priority, k.external_id,
       h.name, h.address, h.secret
FROM automation_run r
JOIN conversation c ON c.id = r.conversation_id
LEFT JOIN automation a ON a.id = r.rule_id
LEFT JOIN customer k ON k.id = c.customer_id
LEFT JOIN channel h ON h.name = r.hook AND h.kind = 'webhook' AND h.address <> ''
WHERE r.hook_state = 'queued' ORDER BY r.at, r.id LIMIT 50
"""


class _Post(NamedTuple):
    run_id: str
    conversation_id: str
    told: dict[str, Any]
    channel: str | None
    address: str
    secret: str


class Hooks(Courier):
    """Posts. How often a post was tried is kept in memory: a new process begins anew."""

    name = "hooks"

    def __init__(self, service: Service, jitter: Callable[[], float] = random.random) -> None:
        super().__init__(service, jitter)
        self._tried: dict[str, tuple[int, int]] = {}
        """By run: attempts, and when the next one is due (µs UTC)."""

    def round(self, http: httpx.Client) -> bool:
        """Tries every post that is due once; True when there was one."""
        tried = False
        for post in self._due():
            attempts, next_at = self._tried.get(post.run_id, (0, 0))
            if self._ending.is_set():
                return False
            if next_at <= self._service.now():
                self._try(http, post, attempts + 1)
                tried = True
        return tried

    def _due(self) -> list[_Post]:
        with self._service.database.read() as connection:
            found = connection.execute(_DUE).fetchall()
        posts = []
        for id, conversation_id, rule, event, text, at, kind, status, priority, external_id, *channel in found:
            told = {
                "type": "automation.run",
                "run_id": id,
                "rule": rule,
                "event": event,
                "text": text,
                "at": moment(at),
                "conversation": {"id": conversation_id, "kind": kind, "status": status, "priority": priority},
                "customer": {"external_id": external_id},
            }
            posts.append(_Post(id, conversation_id, told, *channel))
        return posts

    def _try(self, http: httpx.Client, post: _Post, attempts: int) -> None:
        settings, now = self._service.settings, self._service.now()
        if post.channel is None:
            said = Delivery(False, "no such channel, or it has no address")
            attempts = settings.webhook_tries
        else:
            allowed = settings.allow_private_webhooks
            said = WebhookChannel(post.address, post.secret, http, allow_private=allowed).tell(
                post.run_id, post.told, now
            )
        if said.delivered or attempts >= settings.webhook_tries:
            self._tried.pop(post.run_id, None)
            state: Literal["sent", "failed"] = "sent" if said.delivered else "failed"
            operation = Posted(conversation_id=post.conversation_id, run_id=post.run_id, state=state)
            self._service.commits.run(operation, derive("posted", post.run_id, state, str(now)))
        else:
            self._tried[post.run_id] = attempts, self._again_at(attempts)
        if not said.delivered:
            _log.warning("hook %s: %s", post.channel or post.told["rule"], said.error)

"""What every channel can do: deliver one reply and say how it went."""

from typing import NamedTuple, Protocol


class Outgoing(NamedTuple):
    """A reply on its way to a customer. `message_id` is the idempotency key; `sent_at` is RFC 3339."""

    message_id: str
    conversation_id: str
    external_id: str
    text: str
    sent_at: str


class Delivery(NamedTuple):
    """How an attempt went. `doubtful`: it failed, but the customer may have got it."""

    delivered: bool
    error: str = ""
    doubtful: bool = False


class Channel(Protocol):
    """A way to customers."""

    def deliver(self, reply: Outgoing, now: int) -> Delivery:
        """Tries once; `now` is µs UTC. Never raises for what the other side does."""
        ...

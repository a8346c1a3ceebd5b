"""Channels of kind webhook: replies go out as signed POSTs (Standard Webhooks), messages come in the same way."""

import base64
import hmac
import ipaddress
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from standardwebhooks import Webhook

from kefu_tui.certificates import trusted
from kefu_tui.channels.base import Delivery, Outgoing

WINDOW = 300
"""Seconds a signature may be old, or ahead of our time."""

TIMEOUT = 10.0

Resolve = Callable[[str, int], list[str]]
"""The addresses of a host, for a port."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BadSignature(Exception):
    """A message from outside is not signed as it must be; the message says what is wrong."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: int) -> None:
    """Checks the signature of an incoming message; `now` is µs UTC. Raises BadSignature."""
    id, stamp, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not id or not signatures or not (stamp.isascii() and stamp.isdecimal()):
        raise BadSignature("webhook-id, webhook-timestamp and webhook-signature are needed.")
    if len(stamp) > 11 or abs(int(stamp) - now // 1_000_000) > WINDOW:
        raise BadSignature(f"The signature's time is more than {WINDOW // 60} minutes away.")
    try:
        expected = sign(secret, id, int(stamp), body.decode())
    except UnicodeDecodeError:
        raise BadSignature("The body is not UTF-8.") from None
    given = signatures.encode("utf-8", "replace").split(b" ")
    if not any(hmac.compare_digest(one, expected.encode()) for one in given):
        raise BadSignature("No signature fits.")


def sign(secret: str, id: str, seconds: int, body: str) -> str:
    """The signature of a body at a time (seconds since the epoch), as the header says it: `v1,…`."""
    return Webhook(secret).sign(id, datetime.fromtimestamp(seconds, UTC), body)


def fresh_secret(random: Callable[[int], bytes]) -> str:
    """A new secret in the form of Standard Webhooks: `whsec_` and 32 random bytes."""
    return "whsec_" + base64.b64encode(random(32)).decode()


def address_fault(address: str) -> str | None:
    """What is wrong with the address of a webhook, or None."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        return str(error)
    if url.scheme not in ("http", "https") or not url.host:
        return "an http or https address is needed"
    return "no name or password in the address" if url.userinfo else None


def resolve(host: str, port: int) -> list[str]:
    """The addresses that the system knows for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address lies on the open internet, also when it hides an IPv4 address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return is_public(str(parsed.ipv4_mapped))
        if parsed.sixtofour or parsed.teredo or parsed in _NAT64:
            return False
    return parsed.is_global and not parsed.is_multicast


class WebhookChannel:
    """Delivers replies to one address. Private addresses are refused unless allowed, redirects are not followed."""

    def __init__(
        self,
        address: str,
        secret: str,
        client: httpx.Client,
        *,
        allow_private: bool = False,
        resolve: Resolve = resolve,
    ) -> None:
        self._url = httpx.URL(address)
        self._secret = secret
        self._client = client
        self._allow_private = allow_private
        self._resolve = resolve

    def deliver(self, reply: Outgoing, now: int) -> Delivery:
        """POSTs the reply with `webhook-id` = message id; 2xx is delivered, everything else may be tried again."""
        return self.tell(reply.message_id, _body(reply), now)

    def tell(self, id: str, told: Mapping[str, Any], now: int) -> Delivery:
        """POSTs anything as JSON, `webhook-id` being its id."""
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            addresses = self._resolve(self._url.host, port)
        except OSError as error:
            return Delivery(False, f"{self._url.host}: {error.strerror or error}")
        if not self._allow_private and not all(is_public(address) for address in addresses):
            return Delivery(False, f"{self._url.host} leads to a private address, which is not allowed")
        body = msgspec.json.encode(told).decode()
        seconds = now // 1_000_000
        headers = {
            "Host": self._url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "kefu",
            "webhook-id": id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(self._secret, id, seconds, body),
        }
        said = Delivery(False, f"{self._url.host} has no address")
        for address in addresses:
            said = self._post(self._url.copy_with(host=address), headers, body.encode())
            if said.delivered or said.doubtful or not said.error.startswith("no connection"):
                return said
        return said

    def _post(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> Delivery:
        """One POST to an address that was looked at: the name is not resolved a second time."""
        sni = {"sni_hostname": self._url.host}
        try:
            with self._client.stream("POST", url, content=body, headers=headers, extensions=sni) as response:
                status = response.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Delivery(False, f"no connection: {error}")
        except httpx.HTTPError as error:
            return Delivery(False, f"{type(error).__name__}: {error}", doubtful=True)
        if 200 <= status < 300:
            return Delivery(True)
        return Delivery(False, f"answered {status}", doubtful=status >= 500)


def client() -> httpx.Client:
    """A client for deliveries: no proxies from the environment, no redirects, 10 seconds for everything."""
    return httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT, verify=trusted())


def _body(reply: Outgoing) -> dict[str, Any]:
    return {
        "message_id": reply.message_id,
        "conversation_id": reply.conversation_id,
        "customer": {"external_id": reply.external_id},
        "from": "agent",
        "text": reply.text,
        "sent_at": reply.sent_at,
    }

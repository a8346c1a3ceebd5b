"""The endpoint of channels: signed messages of customers come in."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from kefu_tui.backend.http import parse, reply, too_large
from kefu_tui.backend.openapi import described
from kefu_tui.backend.problems import Refused, refused
from kefu_tui.backend.service import Here, Service
from kefu_tui.backend.shapes import IntakeMessage, TakenIn
from kefu_tui.channels.webhook import BadSignature, verify
from kefu_tui.ids import derive
from kefu_tui.operations import Refusal
from kefu_tui.operations.base import MAX_TEXT
from kefu_tui.operations.intake import Receive

router = APIRouter(prefix="/intake/v1", tags=["channels"])


@router.post(
    "/{channel}/messages",
    **described(TakenIn, IntakeMessage, status=202, problems=(400, 401, 403, 404, 413, 422)),
)
async def take_in(channel: str, request: Request, service: Here) -> Response:
    """Take in a customer's message, signed by Standard Webhooks; the same message again is the same message."""
    body = await request.body()
    return reply(await service.writing.run(_take_in, service, channel, request.headers, body), 202)


def _take_in(service: Service, channel: str, headers: Mapping[str, str], body: bytes) -> TakenIn:
    with service.database.read() as connection:
        found = connection.execute("SELECT kind, group_id, secret FROM channel WHERE name = ?", (channel,)).fetchone()
    if found is None or not found[2]:
        raise Refused("no-such-channel", f"No channel {channel!r} takes messages in here.")
    kind, group_id, secret = found
    try:
        verify(secret, headers, body, service.now())
    except BadSignature as fault:
        raise Refused("bad-signature", str(fault)) from None
    message = parse(body, IntakeMessage)
    text = "\n".join([message.text, *(f"{file.name} {file.url}".strip() for file in message.attachments)]).strip("\n")
    if len(text) > MAX_TEXT:
        raise too_large(len(text), MAX_TEXT, "characters")
    customer, message_id = message.customer, derive("intake", channel, message.message_id)
    receive = Receive(
        channel=channel,
        group_id=group_id,
        external_id=customer.external_id,
        message_id=message_id,
        customer_id=derive("customer", channel, customer.external_id),
        conversation_id=derive("conversation", message_id),
        text=text,
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        tier=customer.tier,
        order_no=message.order_no,
        asynchronous=kind == "email",
    )
    with service.database.write() as connection:
        outcome, seq = service.commits.within(connection, receive, derive("receive", message_id))
        row = connection.execute("SELECT conversation_id FROM message WHERE id = ?", (message_id,)).fetchone()
    if seq:
        service.metrics.received.labels(channel).inc()
        service.commits.on_commit(seq)
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    return TakenIn(conversation_id=row[0])

"""The endpoints of channels: signed messages of customers, and calls, come in."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from kefu_tui.backend.commits import News
from kefu_tui.backend.http import parse, reply, storable, too_large
from kefu_tui.backend.openapi import described
from kefu_tui.backend.problems import Refused, refused
from kefu_tui.backend.service import Here, Service
from kefu_tui.backend.shapes import IntakeCall, IntakeMessage, TakenIn
from kefu_tui.channels.webhook import BadSignature, verify
from kefu_tui.ids import derive
from kefu_tui.model.sql import Connection
from kefu_tui.operations import Operation, Outcome, Refusal
from kefu_tui.operations.base import MAX_TEXT
from kefu_tui.operations.call import AnswerCall, EndCall, RingCall
from kefu_tui.operations.intake import Receive
from kefu_tui.rules.calls import number

router = APIRouter(prefix="/intake/v1", tags=["channels"])


@router.post(
    "/{channel}/messages",
    **described(TakenIn, IntakeMessage, status=202, problems=(400, 401, 403, 404, 413, 422)),
)
async def take_in(channel: str, request: Request, service: Here) -> Response:
    """Take in a customer's message, signed by Standard Webhooks; the same message again is the same message."""
    body = await request.body()
    return reply(await service.writing.run(_take_in, service, channel, request.headers, body), 202)


@router.post(
    "/{channel}/calls",
    **described(TakenIn, IntakeCall, status=202, problems=(400, 401, 403, 404, 413, 422)),
)
async def take_call(channel: str, request: Request, service: Here) -> Response:
    """Hear of a telephone call: it rang, was answered, is over; signed as messages are, the same again is the same."""
    body = await request.body()
    return reply(await service.writing.run(_take_call, service, channel, request.headers, body), 202)


def _signed(
    service: Service, channel: str, headers: Mapping[str, str], body: bytes, *, phone: bool = False
) -> tuple[str, str]:
    """The kind and the group of a channel whose signature stands."""
    with service.database.read() as connection:
        found = connection.execute(
            "SELECT kind, group_id, secret FROM channel WHERE name = ?", (storable(channel),)
        ).fetchone()
    if found is None or not found[2] or (found[0] == "phone") != phone:
        raise Refused("no-such-channel", f"No channel {channel!r} takes {'calls' if phone else 'messages'} in here.")
    kind, group_id, secret = found
    try:
        verify(secret, headers, body, service.now())
    except BadSignature as fault:
        raise Refused("bad-signature", str(fault)) from None
    return kind, group_id


def _take_in(service: Service, channel: str, headers: Mapping[str, str], body: bytes) -> TakenIn:
    kind, group_id = _signed(service, channel, headers, body)
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
        outcome, news = service.commits.within(connection, receive, derive("receive", message_id))
        row = connection.execute("SELECT conversation_id FROM message WHERE id = ?", (message_id,)).fetchone()
    return _answer(service, channel, outcome, news, row)


def _take_call(service: Service, channel: str, headers: Mapping[str, str], body: bytes) -> TakenIn:
    _, group_id = _signed(service, channel, headers, body, phone=True)
    told = parse(body, IntakeCall)
    call_id = derive("call", channel, told.call_id)
    with service.database.write() as connection:
        operation = _of_call(connection, channel, group_id, call_id, told)
        outcome, news = service.commits.within(connection, operation, derive(operation.kind, call_id))
        row = connection.execute("SELECT conversation_id FROM message WHERE id = ?", (call_id,)).fetchone()
    return _answer(service, channel, outcome, news, row)


def _answer(
    service: Service, channel: str, outcome: Outcome | Refusal, news: News | None, row: tuple[str] | None
) -> TakenIn:
    """What a channel is told after the commit; `row` is the conversation of the line, None where nothing was taken in."""
    if news:
        service.metrics.received.labels(channel).inc()
        service.commits.on_commit(news)
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    assert row is not None, "what was taken in stands in a conversation"
    return TakenIn(conversation_id=row[0])


def _of_call(connection: Connection, channel: str, group_id: str, call_id: str, told: IntakeCall) -> Operation:
    """The operation that an exchange's word is."""
    at = round(told.at.timestamp() * 1_000_000)
    if told.event == "rang":
        if told.customer is None:
            raise Refused("invalid", "customer: a call that rings needs its caller.")
        caller = told.customer
        known = number(caller.external_id)
        return RingCall(
            channel=channel,
            group_id=group_id,
            external_id=known or caller.external_id,
            call_id=call_id,
            customer_id=derive("customer", channel, known or caller.external_id),
            conversation_id=derive("conversation", call_id),
            name=caller.name,
            phone=number(caller.phone or "") or caller.phone or known or None,
            at=at,
        )
    row = connection.execute("SELECT conversation_id FROM message WHERE id = ?", (call_id,)).fetchone()
    if row is None:
        raise Refused("no-such-call", f"No call {told.call_id!r} rang on {channel}.")
    if told.event == "ended":
        return EndCall(conversation_id=row[0], call_id=call_id, missed=told.missed, at=at)
    agent_id = None
    if told.agent:
        agent = connection.execute("SELECT id FROM agent WHERE login = ?", (told.agent,)).fetchone()
        if agent is None:
            raise Refused("invalid", f"agent: nobody signs in as {told.agent!r}.")
        agent_id = agent[0]
    return AnswerCall(conversation_id=row[0], call_id=call_id, agent_id=agent_id, at=at)
